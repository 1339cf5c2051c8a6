/** Pooling over the length of (N, L, C). */
import {
  avgPool1d as avgKernel,
  avgPool1dGrad as avgGradKernel,
  maxPool1d as maxKernel,
  maxPool1dGrad as maxGradKernel,
  type AvgPool1dAttrs,
  type AvgPool1dGradAttrs,
  type MaxPool1dGradAttrs,
  type Pool1dAttrs,
} from '../../kernels/pool1d.js';
import type { Spec } from '../../kernels/launch.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { GradientError, ShapeError } from '../errors.js';
import { outputLength, resolvePadding, type Padding } from './padding.js';

const pooled = (x: Spec, attrs: Pool1dAttrs, name: string): number[] => [
  x.shape[0],
  outputLength(x.shape[1], attrs.kernelSize, attrs.stride, 1, attrs.padLeft + attrs.padRight, name),
  x.shape[2],
];

/** Outputs: maxima, and their positions along L (for the gradient). */
export const maxPool1dOp: KernelOp<Pool1dAttrs> = {
  kind: 'kernel',
  name: 'maxPool1d',
  kernel: maxKernel,
  shape: ([x], attrs) => {
    const shape = pooled(x, attrs, 'maxPool1d');
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
    ];
  },
  gradient: ({ inputs: [x], outputs: [, indices], attrs, grad }) => [
    record(maxPool1dGradOp, [grad, indices], { ...attrs, inputLength: x.shape[1] }),
  ],
};

export const maxPool1dGradOp: KernelOp<MaxPool1dGradAttrs> = {
  kind: 'kernel',
  name: 'maxPool1dGrad',
  kernel: maxGradKernel,
  shape: ([dy], { inputLength }) => [{ shape: [dy.shape[0], inputLength, dy.shape[2]], dtype: 'f32' }],
  gradient: () => {
    throw new GradientError('maxPool1d has no second derivative.');
  },
};

export const avgPool1dOp: KernelOp<AvgPool1dAttrs> = {
  kind: 'kernel',
  name: 'avgPool1d',
  kernel: avgKernel,
  shape: ([x], attrs) => [{ shape: pooled(x, attrs, 'avgPool1d'), dtype: 'f32' }],
  gradient: ({ inputs: [x], attrs, grad }) => [record(avgPool1dGradOp, [grad], { ...attrs, inputLength: x.shape[1] })],
};

export const avgPool1dGradOp: KernelOp<AvgPool1dGradAttrs> = {
  kind: 'kernel',
  name: 'avgPool1dGrad',
  kernel: avgGradKernel,
  shape: ([dy], { inputLength }) => [{ shape: [dy.shape[0], inputLength, dy.shape[2]], dtype: 'f32' }],
  gradient: ({ attrs: { inputLength: _, ...attrs }, grad }) => [record(avgPool1dOp, [grad], attrs)],
};

export interface Pool1dOptions {
  readonly kernelSize: number;
  /** Default: the kernel size. */
  readonly stride?: number;
  readonly padding?: Padding;
}

function attrsOf(x: Tensor, options: Pool1dOptions, name: string): Pool1dAttrs {
  if (x.rank !== 3) throw new ShapeError(`${name}: expects (N, L, C), got (${x.shape.join(', ')}).`);
  const { kernelSize, stride = kernelSize, padding = 0 } = options;
  const [padLeft, padRight] = resolvePadding(padding, x.shape[1], kernelSize, stride, 1);
  if (padLeft >= kernelSize || padRight >= kernelSize) {
    throw new ShapeError(`${name}: padding ${padLeft}, ${padRight} must be smaller than the window of ${kernelSize}.`);
  }
  return { kernelSize, stride, padLeft, padRight };
}

export const maxPool1d = (x: Tensor, options: Pool1dOptions): Tensor =>
  record(maxPool1dOp, [x], attrsOf(x, options, 'maxPool1d'));
/** `countIncludePad`: whether padding counts in the divisor (PyTorch's default: yes). */
export const avgPool1d = (x: Tensor, options: Pool1dOptions & { countIncludePad?: boolean }): Tensor =>
  record(avgPool1dOp, [x], {
    ...attrsOf(x, options, 'avgPool1d'),
    countIncludePad: options.countIncludePad ?? true,
  });
