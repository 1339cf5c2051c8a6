/** Views: other indices into the same elements. None of them moves data by itself; the compiler folds them into the reader. */
import { numel } from '../../kernels/launch.js';
import type { ViewOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { ShapeError } from '../errors.js';
import { broadcastShapes, normalizeAxis, sameShape } from '../shape.js';

export interface ShapeAttrs {
  readonly shape: readonly number[];
}

export const reshapeOp: ViewOp<ShapeAttrs> = {
  kind: 'view',
  name: 'reshape',
  sameOrder: true,
  shape: ([x], { shape }) => {
    if (numel(shape) !== numel(x.shape)) {
      throw new ShapeError(
        `reshape: (${x.shape.join(', ')}) has ${numel(x.shape)} elements, (${shape.join(', ')}) would have ${numel(shape)}.`,
      );
    }
    return [{ shape, dtype: x.dtype }];
  },
  map: ({ index, read }) => read(0, { linear: index.linear() }),
  gradient: ({ inputs: [x], grad }) => [grad.reshape(x.shape)],
};

/** Reshapes; one dimension may be −1 and is worked out. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const unknown = shape.indexOf(-1);
  if (unknown < 0) return sameShape(x.shape, shape) ? x : record(reshapeOp, [x], { shape });
  const known = shape.reduce((p, d, i) => (i === unknown ? p : p * d), 1);
  if (known === 0 || x.size % known !== 0 || shape.lastIndexOf(-1) !== unknown) {
    throw new ShapeError(`reshape: cannot make (${shape.join(', ')}) of (${x.shape.join(', ')}).`);
  }
  return reshape(
    x,
    shape.map((d, i) => (i === unknown ? x.size / known : d)),
  );
}

export interface PermuteAttrs {
  readonly order: readonly number[];
}

export const permuteOp: ViewOp<PermuteAttrs> = {
  kind: 'view',
  name: 'permute',
  shape: ([x], { order }) => {
    if (order.length !== x.shape.length || new Set(order).size !== order.length) {
      throw new ShapeError(
        `permute: [${order.join(', ')}] is no order of the ${x.shape.length} dimensions of (${x.shape.join(', ')}).`,
      );
    }
    return [{ shape: order.map((d) => x.shape[d]), dtype: x.dtype }];
  },
  map: ({ index, attrs, read }) => {
    const at: string[] = [];
    attrs.order.forEach((from, to) => (at[from] = index.coord(to)));
    return read(0, at);
  },
  gradient: ({ attrs, grad }) => {
    const inverse: number[] = [];
    attrs.order.forEach((from, to) => (inverse[from] = to));
    return [grad.permute(inverse)];
  },
};

export function permute(x: Tensor, order: readonly number[]): Tensor {
  const axes = order.map((d) => normalizeAxis(d, x.rank, 'permute'));
  return axes.every((d, i) => d === i) && axes.length === x.rank ? x : record(permuteOp, [x], { order: axes });
}

/** Swaps two dimensions. */
export function transpose(x: Tensor, a = -2, b = -1): Tensor {
  const order = x.shape.map((_, i) => i);
  const i = normalizeAxis(a, x.rank, 'transpose');
  const j = normalizeAxis(b, x.rank, 'transpose');
  [order[i], order[j]] = [order[j], order[i]];
  return permute(x, order);
}

export const expandOp: ViewOp<ShapeAttrs> = {
  kind: 'view',
  name: 'expand',
  shape: ([x], { shape }) => {
    if (x.shape.length > shape.length || !sameShape(broadcastShapes(x.shape, shape, 'expand'), shape)) {
      throw new ShapeError(`expand: (${x.shape.join(', ')}) does not broadcast to (${shape.join(', ')}).`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  map: ({ index, inputs: [x], output, read }) => {
    const lead = output.shape.length - x.shape.length;
    return read(
      0,
      x.shape.map((d, i) => (d === 1 ? '0u' : index.coord(lead + i))),
    );
  },
  // Summed over what was repeated.
  gradient: ({ inputs: [x], outputs: [y], grad }) => {
    const lead = y.rank - x.rank;
    const axes = y.shape.map((_, i) => i).filter((i) => i < lead || (x.shape[i - lead] === 1 && y.shape[i] !== 1));
    return [axes.length === 0 ? grad.reshape(x.shape) : grad.sum(axes).reshape(x.shape)];
  },
};

/** Broadcasts to `shape`. */
export const expand = (x: Tensor, shape: readonly number[]): Tensor =>
  sameShape(x.shape, shape) ? x : record(expandOp, [x], { shape });

export interface SliceAttrs {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: readonly number[];
}

const affine = (c: string, step: string, start: string): string =>
  step === '1u'
    ? start === '0u'
      ? c
      : `${c} + ${start}`
    : start === '0u'
      ? `${c} * ${step}`
      : `${c} * ${step} + ${start}`;

export const sliceOp: ViewOp<SliceAttrs> = {
  kind: 'view',
  name: 'slice',
  shape: ([x], { sizes }) => [{ shape: sizes, dtype: x.dtype }],
  map: ({ index, attrs, int, read, let: name }) =>
    read(
      0,
      attrs.starts.map((start, d) => name(affine(index.coord(d), int(attrs.steps[d]), int(start)))),
    ),
  gradient: ({ inputs: [x], attrs, grad }) => [
    record(padOp, [grad], { starts: attrs.starts, steps: attrs.steps, sizes: x.shape, value: 0 }),
  ],
};

/** `slice(x, axis, start, end, step)`; negative positions count from the end. */
export function slice(
  x: Tensor,
  axis: number,
  start: number,
  end = x.shape[normalizeAxis(axis, x.rank, 'slice')],
  step = 1,
): Tensor {
  const d = normalizeAxis(axis, x.rank, 'slice');
  const size = x.shape[d];
  const from = start < 0 ? start + size : start;
  const to = Math.min(end < 0 ? end + size : end, size);
  if (!Number.isInteger(step) || step < 1)
    throw new ShapeError(`slice: step ${step} must be a whole number from 1 up; see flip().`);
  if (from < 0 || from > size || to < from) {
    throw new ShapeError(`slice: ${start} to ${end} is outside of axis ${axis} of (${x.shape.join(', ')}).`);
  }
  if (from === 0 && to === size && step === 1) return x;
  return record(sliceOp, [x], {
    starts: x.shape.map((_, i) => (i === d ? from : 0)),
    steps: x.shape.map((_, i) => (i === d ? step : 1)),
    sizes: x.shape.map((n, i) => (i === d ? Math.ceil((to - from) / step) : n)),
  });
}

export interface PadAttrs extends SliceAttrs {
  readonly value: number;
}

/** Element i of dimension d goes to starts[d] + i·steps[d] of sizes[d]; the rest is `value`. */
export const padOp: ViewOp<PadAttrs> = {
  kind: 'view',
  name: 'pad',
  shape: ([x], { sizes }) => [{ shape: sizes, dtype: x.dtype }],
  map: ({ index, inputs: [x], output, attrs, int, float, read, let: name }) => {
    const filling = `${output.dtype}(${float(attrs.value)})`;
    // There is nothing to read, not even for a select to leave out.
    if (x.shape.includes(0)) return filling;
    const inside: string[] = [];
    const at = attrs.starts.map((start, d) => {
      const c = index.coord(d);
      if (start === 0 && attrs.steps[d] === 1 && x.shape[d] === output.shape[d]) return c;
      // Below the start this wraps round to a huge number, which is outside as well.
      const offset = name(`${c} - ${int(start)}`);
      const size = int(x.shape[d]);
      if (attrs.steps[d] === 1) {
        inside.push(`${offset} < ${size}`);
        return name(`select(0u, ${offset}, ${offset} < ${size})`);
      }
      const step = int(attrs.steps[d]);
      inside.push(`${offset} < ${size} * ${step} && ${offset} % ${step} == 0u`);
      return name(`select(0u, ${offset} / ${step}, ${offset} < ${size} * ${step})`);
    });
    const element = read(0, at);
    return inside.length === 0 ? element : `select(${filling}, ${element}, ${inside.join(' && ')})`;
  },
  gradient: ({ inputs: [x], attrs, grad }) => [
    record(sliceOp, [grad], { starts: attrs.starts, steps: attrs.steps, sizes: x.shape }),
  ],
};

/** Pads `axis` with `value`: `before` elements in front, `after` behind. */
export function pad(x: Tensor, axis: number, before: number, after: number, value = 0): Tensor {
  const d = normalizeAxis(axis, x.rank, 'pad');
  if (before < 0 || after < 0) throw new ShapeError(`pad: ${before} and ${after} must not be negative; see slice().`);
  if (before === 0 && after === 0) return x;
  return record(padOp, [x], {
    starts: x.shape.map((_, i) => (i === d ? before : 0)),
    steps: x.shape.map(() => 1),
    sizes: x.shape.map((n, i) => (i === d ? n + before + after : n)),
    value,
  });
}

export interface AxisAttrs {
  readonly axis: number;
}

export const flipOp: ViewOp<AxisAttrs> = {
  kind: 'view',
  name: 'flip',
  shape: ([x]) => [x],
  map: ({ index, inputs: [x], attrs, int, read }) =>
    read(
      0,
      x.shape.map((n, d) => (d === attrs.axis ? `(${int(n)} - 1u - ${index.coord(d)})` : index.coord(d))),
    ),
  gradient: ({ attrs, grad }) => [grad.flip(attrs.axis)],
};

/** Reverses the order along `axis`. */
export const flip = (x: Tensor, axis: number): Tensor =>
  record(flipOp, [x], { axis: normalizeAxis(axis, x.rank, 'flip') });

export const concatOp: ViewOp<AxisAttrs> = {
  kind: 'view',
  name: 'concat',
  shape: (inputs, { axis }) => {
    const [first] = inputs;
    for (const x of inputs) {
      if (
        x.dtype !== first.dtype ||
        x.shape.length !== first.shape.length ||
        x.shape.some((n, d) => d !== axis && n !== first.shape[d])
      ) {
        throw new ShapeError(
          `concat: (${x.shape.join(', ')}) ${x.dtype} does not fit (${first.shape.join(', ')}) ${first.dtype} outside of axis ${axis}.`,
        );
      }
    }
    const total = inputs.reduce((sum, x) => sum + x.shape[axis], 0);
    return [{ shape: first.shape.map((n, d) => (d === axis ? total : n)), dtype: first.dtype }];
  },
  map: ({ index, inputs, attrs, int, read, let: name }) => {
    const c = index.coord(attrs.axis);
    let start = 0;
    let result = '';
    inputs.forEach((x, k) => {
      if (x.shape[attrs.axis] === 0) return;
      const offset = name(`${c} - ${int(start)}`);
      const inside = `${offset} < ${int(x.shape[attrs.axis])}`;
      const element = read(
        k,
        x.shape.map((_, d) => (d === attrs.axis ? name(`select(0u, ${offset}, ${inside})`) : index.coord(d))),
      );
      result = result === '' ? element : name(`select(${result}, ${element}, ${inside})`);
      start += x.shape[attrs.axis];
    });
    return result;
  },
  gradient: ({ inputs, attrs, grad, needs }) => {
    let start = 0;
    return inputs.map((x, k) => {
      const from = start;
      start += x.shape[attrs.axis];
      return needs[k] ? grad.slice(attrs.axis, from, start) : null;
    });
  },
};

/** Tensors that one kernel joins: each takes a binding, of which WebGPU promises eight. */
const CONCAT_AT_ONCE = 4;

/** Joins tensors along `axis`; many of them in groups, and those again. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 0) throw new ShapeError('concat: no tensors were given.');
  if (tensors.length === 1) return tensors[0];
  if (tensors.length > CONCAT_AT_ONCE) {
    const size = Math.ceil(tensors.length / CONCAT_AT_ONCE);
    const groups = Array.from({ length: Math.ceil(tensors.length / size) }, (_, i) =>
      concat(tensors.slice(i * size, (i + 1) * size), axis),
    );
    return concat(groups, axis);
  }
  return record(concatOp, tensors, { axis: normalizeAxis(axis, tensors[0].rank, 'concat') });
}

/** Joins tensors of one shape along a new `axis`. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  return concat(
    tensors.map((t) => unsqueeze(t, axis)),
    axis,
  );
}

/** Adds a dimension of size 1 at `axis`. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const d = normalizeAxis(axis, x.rank + 1, 'unsqueeze');
  return reshape(x, [...x.shape.slice(0, d), 1, ...x.shape.slice(d)]);
}

/** Drops dimension `axis`, which must have size 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  const d = normalizeAxis(axis, x.rank, 'squeeze');
  if (x.shape[d] !== 1)
    throw new ShapeError(`squeeze: axis ${axis} of (${x.shape.join(', ')}) has size ${x.shape[d]}, not 1.`);
  return reshape(x, [...x.shape.slice(0, d), ...x.shape.slice(d + 1)]);
}

export const detachOp: ViewOp<Record<string, never>> = {
  kind: 'view',
  name: 'detach',
  sameOrder: true,
  shape: ([x]) => [x],
  map: ({ index, read }) => read(0, { linear: index.linear() }),
  gradient: () => [null],
};

/** The same value, through which no gradient flows. */
export const detach = (x: Tensor): Tensor => record(detachOp, [x], {});
