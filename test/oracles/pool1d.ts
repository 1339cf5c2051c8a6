/** 1-d pooling and its gradients in float64, channels last, floor mode. The gradients scatter (the kernels gather). */
import { zeros, type NdArray } from '../support/nd-array.js';
import { windows } from './conv2d.js';

export interface Pool1dOptions {
  readonly kernelSize: number;
  readonly stride: number;
  readonly padLeft: number;
  readonly padRight: number;
}

export interface AvgPool1dOptions extends Pool1dOptions {
  readonly countIncludePad: boolean;
}

interface InputLength {
  readonly inputLength: number;
}

function pooledShape([items, length, channels]: readonly number[], options: Pool1dOptions): number[] {
  const { kernelSize, stride, padLeft, padRight } = options;
  return [items, windows(length, kernelSize, stride, 1, padLeft + padRight), channels];
}

/** Positions along the input that window `lo` covers, padding left out. */
function members(lo: number, length: number, { kernelSize, stride, padLeft }: Pool1dOptions): number[] {
  const positions: number[] = [];
  for (let k = 0; k < kernelSize; k++) {
    const l = lo * stride + k - padLeft;
    if (l >= 0 && l < length) positions.push(l);
  }
  return positions;
}

/** x (N, L, C) → maxima (N, Lo, C) and their positions in L; the first on ties. */
export function maxPool1d(x: NdArray, options: Pool1dOptions): { y: NdArray; indices: NdArray } {
  const [items, outLength, channels] = pooledShape(x.shape, options);
  const length = x.shape[1];
  const y = zeros(items, outLength, channels);
  const indices = zeros(items, outLength, channels);
  for (let item = 0; item < items; item++)
    for (let lo = 0; lo < outLength; lo++)
      for (let c = 0; c < channels; c++) {
        const value = (l: number): number => x.data[(item * length + l) * channels + c];
        const window = members(lo, length, options);
        let winner = window[0];
        for (const l of window) if (value(l) > value(winner)) winner = l;
        const at = (item * outLength + lo) * channels + c;
        y.data[at] = value(winner);
        indices.data[at] = winner;
      }
  return { y, indices };
}

/** dy and indices (N, Lo, C) → dx (N, L, C). */
export function maxPool1dGrad(dy: NdArray, indices: NdArray, { inputLength }: InputLength): NdArray {
  const [items, outLength, channels] = dy.shape;
  const dx = zeros(items, inputLength, channels);
  for (let item = 0; item < items; item++)
    for (let lo = 0; lo < outLength; lo++)
      for (let c = 0; c < channels; c++) {
        const at = (item * outLength + lo) * channels + c;
        dx.data[(item * inputLength + indices.data[at]) * channels + c] += dy.data[at];
      }
  return dx;
}

/** x (N, L, C) → means (N, Lo, C). */
export function avgPool1d(x: NdArray, options: AvgPool1dOptions): NdArray {
  const [items, outLength, channels] = pooledShape(x.shape, options);
  const y = zeros(items, outLength, channels);
  forEachShare([items, x.shape[1], channels], outLength, options, (inX, inY, share) => {
    y.data[inY] += x.data[inX] * share;
  });
  return y;
}

/** dy (N, Lo, C) → dx (N, L, C). */
export function avgPool1dGrad(dy: NdArray, { inputLength, ...options }: AvgPool1dOptions & InputLength): NdArray {
  const [items, outLength, channels] = dy.shape;
  const dx = zeros(items, inputLength, channels);
  forEachShare(dx.shape, outLength, options, (inX, inY, share) => {
    dx.data[inX] += dy.data[inY] * share;
  });
  return dx;
}

/** Calls `visit` with the linear indices in x and y of every element of every window, and its weight in the mean. */
function forEachShare(
  [items, length, channels]: readonly number[],
  outLength: number,
  options: AvgPool1dOptions,
  visit: (x: number, y: number, share: number) => void,
): void {
  for (let item = 0; item < items; item++)
    for (let lo = 0; lo < outLength; lo++) {
      const window = members(lo, length, options);
      const count = options.countIncludePad ? options.kernelSize : window.length;
      for (const l of window)
        for (let c = 0; c < channels; c++)
          visit((item * length + l) * channels + c, (item * outLength + lo) * channels + c, 1 / count);
    }
}
