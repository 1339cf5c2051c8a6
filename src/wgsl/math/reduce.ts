/** Large arguments of sine and cosine (Payne and Hanek, "Radian reduction for trigonometric functions", 1983), in 32-bit integers. */
import {
  abs,
  add,
  and,
  bitcast,
  convert,
  eq,
  ge,
  lt,
  min,
  mul,
  neg,
  not,
  or,
  select,
  shl,
  shr,
  sub,
} from '../build.js';
import type { Expr } from '../ir.js';
import { bitsOf, float, unsigned, type MathContext } from './context.js';

/** 2/π in words of 32 binary digits, after a word of zeros. */
const TWO_OVER_PI = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041];

/** Low and high word of a product. */
function wide(m: MathContext, a: Expr, b: Expr): readonly [Expr, Expr] {
  const half = (x: Expr): readonly [Expr, Expr] => [m.let(and(x, unsigned(x, 0xffff))), m.let(shr(x, unsigned(x, 16)))];
  const [al, ah] = half(a);
  const [bl, bh] = half(b);
  const mid = m.let(add(mul(ah, bl), shr(mul(al, bl), unsigned(a, 16))));
  const mid2 = m.let(add(mul(al, bh), and(mid, unsigned(a, 0xffff))));
  const high = add(mul(ah, bh), add(shr(mid, unsigned(a, 16)), shr(mid2, unsigned(a, 16))));
  return [m.let(mul(a, b)), m.let(high)];
}

/**
 * x = quadrant·π/2 + rest with |rest| ≤ π/4, for finite |x| ≥ 2. The 24 bits of x meet the four words of 2/π that matter; whole turns drop out
 * of the top by themselves.
 */
export function reduceLarge(m: MathContext, x: Expr): { readonly rest: Expr; readonly quadrant: Expr } {
  const u = (value: number): Expr => unsigned(x, value);
  const bits = m.let(bitsOf(abs(x)));
  const mantissa = m.let(or(shl(bits, u(8)), u(0x80000000)));
  const e = m.let(sub(shr(bits, u(23)), u(128)));
  const first = m.let(min(shr(e, u(5)), u(3)));
  const isFirst = [1, 2, 3].map((k) => m.let(eq(first, u(k))));
  const word = (offset: number): Expr =>
    m.let(isFirst.reduce<Expr>((w, is, k) => select(is, u(TWO_OVER_PI[offset + k + 1]), w), u(TWO_OVER_PI[offset])));
  const shift = m.let(and(e, u(31)));

  const [low, lowCarry] = wide(m, mantissa, word(2));
  const [middle, middleCarry] = wide(m, mantissa, word(1));
  const [, bottomCarry] = wide(m, mantissa, word(3));
  const r0 = m.let(add(low, bottomCarry));
  const carry = m.let(lt(r0, low));
  const one = (condition: Expr): Expr => select(condition, u(1), u(0));
  const r1 = m.let(add(add(middle, lowCarry), one(carry)));
  const over = or(lt(r1, middle), and(carry, eq(r1, middle)));
  const r2 = m.let(add(add(mul(mantissa, word(0)), middleCarry), one(over)));

  // To the left by `shift`, which may be 0: then a shift by 32 − 0 must give nothing.
  const isShifted = m.let(lt(u(0), shift));
  const back = m.let(sub(u(32), shift));
  const join = (top: Expr, next: Expr): Expr => m.let(or(shl(top, shift), select(isShifted, shr(next, back), u(0))));
  const top = join(r2, r1);
  const next = join(r1, r0);

  // The first two bits are the quadrant, the rest a fraction of it; above one half the next quadrant is nearer.
  const fraction = m.let(or(shl(top, u(2)), shr(next, u(30))));
  const finer = m.let(shl(next, u(2)));
  const isUpper = m.let(ge(fraction, u(0x80000000)));
  const turn = (w: Expr): Expr => convert('f32', select(isUpper, not(w), w));
  const size = mul(add(turn(fraction), mul(turn(finer), float(x, 2 ** -32))), float(x, Math.PI / 2 ** 33));
  const quadrant = m.let(add(shr(top, u(30)), one(isUpper)));
  const isNegative = m.let(lt(x, float(x, 0)));
  const rest = m.let(select(isUpper, neg(size), size));
  return {
    rest: m.let(select(isNegative, neg(rest), rest)),
    quadrant: m.let(bitcast('i32', select(isNegative, sub(u(0), quadrant), quadrant))),
  };
}
