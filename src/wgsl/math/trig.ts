/**
 * Sine and cosine: x less a multiple of π/2, then a polynomial on ±π/4 chosen by the quadrant. The inverse functions: polynomials on an interval
 * to which identities lead. Coefficients: near-minimax, fitted in float64.
 */
import {
  abs,
  add,
  and,
  bitcast,
  convert,
  div,
  eq,
  ge,
  gt,
  lt,
  max,
  min,
  mul,
  ne,
  nearest,
  neg,
  or,
  select,
  shl,
  sqrt,
  sub,
  xor,
} from '../build.js';
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
import { reduceLarge } from './reduce.js';

/** From here on products with the pieces of π/2 are no longer exact. */
const LARGE = 8000;

/** π/2 in pieces: three of 11 bits and the rest. */
const HALF_PI = pieces();

function pieces(): readonly number[] {
  const list: number[] = [];
  let rest = Math.PI / 2;
  for (let i = 0; i < 3; i++) {
    const unit = 2 ** (Math.floor(Math.log2(rest)) - 10);
    const piece = Math.floor(rest / unit) * unit;
    list.push(piece);
    rest -= piece;
  }
  return [...list, Math.fround(rest)];
}

/** Sine or cosine of quadrant·π/2 + r, |r| ≤ π/4; `quadrant` i32, modulo 4 (1 more for the cosine). */
function wave(m: MathContext, r: Expr, quadrant: Expr): Expr {
  const z = m.let(mul(r, r));
  const sine = add(r, mul(mul(r, z), polynomial(z, [-0.166666549, 0.00833217354, -0.000195166558])));
  const cosine = polynomial(z, [1, -0.5, 0.0416666467, -0.00138873614, 2.443773e-5]);
  const value = select(ne(and(quadrant, signed(r, 1)), signed(r, 0)), cosine, sine);
  const sign = shl(and(bitcast('u32', quadrant), unsigned(r, 2)), unsigned(r, 30));
  return floatOf(xor(bitsOf(value), sign));
}

/** f(quadrant·π/2 + rest): NaN and ∞ give NaN. */
function reduced(m: MathContext, x: Expr, f: (rest: Expr, quadrant: Expr) => Expr): Expr {
  const n = m.let(nearest(mul(x, float(x, 2 / Math.PI))));
  const rest = m.let(HALF_PI.reduce<Expr>((left, piece) => sub(left, mul(n, float(x, piece))), x));
  const usual = f(rest, m.let(convert('i32', n)));
  const a = m.let(abs(x));
  const isLarge = m.let(and(ge(a, float(x, LARGE)), lt(a, float(x, Infinity))));
  return m.rare(isLarge, usual, () => {
    const large = reduceLarge(m, x);
    return f(large.rest, large.quadrant);
  });
}

export const sin: MathFunction = (m, x) => reduced(m, x, (rest, quadrant) => wave(m, rest, quadrant));

export const cos: MathFunction = (m, x) =>
  reduced(m, x, (rest, quadrant) => wave(m, rest, m.let(add(quadrant, signed(x, 1)))));

export const tan: MathFunction = (m, x) =>
  reduced(m, x, (rest, quadrant) => div(wave(m, rest, quadrant), wave(m, rest, m.let(add(quadrant, signed(x, 1))))));

/** Of |x| ≤ 1; z = x². */
const arcTangent = (x: Expr, z: Expr): Expr =>
  add(
    x,
    mul(
      mul(x, z),
      polynomial(
        z,
        [
          -0.333333019, 0.199986386, -0.142652455, 0.109575764, -0.0841945948, 0.0582345532, -0.0314557028, 0.011064441,
          -0.00182721291,
        ],
      ),
    ),
  );

const withSign = (of: Expr, x: Expr): Expr => floatOf(or(bitsOf(x), and(bitsOf(of), unsigned(of, 0x80000000))));

export const atan: MathFunction = (m, x) => {
  const a = m.let(abs(x));
  const isLarge = m.let(gt(a, float(x, 1)));
  const t = m.let(select(isLarge, div(float(x, 1), a), a));
  const r = m.let(arcTangent(t, m.let(mul(t, t))));
  return withSign(x, select(isLarge, sub(float(x, Math.PI / 2), r), r));
};

/** The angle of the point (x, y), over all four quadrants. */
export const atan2: MathFunction = (m, y, x) => {
  const ax = m.let(abs(x));
  const ay = m.let(abs(y));
  const top = m.let(min(ay, ax));
  const bottom = m.let(max(ay, ax));
  // Both 0, or both ∞: their angle is that of (1, 0) or (1, 1).
  const ratio = select(eq(top, bottom), select(eq(top, float(x, 0)), top, float(x, 1)), div(top, bottom));
  const t = m.let(ratio);
  const r = m.let(arcTangent(t, m.let(mul(t, t))));
  const turned = m.let(select(gt(ay, ax), sub(float(x, Math.PI / 2), r), r));
  const left = ge(bitsOf(x), unsigned(x, 0x80000000));
  const angle = m.let(withSign(y, select(left, sub(float(x, Math.PI), turned), turned)));
  const isNumber = and(eq(x, x), eq(y, y));
  return select(isNumber, angle, add(x, y));
};

/** The arc sine of √z or of s, s² = z ≤ ¼. */
const arcSine = (s: Expr, z: Expr): Expr =>
  add(s, mul(mul(s, z), polynomial(z, [0.166667539, 0.0749524177, 0.045477099, 0.0241476005, 0.0422185677])));

interface Half {
  readonly isLarge: Expr;
  /** The arc sine of |x| up to ½, else that of √((1 − |x|) / 2). */
  readonly arc: Expr;
}

function half(m: MathContext, x: Expr): Half {
  const a = m.let(abs(x));
  const isLarge = m.let(gt(a, float(x, 0.5)));
  const z = m.let(select(isLarge, mul(sub(float(x, 1), a), float(x, 0.5)), mul(a, a)));
  const s = m.let(select(isLarge, sqrt(z), a));
  return { isLarge, arc: m.let(arcSine(s, z)) };
}

export const asin: MathFunction = (m, x) => {
  const { isLarge, arc } = half(m, x);
  return withSign(x, select(isLarge, sub(float(x, Math.PI / 2), add(arc, arc)), arc));
};

export const acos: MathFunction = (m, x) => {
  const { isLarge, arc } = half(m, x);
  const twice = m.let(add(arc, arc));
  const isNegative = m.let(lt(x, float(x, 0)));
  const large = select(isNegative, sub(float(x, Math.PI), twice), twice);
  return select(isLarge, large, sub(float(x, Math.PI / 2), select(isNegative, neg(arc), arc)));
};
