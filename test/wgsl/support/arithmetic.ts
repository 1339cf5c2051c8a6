/** What the operations of the middle form give, one number at a time, written from ir.ts alone. */
import type { BinaryOp, ScalarValueType, UnaryOp } from '../../../src/wgsl/ir.js';

type NumberType = 'f32' | 'i32' | 'u32';
const { fround } = Math;
const wrap = (type: NumberType, value: bigint): number =>
  Number(type === 'i32' ? BigInt.asIntN(32, value) : BigInt.asUintN(32, value));
const bool = (value: boolean): number => (value ? 1 : 0);

export function expectBinary(op: BinaryOp, type: ScalarValueType, a: number, b: number): number {
  switch (op) {
    case 'eq':
      return bool(a === b);
    case 'ne':
      return bool(a !== b);
    case 'lt':
      return bool(a < b);
    case 'le':
      return bool(a <= b);
    case 'gt':
      return bool(a > b);
    case 'ge':
      return bool(a >= b);
    default:
      return type === 'f32' ? float(op, a, b) : type === 'bool' ? logic(op, a, b) : integer(op, type, a, b);
  }
}

function float(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case 'add':
      return fround(a + b);
    case 'sub':
      return fround(a - b);
    case 'mul':
      return fround(a * b);
    case 'div':
      return fround(a / b);
    case 'rem':
      return fround(a - fround(b * Math.trunc(fround(a / b))));
    case 'min':
      return b < a ? b : a;
    case 'max':
      return a < b ? b : a;
    default:
      throw new Error(`${op} of f32`);
  }
}

function logic(op: BinaryOp, a: number, b: number): number {
  return op === 'and' ? a & b : op === 'or' ? a | b : a ^ b;
}

function integer(op: BinaryOp, type: 'i32' | 'u32', a: number, b: number): number {
  const [x, y] = [BigInt(a), BigInt(b)];
  const count = BigInt(b & 31);
  switch (op) {
    case 'add':
      return wrap(type, x + y);
    case 'sub':
      return wrap(type, x - y);
    case 'mul':
      return wrap(type, x * y);
    case 'div':
      return b === 0 ? a : wrap(type, x / y);
    case 'rem':
      return b === 0 ? 0 : wrap(type, x % y);
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
    case 'and':
      return wrap(type, x & y);
    case 'or':
      return wrap(type, x | y);
    case 'xor':
      return wrap(type, x ^ y);
    case 'shl':
      return wrap(type, x << count);
    case 'shr':
      return wrap(type, x >> count);
    default:
      throw new Error(`${op} of ${type}`);
  }
}

export function expectUnary(op: UnaryOp, type: ScalarValueType, a: number): number {
  if (type === 'bool') return 1 - a;
  if (type !== 'f32') {
    const bits = (a >>> 0).toString(2).padStart(32, '0');
    if (op === 'neg') return wrap(type, -BigInt(a));
    if (op === 'abs') return wrap(type, BigInt(Math.abs(a)));
    if (op === 'not') return wrap(type, ~BigInt(a));
    if (op === 'countOneBits') return bits.replaceAll('0', '').length;
    if (op === 'countLeadingZeros') return /^0*/.exec(bits)?.[0].length ?? 0;
    if (op === 'countTrailingZeros') return /0*$/.exec(bits)?.[0].length ?? 0;
    throw new Error(`${op} of ${type}`);
  }
  switch (op) {
    case 'neg':
      return -a;
    case 'abs':
      return Math.abs(a);
    case 'sqrt':
      return fround(Math.sqrt(a));
    case 'floor':
      return Math.floor(a);
    case 'ceil':
      return Math.ceil(a);
    case 'trunc':
      return Math.trunc(a);
    case 'nearest':
      return Math.abs(a) < 0.5 ? a * 0 : Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a);
    default:
      throw new Error(`${op} of f32`);
  }
}

export function expectConvert(from: ScalarValueType, to: ScalarValueType, a: number): number {
  if (to === 'bool') return bool(a !== 0);
  if (to === 'f32') return fround(a);
  if (from !== 'f32') return wrap(to, BigInt(a));
  const [low, high] = to === 'i32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  return Number.isNaN(a) ? 0 : Math.min(high, Math.max(low, Math.trunc(a))) + 0;
}
