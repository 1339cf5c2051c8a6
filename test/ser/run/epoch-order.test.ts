import { describe, expect, test } from 'vitest';
import { epochOrder, epochOrderBySpeaker } from '../../../src/ser/run/epoch-order.js';

/** 30 clips of class 0, 10 of class 1, 4 of class 3; none of class 2. */
const labels = [...new Array<number>(30).fill(0), ...new Array<number>(10).fill(1), ...new Array<number>(4).fill(3)];

describe('the order of an epoch', () => {
  const order = (balanced: boolean, epoch = 0) => epochOrder(labels, { seed: 1, epoch, balanced });

  test('has every clip once', () => {
    expect([...order(false)].sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
    expect(order(false, 1)).not.toEqual(order(false));
  });

  test('balanced, has every class as often, and each of its clips as often as another or once more', () => {
    for (let epoch = 0; epoch < 20; epoch++) {
      const drawn = order(true, epoch);
      expect(drawn).toHaveLength(labels.length);
      for (const label of [0, 1, 3]) {
        const own = drawn.filter((i) => labels[i] === label);
        // 44 draws for three classes: 15, 15 and 14.
        expect([14, 15]).toContain(own.length);
        const times = labels.flatMap((l, i) => (l === label ? [own.filter((d) => d === i).length] : []));
        expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1);
      }
    }
    expect(order(true, 3)).toEqual(order(true, 3));
    expect(order(true, 3)).not.toEqual(order(true, 4));
  });
});

describe('the order of an epoch by speaker', () => {
  // 20, 16, 5 and 3 clips.
  const speakers = labels.map((_, i) => (i < 20 ? 'A' : i < 36 ? 'B' : i < 41 ? 'C' : 'D'));
  const BATCH = 8;
  const order = (balanced: boolean, epoch = 0) =>
    epochOrderBySpeaker(labels, speakers, BATCH, { seed: 1, epoch, balanced });
  const batches = (drawn: readonly number[]): number[][] =>
    Array.from({ length: drawn.length / BATCH }, (_, i) => drawn.slice(i * BATCH, (i + 1) * BATCH));

  test('has batches of one speaker, as many as come nearest to its clips, one at least, and none of very few', () => {
    for (const balanced of [false, true]) {
      const voices = batches(order(balanced)).map((batch) => batch.map((i) => speakers[i]));
      for (const batch of voices) expect(new Set(batch).size).toBe(1);
      const count = (speaker: string): number => voices.filter(([first]) => first === speaker).length;
      // 20 / 8 = 2.5 is rounded up.
      expect(['A', 'B', 'C', 'D'].map(count)).toEqual([3, 2, 1, 0]);
    }
  });

  test('has every clip before any comes again', () => {
    const drawn = order(false);
    const times = labels.map((_, i) => drawn.filter((d) => d === i).length);
    for (const speaker of ['A', 'B', 'C']) {
      const own = times.filter((_, i) => speakers[i] === speaker);
      expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1);
      expect(Math.min(...own)).toBeGreaterThanOrEqual(1);
    }
  });

  test('balanced, has each of a speaker’s classes as often', () => {
    const own = order(true).filter((i) => speakers[i] === 'B');
    // 16 draws for the classes 0 (10 clips) and 1 (6).
    expect([0, 1].map((label) => own.filter((i) => labels[i] === label).length)).toEqual([8, 8]);
  });

  test('is another in every epoch, and its batches come in another order', () => {
    expect(order(false, 3)).toEqual(order(false, 3));
    expect(order(false, 3)).not.toEqual(order(false, 4));
    const firsts = [0, 1, 2, 3, 4, 5].map((epoch) => speakers[order(false, epoch)[0]]);
    expect(new Set(firsts).size).toBeGreaterThan(1);
  });
});
