/**
 * Makers of arithmetic, comparisons, choices and conversions. Constants are folded, and what cannot change a result is left out: never an
 * identity that is wrong for some float, such as x + 0 (x may be −0) or x·0.
 */
import type { BinaryOp, Expr, UnaryOp, ValueType } from '../ir.js';
import { binaryNumber, bitcastNumber, convertNumber, unaryNumber } from './number.js';
import { constant, isConst, isInteger, isPacked, scalarType, typeLike, type ConstExpr } from './type.js';

const INVERSE: Partial<Record<BinaryOp, BinaryOp>> = { eq: 'ne', ne: 'eq', lt: 'ge', ge: 'lt', gt: 'le', le: 'gt' };
const MIRROR: Partial<Record<BinaryOp, BinaryOp>> = { lt: 'gt', gt: 'lt', le: 'ge', ge: 'le' };
const COMMUTES: ReadonlySet<BinaryOp> = new Set(['add', 'mul', 'and', 'or', 'xor', 'eq', 'ne']);

export const isComparison = (op: BinaryOp): boolean => INVERSE[op] !== undefined;

/** The same local or the same number: cheap to tell, no search. */
export function same(a: Expr, b: Expr): boolean {
  if (a === b) return true;
  if (a.kind === 'local') return b.kind === 'local' && a.local === b.local && !a.local.mutable;
  return a.kind === 'const' && isConst(b, a.value) && a.type === b.type;
}

export function unary(op: UnaryOp, a: Expr): Expr {
  const type = op === 'any' || op === 'all' ? 'bool' : a.type;
  if (a.kind === 'const') return constant(type, unaryNumber(op, scalarType(a.type), a.value));
  if (a.kind === 'splat') return type === 'bool' ? a.a : splat(unary(op, a.a));
  if (op === 'not') {
    if (a.kind === 'unary' && a.op === 'not') return a.a;
    if (a.kind === 'binary') {
      const inverse = INVERSE[a.op];
      // Of floats only eq and ne: NaN is neither below nor at or above anything.
      if (inverse !== undefined && (a.op === 'eq' || a.op === 'ne' || scalarType(a.a.type) !== 'f32'))
        return { kind: 'binary', type, op: inverse, a: a.a, b: a.b };
    }
  }
  if (op === 'neg' && a.kind === 'unary' && a.op === 'neg') return a.a;
  if (op === 'abs' && scalarType(type) === 'u32') return a;
  return { kind: 'unary', type, op, a };
}

export function binary(op: BinaryOp, a: Expr, b: Expr): Expr {
  const comparison = isComparison(op);
  const type = comparison ? typeLike(a.type, 'bool') : a.type;
  if (a.kind === 'const') {
    if (b.kind === 'const') return constant(type, binaryNumber(op, scalarType(a.type), a.value, b.value));
    // Constants go to the right, so that there is one form of each.
    // (min and max of floats are not symmetric where NaN is.)
    const commutes = COMMUTES.has(op) || ((op === 'min' || op === 'max') && isInteger(type));
    if (commutes) return binary(op, b, a);
    const mirror = MIRROR[op];
    if (mirror !== undefined) return binary(mirror, b, a);
  }
  if (isPacked(a.type)) {
    const [x, y] = [unsplat(a), unsplat(b)];
    if (x !== undefined && y !== undefined) return splat(binary(op, x, y));
  }
  if (b.kind === 'const') {
    const simple = comparison ? compareConst(op, a, b) : withConst(op, a, b);
    if (simple !== undefined) return simple;
  } else if (a.kind === 'const' && isInteger(type) && a.value === 0 && (op === 'shl' || op === 'shr')) return a;
  if ((op === 'and' || op === 'or') && same(a, b)) return a;
  return { kind: 'binary', type, op, a, b };
}

/** x op constant, where that is something simpler. */
function withConst(op: BinaryOp, a: Expr, b: ConstExpr): Expr | undefined {
  const c = b.value;
  const type = scalarType(a.type);
  if (type === 'f32') {
    if (c === 1 && (op === 'mul' || op === 'div')) return a;
    if (op === 'sub' && Object.is(c, 0)) return a;
    if (op === 'add' && Object.is(c, -0)) return a;
    return undefined;
  }
  if (type === 'bool') {
    if (op === 'and') return c ? a : b;
    if (op === 'or') return c ? b : a;
    return c ? unary('not', a) : a;
  }
  switch (op) {
    case 'add':
    case 'sub':
      if (c === 0) return a;
      if (op === 'sub') return binary('add', a, constant(b.type, -c));
      // (x + c) + d is x + (c + d): integers wrap.
      return a.kind === 'binary' && a.op === 'add' && a.b.kind === 'const'
        ? binary('add', a.a, constant(b.type, a.b.value + c))
        : undefined;
    case 'mul':
      if (c === 0) return b;
      if (c === 1) return a;
      return a.kind === 'binary' && a.op === 'mul' && a.b.kind === 'const'
        ? binary('mul', a.a, constant(b.type, Math.imul(a.b.value, c)))
        : undefined;
    case 'div':
      if (c === 1 || c === 0) return a;
      return type === 'u32' && isPowerOfTwo(c) ? binary('shr', a, constant(b.type, 31 - Math.clz32(c))) : undefined;
    case 'rem':
      if (c === 1 || c === 0) return constant(b.type, 0);
      return type === 'u32' && isPowerOfTwo(c) ? binary('and', a, constant(b.type, c - 1)) : undefined;
    case 'and':
      if (c === 0) return b;
      return (c | 0) === -1 ? a : undefined;
    case 'or':
      if (c === 0) return a;
      return (c | 0) === -1 ? b : undefined;
    case 'xor':
      return c === 0 ? a : undefined;
    case 'shl':
    case 'shr':
      return (c & 31) === 0 ? a : undefined;
    case 'min':
      return type === 'u32' && c === 0 ? b : undefined;
    case 'max':
      return type === 'u32' && c === 0 ? a : undefined;
    default:
      return undefined;
  }
}

