/**
 * Split reduction, for products whose result is small and whose reduction is long (weight gradients): the reduction is cut into parts, a
 * first launch computes the product of every part side by side with register tiles (gemm-tile.ts), a second adds the parts up in order
 * and applies the epilogue. No atomics, and the cut depends on the shape alone: the same numbers every time.
 */
import { resultBinding, type Gemm, type GemmTask, type Tile } from './gemm.js';
import { tileCount, tileLaunch, type Split } from './gemm-tile.js';
import { defineLaunch, flatIndex, gridFor, temp, u32, type Launch, type LaunchPlan } from './launch.js';

/** Shortest reduction worth a part of its own. */
const SHORTEST_PART = 256;
const MOST_PARTS = 64;

/**
 * How the reduction is cut so that there are about `wanted` register tiles: between segments where there are several, else within. One
 * part where that is enough already.
 */
export function planSplit(g: Gemm, tile: Tile, wanted: number): Split {
  const parts = Math.min(
    MOST_PARTS,
    Math.ceil(wanted / Math.max(1, tileCount(g, tile))),
    Math.max(1, Math.floor((g.segments * g.inner) / SHORTEST_PART)),
  );
  const into = temp(0);
  // Rounded so that no part is empty: a later part may still be shorter than the others.
  if (g.segments > 1) return { segmentParts: even(g.segments, parts), innerParts: 1, into };
  return { segmentParts: 1, innerParts: even(Math.ceil(g.inner / 4), parts), into };
}

/** The number of parts, at most `parts`, that `count` things really fall into when every part has the same size but the last. */
const even = (count: number, parts: number): number => Math.ceil(count / Math.ceil(count / Math.min(count, parts)));

export function splitPlan(task: GemmTask, tile: Tile, split: Split): LaunchPlan {
  const { gemm: g } = task;
  const parts = split.segmentParts * split.innerParts;
  return {
    launches: [tileLaunch(task, { ...tile, variant: 'splitk' }, split), sumLaunch(task, split, parts)],
    temps: [4 * parts * g.batch * g.m * g.n],
  };
}

/** One invocation an element of the result: the sum of its parts. */
function sumLaunch({ gemm: g, problem }: GemmTask, split: Split, parts: number): Launch {
  const count = g.batch * g.m * g.n;
  return defineLaunch({
    name: `${g.name}.splitk.sum`,
    bindings: [{ name: 'part_sums', type: 'f32', ref: split.into }, resultBinding(), ...problem.epilogue.bindings],
    params: [u32('count', count), u32('parts', parts), ...problem.epilogue.params],
    workgroupSize: [64, 1, 1],
    grid: gridFor(count, 64),
    declarations: problem.epilogue.code,
    body: `
  let index = ${flatIndex(64)};
  if (index >= p.count) { return; }
  var sum = 0.0;
  for (var part = 0u; part < p.parts; part++) { sum += part_sums[part * p.count + index]; }
  result[index] = epilogue(sum, index);`,
  });
}
