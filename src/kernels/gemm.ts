/**
 * One matrix product behind matmul and all convolutions: result[b, m, n] = Σ lhs(b, m, κ) · rhs(b, κ, n).
 *
 * The reduction κ is cut into `segments` of contiguous memory, which is what makes a convolution an *implicit* GEMM: its im2col matrix is
 * never written. In conv1d a segment is one tap of the filter and the inner index runs over the input channels; in a weight
 * gradient a segment is one clip of the batch and the inner index runs over its positions. Index arithmetic (and the question whether a
 * row lies in the padding) is paid once a segment, not once an element. (Implicit GEMM: Chetlur et al., "cuDNN: Efficient Primitives for
 * Deep Learning", 2014.)
 *
 * An op describes its operands in WGSL (see `Gemm.code`); the files gemm-*.ts are the ladder of ways to run it.
 */
import type { Binding, BufferRef, Param, Problem } from './launch.js';
import { output, u32 } from './launch.js';

/** Where one factor lies in memory. */
export interface Operand {
  readonly ref: BufferRef;
  /**
   * The index whose neighbours are neighbours in memory: the inner reduction index, or the outer one (row of lhs, column of rhs). `panels`
   * (rhs only, made by gemm-pack.ts): blocks of `PANEL` columns, in each block of each segment one inner index after the other.
   */
  readonly contiguous: 'inner' | 'outer' | 'panels';
  /** WGSL expression (u32): elements from one value of the other index to the next. Unused by an lhs that is contiguous in `inner`. */
  readonly step: string;
  /** True where every origin, and the extent of the contiguous index, is a multiple of 4, so that vec4 loads are aligned. */
  readonly aligned: boolean;
}

export interface Gemm {
  readonly name: string;
  readonly batch: number;
  /** Rows and columns of one product. */
  readonly m: number;
  readonly n: number;
  readonly segments: number;
  /** Largest number of inner elements in a segment. */
  readonly inner: number;
  readonly lhs: Operand;
  readonly rhs: Operand;
  /** True where `lhsOrigin` may answer NOWHERE (a row in the padding). */
  readonly padded: boolean;
  /** Params that `code` and the steps read, besides `batch`, `m`, `n`, `segments`, which every variant has. */
  readonly params: readonly Param[];
  /**
   * WGSL of three functions:
   * - `fn segmentOf(batch: u32, segment: u32) -> Segment`;
   * - `fn rowOf(batch: u32, row: u32) -> vec3<i32>`: whatever `lhsOrigin` wants to know of a row, worked out once;
   * - `fn lhsOrigin(row: vec3<i32>, s: Segment) -> i32`: address in lhs of the row's element at inner index 0, or NOWHERE.
   * They must not branch: a tile inlines `lhsOrigin` once a row, and one driver took 40 s to compile eight early returns (0.1 s without).
   * The address of rhs is `s.rhs`, plus the column and inner index with their steps.
   */
  readonly code: string;
}

/** Columns of a block of a packed rhs: those of one register tile. */
export const PANEL = 8;

/** `shift` is the op's own; `rhs` the address of column 0 at inner index 0; the inner index runs over `begin <= i < end`. */
export const SEGMENT = `struct Segment { shift: vec2<i32>, rhs: u32, begin: u32, end: u32 }
const NOWHERE: i32 = -0x7fffffff;`;

/** A gemm together with what it fuses and where it runs. */
export interface GemmTask {
  readonly gemm: Gemm;
  readonly problem: Problem;
}

/** How much of the result an invocation computes, and which invocations make a workgroup (gemm-tile.ts). */
export interface Tile {
  readonly variant: string;
  /** Rows that one invocation owns, a multiple of 4. */
  readonly rows: number;
  /** Columns that it owns, in fours. */
  readonly quads: number;
  /** Invocations of a workgroup, along columns and along rows. */
  readonly lanes: readonly [number, number];
  /** True where lhs is loaded one value at a time even if it could be read as vec4. */
  readonly singly: boolean;
  /**
   * True where a segment in which no row lies in the padding runs a loop of its own, without the question. Pays where invocations run one
   * after the other; side by side both loops would run.
   */
  readonly skipsPadding: boolean;
  /**
   * 0, or how many lanes of a subgroup share the loading of lhs. The workgroup then has at least that many lanes, all in one line, and
   * `rows` is a multiple of 4 · share.
   */
  readonly share: number;
}

export const lhsBinding = (g: Gemm, type = 'f32'): Binding => ({ name: 'lhs', type, ref: g.lhs.ref });
export const rhsBinding = (g: Gemm, type = 'f32'): Binding => ({ name: 'rhs', type, ref: g.rhs.ref });
export const resultBinding = (type = 'f32', ref: BufferRef = output(0)): Binding => ({ name: 'result', type, ref });

/** The params that every variant's body reads, then the op's. */
export const gemmParams = (g: Gemm): Param[] => [
  u32('batch', g.batch),
  u32('m', g.m),
  u32('n', g.n),
  u32('segments', g.segments),
  ...g.params,
];
