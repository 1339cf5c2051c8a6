/**
 * What WGSL's builtin functions are built with. All of `math/` works on scalars and on packed fours alike: numbers take the type of the
 * argument, and there are no branches but the rare ones of `MathContext.rare`.
 */
import { add, bitcast, constant, mul, typeLike } from '../build.js';
import type { Expr } from '../ir.js';

export interface MathContext {
  /** The value in an immutable local, so that it can be used several times. */
  let(value: Expr): Expr;
  /** `usual`, but where the condition holds `unusual()`, which costs nothing where it holds nowhere. */
  rare(condition: Expr, usual: Expr, unusual: () => Expr): Expr;
}

/** Arguments may be used any number of times. */
export type MathFunction = (m: MathContext, ...x: readonly Expr[]) => Expr;

/** A number of the type of `like` (or of another type, packed as `like` is). */
export const number = (like: Expr, value: number): Expr => constant(like.type, value);
export const float = (like: Expr, value: number): Expr => constant(typeLike(like.type, 'f32'), value);
export const unsigned = (like: Expr, value: number): Expr => constant(typeLike(like.type, 'u32'), value);
export const signed = (like: Expr, value: number): Expr => constant(typeLike(like.type, 'i32'), value);

/** c0 + x·(c1 + x·(c2 + …)). `x` is used often. */
export function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  let sum: Expr = number(x, coefficients[coefficients.length - 1]);
  for (let i = coefficients.length - 2; i >= 0; i--) sum = add(mul(sum, x), number(x, coefficients[i]));
  return sum;
}

export const bitsOf = (x: Expr): Expr => bitcast('u32', x);
export const floatOf = (bits: Expr): Expr => bitcast('f32', bits);
