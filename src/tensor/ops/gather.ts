/** Rows of a table by index (an embedding), and the gradient that adds rows back. */
import { gather as kernel, gatherGrad as gradKernel } from '../../kernels/gather.js';
import type { Kernel } from '../../kernels/launch.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { DTypeError, ShapeError } from '../errors.js';

/** table (V, E), indices (M) u32 → (M, E); an index out of range gives zeros. */
export const gatherOp: KernelOp = {
  kind: 'kernel',
  name: 'gather',
  kernel,
  shape: ([table, indices]) => [{ shape: [indices.shape[0], table.shape[1]], dtype: 'f32' }],
  gradient: ({ inputs: [table, indices], grad }) => [
    record(gatherGradOp, [grad, indices], { rows: table.shape[0] }),
    null,
  ],
};

/** dy (M, E), indices (M) → (V, E): row v is the sum of the dy whose index is v. */
export const gatherGradOp: KernelOp<{ rows: number }> = {
  kind: 'kernel',
  name: 'gatherGrad',
  kernel: gradKernel as Kernel,
  shape: ([dy], { rows }) => [{ shape: [rows, dy.shape[1]], dtype: 'f32' }],
  gradient: ({ inputs: [, indices], grad }) => [record(gatherOp, [grad, indices], {}), null],
};

/** Rows of `table` (V, E) at `indices` (any shape, u32) → (…indices, E). */
export function gather(table: Tensor, indices: Tensor): Tensor {
  if (indices.dtype !== 'u32') throw new DTypeError(`gather: indices must be u32, not ${indices.dtype}.`);
  if (table.rank !== 2) throw new ShapeError(`gather: the table must be (V, E), got (${table.shape.join(', ')}).`);
  const flat = indices.reshape([indices.size]);
  return record(gatherOp, [table, flat], {}).reshape([...indices.shape, table.shape[1]]);
}
