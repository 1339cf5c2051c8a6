/**
 * The product of rows with a matrix that is zero outside of one short run in each column, as a mel filter bank is: a band of 128 touches some 4 of 257
 * bins, so a dense product would spend 60 times the work on zeros.
 *
 * An invocation owns one element of the result and adds up its column's run; neighbours read overlapping runs of one row. The transpose of
 * such a matrix has short runs as well, so the gradient is the same kernel with the transposed tables.
 */
import { defineLaunch, flatIndex, gridFor, input, numel, output, u32, type Kernel, type LaunchPlan } from './launch.js';

const WORKGROUP = 64;

export interface BandedAttrs {
  /** Columns of the matrix. */
  readonly columns: number;
}

/** Inputs: x (R, K), then weights and runs of the matrix, then those of its transpose, which only the gradient reads. */
export const banded: Kernel<BandedAttrs> = {
  name: 'banded',
  fusesEpilogue: true,
  variants: () => ['scalar'],
  choose: () => 'scalar',
  launch({ inputs: [x], outputs: [out], epilogue }): LaunchPlan {
    const count = numel(out.shape);
    if (count === 0) return { launches: [] };
    return {
      launches: [
        defineLaunch({
          name: 'banded.scalar',
          bindings: [
            { name: 'x', type: 'f32', ref: input(0) },
            { name: 'weights', type: 'f32', ref: input(1) },
            { name: 'runs', type: 'u32', ref: input(2) },
            { name: 'result', type: 'f32', ref: output(0) },
            ...epilogue.bindings,
          ],
          params: [u32('count', count), u32('rowLength', x.shape[1]), u32('columns', out.shape[1]), ...epilogue.params],
          workgroupSize: [WORKGROUP, 1, 1],
          declarations: epilogue.code,
          body: `
  let index = ${flatIndex(WORKGROUP)};
  if (index >= p.count) { return; }
  let row = index / p.columns;
  let run = 3u * (index - row * p.columns);
  let start = row * p.rowLength + runs[run];
  let first = runs[run + 1u];
  var sum = 0.0;
  for (var i = 0u; i < runs[run + 2u]; i++) { sum += x[start + i] * weights[first + i]; }
  result[index] = epilogue(sum, index);`,
          grid: gridFor(count, WORKGROUP),
        }),
      ],
    };
  },
  cost: ({ inputs: [x, weights], outputs: [out] }) => ({
    flops: 2 * x.shape[0] * weights.shape[0],
    bytes: 4 * (numel(x.shape) + numel(weights.shape) + numel(out.shape)),
  }),
};
