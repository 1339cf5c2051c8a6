/**
 * Logarithms: x = 2^e · (1 + f) with √½ ≤ 1 + f < √2, and log(1 + f) = 2·artanh(s) with s = f / (2 + f), whose series is a polynomial in s².
 * Coefficients: near-minimax, fitted in float64.
 */
import { add, and, bitcast, convert, div, eq, gt, lt, mul, neg, not, or, select, shr, sub } from '../build.js';
import type { Expr } from '../ir.js';
import {
  bitsOf,
  float,
  floatOf,
  polynomial,
  signed,
  unsigned,
  type MathContext,
  type MathFunction,
} from './context.js';
import { bound, exp2Of } from './exp.js';

const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;
const SMALLEST_NORMAL = 1.1754943508222875e-38;

interface Split {
  /** e, as a float. */
  readonly exponent: Expr;
  /** f. */
  readonly fraction: Expr;
}

/** For x > 0 and finite, subnormal numbers included. */
function split(m: MathContext, x: Expr): Split {
  const tiny = m.let(lt(x, float(x, SMALLEST_NORMAL)));
  const normal = select(tiny, mul(x, float(x, 2 ** 24)), x);
  // The bits of √½ become those of 1, so that the exponent changes there.
  const bits = m.let(add(bitsOf(normal), unsigned(x, 0x3f800000 - 0x3f3504f3)));
  const e = sub(bitcast('i32', shr(bits, unsigned(x, 23))), select(tiny, signed(x, 127 + 24), signed(x, 127)));
  const mantissa = floatOf(add(and(bits, unsigned(x, 0x007fffff)), unsigned(x, 0x3f3504f3)));
  return { exponent: m.let(convert('f32', e)), fraction: m.let(sub(mantissa, float(x, 1))) };
}

/** log(1 + f) + e·ln 2; the leading f is added last. */
function logOf(m: MathContext, f: Expr, e: Expr): Expr {
  const s = m.let(div(f, add(f, float(f, 2))));
  const z = m.let(mul(s, s));
  const r = mul(z, polynomial(z, [0.666666651, 0.400004365, 0.285319046, 0.236718104]));
  const h = m.let(mul(mul(float(f, 0.5), f), f));
  const low = sub(mul(s, add(h, r)), mul(e, float(e, -LN2_LOW)));
  return sub(mul(e, float(e, LN2_HIGH)), sub(sub(h, low), f));
}

/** −∞ at 0, NaN below; ∞ and NaN stay. */
function withEdges(x: Expr, value: Expr): Expr {
  const edge = select(eq(x, float(x, 0)), float(x, -Infinity), select(lt(x, float(x, 0)), float(x, NaN), x));
  return select(inside(x), value, edge);
}

const inside = (x: Expr): Expr => and(gt(x, float(x, 0)), lt(x, float(x, Infinity)));

export const log: MathFunction = (m, x) => {
  const { exponent, fraction } = split(m, x);
  return withEdges(x, logOf(m, fraction, exponent));
};

/** Powers of two come out whole. */
export const log2: MathFunction = (m, x) => {
  const { exponent, fraction } = split(m, x);
  const rest = mul(logOf(m, fraction, float(x, 0)), float(x, Math.LOG2E));
  return withEdges(x, add(exponent, rest));
};

/** The upper 12 bits: products of two such are exact. */
const upper = (x: Expr): Expr => floatOf(and(bitsOf(x), unsigned(x, 0xfffff000)));

/** log2(x) as a sum of two: the first has 12 bits, the second what is left. */
function log2Pair(m: MathContext, x: Expr): readonly [Expr, Expr] {
  const { exponent, fraction: f } = split(m, x);
  // s = f / (2 + f) in two parts.
  const bottom = m.let(add(f, float(f, 2)));
  const s = m.let(div(f, bottom));
  const sHigh = m.let(upper(s));
  const bottomHigh = m.let(upper(bottom));
  const bottomLow = sub(f, sub(bottomHigh, float(f, 2)));
  const sLow = m.let(div(sub(sub(f, mul(sHigh, bottomHigh)), mul(sHigh, bottomLow)), bottom));
  // 3/2·log(1 + f) = s·(3 + s² + …), the sum in two parts again.
  const z = m.let(mul(s, s));
  const tail = mul(
    mul(z, z),
    polynomial(z, [1.5 * 0.399999982, 1.5 * 0.285718765, 1.5 * 0.221848615, 1.5 * 0.194705195]),
  );
  const square = m.let(mul(sHigh, sHigh));
  const rest = m.let(add(tail, mul(sLow, add(sHigh, s))));
  const t = m.let(add(add(square, float(f, 3)), rest));
  const tHigh = m.let(upper(t));
  const tLow = sub(rest, sub(sub(tHigh, float(f, 3)), square));
  const u = m.let(mul(sHigh, tHigh));
  const v = m.let(add(mul(sLow, tHigh), mul(tLow, s)));
  const p = m.let(add(u, v));
  const pHigh = m.let(upper(p));
  const pLow = sub(v, sub(pHigh, u));
  // Times 2 / (3·ln 2).
  const factor = 2 / (3 * Math.LN2);
  const factorHigh = upperNumber(factor);
  const high = m.let(mul(pHigh, float(f, factorHigh)));
  const low = m.let(add(mul(pHigh, float(f, factor - factorHigh)), mul(pLow, float(f, factor))));
  const sum = m.let(upper(add(add(high, low), exponent)));
  return [sum, m.let(sub(low, sub(sub(sum, exponent), high)))];
}

function upperNumber(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] &= 0xfffff000;
  return new Float32Array(bits.buffer)[0];
}

/** 2^(y·log2 x), the logarithm and the product with twice the digits of a float. NaN for x < 0. */
export const pow: MathFunction = (m, x, y) => {
  const [high, low] = log2Pair(m, x);
  // A larger y overflows or vanishes just so, unless x is 1.
  const limited = m.let(bound(y, -1e30, 1e30));
  const yHigh = m.let(upper(limited));
  const product = m.let(mul(yHigh, high));
  const rest = m.let(add(mul(sub(limited, yHigh), high), mul(limited, low)));
  const whole = m.let(add(product, rest));
  const main = exp2Of(m, whole, m.let(sub(rest, sub(whole, product))));
  const direction = m.let(select(eq(x, float(x, 0)), neg(y), y));
  const zero = float(x, 0);
  const edge = select(
    gt(direction, zero),
    float(x, Infinity),
    select(lt(direction, zero), zero, add(direction, float(x, 1))),
  );
  const wrong = or(lt(x, zero), not(eq(x, x)));
  return select(inside(x), main, select(wrong, float(x, NaN), edge));
};
