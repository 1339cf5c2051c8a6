/** Standard normal numbers whose rows have keys of their own: a clip's noise goes with the clip, wherever it is batched. */
import { normalRows as kernel } from '../../kernels/normal-rows.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { DTypeError, ShapeError } from '../errors.js';
import { scalar } from '../tensor.js';

/** ids (N) u32, seed (scalar u32) → (N, columns). */
export const normalRowsOp: KernelOp<{ readonly columns: number }> = {
  kind: 'kernel',
  name: 'normalRows',
  kernel,
  shape: ([ids], { columns }) => [{ shape: [ids.shape[0], columns], dtype: 'f32' }],
  gradient: () => [null, null],
};

/**
 * (N, columns): element i of row n is the i-th normal number under the key (seed, ids[n]). Both are values: other seeds need no new program.
 * @param ids (N) of u32
 * @param seed a whole number, 0 … 2³² − 1
 */
export function normalRows(ids: Tensor, seed: number, columns: number): Tensor {
  if (ids.dtype !== 'u32') throw new DTypeError(`normalRows: ids must be u32, not ${ids.dtype}.`);
  if (ids.rank !== 1) throw new ShapeError(`normalRows: ids are (N), got (${ids.shape.join(', ')}).`);
  return record(normalRowsOp, [ids, scalar(seed, 'u32')], { columns });
}
