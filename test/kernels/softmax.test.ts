import { describe, expect, test } from 'vitest';
import { logSoftmax, softmax } from '../../src/kernels/softmax.js';
import { logSoftmaxOracle, softmaxOracle } from '../oracles/softmax.js';
import { expectClose, randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, f32Spec, problemOf, runKernel } from '../support/run-kernel.js';

const device = testDevice();
const tolerance = { rtol: 1e-5, atol: 1e-6 };

const options = (rows: number, columns: number, data: ArrayLike<number>) => ({
  inputs: [f32Input([rows, columns], data)],
  outputs: [f32Spec(rows, columns)],
  attrs: {},
});

describe.each([
  ['softmax', softmax, softmaxOracle],
  ['logSoftmax', logSoftmax, logSoftmaxOracle],
] as const)('%s', (_, kernel, oracle) => {
  describe.each(['rows', 'workgroup'])('variant %s', (variant) => {
    test.each([
      [1, 1],
      [1, 7],
      [5, 1],
      [67, 7],
      [3, 64],
      [2, 131],
      [3, 1009],
    ])('agrees with float64 on %i × %i', async (rows, columns) => {
      const x = randomArray(rows * columns, rows + columns, -8, 8);
      const { outputs } = await runKernel(device(), kernel, { ...options(rows, columns, x), variant });
      expectClose(outputs[0], oracle(x, rows, columns), tolerance);
    });

    test('survives rows of huge and of far apart values', async () => {
      const x = [1e30, 1e30, -1e30, 3e38, 0, -3e38, -1000, -1001, -1002];
      const { outputs } = await runKernel(device(), kernel, { ...options(3, 3, x), variant });
      expectClose(outputs[0], oracle(x.map(Math.fround), 3, 3).map(Math.fround), tolerance);
    });
  });

  test('an empty matrix launches nothing', () => {
    expect(kernel.launch(problemOf(device(), options(0, 7, []))).launches).toEqual([]);
    expect(kernel.launch(problemOf(device(), options(7, 0, []))).launches).toEqual([]);
  });
});
