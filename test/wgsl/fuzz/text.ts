/** Puts expressions together as text: parentheses where WGSL's grammar wants them, and now and then where it does not. */
import type { Context } from './context.js';
import { LEVEL, type Expr, type State, type Type, type Value } from './tree.js';

const REDUNDANT = 0.08;

export function inside(g: Context, e: Expr, level: number): string {
  return e.level >= level && !g.random.chance(REDUNDANT) ? e.code : `(${e.code})`;
}

/** An argument of a call. `a < b, c > (d)` would read as a template's list, so comparisons stand in parentheses. */
export const argument = (e: Expr): string => (e.level <= LEVEL.relation ? `(${e.code})` : e.code);

interface Parts {
  readonly type: Type;
  readonly size: number;
  readonly run: (state: State) => Value;
}

const LEVELS: Record<string, number> = {
  '+': LEVEL.sum,
  '-': LEVEL.sum,
  '*': LEVEL.product,
  '/': LEVEL.product,
  '%': LEVEL.product,
  '<<': LEVEL.shift,
  '>>': LEVEL.shift,
  '<': LEVEL.relation,
  '<=': LEVEL.relation,
  '>': LEVEL.relation,
  '>=': LEVEL.relation,
  '==': LEVEL.relation,
  '!=': LEVEL.relation,
};

export function binary(g: Context, op: string, a: Expr, b: Expr, parts: Parts): Expr {
  const level = LEVELS[op] ?? LEVEL.logic;
  const constant = a.constant && b.constant;
  let left: string;
  let right: string;
  switch (level) {
    case LEVEL.sum:
      left = inside(g, bare(g, a, b), LEVEL.sum);
      right = inside(g, bare(g, b, a), LEVEL.product);
      break;
    case LEVEL.product:
      left = inside(g, bare(g, a, b), LEVEL.product);
      right = inside(g, bare(g, b, a), LEVEL.unary);
      break;
    case LEVEL.relation:
      left = inside(g, bare(g, a, b), LEVEL.sum);
      right = inside(g, bare(g, b, a), LEVEL.sum);
      break;
    case LEVEL.shift:
      left = inside(g, a, LEVEL.unary);
      right = inside(g, b.bare !== undefined && g.random.chance(0.5) ? { ...b, code: b.bare } : b, LEVEL.unary);
      break;
    default: {
      // Operands of && and || are comparisons, those of & | ^ are unary; only like operators may follow one another.
      const least = op === '&&' || op === '||' ? LEVEL.relation : LEVEL.unary;
      left = a.op === op && g.random.chance(0.7) ? a.code : inside(g, a, least);
      right = inside(g, bare(g, b, a), least);
    }
  }
  return { ...parts, code: `${left} ${op} ${right}`, level, constant, op: level === LEVEL.logic ? op : undefined };
}

/** A literal beside something of a concrete type of its own may do without its suffix. */
function bare(g: Context, e: Expr, other: Expr): Expr {
  return e.bare !== undefined && !other.constant && e.type === other.type && g.random.chance(0.6)
    ? { ...e, code: e.bare }
    : e;
}

export function unary(g: Context, op: string, a: Expr, parts: Parts): Expr {
  // `--x` would be one token.
  const operand = a.code.startsWith(op) ? `(${a.code})` : inside(g, a, LEVEL.unary);
  return { ...parts, code: `${op}${operand}`, level: LEVEL.unary, constant: a.constant };
}

export function call(name: string, args: readonly Expr[], parts: Parts): Expr {
  return {
    ...parts,
    code: `${name}(${args.map(argument).join(', ')})`,
    level: LEVEL.primary,
    constant: args.every((a) => a.constant),
  };
}
