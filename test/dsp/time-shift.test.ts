/** Waveforms moved in time: by zeros or in a circle, each clip inside its own length; draws that depend on seed and id only. */
import { describe, expect, test } from 'vitest';
import { drawTimeShifts, SettingsError, timeShift } from '../../src/dsp/index.js';
import { grad, parameter, programStats, readAll, tensor } from '../../src/tensor/index.js';
import { randomArray } from '../support/compare.js';
import { closesDevice, read } from './support.js';

closesDevice();

describe('timeShift', () => {
  const x = tensor([1, 2, 3, 4, 5, 6, 7, 0, 0, 0], [2, 5]);

  test('moves clips later or earlier, and silence comes in', async () => {
    expect([...(await read(timeShift(x, [2, -1])))]).toEqual([0, 0, 1, 2, 3, 7, 0, 0, 0, 0]);
    expect([...(await read(timeShift(x, [9, -9])))]).toEqual(Array.from({ length: 10 }, () => 0));
    expect([...(await read(timeShift(tensor([1, 2, 3]), 1)))]).toEqual([0, 1, 2]);
  });

  test('rolls as numpy.roll, also more than once round', async () => {
    expect([...(await read(timeShift(x, [2, -1], { wrap: true })))]).toEqual([4, 5, 1, 2, 3, 7, 0, 0, 0, 6]);
    expect(await read(timeShift(x, [12, -11], { wrap: true }))).toEqual(
      await read(timeShift(x, [2, -1], { wrap: true })),
    );
  });

  test('keeps a shorter clip inside its own length', async () => {
    const lengths = [5, 2];
    expect([...(await read(timeShift(x, 1, { lengths })))]).toEqual([0, 1, 2, 3, 4, 0, 6, 0, 0, 0]);
    expect([...(await read(timeShift(x, 1, { lengths, wrap: true })))]).toEqual([5, 1, 2, 3, 4, 7, 6, 0, 0, 0]);
    expect([...(await read(timeShift(x, -1, { lengths })))]).toEqual([2, 3, 4, 5, 0, 7, 0, 0, 0, 0]);
  });

  test('needs no new program for new shifts, and hands gradients back to where the samples came from', async () => {
    const wave = tensor(randomArray(40, 1), [2, 20]);
    await read(timeShift(wave, [3, 4]));
    const before = programStats().programs;
    await read(timeShift(wave, [-7, 0]));
    expect(programStats().programs).toBe(before);
    using p = parameter(Float32Array.of(1, 2, 3, 4), [4]);
    const weights = tensor([10, 20, 30, 40]);
    const [g] = await readAll(grad(timeShift(p, 1).mul(weights).sum(), [p]));
    expect([...g]).toEqual([20, 30, 40, 0]);
  });

  test('refuses parts of samples and the wrong number of shifts', () => {
    expect(() => timeShift(x, 0.5)).toThrow(/shift is 0.5/);
    expect(() => timeShift(x, [1, 2, 3])).toThrow(SettingsError);
    expect(() => timeShift(x, 1, { lengths: [6, 1] })).toThrow(/length 6/);
  });
});

test('drawTimeShifts reaches both ends, and a clip keeps its shift in any batch', () => {
  const all = drawTimeShifts(200, 2, { seed: 3 });
  expect(new Set(all)).toEqual(new Set([-2, -1, 0, 1, 2]));
  expect(drawTimeShifts(2, 2, { seed: 3, ids: [117, 5] })).toEqual([all[117], all[5]]);
  expect(drawTimeShifts(200, 2, { seed: 4 })).not.toEqual(all);
});
