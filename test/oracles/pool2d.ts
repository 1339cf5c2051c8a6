/** 2-d pooling and its gradients in float64, channels last, floor mode. The gradients scatter (the kernels gather). */
import { zeros, type NdArray } from '../support/nd-array.js';
import { windows } from './conv2d.js';

export interface Pool2dOptions {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
}

export interface AvgPool2dOptions extends Pool2dOptions {
  readonly countIncludePad: boolean;
}

interface InputSize {
  readonly inputSize: readonly [number, number];
}

function pooledShape([items, height, width, channels]: readonly number[], options: Pool2dOptions): number[] {
  const { kernelSize, stride, padding } = options;
  return [
    items,
    windows(height, kernelSize[0], stride[0], 1, padding[0] + padding[1]),
    windows(width, kernelSize[1], stride[1], 1, padding[2] + padding[3]),
    channels,
  ];
}

/** Calls `visit` for every window and channel: linear index in y, and those in x of the window's elements that are not padding. */
function forEachWindow(
  [items, height, width, channels]: readonly number[],
  [, outHeight, outWidth]: readonly number[],
  { kernelSize, stride, padding }: Pool2dOptions,
  visit: (y: number, members: number[]) => void,
): void {
  for (let item = 0; item < items; item++)
    for (let yo = 0; yo < outHeight; yo++)
      for (let xo = 0; xo < outWidth; xo++)
        for (let c = 0; c < channels; c++) {
          const members: number[] = [];
          for (let ky = 0; ky < kernelSize[0]; ky++)
            for (let kx = 0; kx < kernelSize[1]; kx++) {
              const y = yo * stride[0] + ky - padding[0];
              const x = xo * stride[1] + kx - padding[2];
              if (y >= 0 && y < height && x >= 0 && x < width) {
                members.push(((item * height + y) * width + x) * channels + c);
              }
            }
          visit(((item * outHeight + yo) * outWidth + xo) * channels + c, members);
        }
}

/** x (N, H, W, C) → maxima (N, Ho, Wo, C) and their places y·W + x; the first in reading order on ties. */
export function maxPool2d(x: NdArray, options: Pool2dOptions): { y: NdArray; indices: NdArray } {
  const shape = pooledShape(x.shape, options);
  const y = zeros(...shape);
  const indices = zeros(...shape);
  const [, height, width, channels] = x.shape;
  forEachWindow(x.shape, shape, options, (at, members) => {
    let winner = members[0];
    for (const member of members) if (x.data[member] > x.data[winner]) winner = member;
    y.data[at] = x.data[winner];
    indices.data[at] = Math.floor(winner / channels) % (height * width);
  });
  return { y, indices };
}

/** dy and indices (N, Ho, Wo, C) → dx (N, H, W, C). */
export function maxPool2dGrad(dy: NdArray, indices: NdArray, { inputSize }: InputSize): NdArray {
  const [items, outHeight, outWidth, channels] = dy.shape;
  const dx = zeros(items, inputSize[0], inputSize[1], channels);
  for (let item = 0; item < items; item++)
    for (let i = 0; i < outHeight * outWidth; i++)
      for (let c = 0; c < channels; c++) {
        const at = (item * outHeight * outWidth + i) * channels + c;
        dx.data[(item * inputSize[0] * inputSize[1] + indices.data[at]) * channels + c] += dy.data[at];
      }
  return dx;
}

/** x (N, H, W, C) → means (N, Ho, Wo, C). */
export function avgPool2d(x: NdArray, options: AvgPool2dOptions): NdArray {
  const y = zeros(...pooledShape(x.shape, options));
  forEachWindow(x.shape, y.shape, options, (at, members) => {
    for (const member of members) y.data[at] += x.data[member] / divisor(options, members);
  });
  return y;
}

/** dy (N, Ho, Wo, C) → dx (N, H, W, C). */
export function avgPool2dGrad(dy: NdArray, { inputSize, ...options }: AvgPool2dOptions & InputSize): NdArray {
  const dx = zeros(dy.shape[0], inputSize[0], inputSize[1], dy.shape[3]);
  forEachWindow(dx.shape, dy.shape, options, (at, members) => {
    for (const member of members) dx.data[member] += dy.data[at] / divisor(options, members);
  });
  return dx;
}

function divisor({ countIncludePad, kernelSize }: AvgPool2dOptions, members: number[]): number {
  return countIncludePad ? kernelSize[0] * kernelSize[1] : members.length;
}
