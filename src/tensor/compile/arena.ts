/**
 * Lays intermediates out in one buffer by lifetime: values that are never alive together share memory. Greedy by size (Pisarchyk and Lee,
 * "Efficient memory management for deep neural net inference", 2020): the largest value first, each at the lowest free place.
 */
import { align256 } from '../storage.js';

export interface ArenaItem {
  readonly bytes: number;
  /** First and last launch group (inclusive) that touch it. */
  readonly first: number;
  readonly last: number;
}

export interface ArenaPlan {
  /** Offset of each item, in the order given; multiples of 256. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

export function planArena(items: readonly ArenaItem[]): ArenaPlan {
  const order = items.map((_, i) => i).sort((a, b) => items[b].bytes - items[a].bytes || a - b);
  const offsets = new Array<number>(items.length).fill(0);
  const placed: number[] = [];
  let total = 0;
  for (const i of order) {
    const item = items[i];
    const size = align256(item.bytes);
    const neighbours = placed
      .filter((j) => items[j].first <= item.last && items[j].last >= item.first)
      .map((j) => ({ start: offsets[j], end: offsets[j] + align256(items[j].bytes) }))
      .sort((a, b) => a.start - b.start);
    let offset = 0;
    for (const n of neighbours) {
      if (n.start >= offset + size) break;
      offset = Math.max(offset, n.end);
    }
    offsets[i] = offset;
    placed.push(i);
    total = Math.max(total, offset + size);
  }
  return { offsets, bytes: total };
}
