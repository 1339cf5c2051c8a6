import { describe, expect, test } from 'vitest';
import { classWeights } from '../../../src/ser/run/class-balance.js';
import { epochOrder } from '../../../src/ser/run/epoch-order.js';

/** 30 clips of class 0, 10 of class 1, 4 of class 3; none of class 2. */
const labels = [...new Array<number>(30).fill(0), ...new Array<number>(10).fill(1), ...new Array<number>(4).fill(3)];

describe('class weights', () => {
  test('are clips / (classes · clips of the class), as scikit-learn’s; their mean over the clips is 1', () => {
    const weights = classWeights(labels, 4);
    expect(weights).toEqual([44 / 90, 44 / 30, 0, 44 / 12]);
    expect(labels.reduce((sum, label) => sum + weights[label], 0) / labels.length).toBeCloseTo(1, 12);
  });
});

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
