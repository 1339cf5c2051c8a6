/**
 * The product of rows with a matrix that is zero outside of one short run in each column, as a mel filter bank is: a band of 128 touches some 4 of 257
 * bins, so a dense product would spend 60 times the work on zeros.
 *
 * An invocation owns one element of the result and adds up its column's run; neighbours read overlapping runs of one row. The transpose of
 * such a matrix has short runs as well, so the gradient is the same kernel with the transposed tables.
 */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  input,
  numel,
  output,
  u32,
  type Kernel,
  type LaunchPlan,
} from '../kernels/launch.js';
import { ShapeError, type Tensor } from '../tensor/index.js';
import type { KernelOp } from '../tensor/op.js';
import { record } from '../tensor/record.js';
import { constant } from './constants.js';

const WORKGROUP = 64;

interface BandedAttrs {
  /** Columns of the matrix. */
  readonly columns: number;
}

/** Inputs: x (R, K), then weights and runs of the matrix, then those of its transpose, which only the gradient reads. */
const bandedKernel: Kernel<BandedAttrs> = {
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

/** y = x·M: dx = dy·Mᵀ. */
const bandedOp: KernelOp<BandedAttrs> = {
  kind: 'kernel',
  name: 'banded',
  kernel: bandedKernel,
  shape: ([x], { columns }) => [{ shape: [x.shape[0], columns], dtype: 'f32' }],
  gradient: ({ inputs: [x, weights, runs, backWeights, backRuns], grad }) => [
    record(bandedOp, [grad, backWeights, backRuns, weights, runs], { columns: x.shape[1] }),
    null,
    null,
    null,
    null,
  ],
};

/** A matrix (rows, columns) by its columns: the values of all runs one after the other, and (first row, place in values, length) of each. */
export interface Runs {
  readonly values: Float64Array;
  readonly runs: Uint32Array;
}

/** The runs from the first to the last element of each column that is not 0. `at(row, column)` gives the matrix. */
export function columnRuns(rows: number, columns: number, at: (row: number, column: number) => number): Runs {
  const values: number[] = [];
  const runs = new Uint32Array(3 * columns);
  for (let c = 0; c < columns; c++) {
    let first = 0;
    let end = rows;
    while (first < end && at(first, c) === 0) first++;
    while (end > first && at(end - 1, c) === 0) end--;
    runs.set([first === rows ? 0 : first, values.length, end - first], 3 * c);
    for (let r = first; r < end; r++) values.push(at(r, c));
  }
  // A binding may not be empty.
  return { values: Float64Array.from(values.length > 0 ? values : [0]), runs };
}

/**
 * x (…, rows) times a matrix (rows, columns) with short runs → (…, columns). `key` names the matrix; `make` gives it, row-major.
 * @throws ShapeError where the last dimension is not `rows`
 */
export function bandedProduct(x: Tensor, rows: number, columns: number, key: string, make: () => Float64Array): Tensor {
  const lead = x.shape.slice(0, -1);
  if (x.shape[x.rank - 1] !== rows) {
    throw new ShapeError(
      `bandedProduct: (${x.shape.join(', ')}) times (${rows}, ${columns}): the inner dimensions differ.`,
    );
  }
  // Made at most once, when the first of the four tables is not there yet.
  let made: { forward: Runs; backward: Runs } | undefined;
  const both = (): { forward: Runs; backward: Runs } => {
    if (!made) {
      const matrix = make();
      made = {
        forward: columnRuns(rows, columns, (r, c) => matrix[r * columns + c]),
        backward: columnRuns(columns, rows, (c, r) => matrix[r * columns + c]),
      };
    }
    return made;
  };
  const tables = (['forward', 'backward'] as const).flatMap((direction) => [
    constant(`${key} ${direction} values`, () => both()[direction].values),
    constant(`${key} ${direction} runs`, () => both()[direction].runs),
  ]);
  const flat = x.reshape([numel(lead), rows]);
  return record(bandedOp, [flat, ...tables], { columns }).reshape([...lead, columns]);
}
