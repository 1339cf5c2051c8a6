/**
 * One-dimensional convolution, channels last: x (N, L, Cin), w (K, Cin, Cout) → (N, Lout, Cout),
 * y[n, l, o] = Σ_{k, i} x[n, l·stride + k·dilation − padLeft, i] · w[k, i, o]   (a correlation, as in every framework).
 */
import { conv1d as kernel, type Conv1dAttrs } from '../../kernels/conv1d.js';
import {
  conv1dInputGrad as inputGradKernel,
  conv1dWeightGrad as weightGradKernel,
  type Conv1dInputGradAttrs,
  type Conv1dWeightGradAttrs,
} from '../../kernels/conv1d-grad.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { ShapeError } from '../errors.js';
import { outputLength, resolvePadding, type Padding } from './padding.js';

export const conv1dOp: KernelOp<Conv1dAttrs> = {
  kind: 'kernel',
  name: 'conv1d',
  kernel,
  shape: ([x, w], attrs) => [
    {
      shape: [
        x.shape[0],
        outputLength(x.shape[1], w.shape[0], attrs.stride, attrs.dilation, attrs.padLeft + attrs.padRight, 'conv1d'),
        w.shape[2],
      ],
      dtype: 'f32',
    },
  ],
  gradient: ({ inputs: [x, w], attrs, grad, needs }) => [
    needs[0] ? record(conv1dInputGradOp, [grad, w], { ...attrs, inputLength: x.shape[1] }) : null,
    needs[1] ? record(conv1dWeightGradOp, [x, grad], { ...attrs, kernelSize: w.shape[0] }) : null,
  ],
};

/** dL/dx from dL/dy and w. Linear in both, so its own gradients are convolutions again. */
export const conv1dInputGradOp: KernelOp<Conv1dInputGradAttrs> = {
  kind: 'kernel',
  name: 'conv1dInputGrad',
  kernel: inputGradKernel,
  shape: ([dy, w], { inputLength }) => [{ shape: [dy.shape[0], inputLength, w.shape[1]], dtype: 'f32' }],
  gradient: ({ inputs: [dy, w], attrs: { inputLength: _, ...attrs }, grad, needs }) => [
    needs[0] ? record(conv1dOp, [grad, w], attrs) : null,
    needs[1] ? record(conv1dWeightGradOp, [grad, dy], { ...attrs, kernelSize: w.shape[0] }) : null,
  ],
};

/** dL/dw from x and dL/dy. */
export const conv1dWeightGradOp: KernelOp<Conv1dWeightGradAttrs> = {
  kind: 'kernel',
  name: 'conv1dWeightGrad',
  kernel: weightGradKernel,
  shape: ([x, dy], { kernelSize }) => [{ shape: [kernelSize, x.shape[2], dy.shape[2]], dtype: 'f32' }],
  gradient: ({ inputs: [x, dy], attrs: { kernelSize: _, ...attrs }, grad, needs }) => [
    needs[0] ? record(conv1dInputGradOp, [dy, grad], { ...attrs, inputLength: x.shape[1] }) : null,
    needs[1] ? record(conv1dOp, [x, grad], attrs) : null,
  ],
};

export interface Conv1dOptions {
  readonly stride?: number;
  readonly dilation?: number;
  /** `valid` (none), `same` (output length ⌈L / stride⌉), a number on both sides, or [left, right]. Default 0. */
  readonly padding?: Padding;
}

/** @throws ShapeError unless x is (N, L, Cin) and w (K, Cin, Cout) with one Cin. */
export function conv1d(x: Tensor, w: Tensor, options: Conv1dOptions = {}): Tensor {
  if (x.rank !== 3 || w.rank !== 3 || x.shape[2] !== w.shape[1]) {
    throw new ShapeError(
      `conv1d: expects x (N, L, Cin) and w (K, Cin, Cout); got (${x.shape.join(', ')}) and (${w.shape.join(', ')}).`,
    );
  }
  const { stride = 1, dilation = 1, padding = 0 } = options;
  const [padLeft, padRight] = resolvePadding(padding, x.shape[1], w.shape[0], stride, dilation);
  return record(conv1dOp, [x, w], { stride, dilation, padLeft, padRight });
}
