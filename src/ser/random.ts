/**
 * Streams of random numbers on the host, by Philox (kernels/random.ts). A stream is named by a seed and a list of labels, so that a clip's numbers depend on nothing but its own name: adding a speaker
 * or drawing clips in another order changes no other clip.
 */

import { philoxBlock } from '../kernels/random.js';

/** FNV-1a over the UTF-16 units of a label: 32 bits. */
function hashLabel(label: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < label.length; i++) {
    hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash;
}

/** A stream of random numbers, wholly determined by its seed and labels. */
export class Random {
  private readonly key0: number;
  private readonly key1: number;
  private readonly counter: Uint32Array;
  private readonly block = new Uint32Array(4);
  private used = 4;
  private spare: number | undefined;

  /** `seed` is any safe integer; `labels` name the stream, e.g. `new Random(1, 'clip', 'S03', 'angry', 2)`. */
  constructor(seed: number, ...labels: readonly (string | number)[]) {
    const name = labels.join('/');
    this.key0 = seed >>> 0;
    this.key1 = Math.floor(seed / 0x100000000) >>> 0;
    this.counter = Uint32Array.of(0, 0, hashLabel(name, 0x811c9dc5), hashLabel(name, 0x2c1b3c6d));
  }

  /** The next 32 random bits, as an unsigned integer. */
  word(): number {
    if (this.used === 4) {
      philoxBlock(this.counter, this.key0, this.key1, this.block);
      this.counter[0]++;
      if (this.counter[0] === 0) this.counter[1]++;
      this.used = 0;
    }
    return this.block[this.used++];
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.word() / 0x100000000);
  }

  /** Gaussian by Box and Muller's transform. */
  normal(mean = 0, deviation = 1): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return mean + deviation * value;
    }
    // 1 − u is in (0, 1]: the logarithm stays finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return mean + deviation * radius * Math.cos(angle);
  }

  /** Gaussian, redrawn until it lies within `limit` deviations: voices vary, but no clip is a freak. */
  boundedNormal(mean: number, deviation: number, limit = 2): number {
    for (;;) {
      const value = this.normal();
      if (Math.abs(value) <= limit) return mean + deviation * value;
    }
  }

  /** A whole number in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** One of the values, each equally likely. */
  pick<T>(values: readonly T[]): T {
    return values[this.integer(values.length)];
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
  }
}
