/**
 * The product of banded.ts for columns that lie side by side: x (K, R) and a matrix (K, C) that is zero outside of one short run in each column → (C, R), every
 * column of x times every column of the matrix. Neighbouring invocations own neighbouring r, so that they read x in order, and the same weight at the same time:
 * long runs, as those of a resampler, are one load of x for each multiplication and next to nothing for the weights.
 *
 * A workgroup owns one column of the matrix and 256 of x, an invocation four of them, 64 apart: four sums that do not wait for one another.
 * Columns of the matrix change fastest from workgroup to workgroup; the next one reads nearly the same part of x. The transpose of such a matrix has
 * short runs as well, so the gradient is the same kernel with the transposed tables.
 */
import type { BandedAttrs } from './banded.js';
import { defineLaunch, gridFor, input, numel, output, u32, type Kernel, type LaunchPlan } from './launch.js';

const WORKGROUP = 64;
const TOGETHER = 4;
const TILE = WORKGROUP * TOGETHER;
const PARTS = Array.from({ length: TOGETHER }, (_, k) => k);

/** Inputs: x (K, R), then weights and runs of the matrix, then those of its transpose, which only the gradient reads. */
export const bandedColumns: Kernel<BandedAttrs> = {
  name: 'bandedColumns',
  fusesEpilogue: false,
  variants: () => ['scalar'],
  choose: () => 'scalar',
  launch({ outputs: [out] }): LaunchPlan {
    if (numel(out.shape) === 0) return { launches: [] };
    const [columns, width] = out.shape;
    const [across, down] = gridFor(columns, 1);
    return {
      launches: [
        defineLaunch({
          name: 'bandedColumns.scalar',
          bindings: [
            { name: 'x', type: 'f32', ref: input(0) },
            { name: 'weights', type: 'f32', ref: input(1) },
            { name: 'runs', type: 'u32', ref: input(2) },
            { name: 'result', type: 'f32', ref: output(0) },
          ],
          params: [u32('columns', columns), u32('width', width)],
          workgroupSize: [WORKGROUP, 1, 1],
          body: `
  let column = wid.y * nwg.x + wid.x;
  if (column < p.columns) {
    let first = runs[3u * column];
    let place = runs[3u * column + 1u];
    let count = runs[3u * column + 2u];
    let begin = wid.z * ${TILE}u + lindex;
    if (wid.z * ${TILE}u + ${TILE}u <= p.width) {
      var at = first * p.width + begin;
      ${PARTS.map((k) => `var sum${k} = 0.0;`).join(' ')}
      for (var i = 0u; i < count; i++) {
        let weight = weights[place + i];
        ${PARTS.map((k) => `sum${k} += weight * x[at + ${k * WORKGROUP}u];`).join('\n        ')}
        at += p.width;
      }
      ${PARTS.map((k) => `result[column * p.width + begin + ${k * WORKGROUP}u] = sum${k};`).join('\n      ')}
    } else {
      for (var own = begin; own < p.width; own += ${WORKGROUP}u) {
        var sum = 0.0;
        for (var i = 0u; i < count; i++) { sum += weights[place + i] * x[(first + i) * p.width + own]; }
        result[column * p.width + own] = sum;
      }
    }
  }`,
          grid: [across, down, Math.ceil(width / TILE)],
        }),
      ],
    };
  },
  cost: ({ inputs: [x, weights], outputs: [out] }) => ({
    flops: 2 * x.shape[1] * weights.shape[0],
    bytes: 4 * (numel(x.shape) + numel(weights.shape) + numel(out.shape)),
  }),
};
