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
import type { Binding, BufferRef, Cost, Kernel, Launch, LaunchPlan, Param, Problem } from './launch.js';
import { defineLaunch, flatIndex, gridFor, numel, output, u32 } from './launch.js';

/** Where one factor lies in memory. */
export interface Operand {
  readonly ref: BufferRef;
  /** The index whose neighbours are neighbours in memory: the inner reduction index, or the outer one (row of lhs, column of rhs). */
  readonly contiguous: 'inner' | 'outer';
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
   * The address of rhs is `s.rhs`, plus the column and inner index with their steps.
   */
  readonly code: string;
}

/** `shift` is the op's own; `rhs` the address of column 0 at inner index 0; the inner index runs over `begin <= i < end`. */
export const SEGMENT = `struct Segment { shift: vec2<i32>, rhs: u32, begin: u32, end: u32 }
const NOWHERE: i32 = -0x7fffffff;`;

/** A gemm together with what it fuses and where it runs. */
export interface GemmTask {
  readonly gemm: Gemm;
  readonly problem: Problem;
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

/** `naive`: one invocation an output element; neighbours in a workgroup share a row of lhs and read neighbouring columns of rhs. */
export function naiveGemm({ gemm: g, problem }: GemmTask): LaunchPlan {
  const lhsStep = g.lhs.contiguous === 'inner' ? '1u' : g.lhs.step;
  const [rhsInner, rhsOuter] = g.rhs.contiguous === 'inner' ? ['1u', g.rhs.step] : [g.rhs.step, '1u'];
  const launch = defineLaunch({
    name: `${g.name}.naive`,
    bindings: [lhsBinding(g), rhsBinding(g), resultBinding(), ...problem.epilogue.bindings],
    params: [...gemmParams(g), ...problem.epilogue.params],
    workgroupSize: [64, 1, 1],
    grid: gridFor(g.batch * g.m * g.n, 64),
    declarations: `${SEGMENT}\n${g.code}\n${problem.epilogue.code}`,
    body: `
  let index = ${flatIndex(64)};
  if (index >= p.batch * p.m * p.n) { return; }
  let column = index % p.n;
  let batch = index / p.n / p.m;
  let row = rowOf(batch, index / p.n % p.m);
  var sum = 0.0;
  for (var segment = 0u; segment < p.segments; segment++) {
    let s = segmentOf(batch, segment);
    let origin = lhsOrigin(row, s);
    ${g.padded ? 'if (origin == NOWHERE) { continue; }' : ''}
    let start = u32(origin);
    let columnStart = s.rhs + column * ${rhsOuter};
    for (var i = s.begin; i < s.end; i++) {
      sum += lhs[start + i * ${lhsStep}] * rhs[columnStart + i * ${rhsInner}];
    }
  }
  result[index] = epilogue(sum, index);`,
  });
  return { launches: [launch] };
}

/** A product over nothing: zeros, through the epilogue. Binds neither factor, since an empty one has no memory to bind. */
export function zeroGemm({ gemm: g, problem }: GemmTask): Launch {
  return defineLaunch({
    name: `${g.name}.zero`,
    bindings: [resultBinding(), ...problem.epilogue.bindings],
    params: [u32('count', g.batch * g.m * g.n), ...problem.epilogue.params],
    workgroupSize: [64, 1, 1],
    grid: gridFor(g.batch * g.m * g.n, 64),
    declarations: problem.epilogue.code,
    body: `
  let index = ${flatIndex(64)};
  if (index < p.count) { result[index] = epilogue(0.0, index); }`,
  });
}

/** Every way to run a gemm, plainest first. */
const LADDER: Record<string, (task: GemmTask) => LaunchPlan> = {
  naive: naiveGemm,
};

/** Makes a kernel of an op that describes itself as a gemm. */
export function gemmKernel<Attrs>(name: string, describe: (problem: Problem<Attrs>) => Gemm): Kernel<Attrs> {
  const choose = (): string => 'naive';
  return {
    name,
    fusesEpilogue: true,
    variants: () => Object.keys(LADDER),
    choose,
    launch(problem) {
      const gemm = describe(problem);
      if (gemm.batch * gemm.m * gemm.n === 0) return { launches: [] };
      if (gemm.segments * gemm.inner === 0) return { launches: [zeroGemm({ gemm, problem })] };
      return LADDER[problem.variant ?? choose()]({ gemm, problem });
    },
    cost: (problem) => gemmCost(describe(problem), problem),
  };
}

/** Two FLOPs a multiply-add, padding counted; bytes as if each tensor crossed the memory bus once. */
export function gemmCost(g: Gemm, problem: Problem): Cost {
  const elements = [...problem.inputs, ...problem.outputs].reduce((sum, spec) => sum + numel(spec.shape), 0);
  return { flops: 2 * g.batch * g.m * g.n * g.segments * g.inner, bytes: 4 * elements };
}
