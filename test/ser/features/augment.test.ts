/** What can be asked for, and what it does to a clip. */
import { describe, expect, test } from 'vitest';
import { augmentationText, parseAugmentation, usualAugmentation } from '../../../src/ser/augmentation.js';
import { augmentClip } from '../../../src/ser/features/augment.js';
import { makeBatch, withNoise } from '../../../src/ser/features/batch.js';
import { mixRows, mixupShare } from '../../../src/ser/features/mixup.js';
import { Random } from '../../../src/ser/random.js';
import { manualSeed, readAll, tensor } from '../../../src/tensor/index.js';
import { testEngine } from '../../support/engine.js';

testEngine();

describe('a list of augmentations', () => {
  test('is read with usual strengths or given ones, and said again', () => {
    expect(parseAugmentation('')).toEqual({});
    expect(parseAugmentation('gain,mask')).toEqual(usualAugmentation('frames'));
    expect(parseAugmentation('noise')).toEqual(usualAugmentation('paper'));
    expect(parseAugmentation('noise:0.3')).toEqual(usualAugmentation('functionals'));
    const all = parseAugmentation('noise:0.05, gain:1,mask:24x0,shift:3,bands:2,stretch:0.2');
    expect(all).toEqual({ noise: 0.05, gain: 1, maskBands: 24, maskFrames: 0, shift: 3, bands: 2, stretch: 0.2 });
    expect(parseAugmentation(augmentationText(all))).toEqual(all);
    expect(augmentationText({})).toBe('none');
  });

  test.each([
    ['echo', /no augmentation "echo"; known: noise, gain, mask, shift, bands, stretch/],
    ['toString', /no augmentation/],
    ['mask:20', /write mask:20x20/],
    ['shift:1.5', /write shift:8/],
    ['gain:-1', /write gain:0.3/],
    ['stretch:1', /write stretch:0.1/],
    ['gain:', /not understood/],
  ])('refuses %s', (text, message) => {
    expect(() => parseAugmentation(text)).toThrow(message);
  });
});

const columns = { width: 3, firstBand: 1, bands: 2 };
const FRAMES = 10;
/** Frame t is (t, 100 + t, 200 + t); room for 14. */
const ramp = (): Float32Array => {
  const row = new Float32Array(14 * 3);
  for (let t = 0; t < FRAMES; t++) row.set([t, 100 + t, 200 + t], 3 * t);
  return row;
};
const frame = (row: Float32Array, t: number): number[] => [...row.subarray(3 * t, 3 * t + 3)];
const run = (settings: Parameters<typeof augmentClip>[4], draw: number, stretches = true) => {
  const row = ramp();
  const frames = augmentClip(row, FRAMES, 14, columns, settings, new Random(1, draw), stretches);
  return { row, frames };
};
const draws = Array.from({ length: 40 }, (_, i) => i);

