/** WGSL's integers in JavaScript's numbers: i32 as −2³¹ … 2³¹ − 1, u32 as 0 … 2³² − 1. Everything here is exact and total. */
export type IntegerName = 'i32' | 'u32';

const LEAST = -(2 ** 31);

export const wrap = (of: IntegerName, x: number): number => (of === 'i32' ? x | 0 : x >>> 0);

export function divide(of: IntegerName, a: number, b: number): number {
  if (b === 0) return a;
  if (a === LEAST && b === -1) return a;
  return wrap(of, Math.trunc(a / b));
}

export function remainder(a: number, b: number): number {
  if (b === 0 || b === -1) return 0;
  return (a % b) + 0; // −0 becomes 0
}

export const shiftLeft = (of: IntegerName, a: number, b: number): number => wrap(of, a << (b & 31));
export const shiftRight = (of: IntegerName, a: number, b: number): number =>
  of === 'i32' ? a >> (b & 31) : a >>> (b & 31);

export function arithmetic(of: IntegerName, op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return wrap(of, a + b);
    case '-':
      return wrap(of, a - b);
    case '*':
      return wrap(of, Math.imul(a, b));
    case '/':
      return divide(of, a, b);
    case '%':
      return remainder(a, b);
    case '&':
      return wrap(of, a & b);
    case '|':
      return wrap(of, a | b);
    case '^':
      return wrap(of, a ^ b);
    case '<<':
      return shiftLeft(of, a, b);
    case '>>':
      return shiftRight(of, a, b);
    default:
      throw new Error(`no operator ${op}`);
  }
}

export function compareIntegers(op: string, a: number, b: number): boolean {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      throw new Error(`no operator ${op}`);
  }
}

export function countOneBits(x: number): number {
  let count = 0;
  for (let rest = x >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}

export const countLeadingZeros = (x: number): number => Math.clz32(x);
export const countTrailingZeros = (x: number): number => (x === 0 ? 32 : 31 - Math.clz32(x & -x));

export function firstLeadingBit(of: IntegerName, x: number): number {
  const searched = of === 'i32' && x < 0 ? ~x : x;
  return wrap(of, 31 - Math.clz32(searched));
}

export const firstTrailingBit = (of: IntegerName, x: number): number => wrap(of, x === 0 ? -1 : countTrailingZeros(x));

export function reverseBits(of: IntegerName, x: number): number {
  let result = 0;
  for (let bit = 0; bit < 32; bit++) result = (result << 1) | ((x >>> bit) & 1);
  return wrap(of, result);
}

function field(offset: number, count: number): { from: number; bits: number; mask: number } {
  const from = Math.min(offset, 32);
  const bits = Math.min(count, 32 - from);
  return { from, bits, mask: bits === 32 ? -1 : (1 << bits) - 1 };
}

export function extractBits(of: IntegerName, x: number, offset: number, count: number): number {
  const { from, bits, mask } = field(offset, count);
  if (bits === 0) return 0;
  const part = (x >>> from) & mask;
  return of === 'u32' ? part >>> 0 : (part << (32 - bits)) >> (32 - bits);
}

export function insertBits(of: IntegerName, x: number, y: number, offset: number, count: number): number {
  const { from, bits, mask } = field(offset, count);
  if (bits === 0) return x;
  return wrap(of, (x & ~(mask << from)) | ((y & mask) << from));
}
