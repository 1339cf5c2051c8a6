/** Reductions over axes: sum, mean, max, min, argmax. Input and output are fused with their neighbours. */
import type { ReduceOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { DTypeError, ShapeError } from '../errors.js';
import { normalizeAxes, normalizeAxis } from '../shape.js';

/** The shape with the reduced dimensions kept as 1, so that a result broadcasts back. */
const keepShape = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((n, d) => (axes.includes(d) ? 1 : n));

const reduceShape =
  (name: string, empty: boolean): ReduceOp['shape'] =>
  ([x], { axes }) => {
    if (x.dtype !== 'f32') throw new DTypeError(`${name} works on f32 tensors, not ${x.dtype}. Use toFloat().`);
    if (!empty && axes.some((d) => x.shape[d] === 0))
      throw new ShapeError(`${name} of no elements: (${x.shape.join(', ')}).`);
    return [{ shape: x.shape.filter((_, d) => !axes.includes(d)), dtype: 'f32' }];
  };

export const sumOp: ReduceOp = {
  kind: 'reduce',
  name: 'sum',
  reduction: 'sum',
  shape: reduceShape('sum', true),
  gradient: ({ inputs: [x], attrs, grad }) => [grad.reshape(keepShape(x.shape, attrs.axes)).expand(x.shape)],
};

const extremum = (name: 'max' | 'min'): ReduceOp => ({
  kind: 'reduce',
  name,
  reduction: name,
  shape: reduceShape(name, false),
  // Shared among ties, as PyTorch's amax.
  gradient: ({ inputs: [x], outputs: [y], attrs, grad }) => {
    const kept = keepShape(x.shape, attrs.axes);
    const mask = x.eq(y.reshape(kept));
    return [mask.mul(grad.reshape(kept)).div(mask.sum(attrs.axes).reshape(kept))];
  },
});

export const maxOp = extremum('max');
export const minOp = extremum('min');

/** Position of the largest element along one axis, as a float; the first one on ties. */
export const argmaxOp: ReduceOp = {
  kind: 'reduce',
  name: 'argmax',
  reduction: 'argmax',
  shape: reduceShape('argmax', false),
  gradient: () => [null],
};

type Axes = number | readonly number[] | undefined;

function reduce(op: ReduceOp, x: Tensor, axes: Axes, keepdim: boolean): Tensor {
  const list = normalizeAxes(axes, x.rank, op.name);
  const result = list.length === 0 && op.reduction !== 'argmax' ? x : record(op, [x], { axes: list });
  return keepdim ? result.reshape(keepShape(x.shape, list)) : result;
}

/** Sum over `axes` (all without them). */
export const sum = (x: Tensor, axes?: Axes, keepdim = false): Tensor => reduce(sumOp, x, axes, keepdim);
/** Mean over `axes`. */
export function mean(x: Tensor, axes?: Axes, keepdim = false): Tensor {
  const count = normalizeAxes(axes, x.rank, 'mean').reduce((n, d) => n * x.shape[d], 1);
  return sum(x, axes, keepdim).mul(1 / count);
}
export const max = (x: Tensor, axes?: Axes, keepdim = false): Tensor => reduce(maxOp, x, axes, keepdim);
export const min = (x: Tensor, axes?: Axes, keepdim = false): Tensor => reduce(minOp, x, axes, keepdim);
/** Index of the maximum along `axis`, as i32. */
export const argmax = (x: Tensor, axis: number): Tensor =>
  record(argmaxOp, [x], { axes: [normalizeAxis(axis, x.rank, 'argmax')] }).cast('i32');
/** Variance over `axes`; `correction` 1 divides by n − 1, as torch.var. */
export function variance(x: Tensor, axes?: Axes, options: { correction?: number; keepdim?: boolean } = {}): Tensor {
  const list = normalizeAxes(axes, x.rank, 'variance');
  const count = list.reduce((n, d) => n * x.shape[d], 1);
  const centered = x.sub(mean(x, list, true));
  return sum(centered.square(), list, options.keepdim).mul(1 / Math.max(1, count - (options.correction ?? 1)));
}
