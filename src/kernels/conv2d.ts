/**
 * 2-d convolution (cross-correlation), channels last, as implicit GEMM (gemm.ts): a row is an output pixel, a column an output channel, a
 * segment a tap (ky, kx) of the filter, and the inner index runs over input channels. Taps that fall into the padding are skipped.
 */
import type { Gemm } from './gemm.js';
import { gemmKernel } from './gemm-kernel.js';
import { input, u32, type Kernel, type Param, type Problem } from './launch.js';

export interface Conv2dAttrs {
  /** Along y, x. */
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
}

/** x (N, H, W, Cin), w (KH, KW, Cin, Cout) → (N, Ho, Wo, Cout); Ho and Wo as in conv1d, with each direction's own numbers. */
export const conv2d: Kernel<Conv2dAttrs> = gemmKernel('conv2d', describe);

export interface Conv2dSizes {
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelWidth: number;
}

export const conv2dParams = (attrs: Conv2dAttrs, sizes: Conv2dSizes): Param[] => [
  u32('strideY', attrs.stride[0]),
  u32('strideX', attrs.stride[1]),
  u32('dilationY', attrs.dilation[0]),
  u32('dilationX', attrs.dilation[1]),
  u32('padTop', attrs.padding[0]),
  u32('padLeft', attrs.padding[2]),
  u32('height', sizes.height),
  u32('width', sizes.width),
  u32('outHeight', sizes.outHeight),
  u32('outWidth', sizes.outWidth),
  u32('kernelWidth', sizes.kernelWidth),
];

/** WGSL: how far tap number `tap` reaches from the window's first pixel, as (x, y). */
export const TAP_OFFSET = `
fn tapOffset(tap: u32) -> vec2<i32> {
  return vec2<i32>(i32(tap % p.kernelWidth * p.dilationX), i32(tap / p.kernelWidth * p.dilationY));
}`;

function describe({ inputs: [x, w], outputs: [out], attrs }: Problem<Conv2dAttrs>): Gemm {
  const [items, height, width, inChannels] = x.shape;
  const [, outHeight, outWidth, outChannels] = out.shape;
  const [kernelHeight, kernelWidth] = w.shape;
  return {
    name: 'conv2d',
    batch: 1,
    m: items * outHeight * outWidth,
    n: outChannels,
    segments: kernelHeight * kernelWidth,
    inner: inChannels,
    lhs: { ref: input(0), contiguous: 'inner', step: '1u', aligned: inChannels % 4 === 0 },
    rhs: { ref: input(1), contiguous: 'outer', step: 'p.n', aligned: outChannels % 4 === 0 },
    padded: attrs.padding.some((pad) => pad > 0),
    params: [
      ...conv2dParams(attrs, { height, width, outHeight, outWidth, kernelWidth }),
      u32('inChannels', inChannels),
    ],
    code: `
${TAP_OFFSET}
fn segmentOf(batch: u32, tap: u32) -> Segment {
  return Segment(tapOffset(tap), tap * p.inChannels * p.n, 0u, p.inChannels);
}
fn rowOf(batch: u32, row: u32) -> vec3<i32> {
  let line = row / p.outWidth;
  let x = i32(row % p.outWidth * p.strideX) - i32(p.padLeft);
  let y = i32(line % p.outHeight * p.strideY) - i32(p.padTop);
  return vec3<i32>(x, y, i32(line / p.outHeight * p.height));
}
fn lhsOrigin(row: vec3<i32>, s: Segment) -> i32 {
  let at = row.xy + s.shift;
  let size = vec2<i32>(i32(p.width), i32(p.height));
  let inside = all(at >= vec2<i32>()) & all(at < size);
  return select(NOWHERE, ((row.z + at.y) * size.x + at.x) * i32(p.inChannels), inside);
}`,
  };
}