describe('a clip', () => {
  test('shifted, moves by whole frames and repeats its edge', () => {
    const moves = draws.map((draw) => {
      const { row, frames } = run({ shift: 2 }, draw);
      expect(frames).toBe(FRAMES);
      const by = 5 - row[3 * 5];
      for (let t = 0; t < FRAMES; t++) {
        const from = Math.min(9, Math.max(0, t - by));
        expect(frame(row, t)).toEqual([from, 100 + from, 200 + from]);
      }
      expect([...row.subarray(3 * FRAMES)]).toEqual(new Array(12).fill(0));
      return by;
    });
    expect([...new Set(moves)].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  });

  test('stretched, becomes as much longer or shorter as it becomes slower or faster', () => {
    const lengths = draws.map((draw) => {
      const { row, frames } = run({ stretch: 0.5 }, draw);
      const steps = Array.from({ length: frames - 1 }, (_, t) => row[3 * (t + 1)] - row[3 * t]);
      const speed = Math.max(...steps);
      expect(frames).toBe(Math.min(14, Math.round(FRAMES / speed)));
      // About the middle, where it stays: values run evenly, and never leave the clip's.
      expect((row[0] + row[3 * (frames - 1)]) / 2).toBeCloseTo(4.5, 4);
      for (let t = 0; t < frames; t++) {
        expect(row[3 * t]).toBeGreaterThanOrEqual(0);
        expect(row[3 * t]).toBeLessThanOrEqual(9);
        expect(row[3 * t + 2] - row[3 * t]).toBeCloseTo(200, 3);
      }
      expect([...row.subarray(3 * frames)]).toEqual(new Array(3 * (14 - frames)).fill(0));
      return frames;
    });
    expect(Math.min(...lengths)).toBeLessThan(8);
    expect(Math.max(...lengths)).toBe(14);
  });

  test('of a fixed size keeps it when stretched', () => {
    for (const draw of draws) expect(run({ stretch: 0.5 }, draw, false).frames).toBe(FRAMES);
  });

  test('louder, moves its bands and nothing else', () => {
    const { row } = run({ gain: 1 }, 0);
    const by = row[1] - 100;
    expect(by).not.toBe(0);
    for (let t = 0; t < FRAMES; t++) {
      expect(row[3 * t]).toBe(t);
      expect(row[3 * t + 1]).toBeCloseTo(100 + t + by, 4);
    }
  });
});

test('noise has the deviation asked for, within the clips only', async () => {
  manualSeed(1);
  const x = tensor(new Float32Array(2 * 400 * 10), [2, 400, 10]);
  const [noisy] = await readAll([withNoise({ x, lengths: tensor(Uint32Array.of(400, 100)) }, 0.2).x]);
  const deviation = (values: ArrayLike<number>): number =>
    Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0) / values.length);
  expect(deviation(noisy.subarray(0, 4000))).toBeCloseTo(0.2, 1);
  expect(deviation(noisy.subarray(4000, 5000))).toBeCloseTo(0.2, 1);
  expect(deviation(noisy.subarray(5000))).toBe(0);
});

describe('mixup', () => {
  test('draws shares of Beta(α, α): mean 1/2, variance 1 / (4·(2α + 1))', () => {
    for (const alpha of [0.2, 1, 3]) {
      const random = new Random(1, 'beta', alpha);
      const shares = Array.from({ length: 20_000 }, () => mixupShare(alpha, random));
      const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
      const variance = shares.reduce((a, b) => a + (b - mean) ** 2, 0) / shares.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.012);
      expect(variance * 4 * (2 * alpha + 1)).toBeGreaterThan(0.96);
      expect(variance * 4 * (2 * alpha + 1)).toBeLessThan(1.04);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    }
    expect([0, 1]).toContain(mixupShare(1e-5, new Random(1)));
  });

  test('mixes each row with the one opposite; of an odd number the middle stays', () => {
    const values = Float32Array.of(1, 10, 2, 20, 4, 40);
    mixRows(values, 2, [0.75, 0.5, 0.25]);
    expect([...values]).toEqual([0.75 + 1, 7.5 + 10, 2, 20, 1 + 0.75, 10 + 7.5]);
  });

  test('of a batch mixes features, labels and lengths', async () => {
    const clip = (value: number, frames: number) => ({
      data: new Float32Array(frames * 143).fill(value),
      frames,
      width: 143,
    });
    const mixup = { shares: [1, 0.25, 0.5, 0], classes: 3 };
    const { input, labels } = makeBatch([clip(1, 2), clip(2, 3), clip(3, 1), clip(4, 4)], [0, 1, 2, 2], {
      features: 'frames',
      rows: 4,
      frames: 4,
      mixup,
    });
    const [x, lengths, shares] = await readAll([input.x, input.lengths!, labels]);
    expect([...lengths]).toEqual([4, 3, 3, 4]);
    expect([0, 1, 2, 3].map((row) => x[row * 4 * 143])).toEqual([1, 0.5 + 2.25, 1 + 1.5, 1]);
    expect([...shares]).toEqual([1, 0, 0, 0, 0.25, 0.75, 0, 0.5, 0.5, 1, 0, 0]);
  });
});
