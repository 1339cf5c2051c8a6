/**
 * 2-d convolution and its gradients in float64. All three are one walk over every product x · w that the convolution is made of; they
 * differ in what they add up.
 */
import { zeros, type NdArray } from '../support/nd-array.js';

export interface Conv2dOptions {
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
}

/** Number of windows along one direction. */
export function windows(length: number, kernel: number, stride: number, dilation: number, padding: number): number {
  return Math.floor((length + padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** Calls `visit` with the linear indices in x (N, H, W, Cin), w (KH, KW, Cin, Cout) and y (N, Ho, Wo, Cout) of every product. */
function forEachProduct(
  [items, height, width, inChannels]: readonly number[],
  [kernelHeight, kernelWidth, , outChannels]: readonly number[],
  [, outHeight, outWidth]: readonly number[],
  { stride, dilation, padding }: Conv2dOptions,
  visit: (x: number, w: number, y: number) => void,
): void {
  for (let item = 0; item < items; item++)
    for (let yo = 0; yo < outHeight; yo++)
      for (let xo = 0; xo < outWidth; xo++)
        for (let ky = 0; ky < kernelHeight; ky++)
          for (let kx = 0; kx < kernelWidth; kx++) {
            const y = yo * stride[0] + ky * dilation[0] - padding[0];
            const x = xo * stride[1] + kx * dilation[1] - padding[2];
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            for (let ci = 0; ci < inChannels; ci++)
              for (let co = 0; co < outChannels; co++)
                visit(
                  ((item * height + y) * width + x) * inChannels + ci,
                  ((ky * kernelWidth + kx) * inChannels + ci) * outChannels + co,
                  ((item * outHeight + yo) * outWidth + xo) * outChannels + co,
                );
          }
}

/** x (N, H, W, Cin), w (KH, KW, Cin, Cout) → (N, Ho, Wo, Cout). */
export function conv2d(x: NdArray, w: NdArray, options: Conv2dOptions): NdArray {
  const { stride, dilation, padding } = options;
  const outHeight = windows(x.shape[1], w.shape[0], stride[0], dilation[0], padding[0] + padding[1]);
  const outWidth = windows(x.shape[2], w.shape[1], stride[1], dilation[1], padding[2] + padding[3]);
  const y = zeros(x.shape[0], outHeight, outWidth, w.shape[3]);
  forEachProduct(x.shape, w.shape, y.shape, options, (ix, iw, iy) => {
    y.data[iy] += x.data[ix] * w.data[iw];
  });
  return y;
}

/** dy (N, Ho, Wo, Cout), w (KH, KW, Cin, Cout) → dx (N, H, W, Cin). */
export function conv2dInputGrad(
  dy: NdArray,
  w: NdArray,
  { inputSize, ...options }: Conv2dOptions & { readonly inputSize: readonly [number, number] },
): NdArray {
  const dx = zeros(dy.shape[0], inputSize[0], inputSize[1], w.shape[2]);
  forEachProduct(dx.shape, w.shape, dy.shape, options, (ix, iw, iy) => {
    dx.data[ix] += dy.data[iy] * w.data[iw];
  });
  return dx;
}

/** x (N, H, W, Cin), dy (N, Ho, Wo, Cout) → dw (KH, KW, Cin, Cout). */
export function conv2dWeightGrad(
  x: NdArray,
  dy: NdArray,
  { kernelSize, ...options }: Conv2dOptions & { readonly kernelSize: readonly [number, number] },
): NdArray {
  const dw = zeros(kernelSize[0], kernelSize[1], x.shape[3], dy.shape[3]);
  forEachProduct(x.shape, dw.shape, dy.shape, options, (ix, iw, iy) => {
    dw.data[iw] += x.data[ix] * dy.data[iy];
  });
  return dw;
}
