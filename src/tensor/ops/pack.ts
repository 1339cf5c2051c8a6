/**
 * Lays tensors side by side in one stored buffer, each at its own offset. It exists for optimizers: gradients that are packed are written
 * by their kernels straight into the flat buffer, and one dispatch then updates all parameters. The gaps between tensors stay 0.
 */
import type { PackOp } from '../op.js';
import type { Storage } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { GradientError } from '../errors.js';

export interface PackAttrs {
  readonly storage: Storage;
  /** Where each input begins, in elements; multiples of 64 (256 bytes). */
  readonly offsets: readonly number[];
}

export const packOp: PackOp<PackAttrs> = {
  kind: 'pack',
  name: 'pack',
  shape: (_, { storage }) => [{ shape: [storage.elements], dtype: 'f32' }],
  key: ({ storage, offsets }) => `${storage.id}:${offsets.join()}`,
  gradient: () => {
    throw new GradientError('pack() is for optimizers and has no gradient; use concat().');
  },
};

export const pack = (tensors: readonly Tensor[], attrs: PackAttrs): Tensor => record(packOp, tensors, attrs);
