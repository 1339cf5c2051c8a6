/** Softmax cross-entropy with integer labels; label −1 is ignored. */
import { crossEntropy as kernel, crossEntropyGrad as gradKernel } from '../../kernels/cross-entropy.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { scalar } from '../tensor.js';
import { DTypeError, GradientError, ShapeError } from '../errors.js';

/** Inputs logits (R, C), labels (R) i32, label smoothing ε; output the loss of each row, (1−ε)·(−log p[y]) + ε/C·Σ(−log p). */
export const crossEntropyOp: KernelOp = {
  kind: 'kernel',
  name: 'crossEntropy',
  kernel,
  shape: ([logits]) => [{ shape: [logits.shape[0]], dtype: 'f32' }],
  gradient: ({ inputs: [logits, labels, smoothing], grad }) => [
    record(crossEntropyGradOp, [logits, labels, grad, smoothing], {}),
    null,
    null,
  ],
};

/** softmax − target, times the row's gradient. */
export const crossEntropyGradOp: KernelOp = {
  kind: 'kernel',
  name: 'crossEntropyGrad',
  kernel: gradKernel,
  shape: ([logits]) => [logits],
  gradient: () => {
    throw new GradientError('crossEntropy has no second derivative; write it with logSoftmax.');
  },
};

/** Loss of each row, (R). @param logits (R, C) @param labels (R) i32, −1 where a row does not count (loss 0) */
export function crossEntropy(logits: Tensor, labels: Tensor, labelSmoothing = 0): Tensor {
  if (logits.rank !== 2 || labels.rank !== 1 || labels.shape[0] !== logits.shape[0]) {
    throw new ShapeError(
      `crossEntropy: expects logits (R, C) and labels (R); got (${logits.shape.join(', ')}) and (${labels.shape.join(', ')}).`,
    );
  }
  if (labels.dtype !== 'i32') throw new DTypeError(`crossEntropy: labels must be i32, not ${labels.dtype}.`);
  return record(crossEntropyOp, [logits, labels, scalar(labelSmoothing)], {});
}
