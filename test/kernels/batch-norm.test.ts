import { describe, expect, test } from 'vitest';
import { batchNormGradSums, batchNormMoments } from '../../src/kernels/batch-norm.js';
import { gradSumsOracle, momentsOracle } from '../oracles/batch-norm.js';
import { expectClose, randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, f32Spec, problemOf, runKernel, type RunKernelOptions } from '../support/run-kernel.js';

const device = testDevice();

const shapes = [
  [1, 1],
  [1, 4],
  [2, 3],
  [17, 5],
  [100, 64],
  [131, 7],
  [2111, 12],
  [40, 130],
] as const;

const moments = (rows: number, columns: number, x: ArrayLike<number>): RunKernelOptions<Record<string, never>> => ({
  inputs: [f32Input([rows, columns], x)],
  outputs: [f32Spec(columns), f32Spec(columns)],
  attrs: {},
});

/** Every variant that the kernel has for this problem: `vec4` only where the columns allow. */
const variantsOf = (options: RunKernelOptions<Record<string, never>>): readonly string[] =>
  batchNormMoments.variants(problemOf(device(), options));

describe('batchNormMoments', () => {
  test.each(shapes)('mean and biased variance of %i × %i agree with float64', async (rows, columns) => {
    const x = randomArray(rows * columns, rows, -2, 5);
    const expected = momentsOracle(x, rows, columns);
    for (const variant of variantsOf(moments(rows, columns, x))) {
      const { outputs } = await runKernel(device(), batchNormMoments, { ...moments(rows, columns, x), variant });
      expectClose(outputs[0], expected.mean, { rtol: 1e-5, atol: 1e-6 });
      expectClose(outputs[1], expected.variance, { rtol: 1e-5, atol: 1e-6 });
    }
  });

  test('keeps the variance where the mean is ten thousand times the spread', async () => {
    const x = randomArray(1000 * 4, 5, 9999.5, 10000.5);
    const expected = momentsOracle(x, 1000, 4);
    for (const variant of ['scalar', 'vec4']) {
      const { outputs } = await runKernel(device(), batchNormMoments, { ...moments(1000, 4, x), variant });
      expectClose(outputs[0], expected.mean, { rtol: 1e-6, atol: 0 });
      expectClose(outputs[1], expected.variance, { rtol: 1e-5, atol: 1e-6 });
    }
  });

  test('no rows give zeros', async () => {
    const { outputs } = await runKernel(device(), batchNormMoments, moments(0, 3, []));
    expect(outputs.map((o) => Array.from(o))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});

describe('batchNormGradSums', () => {
  test.each(shapes)('both sums over %i × %i agree with float64', async (rows, columns) => {
    const dy = randomArray(rows * columns, 1);
    const x = randomArray(rows * columns, 2, -3, 3);
    const mean = randomArray(columns, 3);
    const rstd = randomArray(columns, 4, 0.5, 2);
    const expected = gradSumsOracle(dy, x, mean, rstd);
    const options = {
      inputs: [
        f32Input([rows, columns], dy),
        f32Input([rows, columns], x),
        f32Input([columns], mean),
        f32Input([columns], rstd),
      ],
      outputs: [f32Spec(columns), f32Spec(columns)],
      attrs: {},
    };
    // Terms of both signs cancel: what is left carries the rounding of √R terms of size ≤ 8.
    const tolerance = { rtol: 1e-5, atol: 1e-6 * Math.max(1, Math.sqrt(rows)) };
    for (const variant of batchNormGradSums.variants(problemOf(device(), options))) {
      const { outputs } = await runKernel(device(), batchNormGradSums, { ...options, variant });
      expectClose(outputs[0], expected.sum, tolerance);
      expectClose(outputs[1], expected.moment, tolerance);
    }
  });
});
