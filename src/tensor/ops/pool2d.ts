/** Pooling over height and width of (N, H, W, C). */
import {
  avgPool2d as avgKernel,
  avgPool2dGrad as avgGradKernel,
  maxPool2d as maxKernel,
  maxPool2dGrad as maxGradKernel,
  type AvgPool2dAttrs,
  type AvgPool2dGradAttrs,
  type MaxPool2dGradAttrs,
  type Pool2dAttrs,
} from '../../kernels/pool2d.js';
import type { Spec } from '../../kernels/launch.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { GradientError, ShapeError } from '../errors.js';
import { outputLength } from './padding.js';
import { padding2d, pair } from './conv2d.js';

const pooled = (x: Spec, { kernelSize, stride, padding: [t, b, l, r] }: Pool2dAttrs, name: string): number[] => [
  x.shape[0],
  outputLength(x.shape[1], kernelSize[0], stride[0], 1, t + b, name),
  outputLength(x.shape[2], kernelSize[1], stride[1], 1, l + r, name),
  x.shape[3],
];

/** Outputs: maxima, and their positions y·W + x (for the gradient). */
export const maxPool2dOp: KernelOp<Pool2dAttrs> = {
  kind: 'kernel',
  name: 'maxPool2d',
  kernel: maxKernel,
  shape: ([x], attrs) => {
    const shape = pooled(x, attrs, 'maxPool2d');
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
    ];
  },
  gradient: ({ inputs: [x], outputs: [, indices], attrs, grad }) => [
    record(maxPool2dGradOp, [grad, indices], { ...attrs, inputSize: [x.shape[1], x.shape[2]] }),
  ],
};

export const maxPool2dGradOp: KernelOp<MaxPool2dGradAttrs> = {
  kind: 'kernel',
  name: 'maxPool2dGrad',
  kernel: maxGradKernel,
  shape: ([dy], { inputSize }) => [{ shape: [dy.shape[0], ...inputSize, dy.shape[3]], dtype: 'f32' }],
  gradient: () => {
    throw new GradientError('maxPool2d has no second derivative.');
  },
};

export const avgPool2dOp: KernelOp<AvgPool2dAttrs> = {
  kind: 'kernel',
  name: 'avgPool2d',
  kernel: avgKernel,
  shape: ([x], attrs) => [{ shape: pooled(x, attrs, 'avgPool2d'), dtype: 'f32' }],
  gradient: ({ inputs: [x], attrs, grad }) => [
    record(avgPool2dGradOp, [grad], { ...attrs, inputSize: [x.shape[1], x.shape[2]] }),
  ],
};

export const avgPool2dGradOp: KernelOp<AvgPool2dGradAttrs> = {
  kind: 'kernel',
  name: 'avgPool2dGrad',
  kernel: avgGradKernel,
  shape: ([dy], { inputSize }) => [{ shape: [dy.shape[0], ...inputSize, dy.shape[3]], dtype: 'f32' }],
  gradient: ({ attrs: { inputSize: _, ...attrs }, grad }) => [record(avgPool2dOp, [grad], attrs)],
};

type Pair = number | readonly [number, number];

export interface Pool2dOptions {
  readonly kernelSize: Pair;
  /** Default: the kernel size. */
  readonly stride?: Pair;
  readonly padding?: 'same' | 'valid' | Pair;
}

function attrsOf(x: Tensor, options: Pool2dOptions, name: string): Pool2dAttrs {
  if (x.rank !== 4) throw new ShapeError(`${name}: expects (N, H, W, C), got (${x.shape.join(', ')}).`);
  const kernelSize = pair(options.kernelSize);
  const stride = pair(options.stride ?? options.kernelSize);
  const padding = padding2d(options.padding ?? 0, [x.shape[1], x.shape[2]], kernelSize, stride, [1, 1]);
  if (Math.max(padding[0], padding[1]) >= kernelSize[0] || Math.max(padding[2], padding[3]) >= kernelSize[1]) {
    throw new ShapeError(
      `${name}: padding [${padding.join(', ')}] must be smaller than the window ${kernelSize.join(' × ')}.`,
    );
  }
  return { kernelSize, stride, padding };
}

export const maxPool2d = (x: Tensor, options: Pool2dOptions): Tensor =>
  record(maxPool2dOp, [x], attrsOf(x, options, 'maxPool2d'));
export const avgPool2d = (x: Tensor, options: Pool2dOptions & { countIncludePad?: boolean }): Tensor =>
  record(avgPool2dOp, [x], {
    ...attrsOf(x, options, 'avgPool2d'),
    countIncludePad: options.countIncludePad ?? true,
  });
