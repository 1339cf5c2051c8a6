/** A float64 interpreter of views, broadcasting and reductions on plain arrays: what the engine's fused index arithmetic is held against. */
import { broadcastShapes, stridesOf } from '../../src/tensor/shape.js';
import type { NdArray } from '../support/nd-array.js';

export interface Host extends NdArray {
  readonly data: Float64Array;
}

const numel = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** An array whose element at each index is `value(index)`. */
export function build(shape: readonly number[], value: (index: readonly number[]) => number): Host {
  const data = new Float64Array(numel(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = value(index);
    for (let d = shape.length - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0;
  }
  return { shape, data };
}

/** The element at an index. */
export function at(x: NdArray, index: readonly number[]): number {
  const strides = stridesOf(x.shape);
  return x.data[index.reduce((sum, c, d) => sum + c * strides[d], 0)];
}

const replaced = <T>(list: readonly T[], at: number, value: T): T[] => list.map((v, i) => (i === at ? value : v));

export const reshape = (x: NdArray, shape: readonly number[]): Host => ({ shape, data: Float64Array.from(x.data) });

/** Axis i of the result is axis `order[i]` of `x`. */
export function permute(x: NdArray, order: readonly number[]): Host {
  return build(
    order.map((d) => x.shape[d]),
    (index) => {
      const source: number[] = [];
      order.forEach((from, to) => (source[from] = index[to]));
      return at(x, source);
    },
  );
}

export function expand(x: NdArray, shape: readonly number[]): Host {
  const lead = shape.length - x.shape.length;
  return build(shape, (index) =>
    at(
      x,
      x.shape.map((n, d) => (n === 1 ? 0 : index[d + lead])),
    ),
  );
}

export function slice(x: NdArray, axis: number, start: number, end: number, step: number): Host {
  const size = Math.ceil((end - start) / step);
  return build(replaced(x.shape, axis, size), (index) => at(x, replaced(index, axis, start + index[axis] * step)));
}

export function pad(x: NdArray, axis: number, before: number, after: number, value: number): Host {
  const n = x.shape[axis];
  return build(replaced(x.shape, axis, before + n + after), (index) => {
    const c = index[axis] - before;
    return c >= 0 && c < n ? at(x, replaced(index, axis, c)) : value;
  });
}

export const flip = (x: NdArray, axis: number): Host =>
  build(x.shape, (index) => at(x, replaced(index, axis, x.shape[axis] - 1 - index[axis])));

export function concat(parts: readonly NdArray[], axis: number): Host {
  const total = parts.reduce((sum, x) => sum + x.shape[axis], 0);
  return build(replaced(parts[0].shape, axis, total), (index) => {
    let c = index[axis];
    for (const x of parts) {
      if (c < x.shape[axis]) return at(x, replaced(index, axis, c));
      c -= x.shape[axis];
    }
    throw new Error('an index past the end');
  });
}

/** Elementwise, with NumPy's broadcasting. */
export function map(fn: (...values: number[]) => number, ...inputs: readonly NdArray[]): Host {
  const shape = inputs.map((x) => x.shape).reduce((a, b) => broadcastShapes(a, b));
  const full = inputs.map((x) => expand(x, shape).data);
  return { shape, data: Float64Array.from({ length: numel(shape) }, (_, i) => fn(...full.map((d) => d[i]))) };
}

/** Folds over axes; the reduced axes are dropped. */
export function reduce(
  x: NdArray,
  axes: readonly number[],
  start: number,
  fold: (a: number, b: number) => number,
): Host {
  const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d));
  const shape = kept.map((d) => x.shape[d]);
  const data = new Float64Array(numel(shape)).fill(start);
  const strides = stridesOf(shape);
  build(x.shape, (index) => {
    const o = kept.reduce((sum, d, i) => sum + index[d] * strides[i], 0);
    data[o] = fold(data[o], at(x, index));
    return 0;
  });
  return { shape, data };
}

/** Position of the largest along one axis, the first on ties. */
export function argmax(x: NdArray, axis: number): Host {
  const shape = x.shape.filter((_, d) => d !== axis);
  return build(shape, (index) => {
    let best = 0;
    const value = (c: number): number => at(x, [...index.slice(0, axis), c, ...index.slice(axis)]);
    for (let c = 1; c < x.shape[axis]; c++) if (value(c) > value(best)) best = c;
    return best;
  });
}
