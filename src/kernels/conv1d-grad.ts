/**
 * Both gradients of conv1d as implicit GEMMs (gemm.ts).
 *
 * Input: dx[l] = Σ_tap dy[(l + padLeft − tap·dilation) / stride] · w[tap]ᵀ, over the taps where the division is exact and in range: a gather
 * over dy, so that no two invocations write the same element. A segment is a tap, the inner index runs over output channels.
 *
 * Weights: dw[tap] = Σ_clips Σ_lo x[lo·stride + tap·dilation − padLeft]ᵀ · dy[lo]: one product a tap (the gemm's batch), a segment is a clip and
 * the inner index runs over the output positions whose tap lies inside the input, so that padding costs nothing.
 */
import { conv1dParams, type Conv1dAttrs } from './conv1d.js';
import type { Gemm } from './gemm.js';
import { gemmKernel } from './gemm-kernel.js';
import { input, u32, type Kernel, type Problem } from './launch.js';

export interface Conv1dInputGradAttrs extends Conv1dAttrs {
  readonly inputLength: number;
}

export interface Conv1dWeightGradAttrs extends Conv1dAttrs {
  readonly kernelSize: number;
}

/** dy (N, Lout, Cout), w (K, Cin, Cout) → dx (N, L, Cin). */
export const conv1dInputGrad: Kernel<Conv1dInputGradAttrs> = gemmKernel('conv1dInputGrad', describeInputGrad);

/** x (N, L, Cin), dy (N, Lout, Cout) → dw (K, Cin, Cout). */
export const conv1dWeightGrad: Kernel<Conv1dWeightGradAttrs> = gemmKernel('conv1dWeightGrad', describeWeightGrad);

function describeInputGrad({ inputs: [dy, w], outputs: [dx], attrs }: Problem<Conv1dInputGradAttrs>): Gemm {
  const [items, outLength, outChannels] = dy.shape;
  const [, length, inChannels] = dx.shape;
  return {
    name: 'conv1dInputGrad',
    batch: 1,
    m: items * length,
    n: inChannels,
    segments: w.shape[0],
    inner: outChannels,
    lhs: { ref: input(0), contiguous: 'inner', step: '1u', aligned: outChannels % 4 === 0 },
    rhs: { ref: input(1), contiguous: 'inner', step: 'p.outChannels', aligned: outChannels % 4 === 0 },
    padded: true,
    params: [...conv1dParams(attrs, length, outLength), u32('outChannels', outChannels)],
    code: `
fn segmentOf(batch: u32, tap: u32) -> Segment {
  return Segment(vec2<i32>(i32(tap * p.dilation)), tap * p.n * p.outChannels, 0u, p.outChannels);
}
fn rowOf(batch: u32, row: u32) -> vec3<i32> {
  return vec3<i32>(i32(row / p.length * p.outLength), i32(row % p.length + p.padLeft), 0);
}
fn lhsOrigin(row: vec3<i32>, s: Segment) -> i32 {
  let scaled = row.y - s.shift.x;
  let position = scaled / i32(p.stride);
  let inside = (scaled >= 0) & (position * i32(p.stride) == scaled) & (position < i32(p.outLength));
  return select(NOWHERE, (row.x + position) * i32(p.outChannels), inside);
}`,
  };
}

function describeWeightGrad({ inputs: [x, dy], outputs: [dw], attrs }: Problem<Conv1dWeightGradAttrs>): Gemm {
  const [items, length] = x.shape;
  const [taps, inChannels, outChannels] = dw.shape;
  const outLength = dy.shape[1];
  return {
    name: 'conv1dWeightGrad',
    batch: taps,
    m: inChannels,
    n: outChannels,
    segments: items,
    inner: outLength,
    lhs: { ref: input(0), contiguous: 'outer', step: '(p.stride * p.m)', aligned: inChannels % 4 === 0 },
    rhs: { ref: input(1), contiguous: 'outer', step: 'p.n', aligned: outChannels % 4 === 0 },
    padded: false,
    params: conv1dParams(attrs, length, outLength),
    code: `
fn segmentOf(tap: u32, item: u32) -> Segment {
  let shift = i32(tap * p.dilation) - i32(p.padLeft);
  let stride = i32(p.stride);
  // The output positions lo with 0 <= lo * stride + shift < length.
  let begin = (max(0, -shift) + stride - 1) / stride;
  let end = min(i32(p.outLength), (max(0, i32(p.length) - shift) + stride - 1) / stride);
  return Segment(vec2<i32>(i32(item * p.length) + shift, 0), item * p.outLength * p.n, u32(begin), u32(end));
}
fn rowOf(tap: u32, row: u32) -> vec3<i32> { return vec3<i32>(i32(row)); }
// Negative where the segment begins later than at 0: u32 arithmetic wraps, so that the sum with the inner index is right.
fn lhsOrigin(row: vec3<i32>, s: Segment) -> i32 { return s.shift.x * i32(p.m) + row.x; }`,
  };
}
