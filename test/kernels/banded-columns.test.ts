/** Fewer columns than a workgroup takes, as many, some more; runs of every length, also none. */
import { expect, test } from 'vitest';
import { columnRuns } from '../../src/dsp/banded.js';
import { bandedColumns } from '../../src/kernels/banded-columns.js';
import { randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { expectEveryVariant, sumTolerance } from '../support/every-variant.js';
import { f32Input, f32Spec, problemOf, u32Input } from '../support/run-kernel.js';

const device = testDevice();

/** Rows K and columns C of the matrix, columns R of x, and how far column c reaches to both sides of row 2c. */
const SHAPES = [
  [11, 5, 1, 2],
  [40, 21, 63, 9],
  [9, 7, 256, 1],
  [33, 12, 300, 4],
  [5, 3, 515, 0],
] as const;

const optionsOf = (inner: number, count: number, width: number, reach: number) => {
  const matrix = randomArray(inner * count, 1);
  const at = (r: number, c: number): number => (c !== 2 && Math.abs(r - 2 * c) <= reach ? matrix[r * count + c] : 0);
  const { values, runs } = columnRuns(inner, count, at);
  const x = randomArray(inner * width, 2);
  const expected = Float64Array.from({ length: count * width }, (_, i) => {
    const [c, column] = [Math.floor(i / width), i % width];
    let sum = 0;
    for (let r = 0; r < inner; r++) sum += x[r * width + column] * at(r, c);
    return sum;
  });
  const inputs = [f32Input([inner, width], x), f32Input([values.length], values), u32Input([runs.length], [...runs])];
  return { options: { inputs, outputs: [f32Spec(count, width)], attrs: { columns: count } }, expected };
};

test.each(SHAPES)('%i rows, %i columns of the matrix, %i of x, reach %i', async (inner, count, width, reach) => {
  const { options, expected } = optionsOf(inner, count, width, reach);
  await expectEveryVariant(device(), bandedColumns, options, expected, sumTolerance(2 * reach + 1));
});

test('no columns launch nothing', () => {
  const { options } = optionsOf(3, 2, 0, 1);
  expect(bandedColumns.launch(problemOf(device(), options)).launches).toEqual([]);
});
