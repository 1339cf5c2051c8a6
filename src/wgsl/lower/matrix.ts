/** Products of matrices, spelled out. A matrix is a list of columns. */
import { add, mul, splat } from '../build.js';
import type { Expr } from '../ir.js';
import { vectorOf, type MatrixType, type Type } from '../types.js';
import { componentsOf, vectorFrom } from './construct.js';
import type { Context } from './context.js';
import { partsOf, zipLeaves, type Lowered } from './value.js';

/** Undefined for a matrix times a scalar, which goes component by component. */
export function matrixProduct(cx: Context, a: Type, left: Lowered, b: Type, right: Lowered): Lowered | undefined {
  if (a.kind === 'matrix' && b.kind === 'vector') return combine(cx, partsOf(cx.out.keep(left)), right);
  if (a.kind === 'matrix' && b.kind === 'matrix') {
    const columns = partsOf(cx.out.keep(left));
    return partsOf(right).map((column) => combine(cx, columns, column));
  }
  if (a.kind === 'vector' && b.kind === 'matrix') return rowProduct(cx, left, b, right);
  return undefined;
}

/** Σ column[j] · v[j]. */
function combine(cx: Context, columns: readonly Lowered[], v: Lowered): Lowered {
  const weights = componentsOf(cx, v).map((w) => cx.out.let(w));
  const scaled = columns.map((column, j) => zipLeaves(column, weights[j], (x, w) => mul(x, like(x, w))));
  return scaled.reduce((sum, part) => zipLeaves(sum, part, add));
}

/** v · column[j], for each j. */
function rowProduct(cx: Context, v: Lowered, type: MatrixType, matrix: Lowered): Lowered {
  const row = componentsOf(cx, v).map((x) => cx.out.let(x));
  const sums = partsOf(matrix).map((column) => dotOf(row, componentsOf(cx, column)));
  return vectorFrom(cx, vectorOf(type.columns, type.element), sums);
}

/** Added from the left. */
export const dotOf = (a: readonly Expr[], b: readonly Expr[]): Expr => a.map((x, i) => mul(x, b[i])).reduce(add);

const like = (x: Expr, scalar: Expr): Expr => (x.type.length === 5 ? splat(scalar) : scalar);