function compareConst(op: BinaryOp, a: Expr, b: ConstExpr): Expr | undefined {
  const type = scalarType(a.type);
  if (type === 'bool') return (op === 'eq') === (b.value === 1) ? a : unary('not', a);
  // select(c, 1.0, 0.0) != 0.0 is c.
  if (a.kind === 'select' && a.yes.kind === 'const' && a.no.kind === 'const') {
    const yes = binaryNumber(op, type, a.yes.value, b.value);
    const no = binaryNumber(op, type, a.no.value, b.value);
    return select(a.condition, constant(a.condition.type, yes), constant(a.condition.type, no));
  }
  if (type === 'u32' && b.value === 0 && (op === 'lt' || op === 'ge'))
    return constant(typeLike(a.type, 'bool'), op === 'ge' ? 1 : 0);
  return undefined;
}

const isPowerOfTwo = (c: number): boolean => (c & (c - 1)) === 0;

const unsplat = (e: Expr): Expr | undefined =>
  e.kind === 'splat' ? e.a : e.kind === 'const' ? constant(scalarType(e.type), e.value) : undefined;

/** A scalar in all four lanes; what is packed already stays. */
export function splat(a: Expr): Expr {
  if (isPacked(a.type)) return a;
  const type = PACKED_OF[a.type];
  return a.kind === 'const' ? constant(type, a.value) : { kind: 'splat', type, a };
}
const PACKED_OF = { f32: 'vec4f', i32: 'vec4i', u32: 'vec4u', bool: 'vec4b' } as const;

/** WGSL's `select(no, yes, condition)`, sides in this order. A bool chooses whole packed sides; vec4b goes lane by lane. */
export function select(condition: Expr, yes: Expr, no: Expr): Expr {
  if (condition.kind === 'const') return condition.value ? yes : no;
  if (condition.kind === 'splat') return select(condition.a, yes, no);
  if (same(yes, no)) return yes;
  if (condition.kind === 'unary' && condition.op === 'not') return select(condition.a, no, yes);
  if (yes.kind === 'const' && no.kind === 'const' && yes.type === condition.type)
    return yes.value ? condition : unary('not', condition);
  return { kind: 'select', type: yes.type, condition, yes, no };
}

/** By value, to `to`'s scalar type, packed as `a` is. */
export function convert(to: ValueType, a: Expr): Expr {
  const from = scalarType(a.type);
  const target = scalarType(to);
  const type = typeLike(a.type, target);
  if (from === target) return a;
  if (a.kind === 'const') return constant(type, convertNumber(from, target, a.value));
  if (a.kind === 'splat') return splat(convert(target, a.a));
  if (target === 'bool') return binary('ne', a, constant(a.type, 0));
  // Between integers the bits stay.
  if (isInteger(from) && isInteger(target)) return bitcast(to, a);
  return { kind: 'convert', type, a };
}

/** The same bits as `to`'s scalar type, packed as `a` is. */
export function bitcast(to: ValueType, a: Expr): Expr {
  const type = typeLike(a.type, scalarType(to));
  if (type === a.type) return a;
  if (a.kind === 'const') {
    const value = bitcastNumber(scalarType(a.type), scalarType(to), a.value);
    if (value !== undefined) return constant(type, value);
  }
  if (a.kind === 'splat') return splat(bitcast(to, a.a));
  if (a.kind === 'bitcast') return bitcast(to, a.a);
  return { kind: 'bitcast', type, a };
}

type Two = (a: Expr, b: Expr) => Expr;
const two =
  (op: BinaryOp): Two =>
  (a, b) =>
    binary(op, a, b);
type One = (a: Expr) => Expr;
const one =
  (op: UnaryOp): One =>
  (a) =>
    unary(op, a);

export const [add, sub, mul, div, rem] = [two('add'), two('sub'), two('mul'), two('div'), two('rem')];
export const [min, max] = [two('min'), two('max')];
export const [and, or, xor, shl, shr] = [two('and'), two('or'), two('xor'), two('shl'), two('shr')];
export const [eq, ne, lt, le, gt, ge] = [two('eq'), two('ne'), two('lt'), two('le'), two('gt'), two('ge')];
export const [neg, abs, sqrt, not] = [one('neg'), one('abs'), one('sqrt'), one('not')];
export const [floor, ceil, trunc, nearest] = [one('floor'), one('ceil'), one('trunc'), one('nearest')];
export const [any, all] = [one('any'), one('all')];
