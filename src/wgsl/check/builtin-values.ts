/** Builtin functions of known numbers, component by component. Float results are rounded to their type by the caller. */
import { F32, I32, U32 } from '../types.js';
import { roundF16 } from './number.js';
import type { AnyScalar } from './types.js';

export type ScalarFunction = (a: number, b: number, c: number, type: AnyScalar) => number;

const roundToEven = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5 || (rest === 0.5 && below % 2 === 0)) return x < 0 && below === 0 ? -0 : below;
  return below + 1 === 0 ? -0 : below + 1;
};

export const FLOAT_FUNCTIONS: Readonly<Record<string, readonly [arity: number, value: ScalarFunction]>> = {
  acos: [1, Math.acos],
  asin: [1, Math.asin],
  atan: [1, Math.atan],
  atan2: [2, Math.atan2],
  ceil: [1, Math.ceil],
  cos: [1, Math.cos],
  cosh: [1, Math.cosh],
  degrees: [1, (x) => (x * 180) / Math.PI],
  exp: [1, Math.exp],
  exp2: [1, (x) => 2 ** x],
  floor: [1, Math.floor],
  fma: [3, (a, b, c) => a * b + c],
  fract: [1, (x) => x - Math.floor(x)],
  inverseSqrt: [1, (x) => 1 / Math.sqrt(x)],
  log: [1, Math.log],
  log2: [1, Math.log2],
  pow: [2, Math.pow],
  radians: [1, (x) => (x * Math.PI) / 180],
  round: [1, roundToEven],
  saturate: [1, (x) => Math.min(Math.max(x, 0), 1)],
  sin: [1, Math.sin],
  sinh: [1, Math.sinh],
  sqrt: [1, Math.sqrt],
  step: [2, (edge, x) => (edge <= x ? 1 : 0)],
  tan: [1, Math.tan],
  tanh: [1, Math.tanh],
  trunc: [1, Math.trunc],
};

export const NUMBER_FUNCTIONS: Readonly<Record<string, readonly [arity: number, value: ScalarFunction]>> = {
  abs: [1, (x, _b, _c, type) => (type === I32 ? Math.abs(x) | 0 : Math.abs(x))],
  max: [2, (a, b) => Math.max(a, b)],
  min: [2, (a, b) => Math.min(a, b)],
};

export const clamp: ScalarFunction = (x, low, high) => Math.min(Math.max(x, low), high);

export const smoothstep: ScalarFunction = (low, high, x) => {
  const t = clamp((x - low) / (high - low), 0, 1, F32);
  return t * t * (3 - 2 * t);
};

/** Bits of i32 and u32; the result has the type's sign. */
const signed = (bits: number, type: AnyScalar): number => (type === U32 ? bits >>> 0 : bits | 0);

function countOnes(x: number): number {
  let count = 0;
  for (let rest = x >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}

const trailingZeros = (x: number): number => (x === 0 ? 32 : 31 - Math.clz32(x & -x));

function reverseBits(x: number): number {
  let reversed = 0;
  for (let i = 0; i < 32; i++) reversed = (reversed << 1) | ((x >>> i) & 1);
  return reversed;
}

export const BIT_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  countLeadingZeros: (x) => Math.clz32(x),
  countOneBits: countOnes,
  countTrailingZeros: trailingZeros,
  // Of a negative number the highest bit that differs from the sign; −1 (all ones) where there is none.
  firstLeadingBit: (x, _b, _c, type) => signed(31 - Math.clz32(type === I32 && x < 0 ? ~x : x), type),
  firstTrailingBit: (x, _b, _c, type) => signed(x === 0 ? -1 : trailingZeros(x), type),
  reverseBits: (x, _b, _c, type) => signed(reverseBits(x), type),
};

/** `count` bits from `offset` on, as a number of the type (i32: with the sign of the highest of them). */
export function extractBits(x: number, offset: number, count: number, type: AnyScalar): number {
  if (count === 0) return 0;
  const left = x << (32 - count - offset);
  return type === U32 ? left >>> (32 - count) : left >> (32 - count);
}

export function insertBits(x: number, bits: number, offset: number, count: number, type: AnyScalar): number {
  if (count === 0) return x;
  const mask = (0xffffffff >>> (32 - count)) << offset;
  return signed((x & ~mask) | ((bits << offset) & mask), type);
}

/** Sixteen bits of an f16. */
export function halfBits(x: number): number {
  const magnitude = Math.abs(roundF16(x));
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  return sign | ((exponent + 15) << 10) | ((magnitude / 2 ** exponent - 1) * 1024);
}

/** The f16 that sixteen bits stand for. */
export function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
