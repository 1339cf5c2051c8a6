/** Half floats (f16) as bits: a number is made with a float multiplication or addition that moves its exponent. */
import { abs, add, and, constant, gt, lt, min, mul, or, select, shl, shr, sub } from '../build.js';
import type { Expr } from '../ir.js';
import { bitsOf, floatOf, type MathContext } from './context.js';

const u = (value: number): Expr => constant('u32', value);
const INFINITE = 0x7f800000;

/** The f32 of a half's bits; the upper half of the word is left out. */
export function fromHalf(m: MathContext, half: Expr): Expr {
  const magnitude = m.let(shl(and(half, u(0x7fff)), u(13)));
  const finite = mul(floatOf(magnitude), constant('f32', 2 ** 112));
  const special = floatOf(or(magnitude, u(INFINITE)));
  const value = select(lt(magnitude, u(0x0f800000)), finite, special);
  return floatOf(or(bitsOf(value), shl(and(half, u(0x8000)), u(16))));
}

/** The bits of the nearest half, ties to even. */
export function toHalf(m: MathContext, x: Expr): Expr {
  const size = m.let(abs(x));
  const bits = m.let(bitsOf(size));
  const rounded = add(add(bits, u(0xfff)), and(shr(bits, u(13)), u(1)));
  const normal = min(sub(shr(rounded, u(13)), u(112 << 10)), u(0x7c00));
  // Added to ½, whose last digit is worth 2⁻²⁴, as a subnormal half's is.
  const subnormal = sub(bitsOf(add(size, constant('f32', 0.5))), u(0x3f000000));
  const finite = select(lt(size, constant('f32', 2 ** -14)), subnormal, normal);
  const value = select(gt(bits, u(INFINITE)), u(0x7e00), finite);
  return or(value, and(shr(bitsOf(x), u(16)), u(0x8000)));
}
