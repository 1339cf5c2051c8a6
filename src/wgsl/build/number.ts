/** What the operations of the middle form do to numbers, exactly as at run time: constants are folded with these. */
import type { BinaryOp, ScalarValueType, UnaryOp } from '../ir.js';

const word = new DataView(new ArrayBuffer(4));

/** A number as `type` holds it: rounded, wrapped, or 0 and 1. */
export function normalize(type: ScalarValueType, value: number): number {
  switch (type) {
    case 'f32':
      return Math.fround(value);
    case 'i32':
      return value | 0;
    case 'u32':
      return value >>> 0;
    case 'bool':
      return value ? 1 : 0;
  }
}

export function unaryNumber(op: UnaryOp, type: ScalarValueType, a: number): number {
  switch (op) {
    case 'neg':
      return normalize(type, type === 'f32' ? -a : 0 - a);
    case 'abs':
      return normalize(type, Math.abs(a));
    case 'sqrt':
      return Math.fround(Math.sqrt(a));
    case 'floor':
      return Math.floor(a);
    case 'ceil':
      return Math.ceil(a);
    case 'trunc':
      return Math.trunc(a);
    case 'nearest':
      return nearest(a);
    case 'not':
      return type === 'bool' ? 1 - a : normalize(type, ~a);
    case 'countOneBits':
      return ones(a);
    case 'countLeadingZeros':
      return Math.clz32(a);
    case 'countTrailingZeros':
      return (a | 0) === 0 ? 32 : 31 - Math.clz32(a & -a);
    case 'any':
    case 'all':
      return a;
  }
}

/** Comparisons give 0 or 1; everything else a number of `type`, which is that of the operands. */
export function binaryNumber(op: BinaryOp, type: ScalarValueType, a: number, b: number): number {
  switch (op) {
    case 'add':
      return normalize(type, a + b);
    case 'sub':
      return normalize(type, a - b);
    case 'mul':
      return type === 'f32' ? Math.fround(a * b) : normalize(type, Math.imul(a, b));
    case 'div':
      if (type === 'f32') return Math.fround(a / b);
      return b === 0 ? a : normalize(type, Math.trunc(a / b));
    case 'rem':
      if (type === 'f32') return Math.fround(a - Math.fround(b * Math.trunc(Math.fround(a / b))));
      return b === 0 ? 0 : normalize(type, a % b);
    // With NaN, or zeros of both signs, as WebAssembly's pmin and pmax.
    case 'min':
      return b < a ? b : a;
    case 'max':
      return a < b ? b : a;
    case 'and':
      return normalize(type, a & b);
    case 'or':
      return normalize(type, a | b);
    case 'xor':
      return normalize(type, a ^ b);
    case 'shl':
      return normalize(type, a << (b & 31));
    case 'shr':
      return type === 'i32' ? a >> (b & 31) : a >>> (b & 31);
    case 'eq':
      return a === b ? 1 : 0;
    case 'ne':
      return a !== b ? 1 : 0;
    case 'lt':
      return a < b ? 1 : 0;
    case 'le':
      return a <= b ? 1 : 0;
    case 'gt':
      return a > b ? 1 : 0;
    case 'ge':
      return a >= b ? 1 : 0;
  }
}

export function convertNumber(from: ScalarValueType, to: ScalarValueType, a: number): number {
  if (from !== 'f32' || to === 'f32' || to === 'bool') return normalize(to, a);
  if (Number.isNaN(a)) return 0;
  const [low, high] = to === 'i32' ? [-2147483648, 2147483647] : [0, 4294967295];
  return normalize(to, Math.min(high, Math.max(low, Math.trunc(a))));
}

/** Undefined where the result is a NaN whose bits a JavaScript number might not keep. */
export function bitcastNumber(from: ScalarValueType, to: ScalarValueType, a: number): number | undefined {
  if (from === to) return a;
  if (from === 'f32') {
    word.setFloat32(0, a);
    return to === 'i32' ? word.getInt32(0) : word.getUint32(0);
  }
  if (to !== 'f32') return normalize(to, a);
  word.setUint32(0, a);
  const value = word.getFloat32(0);
  return Number.isNaN(value) && a >>> 0 !== 0x7fc00000 ? undefined : value;
}

/** To the nearest whole number, halves to even; the sign of zero is kept. */
function nearest(a: number): number {
  const down = Math.floor(a);
  const part = a - down;
  if (!(part > 0)) return a;
  const up = part > 0.5 || (part === 0.5 && down % 2 !== 0);
  return up ? Math.ceil(a) : down;
}

function ones(a: number): number {
  let count = 0;
  for (let bits = a >>> 0; bits !== 0; bits = (bits & (bits - 1)) >>> 0) count++;
  return count;
}
