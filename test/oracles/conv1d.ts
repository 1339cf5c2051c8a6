/** 1-d convolution and its gradients in float64: one walk over every product x · w, as in the 2-d oracle. */
import { zeros, type NdArray } from '../support/nd-array.js';
import { windows } from './conv2d.js';

export interface Conv1dOptions {
  readonly stride: number;
  readonly dilation: number;
  readonly padLeft: number;
  readonly padRight: number;
}

/** Calls `visit` with the linear indices in x (N, L, Cin), w (K, Cin, Cout) and y (N, Lout, Cout) of every product. */
function forEachProduct(
  [items, length, inChannels]: readonly number[],
  [taps, , outChannels]: readonly number[],
  [, outLength]: readonly number[],
  { stride, dilation, padLeft }: Conv1dOptions,
  visit: (x: number, w: number, y: number) => void,
): void {
  for (let item = 0; item < items; item++)
    for (let lo = 0; lo < outLength; lo++)
      for (let tap = 0; tap < taps; tap++) {
        const l = lo * stride + tap * dilation - padLeft;
        if (l < 0 || l >= length) continue;
        for (let ci = 0; ci < inChannels; ci++)
          for (let co = 0; co < outChannels; co++)
            visit(
              (item * length + l) * inChannels + ci,
              (tap * inChannels + ci) * outChannels + co,
              (item * outLength + lo) * outChannels + co,
            );
      }
}

/** x (N, L, Cin), w (K, Cin, Cout) → (N, Lout, Cout). */
export function conv1d(x: NdArray, w: NdArray, options: Conv1dOptions): NdArray {
  const { stride, dilation, padLeft, padRight } = options;
  const y = zeros(x.shape[0], windows(x.shape[1], w.shape[0], stride, dilation, padLeft + padRight), w.shape[2]);
  forEachProduct(x.shape, w.shape, y.shape, options, (ix, iw, iy) => {
    y.data[iy] += x.data[ix] * w.data[iw];
  });
  return y;
}

/** dy (N, Lout, Cout), w (K, Cin, Cout) → dx (N, L, Cin). */
export function conv1dInputGrad(
  dy: NdArray,
  w: NdArray,
  { inputLength, ...options }: Conv1dOptions & { readonly inputLength: number },
): NdArray {
  const dx = zeros(dy.shape[0], inputLength, w.shape[1]);
  forEachProduct(dx.shape, w.shape, dy.shape, options, (ix, iw, iy) => {
    dx.data[ix] += dy.data[iy] * w.data[iw];
  });
  return dx;
}

/** x (N, L, Cin), dy (N, Lout, Cout) → dw (K, Cin, Cout). */
export function conv1dWeightGrad(
  x: NdArray,
  dy: NdArray,
  { kernelSize, ...options }: Conv1dOptions & { readonly kernelSize: number },
): NdArray {
  const dw = zeros(kernelSize, x.shape[2], dy.shape[2]);
  forEachProduct(x.shape, dw.shape, dy.shape, options, (ix, iw, iy) => {
    dw.data[iw] += x.data[ix] * dy.data[iy];
  });
  return dw;
}
