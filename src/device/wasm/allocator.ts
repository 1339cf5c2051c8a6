import { alignUp } from '../checks.js';

/** Every range begins at a multiple of this, and is as long. */
export const UNIT = 256;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Hands out ranges of bytes: the first free one that is long enough. Neighbours that come free become one again. */
export class RangeAllocator {
  /** By address; no two touch. */
  readonly #free: Range[] = [];
  #end: number;
  #highest: number;

  /** `start` and `end`: the bytes to begin with; both multiples of `UNIT`. */
  constructor(start: number, end: number) {
    this.#end = end;
    this.#highest = start;
    if (end > start) this.#free.push({ start, end });
  }

  /** The address of so many bytes, or undefined where no free range is long enough. */
  take(bytes: number): number | undefined {
    const size = sizeOf(bytes);
    const at = this.#free.findIndex(({ start, end }) => end - start >= size);
    if (at < 0) return undefined;
    const { start, end } = this.#free[at];
    if (end - start === size) this.#free.splice(at, 1);
    else this.#free[at] = { start: start + size, end };
    this.#highest = Math.max(this.#highest, start + size);
    return start;
  }

  /** Gives back what `take` returned for these bytes. */
  give(start: number, bytes: number): void {
    this.#insert({ start, end: start + sizeOf(bytes) });
  }

  /** More room at the end. */
  grow(bytes: number): void {
    this.#insert({ start: this.#end, end: this.#end + bytes });
    this.#end += bytes;
  }

  /** Bytes at or above it were never handed out. */
  get highest(): number {
    return this.#highest;
  }

  get end(): number {
    return this.#end;
  }

  /** How many bytes are free at the very end: what `grow` need not bring. */
  get freeAtEnd(): number {
    const last = this.#free[this.#free.length - 1];
    return last?.end === this.#end ? last.end - last.start : 0;
  }

  get freeBytes(): number {
    return this.#free.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  #insert(range: Range): void {
    // The first free range behind it.
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#free[middle].start < range.start) low = middle + 1;
      else high = middle;
    }
    const before = this.#free[low - 1];
    const after = this.#free[low];
    const joinsBefore = before?.end === range.start;
    const joinsAfter = after?.start === range.end;
    this.#free.splice(joinsBefore ? low - 1 : low, Number(joinsBefore) + Number(joinsAfter), {
      start: joinsBefore ? before.start : range.start,
      end: joinsAfter ? after.end : range.end,
    });
  }
}

const sizeOf = (bytes: number): number => Math.max(UNIT, alignUp(bytes, UNIT));
