/** The product with a banded matrix, against the dense one, and its gradient. */
import { expect, test } from 'vitest';
import { bandedProduct, columnRuns } from '../../src/dsp/banded.js';
import { parameter, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { closesDevice, read } from './support.js';

closesDevice();

const [rows, columns] = [11, 7];
/** Runs of several lengths; column 2 is empty, column 5 full, row 10 belongs to column 5 alone; column 4 has a hole. */
const matrix = Float64Array.from({ length: rows * columns }, (_, i) => {
  const [r, c] = [Math.floor(i / columns), i % columns];
  if (c === 2 || (c === 4 && r === 5)) return 0;
  return c === 5 || Math.abs(r - 1.3 * c) < 1.6 ? 0.1 + ((i * 7) % 5) : 0;
});

const dense = (x: ArrayLike<number>, count: number): Float64Array =>
  Float64Array.from({ length: count * columns }, (_, i) => {
    const [n, c] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += x[n * rows + r] * matrix[r * columns + c];
    return sum;
  });

test('equals the dense product, also fused with what follows', async () => {
  const x = randomArray(3 * 5 * rows, 1);
  const y = bandedProduct(tensor(x, [3, 5, rows]), rows, columns, 'test', () => matrix);
  expect(y.shape).toEqual([3, 5, columns]);
  expectClose(await read(y), dense(x, 15), { rtol: 1e-5, atol: 1e-5 });
  expectClose(
    await read(y.mul(2).add(1)),
    dense(x, 15).map((v) => 2 * v + 1),
    { rtol: 1e-5, atol: 1e-5 },
  );
});

test('its gradient is the product with the transpose, and so is the gradient’s', async () => {
  const x = parameter(randomArray(4 * rows, 2), [4, rows]);
  const cotangent = randomArray(4 * columns, 3);
  bandedProduct(x, rows, columns, 'test', () => matrix)
    .mul(tensor(cotangent, [4, columns]))
    .sum()
    .backward();
  if (!x.grad) throw new Error('no gradient');
  const expected = Float64Array.from({ length: 4 * rows }, (_, i) => {
    const [n, r] = [Math.floor(i / rows), i % rows];
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += cotangent[n * columns + c] * matrix[r * columns + c];
    return sum;
  });
  expectClose(await read(x.grad), expected, { rtol: 1e-5, atol: 1e-5 });
  x[Symbol.dispose]();
});

test('runs go from the first to the last element that is not 0', () => {
  const { values, runs } = columnRuns(rows, columns, (r, c) => matrix[r * columns + c]);
  expect([...runs.subarray(6, 9)][2]).toBe(0);
  expect([...runs.subarray(15, 18)]).toEqual([0, runs[16], rows]);
  expect(values.length).toBe(runs.filter((_, i) => i % 3 === 2).reduce((a, b) => a + b, 0));
});

test('another inner dimension is refused', () => {
  expect(() => bandedProduct(tensor(new Float32Array(10)), rows, columns, 'test', () => matrix)).toThrow(
    /\(10\) times \(11, 7\)/,
  );
});
