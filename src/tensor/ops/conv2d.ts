/**
 * Two-dimensional convolution, channels last: x (N, H, W, Cin), w (KH, KW, Cin, Cout) → (N, Hout, Wout, Cout).
 */
import { conv2d as kernel, type Conv2dAttrs } from '../../kernels/conv2d.js';
import {
  conv2dInputGrad as inputGradKernel,
  conv2dWeightGrad as weightGradKernel,
  type Conv2dInputGradAttrs,
  type Conv2dWeightGradAttrs,
} from '../../kernels/conv2d-grad.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { ShapeError } from '../errors.js';
import { outputLength, resolvePadding, type Padding } from './padding.js';

export const conv2dOp: KernelOp<Conv2dAttrs> = {
  kind: 'kernel',
  name: 'conv2d',
  kernel,
  shape: ([x, w], { stride, dilation, padding: [top, bottom, left, right] }) => [
    {
      shape: [
        x.shape[0],
        outputLength(x.shape[1], w.shape[0], stride[0], dilation[0], top + bottom, 'conv2d'),
        outputLength(x.shape[2], w.shape[1], stride[1], dilation[1], left + right, 'conv2d'),
        w.shape[3],
      ],
      dtype: 'f32',
    },
  ],
  gradient: ({ inputs: [x, w], attrs, grad, needs }) => [
    needs[0] ? record(conv2dInputGradOp, [grad, w], { ...attrs, inputSize: [x.shape[1], x.shape[2]] }) : null,
    needs[1] ? record(conv2dWeightGradOp, [x, grad], { ...attrs, kernelSize: [w.shape[0], w.shape[1]] }) : null,
  ],
};

/** dL/dx from dL/dy and w. */
export const conv2dInputGradOp: KernelOp<Conv2dInputGradAttrs> = {
  kind: 'kernel',
  name: 'conv2dInputGrad',
  kernel: inputGradKernel,
  shape: ([dy, w], { inputSize }) => [{ shape: [dy.shape[0], ...inputSize, w.shape[2]], dtype: 'f32' }],
  gradient: ({ inputs: [dy, w], attrs: { inputSize: _, ...attrs }, grad, needs }) => [
    needs[0] ? record(conv2dOp, [grad, w], attrs) : null,
    needs[1] ? record(conv2dWeightGradOp, [grad, dy], { ...attrs, kernelSize: [w.shape[0], w.shape[1]] }) : null,
  ],
};

/** dL/dw from x and dL/dy. */
export const conv2dWeightGradOp: KernelOp<Conv2dWeightGradAttrs> = {
  kind: 'kernel',
  name: 'conv2dWeightGrad',
  kernel: weightGradKernel,
  shape: ([x, dy], { kernelSize }) => [{ shape: [...kernelSize, x.shape[3], dy.shape[3]], dtype: 'f32' }],
  gradient: ({ inputs: [x, dy], attrs: { kernelSize: _, ...attrs }, grad, needs }) => [
    needs[0] ? record(conv2dInputGradOp, [dy, grad], { ...attrs, inputSize: [x.shape[1], x.shape[2]] }) : null,
    needs[1] ? record(conv2dOp, [x, grad], attrs) : null,
  ],
};

type Pair = number | readonly [number, number];
export const pair = (value: Pair): [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]];

export interface Conv2dOptions {
  readonly stride?: Pair;
  readonly dilation?: Pair;
  /** `valid`, `same`, a number on every side, or [vertical, horizontal]. Default 0. */
  readonly padding?: 'same' | 'valid' | Pair;
}

/** [top, bottom, left, right] of a 2-d padding option. */
export function padding2d(
  padding: 'same' | 'valid' | Pair,
  size: readonly [number, number],
  kernel: readonly [number, number],
  stride: readonly [number, number],
  dilation: readonly [number, number],
): [number, number, number, number] {
  const [y, x]: [Padding, Padding] = typeof padding === 'string' ? [padding, padding] : pair(padding);
  return [
    ...resolvePadding(y, size[0], kernel[0], stride[0], dilation[0]),
    ...resolvePadding(x, size[1], kernel[1], stride[1], dilation[1]),
  ];
}

/** @throws ShapeError unless x is (N, H, W, Cin) and w (KH, KW, Cin, Cout) with one Cin. */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions = {}): Tensor {
  if (x.rank !== 4 || w.rank !== 4 || x.shape[3] !== w.shape[2]) {
    throw new ShapeError(
      `conv2d: expects x (N, H, W, Cin) and w (KH, KW, Cin, Cout); got (${x.shape.join(', ')}) and (${w.shape.join(', ')}).`,
    );
  }
  const stride = pair(options.stride ?? 1);
  const dilation = pair(options.dilation ?? 1);
  const padding = padding2d(options.padding ?? 0, [x.shape[1], x.shape[2]], [w.shape[0], w.shape[1]], stride, dilation);
  return record(conv2dOp, [x, w], { stride, dilation, padding });
}
