import { describe, expect, it } from 'vitest';
import { Random } from '../../src/ser/random.js';

describe('a random stream', () => {
  it('repeats for the same name and differs for another seed or label', () => {
    const draw = (random: Random) => Array.from({ length: 9 }, () => random.word());
    expect(draw(new Random(1, 'a', 2))).toEqual(draw(new Random(1, 'a', 2)));
    const others = [
      new Random(2, 'a', 2),
      new Random(1, 'b', 2),
      new Random(1, 'a', 3),
      new Random(1 + 2 ** 32, 'a', 2),
    ];
    for (const other of others) expect(draw(other)).not.toEqual(draw(new Random(1, 'a', 2)));
  });

  it('is uniform: mean, variance and every tenth are as they should be', () => {
    const random = new Random(3);
    const bins = new Array<number>(10).fill(0);
    let sum = 0;
    let squares = 0;
    const n = 50000;
    for (let i = 0; i < n; i++) {
      const value = random.uniform();
      sum += value;
      squares += value * value;
      bins[Math.floor(value * 10)]++;
    }
    // Five standard errors each.
    expect(Math.abs(sum / n - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(squares / n - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / n));
    for (const count of bins) expect(Math.abs(count - n / 10)).toBeLessThan(5 * Math.sqrt(n * 0.09));
  });

  it('is Gaussian: the first four moments, and bounded where asked', () => {
    const random = new Random(4);
    const n = 50000;
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const value = random.normal();
      for (let k = 0; k < 4; k++) moments[k] += value ** (k + 1) / n;
    }
    const deviations = [1, 2, 15, 96].map((variance) => 5 * Math.sqrt(variance / n));
    [0, 1, 0, 3].forEach((expected, k) => expect(Math.abs(moments[k] - expected)).toBeLessThan(deviations[k]));
    const bounded = Array.from({ length: 2000 }, () => random.boundedNormal(10, 2, 1.5));
    expect(bounded.every((value) => value >= 7 && value <= 13)).toBe(true);
    expect(Math.max(...bounded)).toBeGreaterThan(12.5);
  });

  it('shuffles: a permutation, every value everywhere about equally often', () => {
    const random = new Random(5);
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (let round = 0; round < 4000; round++) {
      const order = random.shuffle([0, 1, 2, 3]);
      expect([...order].sort()).toEqual([0, 1, 2, 3]);
      order.forEach((value, place) => counts[place][value]++);
    }
    for (const row of counts) for (const count of row) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(750));
  });
});
