/** Clips go into batches of their own length, in bounded memory. */
import { describe, expect, test } from 'vitest';
import { BUCKET, ClipPool, type ClipBatch } from '../../../src/ser/features/pool.js';

const clip = (length: number, tag: number) => ({ samples: new Float32Array(length), tag });
const tags = (batches: Iterable<ClipBatch<number>>) => [...batches].map(({ clips }) => clips.map(({ tag }) => tag));

describe('ClipPool', () => {
  test('gives a batch when 16 clips of one rounded length are there, and the rest in the end', () => {
    const pool = new ClipPool<number>();
    const full: ClipBatch<number>[] = [];
    for (let i = 0; i < 40; i++) full.push(...pool.add(clip(i % 2 ? BUCKET : BUCKET + 1 + i, i)));
    expect(full.map(({ length, rows }) => [length, rows])).toEqual([
      [2 * BUCKET, 16],
      [BUCKET, 16],
    ]);
    expect(tags(full)).toEqual([0, 1].map((first) => Array.from({ length: 16 }, (_, i) => first + 2 * i)));
    expect(tags(pool.rest())).toEqual([
      [32, 34, 36, 38],
      [33, 35, 37, 39],
    ]);
    expect(tags(pool.rest())).toEqual([]);
  });

  test('makes smaller batches of long clips, down to one', () => {
    const rows = (length: number): number => {
      const pool = new ClipPool<number>();
      for (let i = 1; ; i++)
        for (const batch of pool.add(clip(length, i))) return (expect(batch.clips.length).toBe(batch.rows), i);
    };
    expect(rows(240_000)).toBe(16);
    expect(rows(1_000_000)).toBe(3);
    expect(rows(5_000_000)).toBe(1);
  });

  test('never holds more than 64 MB, however many lengths come: the one that has waited longest goes first', () => {
    const pool = new ClipPool<number>();
    let held = 0;
    const given: number[] = [];
    for (let i = 0; i < 300; i++) {
      const length = BUCKET * (10 + i);
      held += length;
      for (const batch of pool.add(clip(length, i))) {
        given.push(...batch.clips.map(({ tag }) => tag));
        for (const { samples } of batch.clips) held -= samples.length;
      }
      expect(held).toBeLessThanOrEqual(16_000_000);
    }
    expect(given).toEqual(given.map((_, i) => i));
    expect(given.length + tags(pool.rest()).flat().length).toBe(300);
  });
});
