/** Rows times a matrix of short runs; see kernels/banded.ts. */
import { banded as kernel, type BandedAttrs } from '../../kernels/banded.js';
import type { KernelOp } from '../op.js';
import { record } from '../record.js';

/** Inputs x (R, K), then weights and runs of M, then those of its transpose. y = x·M: dx = dy·Mᵀ. */
export const bandedOp: KernelOp<BandedAttrs> = {
  kind: 'kernel',
  name: 'banded',
  kernel,
  shape: ([x], { columns }) => [{ shape: [x.shape[0], columns], dtype: 'f32' }],
  gradient: ({ inputs: [x, weights, runs, backWeights, backRuns], grad }) => [
    record(bandedOp, [grad, backWeights, backRuns, weights, runs], { columns: x.shape[1] }),
    null,
    null,
    null,
    null,
  ],
};
