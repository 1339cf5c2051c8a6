/** Means of the largest and the smallest bins of bands; see kernels/band-extremes.ts. */
import { bandExtremes as kernel, bandExtremesGrad as gradKernel } from '../../kernels/band-extremes.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { KernelOp } from '../op.js';
import { record } from '../record.js';
import type { Tensor } from '../tensor.js';
import { iota } from './sources.js';
import { concat } from './views.js';

/** Inputs x (R, bins), bands (B, 3) u32 → (R, B, 2). The bins that were taken share dy: dx_i = dy / count. */
export const bandExtremesOp: KernelOp = {
  kind: 'kernel',
  name: 'bandExtremes',
  kernel,
  shape: ([x, bands]) => [{ shape: [x.shape[0], bands.shape[0], 2], dtype: 'f32' }],
  gradient: ({ inputs: [x, bands], grad }) => [record(bandExtremesGradOp, [x, bands, grad], {}), null],
};

/**
 * Inputs x (R, bins), bands (B, 3), dy (R, B, 2) → dx (R, bins). Linear in dy: what it gives for the j-th number alone says which bins that
 * one went to, and d(dy)_j = Σ_i ddx_i · that. Which bins are taken does not change with x.
 */
export const bandExtremesGradOp: KernelOp = {
  kind: 'kernel',
  name: 'bandExtremesGrad',
  kernel: gradKernel,
  shape: ([x]) => [{ shape: x.shape, dtype: 'f32' }],
  gradient: ({ inputs: [x, bands, dy], grad }) => {
    const places = iota([dy.shape[0], 2 * dy.shape[1]], 1);
    const each = Array.from({ length: 2 * dy.shape[1] }, (_, j) => {
      const alone = places.eq(j).reshape(dy.shape);
      return record(bandExtremesGradOp, [x, bands, alone], {}).mul(grad).sum([1], true);
    });
    return [null, null, concat(each, 1).reshape(dy.shape)];
  },
};

/**
 * Of each row (R, bins) the means of the `count` largest and of the `count` smallest bins of each band: (R, B, 2).
 * @param bands (B, 3) u32: first bin, the bin behind the last, and `count` of each; first < end ≤ bins, 1 ≤ count ≤ end − first
 * @throws ShapeError, DTypeError
 */
export function bandExtremes(x: Tensor, bands: Tensor): Tensor {
  if (x.rank !== 2) throw new ShapeError(`bandExtremes: x must be (R, bins), got (${x.shape.join(', ')}).`);
  if (bands.rank !== 2 || bands.shape[1] !== 3)
    throw new ShapeError(`bandExtremes: bands must be (B, 3), got (${bands.shape.join(', ')}).`);
  if (bands.dtype !== 'u32') throw new DTypeError(`bandExtremes: bands must be u32, not ${bands.dtype}.`);
  return record(bandExtremesOp, [x, bands], {});
}
