/** Every count up to the whole band, ties within and across walks, bands that overlap, rows beyond a workgroup; sums of sorted values. */
import { describe, expect, test } from 'vitest';
import { bandExtremes, bandExtremesGrad } from '../../src/kernels/band-extremes.js';
import { bandExtremesGradOracle, bandExtremesOracle, type Band } from '../oracles/band-extremes.js';
import { randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { expectEveryVariant } from '../support/every-variant.js';
import { f32Input, f32Spec, problemOf, u32Input } from '../support/run-kernel.js';

const device = testDevice();

interface Problem {
  readonly title: string;
  readonly x: Float32Array;
  readonly bins: number;
  readonly bands: readonly Band[];
}

/** Few different values, so that many tie. */
const stepped = (n: number, steps: number, seed: number): Float32Array =>
  randomArray(n, seed).map((v) => Math.round(v * steps) / steps);

const PROBLEMS: readonly Problem[] = [
  {
    title: 'every count of a band',
    x: randomArray(5 * 13, 1),
    bins: 13,
    bands: Array.from({ length: 13 }, (_, c): Band => [0, 13, c + 1]),
  },
  {
    title: 'every count of a band with many ties',
    x: stepped(9 * 21, 2, 2),
    bins: 21,
    bands: Array.from({ length: 20 }, (_, c): Band => [1, 21, c + 1]),
  },
  {
    title: 'one value',
    x: new Float32Array(3 * 11).fill(-2.5),
    bins: 11,
    bands: [1, 3, 4, 5, 11].map((c): Band => [0, 11, c]),
  },
  {
    title: 'bands that overlap and leave bins out, in more rows than a workgroup',
    x: randomArray(131 * 37, 3, 0, 9),
    bins: 37,
    bands: [
      [3, 4, 1],
      [4, 30, 2],
      [2, 29, 7],
      [12, 36, 4],
    ],
  },
  { title: 'a single bin', x: Float32Array.of(7), bins: 1, bands: [[0, 1, 1]] },
];

const bandInput = (bands: readonly Band[]) => u32Input([bands.length, 3], bands.flat());

describe.each(PROBLEMS.map((problem) => [problem.title, problem] as const))('%s', (_, { x, bins, bands }) => {
  const rows = x.length / bins;

  test('means of the largest and the smallest', async () => {
    const options = {
      inputs: [f32Input([rows, bins], x), bandInput(bands)],
      outputs: [f32Spec(rows, bands.length, 2)],
      attrs: {},
    };
    const expected = bandExtremesOracle(x, bins, bands);
    await expectEveryVariant(device(), bandExtremes, options, expected, { rtol: 1e-5, atol: 1e-6 });
  });

  test('the gradient goes to those bins', async () => {
    const dy = randomArray(2 * rows * bands.length, 4);
    const options = {
      inputs: [f32Input([rows, bins], x), bandInput(bands), f32Input([rows, bands.length, 2], dy)],
      outputs: [f32Spec(rows, bins)],
      attrs: {},
    };
    const expected = bandExtremesGradOracle(x, bins, bands, dy);
    await expectEveryVariant(device(), bandExtremesGrad, options, expected, { rtol: 1e-5, atol: 1e-6 });
  });
});

test('no rows launch nothing', () => {
  const inputs = [f32Input([0, 5], []), bandInput([[0, 5, 1]])];
  const forward = { inputs, outputs: [f32Spec(0, 1, 2)], attrs: {} };
  expect(bandExtremes.launch(problemOf(device(), forward)).launches).toEqual([]);
  const backward = { inputs: [...inputs, f32Input([0, 1, 2], [])], outputs: [f32Spec(0, 5)], attrs: {} };
  expect(bandExtremesGrad.launch(problemOf(device(), backward)).launches).toEqual([]);
});
