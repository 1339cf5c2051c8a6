/**
 * Batched matrix product. A gemm (gemm.ts) with a single segment: the whole reduction. A transposed operand is read where it lies, with its
 * contiguous index changed.
 */
import type { Gemm } from './gemm.js';
import { gemmKernel } from './gemm-kernel.js';
import { input, u32, type Kernel, type Problem } from './launch.js';

export interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * a (B, M, K), or (B, K, M) with `transposeA`; b (B, K, N), or (B, N, K) with `transposeB`; output (B, M, N).
 * The batch of either operand may be 1: it then serves every batch of the other.
 */
export const matmul: Kernel<MatmulAttrs> = gemmKernel('matmul', describe);

function describe({ inputs: [a, b], outputs: [out], attrs }: Problem<MatmulAttrs>): Gemm {
  const [batch, m, n] = out.shape;
  const k = attrs.transposeA ? a.shape[1] : a.shape[2];
  return {
    name: 'matmul',
    batch,
    m,
    n,
    segments: 1,
    inner: k,
    lhs: {
      ref: input(0),
      contiguous: attrs.transposeA ? 'outer' : 'inner',
      step: 'p.m',
      aligned: (attrs.transposeA ? m : k) % 4 === 0,
    },
    rhs: {
      ref: input(1),
      contiguous: attrs.transposeB ? 'inner' : 'outer',
      step: attrs.transposeB ? 'p.inner' : 'p.n',
      aligned: (attrs.transposeB ? k : n) % 4 === 0,
    },
    padded: false,
    params: [
      u32('inner', k),
      u32('lhsBatchStep', a.shape[0] === 1 ? 0 : m * k),
      u32('rhsBatchStep', b.shape[0] === 1 ? 0 : k * n),
    ],
    code: `
fn segmentOf(batch: u32, segment: u32) -> Segment {
  return Segment(vec2<i32>(), batch * p.rhsBatchStep, 0u, p.inner);
}
fn rowOf(batch: u32, row: u32) -> vec3<i32> {
  return vec3<i32>(i32(batch * p.lhsBatchStep + row * ${attrs.transposeA ? '1u' : 'p.inner'}));
}
fn lhsOrigin(row: vec3<i32>, s: Segment) -> i32 { return row.x; }`,
  };
}
