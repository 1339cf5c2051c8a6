import { describe, expect, test } from 'vitest';
import { crossEntropy, crossEntropyGrad } from '../../src/kernels/cross-entropy.js';
import { crossEntropyGradOracle, crossEntropyOracle } from '../oracles/cross-entropy.js';
import { expectClose, randomArray, relativeNorm } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, f32Spec, problemOf, runKernel, type KernelInput } from '../support/run-kernel.js';

const device = testDevice();
const tolerance = { rtol: 1e-5, atol: 1e-6 };

const i32Input = (data: readonly number[]): KernelInput => ({ shape: [data.length], dtype: 'i32', data });
const labelsFor = (rows: number, columns: number): number[] =>
  Array.from({ length: rows }, (_, r) => (r % 5 === 4 ? -1 : (r * 7) % columns));

const shapes = [
  [1, 1],
  [1, 7],
  [32, 7],
  [131, 3],
  [5, 1009],
] as const;

describe.each([0, 0.1, 1])('label smoothing %d', (smoothing) => {
  test.each(shapes)('loss of %i × %i logits agrees with float64', async (rows, columns) => {
    const logits = randomArray(rows * columns, 3, -6, 6);
    const labels = labelsFor(rows, columns);
    const { outputs } = await runKernel(device(), crossEntropy, {
      inputs: [f32Input([rows, columns], logits), i32Input(labels), f32Input([], [smoothing])],
      outputs: [f32Spec(rows)],
      attrs: {},
    });
    expectClose(outputs[0], crossEntropyOracle(logits, labels, columns, smoothing), tolerance);
  });

  test.each(shapes)('gradient of %i × %i logits agrees with float64', async (rows, columns) => {
    const logits = randomArray(rows * columns, 3, -6, 6);
    const labels = labelsFor(rows, columns);
    const dLoss = randomArray(rows, 4);
    const { outputs } = await runKernel(device(), crossEntropyGrad, {
      inputs: [f32Input([rows, columns], logits), i32Input(labels), f32Input([rows], dLoss), f32Input([], [smoothing])],
      outputs: [f32Spec(rows, columns)],
      attrs: {},
    });
    expectClose(outputs[0], crossEntropyGradOracle(logits, labels, columns, smoothing, dLoss), tolerance);
  });
});

test('rows without a usable label give exactly no loss and no gradient', async () => {
  const logits = randomArray(3 * 4, 1);
  const labels = [-1, 4, -2147483648];
  const inputs = [f32Input([3, 4], logits), i32Input(labels)];
  const loss = await runKernel(device(), crossEntropy, {
    inputs: [...inputs, f32Input([], [0.1])],
    outputs: [f32Spec(3)],
    attrs: {},
  });
  const gradient = await runKernel(device(), crossEntropyGrad, {
    inputs: [...inputs, f32Input([3], [1, 1, 1]), f32Input([], [0.1])],
    outputs: [f32Spec(3, 4)],
    attrs: {},
  });
  expect(Array.from(loss.outputs[0])).toEqual([0, 0, 0]);
  expect(gradient.outputs[0].every((v) => v === 0)).toBe(true);
});

test('a confident wrong answer costs its full margin', async () => {
  const { outputs } = await runKernel(device(), crossEntropy, {
    inputs: [f32Input([2, 2], [1e4, -1e4, 1e4, -1e4]), i32Input([1, 0]), f32Input([], [0])],
    outputs: [f32Spec(2)],
    attrs: {},
  });
  expect(Array.from(outputs[0])).toEqual([2e4, 0]);
});

test('no rows launch nothing', () => {
  const options = {
    inputs: [f32Input([0, 7], []), i32Input([]), f32Input([], [0])],
    outputs: [f32Spec(0)],
    attrs: {},
  };
  expect(crossEntropy.launch(problemOf(device(), options)).launches).toEqual([]);
});

test('the gradient oracle agrees with central differences of the loss oracle', () => {
  const logits = Float64Array.from(randomArray(4 * 5, 9, -3, 3));
  const labels = [0, 4, -1, 2];
  const dLoss = randomArray(4, 10);
  const total = (x: Float64Array): number =>
    crossEntropyOracle(x, labels, 5, 0.2).reduce((sum, loss, r) => sum + loss * dLoss[r], 0);
  const differences = logits.map((_, i) => {
    const shifted = (by: number): number => total(logits.map((v, k) => (k === i ? v + by : v)));
    return (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
  });
  expect(relativeNorm(crossEntropyGradOracle(logits, labels, 5, 0.2, dLoss), differences)).toBeLessThan(1e-9);
});
