/**
 * The ladder of ways to run a gemm, plainest first, and the choice between them.
 *
 * | variant      | file           | idea                                                         | 512³ llvmpipe / SwiftShader, GFLOP/s |
 * | ------------ | -------------- | ------------------------------------------------------------ | ------------------------------------ |
 * | naive        | gemm-naive.ts  | one invocation an element                                    | 2.0 / 0.27                           |
 * | vec4         | gemm-tile.ts   | 4 × 4 elements in registers                                  | 9 / 2.1                              |
 * | tile8x4      | gemm-tile.ts   | 8 × 4 elements in registers                                  | 7 / 2.8                              |
 * | tile4x8      | gemm-tile.ts   | 4 × 8 elements in registers                                  |                                      |
 * | packed4x8    | gemm-pack.ts   | the same over rhs copied into panels                         |                                      |
 * | subgroup16x4 | gemm-tile.ts   | 16 × 4 elements in registers, loads shared by subgroup lanes | 20 / 3.7                             |
 * | shared       | gemm-shared.ts | 64 × 64 tile in workgroup memory                             | for hardware                         |
 * | splitk       | gemm-splitk.ts | the reduction cut into parts                                 | for small results                    |
 *
 * (Per two cores' worth of processor time, on a shared machine. On these drivers a load costs a lane several cycles, a multiply-add of
 * all lanes one: what counts is how many loads there are to a multiply-add.)
 */
import type { Gemm, GemmTask, Tile } from './gemm.js';
import { naiveLaunch, zeroLaunch } from './gemm-naive.js';
import { sharedLaunch } from './gemm-shared.js';
import { packPlan } from './gemm-pack.js';
import { planSplit, splitPlan } from './gemm-splitk.js';
import { tileCount, tileLaunch, type Split } from './gemm-tile.js';
import { numel, type Cost, type Kernel, type Launch, type LaunchPlan, type Problem } from './launch.js';

const one = (launch: Launch): LaunchPlan => ({ launches: [launch] });

const LADDER: Record<string, (task: GemmTask) => LaunchPlan> = {
  naive: (task) => one(naiveLaunch(task)),
  vec4: (task) => one(tileLaunch(task, registerTile(task, 'vec4', 4, 1))),
  tile8x4: (task) => one(tileLaunch(task, registerTile(task, 'tile8x4', 8, 1))),
  tile4x8: (task) => one(tileLaunch(task, registerTile(task, 'tile4x8', 4, 2))),
  packed4x8: (task) => packPlan(task, registerTile(task, 'packed4x8', 4, 2)),
  subgroup16x4: (task) => one(tileLaunch(task, subgroupTile(task))),
  shared: (task) => one(sharedLaunch(task)),
  splitk: (task) => splitPlan(task, partTile(task), partsOf(task)),
};

/**
 * Software: as many lanes as a SIMD register has, in one line; lanes past the last column cost nothing. Hardware: a square of lanes, for
 * neighbouring tiles share what the caches hold.
 */
function registerTile({ problem }: GemmTask, variant: string, rows: number, quads: number): Tile {
  const inTurn = problem.device.device === 'wasm';
  return {
    variant,
    rows,
    quads,
    singly: inTurn,
    skipsPadding: inTurn,
    lanes: problem.device.kind === 'software' ? [8, 1] : [8, 8],
    share: 0,
  };
}

/** Four lanes share, which every subgroup has; the workgroup is one line of lanes over the same rows. */
function subgroupTile({ gemm }: GemmTask): Tile {
  return {
    variant: 'subgroup16x4',
    rows: 16,
    quads: 1,
    singly: true,
    skipsPadding: false,
    lanes: [gemm.n > 16 ? 8 : 4, 1],
    share: 4,
  };
}

const hasSubgroups = ({ device }: Problem): boolean => device.features.includes('subgroups');

function partTile(task: GemmTask): Tile {
  const { device } = task.problem;
  if (device.device === 'wasm') return registerTile(task, 'splitk', 4, 2);
  if (device.kind === 'software' && hasSubgroups(task.problem)) return subgroupTile(task);
  return registerTile(task, 'splitk', 4, 1);
}

/** A CPU is busy with a few dozen tiles, a GPU wants several workgroups for each of its many cores. */
function partsOf(task: GemmTask): Split {
  const { gemm: g, problem } = task;
  const tile = partTile(task);
  const wanted = problem.device.kind === 'software' ? 32 : 512;
  const inTurn = problem.device.device === 'wasm';
  return planSplit(g, tile, inTurn ? Math.max(wanted, tileCount(g, tile) * partsForCache(g)) : wanted);
}

/**
 * Where a long reduction goes into a small result (a weight gradient), every tile walks through all of both factors: parts that a core's
 * cache holds are then read from memory once (28 against 18 GFLOP/s). A large result would cost more to add up than it saves.
 */
function partsForCache(g: Gemm): number {
  return g.m * g.n > 2 ** 17 ? 1 : Math.ceil((4 * g.segments * g.inner * g.n) / 2 ** 20);
}

/** Rows that make up for the packing of rhs. */
const MANY_ROWS = 64;

function choose(task: GemmTask): string {
  const { gemm: g, problem } = task;
  const software = problem.device.kind === 'software';
  // A product with a vector leaves most of a tile idle.
  if (g.m < 4 || g.n < 4) return 'naive';
  if (problem.device.device === 'wasm') {
    if (partsForCache(g) > 1) return 'splitk';
    return g.m >= MANY_ROWS ? 'packed4x8' : 'tile4x8';
  }
  const split = partsOf(task);
  if (split.segmentParts * split.innerParts > 1) return 'splitk';
  if (software) return hasSubgroups(problem) ? 'subgroup16x4' : 'tile8x4';
  // Shallow segments leave a deep tile in workgroup memory mostly empty.
  return g.m >= 32 && g.n >= 32 && g.inner >= 8 ? 'shared' : 'vec4';
}

/** Makes a kernel of an op that describes itself as a gemm. */
export function gemmKernel<Attrs>(name: string, describe: (problem: Problem<Attrs>) => Gemm): Kernel<Attrs> {
  const isEmpty = (g: Gemm): boolean => g.batch * g.m * g.n === 0 || g.segments * g.inner === 0;
  const chosen = (task: GemmTask): string => (isEmpty(task.gemm) ? 'naive' : choose(task));
  return {
    name,
    fusesEpilogue: true,
    variants: (problem) => Object.keys(LADDER).filter((variant) => variant !== 'subgroup16x4' || hasSubgroups(problem)),
    choose: (problem) => chosen({ gemm: describe(problem), problem }),
    launch(problem) {
      const task = { gemm: describe(problem), problem };
      if (task.gemm.batch * task.gemm.m * task.gemm.n === 0) return { launches: [] };
      if (isEmpty(task.gemm)) return one(zeroLaunch(task));
      return LADDER[problem.variant ?? chosen(task)](task);
    },
    cost: (problem) => gemmCost(describe(problem), problem),
  };
}

/** Two FLOPs a multiply-add, padding counted; bytes as if each tensor crossed the memory bus once. */
function gemmCost(g: Gemm, problem: Problem): Cost {
  const elements = [...problem.inputs, ...problem.outputs].reduce((sum, spec) => sum + numel(spec.shape), 0);
  return { flops: 2 * g.batch * g.m * g.n * g.segments * g.inner, bytes: 4 * elements };
}
