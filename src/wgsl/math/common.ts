/** Short formulas. */
import { add, bitcast, div, floor, gt, le, lt, max, min, mul, select, sqrt, sub } from '../build.js';
import { number, signed, type MathFunction } from './context.js';
import { scaled } from './exp.js';

/** −1, 0 or 1; ±0 and NaN stay. */
export const sign: MathFunction = (_, x) =>
  select(lt(x, number(x, 0)), number(x, -1), select(gt(x, number(x, 0)), number(x, 1), x));

export const fract: MathFunction = (_, x) => sub(x, floor(x));

export const clamp: MathFunction = (_, x, low, high) => min(max(x, low), high);

export const saturate: MathFunction = (_, x) => min(max(x, number(x, 0)), number(x, 1));

export const mix: MathFunction = (_, x, y, t) => add(mul(x, sub(number(t, 1), t)), mul(y, t));

export const step: MathFunction = (_, edge, x) => select(le(edge, x), number(x, 1), number(x, 0));

export const smoothstep: MathFunction = (m, low, high, x) => {
  const t = m.let(saturate(m, div(sub(x, low), sub(high, low))));
  return mul(mul(t, t), sub(number(t, 3), mul(number(t, 2), t)));
};

export const degrees: MathFunction = (_, x) => mul(x, number(x, 180 / Math.PI));

export const radians: MathFunction = (_, x) => mul(x, number(x, Math.PI / 180));

export const inverseSqrt: MathFunction = (_, x) => div(number(x, 1), sqrt(x));

/** x·2^e. */
export const ldexp: MathFunction = (m, x, e) => {
  const exponent = m.let(min(max(bitcast('i32', e), signed(e, -252)), signed(e, 254)));
  return scaled(m, x, exponent);
};

/** WGSL allows the product to be rounded. */
export const fma: MathFunction = (_, x, y, z) => add(mul(x, y), z);
