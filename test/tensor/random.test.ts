import { beforeEach, describe, expect, test } from 'vitest';
import {
  commit,
  grad,
  manualSeed,
  rand,
  randn,
  randomState,
  readAll,
  setRandomState,
  variable,
  type HostArray,
  type Tensor,
} from '../../src/tensor/index.js';
import { Philox } from '../../src/kernels/random.js';
import { expectClose, randomArray } from '../support/compare.js';
import { testEngine } from '../support/engine.js';

testEngine();
beforeEach(() => manualSeed(42));

const draws = async (...tensors: Tensor[]): Promise<HostArray[]> => readAll(tensors);

describe('random tensors', () => {
  test('are those of the host generator: the seed and the number of the draw are the key, the element the counter', async () => {
    manualSeed(123456789);
    const [a, b, c, d] = await draws(rand([131]), rand([3, 5]), randn([67]), rand([]));
    const key = (draw: number): Philox => new Philox(123456789, draw);
    expect([...a]).toEqual(Array.from({ length: 131 }, (_, i) => key(0).uniformAt(i)));
    expect([...b]).toEqual(Array.from({ length: 15 }, (_, i) => key(1).uniformAt(i)));
    expectClose(
      c,
      Array.from({ length: 67 }, (_, i) => key(2).normalAt(i)),
      { rtol: 1e-5, atol: 1e-6 },
    );
    expect([...d]).toEqual([key(3).uniformAt(0)]);
  });

  test('come again after manualSeed, in this program and in another', async () => {
    const first = await draws(rand([33]), randn([7]));
    manualSeed(42);
    expect(await draws(rand([33]), randn([7]))).toEqual(first);
    manualSeed(42);
    const [alone] = await draws(rand([33]));
    expect(alone).toEqual(first[0]);
    const [fused] = await draws(randn([7]).add(0));
    expect(fused).toEqual(first[1]);
  });

  test('differ from draw to draw and from seed to seed', async () => {
    const [a, b] = await draws(rand([64]), rand([64]));
    manualSeed(43);
    const [c] = await draws(rand([64]));
    const [x, y, z] = [a, b, c].map((v) => [...v].join());
    expect(new Set([x, y, z]).size).toBe(3);
  });

  test('go on where a saved state was taken', async () => {
    await draws(rand([5]), randn([5]));
    const state = randomState();
    const later = await draws(rand([9]), randn([9]));
    manualSeed(7);
    await draws(rand([9]));
    setRandomState(state);
    expect(randomState()).toEqual(state);
    expect(await draws(rand([9]), randn([9]))).toEqual(later);
  });

  test('keep their values when a view, a slice or a sum reads them', async () => {
    const x = rand([13, 5]);
    const [whole, turned, part, sums] = await draws(x, x.transpose(), x.slice(0, 3, 7, 2), x.sum([1]));
    expect([...turned]).toEqual(Array.from({ length: 65 }, (_, i) => whole[(i % 13) * 5 + Math.floor(i / 13)]));
    expect([...part]).toEqual([...whole.slice(15, 20), ...whole.slice(25, 30)]);
    expectClose(
      sums,
      Array.from({ length: 13 }, (_, r) => [...whole.slice(r * 5, r * 5 + 5)].reduce((a, b) => a + b)),
      {
        rtol: 1e-6,
        atol: 0,
      },
    );
  });

  test('refuse seeds that are no whole numbers of 32 bits', () => {
    for (const seed of [-1, 0.5, NaN, 2 ** 32]) expect(() => manualSeed(seed)).toThrow(RangeError);
    manualSeed(2 ** 32 - 1);
    expect(randomState()).toEqual({ seed: 2 ** 32 - 1, drawn: 0 });
  });
});

describe('the distribution', () => {
  const N = 20_000;
  const moments = (v: ArrayLike<number>): { mean: number; variance: number } => {
    const values = Array.from(v);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length };
  };

  test('of rand is uniform in [0, 1)', async () => {
    const [u] = await draws(rand([N]));
    expect(Math.min(...u)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...u)).toBeLessThan(1);
    const { mean, variance } = moments(u);
    // Five standard errors: 1/√12N for the mean, √(1/180N) for the variance.
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / N));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / N));
    const bins = new Array<number>(16).fill(0);
    for (const v of u) bins[Math.floor(v * 16)]++;
    const chi = bins.reduce((sum, n) => sum + (n - N / 16) ** 2 / (N / 16), 0);
    expect(chi).toBeLessThan(44); // 15 degrees of freedom: exceeded once in ten thousand
  });

  test('of randn is the standard normal one', async () => {
    const [z] = await draws(randn([N]));
    const { mean, variance } = moments(z);
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(N));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / N));
    const within = [...z].filter((v) => Math.abs(v) < 1).length / N;
    expect(within).toBeCloseTo(0.6827, 1);
    expect(z.every((v) => Number.isFinite(v))).toBe(true);
  });
});

describe('a dropout mask', () => {
  test('is the same in the forward and the backward pass, and another in the next step', async () => {
    using x = variable(randomArray(500, 1, 0.5, 1), [20, 25], { trainable: true });
    const step = async (): Promise<string> => {
      const mask = rand(x.shape)
        .ge(0.4)
        .mul(1 / 0.6);
      const y = x.mul(mask);
      const [forward, [dx]] = await readAll([y, ...grad(y.sum(), [x])]).then(([f, ...rest]) => [f, rest] as const);
      forward.forEach((v, i) => expect(v === 0).toBe(dx[i] === 0));
      const kept = [...dx].filter((v) => v !== 0);
      expect(new Set(kept).size).toBe(1);
      expect(kept[0]).toBeCloseTo(1 / 0.6, 6);
      // 300 of 500 expected; five standard deviations are 55.
      expect(Math.abs(kept.length - 300)).toBeLessThan(55);
      commit();
      return [...dx].map((v) => (v === 0 ? '.' : 'x')).join('');
    };
    const [first, second] = [await step(), await step()];
    expect(second).not.toBe(first);
    manualSeed(42);
    expect(await step()).toBe(first);
  });
});
