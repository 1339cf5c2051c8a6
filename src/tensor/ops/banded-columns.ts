/** Columns times a matrix of short runs; see kernels/banded-columns.ts. */
import type { BandedAttrs } from '../../kernels/banded.js';
import { bandedColumns as kernel } from '../../kernels/banded-columns.js';
import type { KernelOp } from '../op.js';
import { record } from '../record.js';

/** Inputs x (K, R), then weights and runs of M (K, C), then those of its transpose. y = Mᵀ·x (C, R): dx = M·dy. */
export const bandedColumnsOp: KernelOp<BandedAttrs> = {
  kind: 'kernel',
  name: 'bandedColumns',
  kernel,
  shape: ([x], { columns }) => [{ shape: [columns, x.shape[1]], dtype: 'f32' }],
  gradient: ({ inputs: [x, weights, runs, backWeights, backRuns], grad }) => [
    record(bandedColumnsOp, [grad, backWeights, backRuns, weights, runs], { columns: x.shape[0] }),
    null,
    null,
    null,
    null,
  ],
};
