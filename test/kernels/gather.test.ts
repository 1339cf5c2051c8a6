import { describe, expect, test } from 'vitest';
import { gather, gatherGrad } from '../../src/kernels/gather.js';
import { gatherGradOracle, gatherOracle } from '../oracles/gather.js';
import { expectClose, randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, f32Spec, problemOf, runKernel, u32Input } from '../support/run-kernel.js';

const device = testDevice();

/** Rows of the table, columns, look-ups. */
const shapes = [
  [1, 1, 1],
  [7, 5, 11],
  [3, 4, 131],
  [131, 12, 7],
  [5, 64, 67],
] as const;

/** Some rows often, some never, and one index outside of the table wherever there are more than five. */
const indicesFor = (rows: number, count: number): number[] =>
  Array.from({ length: count }, (_, m) => (m === 5 ? rows + 3 : (m * m) % rows));

describe('gather', () => {
  test.each(shapes)('from a table of %i × %i, %i rows, exactly', async (rows, columns, count) => {
    const table = randomArray(rows * columns, 1);
    const indices = indicesFor(rows, count);
    const options = {
      inputs: [f32Input([rows, columns], table), u32Input([count], indices)],
      outputs: [f32Spec(count, columns)],
      attrs: {},
    };
    for (const variant of gather.variants(problemOf(device(), options))) {
      const { outputs } = await runKernel(device(), gather, { ...options, variant });
      expectClose(outputs[0], gatherOracle(table, indices, rows, columns), { rtol: 0, atol: 0 });
    }
  });

  test('no look-ups launch nothing', () => {
    const options = {
      inputs: [f32Input([2, 4], new Float32Array(8)), u32Input([0], [])],
      outputs: [f32Spec(0, 4)],
      attrs: {},
    };
    expect(gather.launch(problemOf(device(), options)).launches).toEqual([]);
  });

  test('the largest index gives zeros', async () => {
    const { outputs } = await runKernel(device(), gather, {
      inputs: [f32Input([2, 4], randomArray(8, 1)), u32Input([1], [0xffffffff])],
      outputs: [f32Spec(1, 4)],
      attrs: {},
    });
    expect(Array.from(outputs[0])).toEqual([0, 0, 0, 0]);
  });
});

describe('gatherGrad', () => {
  test.each(shapes)('into a table of %i × %i from %i rows', async (rows, columns, count) => {
    const dy = randomArray(count * columns, 2);
    const indices = indicesFor(rows, count);
    const options = {
      inputs: [f32Input([count, columns], dy), u32Input([count], indices)],
      outputs: [f32Spec(rows, columns)],
      attrs: {},
    };
    for (const variant of gatherGrad.variants(problemOf(device(), options))) {
      const { outputs } = await runKernel(device(), gatherGrad, { ...options, variant });
      // Up to 131 terms of size ≤ 1 and of both signs fall on one row.
      expectClose(outputs[0], gatherGradOracle(dy, indices, rows, columns), { rtol: 1e-5, atol: 5e-6 });
    }
  });

  test.each([3, 4])('no look-ups give a zero gradient of %i columns', async (columns) => {
    const { outputs } = await runKernel(device(), gatherGrad, {
      inputs: [f32Input([0, columns], []), u32Input([0], [])],
      outputs: [f32Spec(5, columns)],
      attrs: {},
    });
    expect(outputs[0].every((v) => v === 0)).toBe(true);
  });
});
