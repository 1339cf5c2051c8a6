/** Normalisation against plain float64 statistics, and what may know of whom. */
import { describe, expect, test } from 'vitest';
import { fitNormalizer, normalizeAll, type FeatureItem } from '../../../src/ser/features/index.js';
import { applyStats, fitStats } from '../../../src/ser/features/normalize.js';
import { Random } from '../../../src/ser/random.js';

const WIDTH = 5;

/** Frames whose features have levels and spreads of their own, as MFCC, dB and RMS have. */
function item(frames: number, name: string, offset = 0): FeatureItem {
  const random = new Random(1, name);
  const data = Float32Array.from({ length: frames * WIDTH }, (_, i) => {
    const f = i % WIDTH;
    return offset + 300 * (f - 2) + 10 ** (f - 3) * random.normal();
  });
  return { data, frames, width: WIDTH };
}

/** Mean and deviation of one feature in float64, by the definition. */
function reference(items: readonly FeatureItem[], f: number): { mean: number; deviation: number } {
  const values = items.flatMap(({ data }) => Array.from(data).filter((_, i) => i % WIDTH === f));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
}

describe('fitStats', () => {
  test('gives mean and deviation over all frames of all clips, long ones counting more', () => {
    const items = [item(3, 'a'), item(41, 'b', 2), item(1, 'c', -7)];
    const { mean, deviation } = fitStats(items);
    for (let f = 0; f < WIDTH; f++) {
      const expected = reference(items, f);
      expect(Math.abs(mean[f] - expected.mean)).toBeLessThanOrEqual(6e-8 * Math.abs(expected.mean));
      // 1e-5 keeps a feature that never changes from dividing by 0.
      expect(Math.abs(deviation[f] - (expected.deviation + 1e-5)) / expected.deviation).toBeLessThan(1e-6);
    }
  });

  test('makes what it was fitted on mean 0 and deviation 1', () => {
    const items = [item(30, 'a'), item(41, 'b', 2)];
    const normal = items.map((one) => applyStats(one, fitStats(items)));
    for (let f = 0; f < WIDTH; f++) {
      const { mean, deviation } = reference(normal, f);
      expect(Math.abs(mean)).toBeLessThan(5e-3);
      expect(deviation).toBeGreaterThan(0.99);
      expect(deviation).toBeLessThan(1.01);
    }
  });

  test('gives 0 for a feature that never changes', () => {
    const still: FeatureItem = { data: new Float32Array(7 * WIDTH).fill(-80.3), frames: 7, width: WIDTH };
    expect([...applyStats(still, fitStats([still])).data]).toEqual(new Array(7 * WIDTH).fill(0));
  });

  test('leaves the item itself as it was', () => {
    const one = item(4, 'a');
    const before = one.data.slice();
    applyStats(one, fitStats([one]));
    expect(one.data).toEqual(before);
  });
});

describe('global statistics', () => {
  const items = ['a', 'b', 'c', 'd'].map((name, i) => item(9 + i, name, i));
  const speakers = ['A', 'A', 'B', 'C'];
  const normalizer = fitNormalizer('global', items, speakers, [0, 1]);

  test('are those of the training clips: nothing of the others leaks in', () => {
    expect(normalizer.global).toEqual(fitStats(items.slice(0, 2)));
    expect(normalizer.speakers.size).toBe(0);
    const louder = [...items.slice(0, 2), item(50, 'x', 1000), item(50, 'y', -1000)];
    expect(fitNormalizer('global', louder, speakers, [0, 1])).toEqual(normalizer);
  });

  test('are used for everyone', () => {
    expect(normalizeAll(items, speakers, normalizer)).toEqual(items.map((one) => applyStats(one, normalizer.global)));
  });
});

describe("a speaker's own statistics", () => {
  const items = ['a', 'b', 'c', 'd'].map((name, i) => item(9 + i, name, 10 * i));
  const speakers = ['A', 'B', 'A', 'B'];
  const normalizer = fitNormalizer('speaker', items, speakers, [0, 2]);

  test('are of all clips of the speaker and no other', () => {
    expect(normalizer.speakers.get('A')).toEqual(fitStats([items[0], items[2]]));
    expect(normalizer.speakers.get('B')).toEqual(fitStats([items[1], items[3]]));
    expect(normalizer.global).toEqual(fitStats([items[0], items[2]]));
  });

  test('are kept for later clips; a new speaker gets those of its clips at hand', () => {
    const [old, one, two] = [item(5, 'old'), item(6, 'one', 3), item(7, 'two', 4)];
    const [a, b, c] = normalizeAll([one, old, two], ['?', 'B', '?'], normalizer);
    const fresh = fitStats([one, two]);
    expect(b).toEqual(applyStats(old, fitStats([items[1], items[3]])));
    expect(a).toEqual(applyStats(one, fresh));
    expect(c).toEqual(applyStats(two, fresh));
  });
});

test('a new voice of few clips of a single row begins as a usual one, so that one clip is not all zeros', () => {
  const row = (...data: number[]): FeatureItem => ({ data: Float32Array.from(data), frames: 1, width: 2 });
  const training = [row(0, 10), row(2, 14)]; // mean 1 and 12, deviation 1 and 2
  const normalizer = fitNormalizer('speaker', training, ['A', 'A'], [0, 1]);
  const [alone] = normalizeAll([row(4, 12)], ['B'], normalizer);
  // Two usual clips and the one: mean (1 + 1 + 4) / 3, variance (2·(1 + 1) + 16) / 3 − 2²; the other is where it usually is.
  expect(alone.data[0]).toBeCloseTo((4 - 2) / Math.sqrt(20 / 3 - 4), 4);
  expect(alone.data[1]).toBeCloseTo(0, 4);
  // A voice that was met in training has its own statistics, whole.
  const [known] = normalizeAll([row(4, 12)], ['A'], normalizer);
  expect([...known.data]).toEqual([expect.closeTo(3, 3), expect.closeTo(0, 3)]);
});
