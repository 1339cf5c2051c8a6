/**
 * The middle form as text, for people and tests. One statement a line, two spaces for each level:
 *
 *     kernel add(width 1, workgroup 64 1 1)
 *     let i.0: u32 = wid.x * 64u + lid.x
 *     if i.0 < p[0] {
 *       out[i.0] = a.f32[i.0] + b.f32[i.0]
 *     }
 *
 * `name.id` is a local, `p[n]` word n of the uniform block, `memory.type[index]` a load, `memory.type@[address]` one by byte address.
 */
import type { BinaryOp, Expr, IrFunction, Local, Memory, Stmt, UnaryOp, ValueType } from './ir.js';

const INFIX: Partial<Record<BinaryOp, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  rem: '%',
  and: '&',
  or: '|',
  xor: '^',
  shl: '<<',
  shr: '>>',
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};
const PREFIX: Partial<Record<UnaryOp, string>> = { neg: '-', not: '!' };
const LANES = ['x', 'y', 'z', 'w'];
const SUFFIX: Partial<Record<ValueType, string>> = { u32: 'u', i32: 'i' };

export function printIr(ir: IrFunction): string {
  const head = `kernel ${ir.name}(width ${ir.width}, workgroup ${ir.workgroupSize.join(' ')})`;
  return [head, ...ir.body.flatMap((stmt) => lines(stmt, ''))].join('\n');
}

export const printBody = (body: readonly Stmt[]): string => body.flatMap((stmt) => lines(stmt, '')).join('\n');

export function printExpr(e: Expr): string {
  switch (e.kind) {
    case 'const':
      return constant(e.type, e.value);
    case 'local':
      return name(e.local);
    case 'builtin':
      return e.name;
    case 'param':
      return e.type === 'u32' ? `p[${e.word}]` : `p.${e.type}[${e.word}]`;
    case 'base':
      return `&${e.memory.name}`;
    case 'length':
      return `length(${e.binding})`;
    case 'load':
      return `${e.memory.name}.${e.type}${place(e)}`;
    case 'gather':
      return `gather ${e.memory.name}.${e.type}${place(e)}${where(e.mask)}`;
    case 'unary': {
      const sign = PREFIX[e.op];
      return sign === undefined ? `${e.op}(${printExpr(e.a)})` : `${sign}${operand(e.a)}`;
    }
    case 'binary': {
      const sign = INFIX[e.op];
      return sign === undefined
        ? `${e.op}(${printExpr(e.a)}, ${printExpr(e.b)})`
        : `${operand(e.a)} ${sign} ${operand(e.b)}`;
    }
    case 'select':
      return `select(${printExpr(e.condition)}, ${printExpr(e.yes)}, ${printExpr(e.no)})`;
    case 'convert':
      return `${e.type}(${printExpr(e.a)})`;
    case 'bitcast':
      return `bitcast<${e.type}>(${printExpr(e.a)})`;
    case 'splat':
      return `splat(${printExpr(e.a)})`;
    case 'compose':
      return `${e.type}(${e.parts.map(printExpr).join(', ')})`;
    case 'extract':
      return `${operand(e.a)}.${LANES[e.lane] ?? String(e.lane)}`;
    case 'extractAt':
      return `${operand(e.a)}.[${printExpr(e.lane)}]`;
    case 'insert':
      return `insert(${printExpr(e.a)}, ${e.lane}, ${printExpr(e.value)})`;
    case 'insertAt':
      return `insert(${printExpr(e.a)}, [${printExpr(e.lane)}], ${printExpr(e.value)})`;
    case 'shuffle':
      return `shuffle(${printExpr(e.a)}, ${printExpr(e.b)}, ${e.lanes.join(' ')})`;
    case 'subgroup':
      return `subgroup.${e.op}(${printExpr(e.a)}${e.b === undefined ? '' : `, ${printExpr(e.b)}`})`;
  }
}

function lines(stmt: Stmt, pad: string): string[] {
  const inner = (body: readonly Stmt[]) => body.flatMap((s) => lines(s, `${pad}  `));
  switch (stmt.kind) {
    case 'set': {
      const { local, value } = stmt;
      return [
        local.mutable
          ? `${pad}${name(local)} := ${printExpr(value)}`
          : `${pad}let ${name(local)}: ${local.type} = ${printExpr(value)}`,
      ];
    }
    case 'store':
      return [`${pad}${stmt.memory.name}${place(stmt)} = ${printExpr(stmt.value)}`];
    case 'scatter':
      return [`${pad}scatter ${stmt.memory.name}${place(stmt)} = ${printExpr(stmt.value)}${where(stmt.mask)}`];
    case 'if': {
      const no = stmt.no.length === 0 ? [] : [`${pad}} else {`, ...inner(stmt.no)];
      return [`${pad}if ${printExpr(stmt.condition)} {`, ...inner(stmt.yes), ...no, `${pad}}`];
    }
    case 'block':
    case 'loop':
      return [`${pad}${stmt.kind} ${stmt.label} {`, ...inner(stmt.body), `${pad}}`];
    case 'branch':
      return [`${pad}branch ${stmt.label}`];
    case 'barrier':
      return [`${pad}barrier`];
  }
}

const name = (local: Local): string => `${local.name}.${local.id}`;

const where = (mask: Expr | undefined): string => (mask === undefined ? '' : ` where ${printExpr(mask)}`);

const place = (at: { readonly memory: Memory; readonly index: Expr; readonly bytes?: true }): string =>
  `${at.bytes ? '@' : ''}[${printExpr(at.index)}]`;

/** With brackets where it stands inside of an operator. */
function operand(e: Expr): string {
  const bare = e.kind !== 'gather' && !(e.kind === 'binary' && INFIX[e.op] !== undefined) && e.kind !== 'unary';
  return bare ? printExpr(e) : `(${printExpr(e)})`;
}

function constant(type: ValueType, value: number): string {
  if (type === 'bool') return value === 0 ? 'false' : 'true';
  const number = Object.is(value, -0) ? '-0' : String(value);
  const suffix = SUFFIX[type];
  if (suffix !== undefined) return number + suffix;
  if (type === 'f32') return /^-?\d+$/.test(number) ? `${number}.0` : number;
  return `${type}(${number})`;
}
