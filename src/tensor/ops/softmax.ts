/** Softmax and its logarithm over the last axis. */
import { logSoftmax as logKernel, softmax as kernel } from '../../kernels/softmax.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { ShapeError } from '../errors.js';

/** dx = y ⊙ (dy − Σ y·dy) */
export const softmaxOp: KernelOp = {
  kind: 'kernel',
  name: 'softmax',
  kernel,
  shape: ([x]) => [x],
  gradient: ({ outputs: [y], grad }) => [y.mul(grad.sub(y.mul(grad).sum([1], true)))],
};

/** dx = dy − softmax(x)·Σ dy */
export const logSoftmaxOp: KernelOp = {
  kind: 'kernel',
  name: 'logSoftmax',
  kernel: logKernel,
  shape: ([x]) => [x],
  gradient: ({ outputs: [y], grad }) => [grad.sub(y.exp().mul(grad.sum([1], true)))],
};

function rows(op: KernelOp, x: Tensor): Tensor {
  const last = x.shape[x.rank - 1];
  if (x.rank === 0 || last === 0)
    throw new ShapeError(`${op.name}: needs at least one class; got (${x.shape.join(', ')}).`);
  return record(op, [x.reshape([x.size / last, last])], {}).reshape(x.shape);
}

export const softmax = (x: Tensor): Tensor => rows(softmaxOp, x);
export const logSoftmax = (x: Tensor): Tensor => rows(logSoftmaxOp, x);
