/**
 * 1-d convolution (cross-correlation, as everywhere in deep learning), channels last, as implicit GEMM (gemm.ts): a row is an output
 * position, a column an output channel, a segment a tap of the filter, and the inner index runs over input channels, which are
 * contiguous in both x and w's row. Taps that fall into the padding are skipped.
 */
import type { Gemm } from './gemm.js';
import { gemmKernel } from './gemm-kernel.js';
import { input, u32, type Kernel, type Param, type Problem } from './launch.js';

export interface Conv1dAttrs {
  readonly stride: number;
  readonly dilation: number;
  readonly padLeft: number;
  readonly padRight: number;
}

/** x (N, L, Cin), w (K, Cin, Cout) → (N, Lout, Cout), Lout = ⌊(L + padLeft + padRight − dilation·(K−1) − 1) / stride⌋ + 1. */
export const conv1d: Kernel<Conv1dAttrs> = gemmKernel('conv1d', describe);

export const conv1dParams = (attrs: Conv1dAttrs, length: number, outLength: number): Param[] => [
  u32('stride', attrs.stride),
  u32('dilation', attrs.dilation),
  u32('padLeft', attrs.padLeft),
  u32('length', length),
  u32('outLength', outLength),
];

function describe({ inputs: [x, w], outputs: [out], attrs }: Problem<Conv1dAttrs>): Gemm {
  const [items, length, inChannels] = x.shape;
  const [, outLength, outChannels] = out.shape;
  return {
    name: 'conv1d',
    batch: 1,
    m: items * outLength,
    n: outChannels,
    segments: w.shape[0],
    inner: inChannels,
    lhs: { ref: input(0), contiguous: 'inner', step: '1u', aligned: inChannels % 4 === 0 },
    rhs: { ref: input(1), contiguous: 'outer', step: 'p.n', aligned: outChannels % 4 === 0 },
    padded: attrs.padLeft > 0 || attrs.padRight > 0,
    params: [...conv1dParams(attrs, length, outLength), u32('inChannels', inChannels)],
    code: `
fn segmentOf(batch: u32, tap: u32) -> Segment {
  return Segment(vec2<i32>(i32(tap * p.dilation)), tap * p.inChannels * p.n, 0u, p.inChannels);
}
fn rowOf(batch: u32, row: u32) -> vec3<i32> {
  let position = i32(row % p.outLength * p.stride) - i32(p.padLeft);
  return vec3<i32>(i32(row / p.outLength * p.length), position, 0);
}
fn lhsOrigin(row: vec3<i32>, s: Segment) -> i32 {
  let position = row.y + s.shift.x;
  let inside = (position >= 0) & (position < i32(p.length));
  return select(NOWHERE, (row.x + position) * i32(p.inChannels), inside);
}`,
  };
}
