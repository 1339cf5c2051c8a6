import { describe, expect, test } from 'vitest';
import { planArena, type ArenaItem } from '../../src/tensor/compile/arena.js';
import { align256 } from '../../src/tensor/storage.js';
import { randomStream } from '../support/compare.js';

const meet = (a: ArenaItem, b: ArenaItem): boolean => a.first <= b.last && b.first <= a.last;

/** The most that is alive at once: no plan can be smaller. */
function peakOf(items: readonly ArenaItem[]): number {
  const last = Math.max(0, ...items.map((i) => i.last));
  let peak = 0;
  for (let step = 0; step <= last; step++) {
    const alive = items.filter((i) => i.first <= step && step <= i.last);
    peak = Math.max(
      peak,
      alive.reduce((sum, i) => sum + align256(i.bytes), 0),
    );
  }
  return peak;
}
const sumOf = (items: readonly ArenaItem[]): number => items.reduce((sum, i) => sum + align256(i.bytes), 0);

/** Items with sizes from nothing to a few KiB, and lifetimes short and long. */
function drawItems(seed: number): ArenaItem[] {
  const random = randomStream(seed);
  const steps = 1 + Math.floor(random() * 30);
  return Array.from({ length: Math.floor(random() * 40) }, () => {
    const first = Math.floor(random() * steps);
    const length = random() < 0.7 ? Math.floor(random() * 3) : Math.floor(random() * steps);
    return { bytes: Math.floor(random() ** 2 * 6000), first, last: Math.min(steps - 1, first + length) };
  });
}

describe('over 500 random sets of lifetimes', () => {
  const sets = Array.from({ length: 500 }, (_, seed) => drawItems(seed));

  test('no two values that are alive together overlap', () => {
    const clash = sets.flatMap((items, seed) => {
      const { offsets } = planArena(items);
      const ends = items.map((item, i) => offsets[i] + align256(item.bytes));
      return items.flatMap((a, i) => {
        const others = items.slice(i + 1).filter((b, k) => {
          const j = i + 1 + k;
          return meet(a, b) && offsets[i] < ends[j] && offsets[j] < ends[i];
        });
        return others.length > 0 || offsets[i] % 256 !== 0 ? [`value ${i} of set ${seed}`] : [];
      });
    });
    expect(clash).toEqual([]);
  });

  test('the size is the end of the last value, never below the peak and never above the sum', () => {
    for (const items of sets) {
      const { offsets, bytes } = planArena(items);
      expect(bytes).toBe(Math.max(0, ...items.map((item, i) => offsets[i] + align256(item.bytes))));
      expect(bytes).toBeGreaterThanOrEqual(peakOf(items));
      expect(bytes).toBeLessThanOrEqual(sumOf(items));
    }
  });

  test('the plan is the same every time', () => {
    for (const items of sets) expect(planArena(items.map((i) => ({ ...i })))).toEqual(planArena(items));
  });

  test('the size is on average within a tenth of the peak', () => {
    const ratios = sets.filter((s) => s.length > 0).map((s) => planArena(s).bytes / peakOf(s));
    expect(ratios.reduce((a, b) => a + b) / ratios.length).toBeLessThan(1.1);
  });
});

describe('a plan', () => {
  test('of nothing is empty', () => {
    expect(planArena([])).toEqual({ offsets: [], bytes: 0 });
  });

  test('of a chain, where each value lives until the next one is made, is its peak', () => {
    const random = randomStream(3);
    for (let n = 1; n < 40; n++) {
      const items = Array.from({ length: n }, (_, i) => ({ bytes: 1024, first: i, last: Math.min(n - 1, i + 1) }));
      expect(planArena(items).bytes).toBe(peakOf(items));
      expect(planArena(items).bytes).toBe(Math.min(n, 2) * 1024);
      // Sizes that shrink, as through the pools of a network.
      const cone = items.map((item, i) => ({ ...item, bytes: 256 * (n - i) + Math.floor(random() * 256) }));
      expect(planArena(cone).bytes).toBe(peakOf(cone));
    }
  });

  test('of a forward pass whose values wait for the backward pass is its peak', () => {
    const n = 9;
    const forward = Array.from({ length: n }, (_, i) => ({ bytes: 512, first: i, last: 2 * n - 1 - i }));
    const backward = Array.from({ length: n }, (_, i) => ({
      bytes: 512,
      first: n + i,
      last: Math.min(2 * n - 1, n + i + 1),
    }));
    const items = [...forward, ...backward];
    expect(planArena(items).bytes).toBe(peakOf(items));
  });

  test('gives values that are never alive together the same place, and an empty value a place of its own', () => {
    const { offsets, bytes } = planArena([
      { bytes: 1000, first: 0, last: 1 },
      { bytes: 900, first: 2, last: 3 },
      { bytes: 0, first: 0, last: 3 },
    ]);
    expect(offsets[0]).toBe(offsets[1]);
    expect(offsets[2]).toBe(1024);
    expect(bytes).toBe(1280);
  });
});
