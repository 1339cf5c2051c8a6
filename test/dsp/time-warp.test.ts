/** SpecAugment's time warp and policies. */
import { describe, expect, test } from 'vitest';
import { applyWarps, drawWarps, SettingsError, specAugment, specAugmentPolicies } from '../../src/dsp/index.js';
import { programStats, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { closesDevice, read } from './support.js';

closesDevice();

describe('drawWarps', () => {
  test('moves a frame at least W from the ends by less than W, and a clip keeps its warp in any batch', () => {
    const frames = Array.from({ length: 400 }, () => 30);
    const { from, to } = drawWarps(frames, 5, { seed: 1 });
    expect([Math.min(...from), Math.max(...from)]).toEqual([5, 24]);
    expect(new Set(from.map((c, n) => to[n] - c))).toEqual(new Set([-4, -3, -2, -1, 0, 1, 2, 3, 4]));
    expect(drawWarps([30], 5, { seed: 1, ids: [77] })).toEqual({ from: [from[77]], to: [to[77]] });
  });

  test('holds the warp of short clips inside them', () => {
    const { from, to } = drawWarps([1, 2, 3, 9, 9, 9], 80, { seed: 2 });
    expect(from.slice(0, 2)).toEqual([0, 0]);
    [2, 3, 4, 5].forEach((n) => {
      expect(to[n]).toBeGreaterThan(0);
      expect(to[n]).toBeLessThan(n === 2 ? 2 : 8);
    });
  });
});

describe('applyWarps', () => {
  test('reads frame t where the two straight pieces say', async () => {
    // Each frame holds its own number: the result is the position that was read.
    const ramp = Float32Array.from({ length: 18 }, (_, i) => i % 9);
    const out = await read(applyWarps(tensor(ramp, [2, 9, 1]), { from: [2, 3], to: [4, 1] }, [9, 6]));
    const expected = [0, 0.5, 1, 1.5, 2, 3.5, 5, 6.5, 8, 0, 3, 3.5, 4, 4.5, 5, 6, 7, 8];
    expectClose(out, expected, { rtol: 1e-6, atol: 1e-6 });
  });

  test('refuses a frame at an end', () => {
    const x = tensor(new Float32Array(10), [1, 10, 1]);
    expect(() => applyWarps(x, { from: [0], to: [3] })).toThrow(SettingsError);
    expect(() => applyWarps(x, { from: [3], to: [9] })).toThrow(/cannot move frame 3 to 9/);
    expect(() => applyWarps(x, { from: [3, 4], to: [3, 4] })).toThrow(/2 warps/);
  });
});

test('the policies are the paper’s, and new draws need no new program', async () => {
  const { LB, LD, SM, SS } = specAugmentPolicies;
  expect(
    [LB, LD, SM, SS].map((p) => [
      p.timeWarp,
      p.frequencyWidth,
      p.frequencyMasks,
      p.timeWidth,
      p.timeShare,
      p.timeMasks,
    ]),
  ).toEqual([
    [80, 27, 1, 100, 1, 1],
    [80, 27, 2, 100, 1, 2],
    [40, 15, 2, 70, 0.2, 2],
    [40, 27, 2, 70, 0.2, 2],
  ]);
  const x = tensor(randomArray(2 * 60 * 40, 3, 1, 2), [2, 60, 40]);
  const first = await read(specAugment(x, { ...SM, seed: 1 }));
  const before = programStats().programs;
  const second = await read(specAugment(x, { ...SM, seed: 2 }));
  expect(programStats().programs).toBe(before);
  expect(second).not.toEqual(first);
  // Warped: what is not masked lies between neighbours of the clip, and some is not its own frame's.
  const own = await read(x);
  expect(first.some((v, i) => v !== 0 && Math.abs(v - own[i]) > 0.01)).toBe(true);
});
