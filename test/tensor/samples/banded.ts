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
