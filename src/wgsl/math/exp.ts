/**
 * e^x and its kin: x = n·ln 2 + r with |r| ≤ ln 2 / 2 (Cody and Waite, "Software Manual for the Elementary Functions", 1980), e^r a polynomial, and
 * 2^n in two factors, as n goes past what one float holds. Coefficients: near-minimax, fitted in float64.
 */
import { abs, add, bitcast, convert, div, lt, gt, mul, nearest, neg, select, shl, shr, sub, le } from '../build.js';
import type { Expr } from '../ir.js';
import { float, polynomial, signed, unsigned, type MathContext, type MathFunction } from './context.js';

const LOG2_E = 1.4426950408889634;
/** ln 2 in two pieces: the first has 9 bits, so that its products with n are exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;

/** e^r for |r| ≤ 0.35. */
function small(r: Expr): Expr {
  const q = polynomial(r, [0.50000001, 0.166665183, 0.0416662041, 0.00836895351, 0.00139506023]);
  return add(float(r, 1), add(r, mul(mul(r, r), q)));
}

const power = (n: Expr): Expr => bitcast('f32', shl(add(n, signed(n, 127)), unsigned(n, 23)));

/** x·2^n for whole n (i32) from −252 to 254. */
export function scaled(m: MathContext, x: Expr, n: Expr): Expr {
  const half = m.let(shr(n, unsigned(n, 1)));
  return mul(mul(x, power(half)), power(sub(n, half)));
}

/** Between low and high; NaN stays. */
export const bound = (x: Expr, low: number, high: number): Expr =>
  select(lt(x, float(x, low)), float(x, low), select(gt(x, float(x, high)), float(x, high), x));

/** e^x · 2^shift, without overflow on the way. */
function expTimes(m: MathContext, x: Expr, shift: number): Expr {
  const y = m.let(bound(x, -105, 91));
  const n = m.let(nearest(mul(y, float(y, LOG2_E))));
  const r = m.let(sub(sub(y, mul(n, float(n, LN2_HIGH))), mul(n, float(n, LN2_LOW))));
  const whole = convert('i32', n);
  return scaled(m, small(r), m.let(add(whole, signed(n, shift))));
}

export const exp: MathFunction = (m, x) => expTimes(m, x, 0);

/** 2^(x + extra), `extra` small. */
export function exp2Of(m: MathContext, x: Expr, extra?: Expr): Expr {
  const y = m.let(bound(x, -152, 130));
  const n = m.let(nearest(y));
  const rest = sub(y, n);
  const r = m.let(mul(extra ? add(rest, extra) : rest, float(y, Math.LN2)));
  return scaled(m, small(r), m.let(convert('i32', n)));
}

export const exp2: MathFunction = (m, x) => exp2Of(m, x);

/** Odd, and exact near 0; else from e^|x| / 2. */
export const sinh: MathFunction = (m, x) => {
  const a = m.let(abs(x));
  const z = m.let(mul(x, x));
  const near = add(x, mul(mul(x, z), polynomial(z, [1 / 6, 1 / 120, 1 / 5040, 1 / 362880])));
  const e = m.let(expTimes(m, a, -1));
  const far = m.let(sub(e, div(float(x, 0.25), e)));
  return select(lt(a, float(x, 1)), near, select(lt(x, float(x, 0)), neg(far), far));
};

export const cosh: MathFunction = (m, x) => {
  const e = m.let(expTimes(m, m.let(abs(x)), -1));
  return add(e, div(float(x, 0.25), e));
};

/** An odd polynomial near 0, else 1 − 2 / (e^2|x| + 1). */
export const tanh: MathFunction = (m, x) => {
  const a = m.let(abs(x));
  const z = m.let(mul(x, x));
  const near = add(
    x,
    mul(mul(x, z), polynomial(z, [-0.333332993, 0.133319582, -0.0537866836, 0.0208053846, -0.00590586836])),
  );
  const e = exp(m, m.let(add(a, a)));
  const far = m.let(sub(float(x, 1), div(float(x, 2), add(e, float(x, 1)))));
  return select(le(a, float(x, 0.6)), near, select(lt(x, float(x, 0)), neg(far), far));
};
