/** The tables of a matrix whose columns are zero outside of one short run, and the product with it (kernels/banded.ts). */
import { numel } from '../kernels/launch.js';
import { ShapeError, type Tensor } from '../tensor/index.js';
import { bandedOp } from '../tensor/ops/banded.js';
import { record } from '../tensor/record.js';
import { constant } from './constants.js';

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

/** The tables of a matrix (rows, columns): values and runs, and those of its transpose. `key` names the matrix; `make` gives it, row-major. */
export function bandedTables(rows: number, columns: number, key: string, make: () => Float64Array): Tensor[] {
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
  return (['forward', 'backward'] as const).flatMap((direction) => [
    constant(`${key} ${direction} values`, () => both()[direction].values),
    constant(`${key} ${direction} runs`, () => both()[direction].runs),
  ]);
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
  const flat = x.reshape([numel(lead), rows]);
  return record(bandedOp, [flat, ...bandedTables(rows, columns, key, make)], { columns }).reshape([...lead, columns]);
}
