import { columnRuns } from '../../../src/dsp/banded.js';
import { ops, tensor } from '../../../src/tensor/index.js';
import { record } from '../../../src/tensor/record.js';
import { uniform, type OpSamples, type Sample } from '../../support/gradcheck.js';

/** A matrix whose column c has ones and twos from row c − width to c + width, but for an empty column 2. */
function sample(rows: number, columns: number, inner: number, width: number): Sample {
  const at = (r: number, c: number): number => (c !== 2 && Math.abs(r - c) <= width ? 1 + ((r + c) % 2) : 0);
  const forward = columnRuns(inner, columns, at);
  const backward = columnRuns(columns, inner, (c, r) => at(r, c));
  const tables = () =>
    [forward, backward].flatMap(({ values, runs }) => [tensor(Float32Array.from(values)), tensor(runs)]);
  return {
    title: `banded (${rows}, ${inner}) by (${inner}, ${columns})`,
    inputs: [uniform([rows, inner])],
    run: ([x]) => [record(ops.banded, [x, ...tables()], { columns })],
    forward: ([x]) => [
      Float64Array.from({ length: rows * columns }, (_, i) => {
        const [row, c] = [Math.floor(i / columns), i % columns];
        let sum = 0;
        for (let r = 0; r < inner; r++) sum += x.data[row * inner + r] * at(r, c);
        return sum;
      }),
    ],
  };
}

export const banded: OpSamples = { samples: [sample(3, 7, 11, 2), sample(1, 1, 1, 0), sample(67, 5, 13, 1)] };

/** The same matrices times columns; beside each other, more and fewer than the kernel takes at once. */
const columns = (width: number, count: number, inner: number, reach: number): Sample => {
  const at = (r: number, c: number): number => (c !== 2 && Math.abs(r - c) <= reach ? 1 + ((r + c) % 2) : 0);
  const sides = [columnRuns(inner, count, at), columnRuns(count, inner, (c, r) => at(r, c))];
  const tables = () => sides.flatMap(({ values, runs }) => [tensor(Float32Array.from(values)), tensor(runs)]);
  return {
    title: `bandedColumns (${inner}, ${width}) by (${inner}, ${count})`,
    inputs: [uniform([inner, width])],
    run: ([x]) => [record(ops.bandedColumns, [x, ...tables()], { columns: count })],
    forward: ([x]) => [
      Float64Array.from({ length: count * width }, (_, i) => {
        const [c, column] = [Math.floor(i / width), i % width];
        let sum = 0;
        for (let r = 0; r < inner; r++) sum += x.data[r * width + column] * at(r, c);
        return sum;
      }),
    ],
  };
};

export const bandedColumns: OpSamples = {
  samples: [columns(3, 7, 11, 2), columns(1, 1, 1, 0), columns(67, 5, 6, 1), columns(259, 2, 3, 1)],
};
