/**
 * Both gradients of conv2d as implicit GEMMs (gemm.ts); the same plan as conv1d-grad.ts, in two directions.
 *
 * Input: a gather over dy; a segment is a tap (ky, kx), the inner index runs over output channels.
 * Weights: one product a tap (the gemm's batch); a segment is a line (clip, yo) of dy, the inner index runs along that line over the
 * positions whose tap lies inside the input.
 */
import { conv2dParams, TAP_OFFSET, type Conv2dAttrs } from './conv2d.js';
import type { Gemm } from './gemm.js';
import { gemmKernel } from './gemm-kernel.js';
import { input, u32, type Kernel, type Problem } from './launch.js';

export interface Conv2dInputGradAttrs extends Conv2dAttrs {
  /** H, W. */
  readonly inputSize: readonly [number, number];
}

export interface Conv2dWeightGradAttrs extends Conv2dAttrs {
  /** KH, KW. */
  readonly kernelSize: readonly [number, number];
}

/** dy (N, Ho, Wo, Cout), w (KH, KW, Cin, Cout) → dx (N, H, W, Cin). */
export const conv2dInputGrad: Kernel<Conv2dInputGradAttrs> = gemmKernel('conv2dInputGrad', describeInputGrad);

/** x (N, H, W, Cin), dy (N, Ho, Wo, Cout) → dw (KH, KW, Cin, Cout). */
export const conv2dWeightGrad: Kernel<Conv2dWeightGradAttrs> = gemmKernel('conv2dWeightGrad', describeWeightGrad);

function describeInputGrad({ inputs: [dy, w], outputs: [dx], attrs }: Problem<Conv2dInputGradAttrs>): Gemm {
  const [items, outHeight, outWidth, outChannels] = dy.shape;
  const [, height, width, inChannels] = dx.shape;
  const [kernelHeight, kernelWidth] = w.shape;
  return {
    name: 'conv2dInputGrad',
    batch: 1,
    m: items * height * width,
    n: inChannels,
    segments: kernelHeight * kernelWidth,
    inner: outChannels,
    lhs: { ref: input(0), contiguous: 'inner', step: '1u', aligned: outChannels % 4 === 0 },
    rhs: { ref: input(1), contiguous: 'inner', step: 'p.outChannels', aligned: outChannels % 4 === 0 },
    padded: true,
    params: [
      ...conv2dParams(attrs, { height, width, outHeight, outWidth, kernelWidth }),
      u32('outChannels', outChannels),
    ],
    code: `
${TAP_OFFSET}
fn segmentOf(batch: u32, tap: u32) -> Segment {
  return Segment(tapOffset(tap), tap * p.n * p.outChannels, 0u, p.outChannels);
}
fn rowOf(batch: u32, row: u32) -> vec3<i32> {
  let line = row / p.width;
  let x = i32(row % p.width + p.padLeft);
  let y = i32(line % p.height + p.padTop);
  return vec3<i32>(x, y, i32(line / p.height * p.outHeight));
}
fn lhsOrigin(row: vec3<i32>, s: Segment) -> i32 {
  let scaled = row.xy - s.shift;
  let stride = vec2<i32>(i32(p.strideX), i32(p.strideY));
  let at = scaled / stride;
  let size = vec2<i32>(i32(p.outWidth), i32(p.outHeight));
  let inside = all(scaled >= vec2<i32>()) & all(at * stride == scaled) & all(at < size);
  return select(NOWHERE, ((row.z + at.y) * size.x + at.x) * i32(p.outChannels), inside);
}`,
  };
}

function describeWeightGrad({ inputs: [x, dy], outputs: [dw], attrs }: Problem<Conv2dWeightGradAttrs>): Gemm {
  const [items, height, width] = x.shape;
  const [kernelHeight, kernelWidth, inChannels, outChannels] = dw.shape;
  const [, outHeight, outWidth] = dy.shape;
  return {
    name: 'conv2dWeightGrad',
    batch: kernelHeight * kernelWidth,
    m: inChannels,
    n: outChannels,
    segments: items * outHeight,
    inner: outWidth,
    lhs: { ref: input(0), contiguous: 'outer', step: '(p.strideX * p.m)', aligned: inChannels % 4 === 0 },
    rhs: { ref: input(1), contiguous: 'outer', step: 'p.n', aligned: outChannels % 4 === 0 },
    padded: false,
    params: conv2dParams(attrs, { height, width, outHeight, outWidth, kernelWidth }),
    code: `
${TAP_OFFSET}
fn segmentOf(tap: u32, line: u32) -> Segment {
  let offset = tapOffset(tap) - vec2<i32>(i32(p.padLeft), i32(p.padTop));
  let y = i32(line % p.outHeight * p.strideY) + offset.y;
  let strideX = i32(p.strideX);
  // The output positions xo with 0 <= xo * strideX + offset.x < width; none where y lies in the padding.
  let begin = (max(0, -offset.x) + strideX - 1) / strideX;
  let last = min(i32(p.outWidth), (max(0, i32(p.width) - offset.x) + strideX - 1) / strideX);
  let end = select(0, last, (y >= 0) & (y < i32(p.height)));
  let start = (i32(line / p.outHeight * p.height) + y) * i32(p.width) + offset.x;
  return Segment(vec2<i32>(start, 0), line * p.outWidth * p.n, u32(begin), u32(end));
}
fn rowOf(tap: u32, row: u32) -> vec3<i32> { return vec3<i32>(i32(row)); }
// Negative where the segment begins later than at 0: u32 arithmetic wraps, so that the sum with the inner index is right.
fn lhsOrigin(row: vec3<i32>, s: Segment) -> i32 { return s.shift.x * i32(p.m) + row.x; }`,
  };
}
