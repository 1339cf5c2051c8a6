/** Pre-emphasis of a signal that arrives in chunks: the samples that `preemphasis` gives for the whole, on the host in float32. */

export class StreamingPreemphasis {
  /** The last sample, or nothing before the first. */
  private previous: number | undefined;
  /** Whether `previous` is the first sample, which waits for the second: the line through both continues the signal backwards. */
  private waiting = false;

  constructor(private readonly coef: number) {}

  /** One sample for each that came, but for the very first, which comes with the second. */
  push(chunk: Float32Array): Float32Array {
    if (chunk.length === 0) return chunk;
    let at = 0;
    let { previous } = this;
    const out: number[] = [];
    if (previous === undefined) {
      previous = chunk[at++];
      this.waiting = true;
    }
    if (this.waiting && at < chunk.length) {
      out.push(Math.fround(previous + Math.fround(Math.fround(previous * 2) - chunk[at])));
      this.waiting = false;
    }
    const rest = Math.fround(1 - this.coef);
    for (; at < chunk.length; at++) {
      out.push(Math.fround(chunk[at] - previous) + Math.fround(previous * rest));
      previous = chunk[at];
    }
    this.previous = previous;
    return Float32Array.from(out);
  }

  /** The first sample, where it is still waiting because it is the only one: it stays as it is. */
  flush(): Float32Array {
    const out = this.waiting && this.previous !== undefined ? Float32Array.of(this.previous) : new Float32Array(0);
    this.waiting = false;
    return out;
  }

  reset(): void {
    this.previous = undefined;
    this.waiting = false;
  }
}
