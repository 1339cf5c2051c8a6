/**
 * A float of a kernel as the reference knows it: `v` is what exact arithmetic gives, and every implementation that keeps to WGSL's accuracy
 * (section "Floating Point Accuracy") gives a number within `e` of it. Each function adds what its operation may err to what its operands'
 * errors do to it. WGSL leaves the direction of rounding open, so a "correctly rounded" result may be one unit in the last place off; it may
 * fuse and reassociate only where that is at least as accurate. e = 0: exactly v everywhere.
 */
export interface Real {
  readonly v: number;
  readonly e: number;
}

const ULP = 2 ** -23;
/** Results below the normal range may be flushed to zero. */
const TINY = 2 ** -125;

export const exact = (v: number): Real => ({ v, e: 0 });
export const constant = (v: number): Real => {
  const nearest = Math.fround(v);
  return nearest === v ? exact(v) : { v: nearest, e: Math.abs(nearest) * ULP };
};

/** v, off by e already, rounded with an error of so many units in the last place. */
function off(v: number, e: number, ulps: number): Real {
  const bound = e + (Math.abs(v) + e) * ulps * ULP + TINY;
  return { v, e: bound < Infinity ? bound : Infinity };
}

/** For sums and products: exact where the operands are and the result is a float. */
function rounded(v: number, e: number): Real {
  if (e === 0 && Math.fround(v) === v && (v === 0 || Math.abs(v) > 1e-30)) return { v, e: 0 };
  return off(v, e, 1);
}

export const add = (a: Real, b: Real): Real => rounded(a.v + b.v, a.e + b.e);
export const sub = (a: Real, b: Real): Real => rounded(a.v - b.v, a.e + b.e);
export const mul = (a: Real, b: Real): Real =>
  rounded(a.v * b.v, Math.abs(a.v) * b.e + Math.abs(b.v) * a.e + a.e * b.e);

export function div(a: Real, b: Real): Real {
  const least = Math.abs(b.v) - b.e;
  if (least <= 0) return { v: 0, e: Infinity };
  const v = a.v / b.v;
  return off(v, (a.e + Math.abs(v) * b.e) / least, 2.5);
}

/** x − y·trunc(x / y), with the quotient's error: near a whole number either neighbour may come out. */
export function rem(a: Real, b: Real): Real {
  const quotient = div(a, b);
  const low = Math.trunc(quotient.v - quotient.e);
  const high = Math.trunc(quotient.v + quotient.e);
  const whole = Math.trunc(quotient.v);
  const result = sub(a, mul(b, exact(whole)));
  return low === high ? result : { v: result.v, e: result.e + (Math.abs(b.v) + b.e) * (high - low) };
}

export const neg = (a: Real): Real => ({ v: -a.v, e: a.e });
export const abs = (a: Real): Real => ({ v: Math.abs(a.v), e: a.e });
export const min = (a: Real, b: Real): Real => ({ v: Math.min(a.v, b.v), e: Math.max(a.e, b.e) });
export const max = (a: Real, b: Real): Real => ({ v: Math.max(a.v, b.v), e: Math.max(a.e, b.e) });
export const clamp = (a: Real, low: Real, high: Real): Real => min(max(a, low), high);
export const fma = (a: Real, b: Real, c: Real): Real => add(mul(a, b), c);

/** A step function: exact unless a step lies within the operand's error. */
function steps(f: (x: number) => number): (a: Real) => Real {
  return (a) => {
    const v = f(a.v);
    const e = Math.max(Math.abs(f(a.v + a.e) - v), Math.abs(f(a.v - a.e) - v));
    return { v, e };
  };
}

const nearestEven = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
};
export const floor = steps(Math.floor);
export const ceil = steps(Math.ceil);
export const trunc = steps(Math.trunc);
export const round = steps(nearestEven);
export const sign = steps(Math.sign);
export const fract = (a: Real): Real => sub(a, floor(a));
export const step = (edge: Real, x: Real): Real => choose(exact(0), exact(1), compare('<=', edge, x));
export const saturate = (a: Real): Real => clamp(a, exact(0), exact(1));

export type Tri = boolean | undefined;

/** Undefined where the errors leave it open. */
export function compare(op: '<' | '<=' | '>' | '>=', a: Real, b: Real): Tri {
  const gap = Math.abs(a.v - b.v);
  if (gap <= a.e + b.e && a.e + b.e > 0) return undefined;
  switch (op) {
    case '<':
      return a.v < b.v;
    case '<=':
      return a.v <= b.v;
    case '>':
      return a.v > b.v;
    case '>=':
      return a.v >= b.v;
  }
}

export function choose(no: Real, yes: Real, condition: Tri): Real {
  if (condition !== undefined) return condition ? yes : no;
  return { v: yes.v, e: Math.max(yes.e, Math.abs(yes.v - no.v) + no.e) };
}

/** A smooth function: its error, and its slope (at most `slope` within the operand's error) times the operand's. */
const smooth = (v: number, slope: number, a: Real, ulps: number): Real => off(v, slope * a.e, ulps);

export const inverseSqrt = (a: Real): Real =>
  a.v - a.e <= 0 ? { v: 0, e: Infinity } : smooth(1 / Math.sqrt(a.v), 0.5 * (a.v - a.e) ** -1.5, a, 2);
export const sqrt = (a: Real): Real => div(exact(1), inverseSqrt(a));
export const exp = (a: Real): Real => smooth(Math.exp(a.v), Math.exp(a.v + a.e), a, 3 + 2 * (Math.abs(a.v) + a.e));
export const exp2 = (a: Real): Real => smooth(2 ** a.v, 2 ** (a.v + a.e), a, 3 + 2 * (Math.abs(a.v) + a.e));

function logarithm(v: number, a: Real, slope: number): Real {
  if (a.v - a.e <= 0) return { v, e: Infinity };
  const near = a.v + a.e >= 0.5 && a.v - a.e <= 2;
  const result = off(v, slope * a.e, 3);
  return near ? { v, e: Math.max(result.e, slope * a.e + 2 ** -21) } : result;
}
export const log = (a: Real): Real => logarithm(Math.log(a.v), a, 1 / (a.v - a.e));
export const log2 = (a: Real): Real => logarithm(Math.log2(a.v), a, Math.LOG2E / (a.v - a.e));
export const pow = (a: Real, b: Real): Real => exp2(mul(b, log2(a)));

/** Between −π and π. */
export const sin = (a: Real): Real => ({ v: Math.sin(a.v), e: a.e + 2 ** -11 });
export const cos = (a: Real): Real => ({ v: Math.cos(a.v), e: a.e + 2 ** -11 });

/** The worse of 10⁻⁵ and what sinh(x) / cosh(x) inherits from exp. */
export function tanh(a: Real): Real {
  const ofExp = (3 + 2 * (Math.abs(a.v) + a.e) + 2) * ULP;
  return { v: Math.tanh(a.v), e: a.e + Math.max(1e-5, 2 * ofExp + 2.5 * ULP) };
}

export const mix = (a: Real, b: Real, t: Real): Real => add(mul(a, sub(exact(1), t)), mul(b, t));
export function smoothstep(low: Real, high: Real, x: Real): Real {
  const t = saturate(div(sub(x, low), sub(high, low)));
  return mul(mul(t, t), sub(exact(3), mul(exact(2), t)));
}
export const dot = (a: readonly Real[], b: readonly Real[]): Real => a.map((x, i) => mul(x, b[i])).reduce(add);

/** Of an integer: exact up to 2²⁴. */
export const fromInteger = (n: number): Real => (Math.fround(n) === n ? exact(n) : off(n, 0, 1));
