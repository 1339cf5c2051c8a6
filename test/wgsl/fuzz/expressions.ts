/** One random expression of any type. */
import type { Context } from './context.js';
import { LARGEST } from './context.js';
import { float } from './floats.js';
import { compareIntegers } from './integer.js';
import { integer } from './integers.js';
import { COMPONENTS, capped, construct, literal, load, nonConstant, pathTo } from './leaves.js';
import { argument, binary, call, inside, unary } from './text.js';
import {
  BOOL,
  LEVEL,
  SCALARS,
  like,
  map1,
  map2,
  map3,
  vectorType,
  type Expr,
  type Numeric,
  type State,
  type Type,
  type Value,
} from './tree.js';

/** Most text that one expression may grow to. */
export function expression(g: Context, type: Type, depth: number): Expr {
  if (depth <= 0 || g.cost > g.budget) return leaf(g, type, depth);
  if (type.kind === 'array' || type.kind === 'struct') return leaf(g, type, depth);
  const kind = g.random.below(100);
  if (kind < 22) return leaf(g, type, depth);
  if (kind < 28) return called(g, type, depth) ?? leaf(g, type, depth);
  if (type.kind === 'vector') {
    if (kind < 38) return construct(g, type, depth);
    if (kind < 50) return swizzle(g, type, depth);
  } else if (kind < 33) return component(g, type, depth);
  switch (type.of) {
    case 'f32':
      return float(g, type, depth);
    case 'bool':
      return boolean(g, type, depth);
    default:
      return integer(g, type, type.of, depth);
  }
}

function leaf(g: Context, type: Type, depth: number): Expr {
  const kind = g.random.below(10);
  if (kind < 2 && depth > 0) {
    const loaded = load(g, type, depth);
    if (loaded) return loaded;
  }
  if (kind < 8) {
    const found = pathTo(g, type);
    if (found) return found;
  }
  return type.kind === 'scalar' ? literal(g, type.of) : construct(g, type, depth);
}

function called(g: Context, type: Type, depth: number): Expr | undefined {
  const fitting = g.callables.filter((f) => f.result === type && g.cost + f.cost * g.times < g.budget);
  if (fitting.length === 0) return undefined;
  const f = g.random.pick(fitting);
  g.cost += f.cost * g.times;
  return f.call(f.parameters.map((p) => capped(g, g.expr(p, depth - 1), LARGEST)));
}

/** One component of a vector that is no plain variable. */
function component(g: Context, type: Extract<Type, { kind: 'scalar' }>, depth: number): Expr {
  const vector = g.expr(g.vector(type.of), depth - 1);
  const size = vector.type.kind === 'vector' ? vector.type.size : 0;
  const c = g.random.below(size);
  const code = `${inside(g, vector, LEVEL.primary)}.${COMPONENTS[c]}`;
  const run = (s: State): Value => (vector.run(s) as Value[])[c];
  return { type, code, level: LEVEL.primary, size: vector.size, constant: vector.constant, run };
}

function swizzle(g: Context, type: Extract<Type, { kind: 'vector' }>, depth: number): Expr {
  const from = g.random.between(2, g.fours ? 4 : 3);
  const vector = g.expr(vectorType(type.of, from), depth - 1);
  const picked = Array.from({ length: type.size }, () => g.random.below(from));
  const code = `${inside(g, vector, LEVEL.primary)}.${picked.map((c) => COMPONENTS[c]).join('')}`;
  const run = (s: State): Value => {
    const parts = vector.run(s) as Value[];
    return picked.map((c) => parts[c]);
  };
  return { type, code, level: LEVEL.primary, size: vector.size, constant: vector.constant, run };
}

/** Of integers only: comparing floats is for `select` alone (floats.ts). */
function boolean(g: Context, type: Numeric, depth: number): Expr {
  const kind = g.random.below(12);
  if (kind < 6) {
    const of = g.random.pick(['i32', 'u32'] as const);
    const op = g.random.pick(['==', '!=', '<', '<=', '>', '>=']);
    const a = g.expr(like(type, of), depth - 1);
    const b = g.expr(like(type, of), depth - 1);
    const f = (x: number, y: number): boolean => compareIntegers(op, x, y);
    return binary(g, op, a, b, { type, size: 0, run: (s) => map2(f, a.run(s), b.run(s)) });
  }
  if (kind < 8) {
    const op = g.random.pick(type.kind === 'scalar' ? ['&&', '||', '&', '|', '==', '!='] : ['&', '|', '==', '!=']);
    const a = g.expr(type, depth - 1);
    const b = g.expr(type, depth - 1);
    const f = (x: boolean, y: boolean): boolean =>
      op.startsWith('&') ? x && y : op.startsWith('|') ? x || y : op === '==' ? x === y : x !== y;
    return binary(g, op, a, b, { type, size: 0, run: (s) => map2(f, a.run(s), b.run(s)) });
  }
  if (kind < 9) {
    const a = g.expr(type, depth - 1);
    return unary(g, '!', a, { type, size: 0, run: (s) => map1((x: boolean) => !x, a.run(s)) });
  }
  if (kind < 10) {
    const a = nonConstant(g, like(type, g.random.pick(['i32', 'u32'] as const)), depth - 1);
    const name = type.kind === 'scalar' ? 'bool' : `vec${type.size}<bool>`;
    return call(name, [a], { type, size: 0, run: (s) => map1((x: number) => x !== 0, a.run(s)) });
  }
  if (kind < 11 && type.kind === 'scalar') {
    const name = g.random.pick(['any', 'all']);
    const a = g.expr(g.vector('bool'), depth - 1);
    const run = (s: State): Value => {
      const parts = a.run(s) as boolean[];
      return name === 'any' ? parts.some(Boolean) : parts.every(Boolean);
    };
    return call(name, [a], { type, size: 0, run });
  }
  const a = g.expr(type, depth - 1);
  const b = g.expr(type, depth - 1);
  const c = g.expr(g.random.chance(0.6) ? type : BOOL, depth - 1);
  const f = (x: boolean, y: boolean, yes: boolean): boolean => (yes ? y : x);
  return call('select', [a, b, c], { type, size: 0, run: (s) => map3(f, a.run(s), b.run(s), c.run(s)) });
}

/** A condition that is the same for the whole dispatch or workgroup, as barriers want it. */
export function uniformCondition(g: Context): Expr {
  const words = g
    .visible()
    .filter((v) => (v.name.startsWith('p.') || v.name === 'nwg' || v.name === 'wid') && v.mutable === false);
  const word = g.random.pick(words.filter((v) => v.type === SCALARS.u32));
  const bit = g.random.below(3);
  const code = `(${word.place.code} & ${1 << bit}u) ${g.random.pick(['==', '!='])} 0u`;
  const wanted = code.includes('==');
  const run = (s: State): boolean => (((word.place.run(s) as number) & (1 << bit)) === 0) === wanted;
  return { type: BOOL, code, level: LEVEL.relation, size: 0, constant: false, run };
}

export const argumentText = argument;
