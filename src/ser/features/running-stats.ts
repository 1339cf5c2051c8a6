/** The statistics of voices while they are heard. */
import type { Stats } from './normalize.js';
import type { FeatureItem } from './shape.js';

/**
 * Mean and deviation of each feature over all frames added, and before them over `weight` frames of what is usual: at first a voice is taken
 * for a usual one, and the longer it is heard the more its own statistics count.
 */
export class RunningStats {
  private readonly sum: Float64Array;
  private readonly squares: Float64Array;
  private count: number;

  constructor(usual: Stats, weight: number) {
    const { mean, deviation } = usual;
    this.count = weight;
    this.sum = Float64Array.from(mean, (m) => weight * m);
    this.squares = Float64Array.from(mean, (m, i) => weight * (deviation[i] ** 2 + m * m));
  }

  add({ data, frames, width }: FeatureItem): void {
    for (let t = 0; t < frames; t++) {
      for (let f = 0; f < width; f++) {
        const value = data[t * width + f];
        this.sum[f] += value;
        this.squares[f] += value * value;
      }
    }
    this.count += frames;
  }

  get stats(): Stats {
    return this.statsBy((variance) => Math.sqrt(variance) + 1e-5);
  }

  /** @param deviation what a variance is divided by */
  statsBy(deviation: (variance: number) => number): Stats {
    const mean = Float32Array.from(this.sum, (s) => s / this.count);
    const divisor = Float32Array.from(this.squares, (q, f) => {
      const m = this.sum[f] / this.count;
      return deviation(Math.max(0, q / this.count - m * m));
    });
    return { mean, deviation: divisor };
  }
}

/** The statistics of several voices, each taken for a usual one until it is heard. */
export class RunningVoices {
  private readonly heard = new Map<string, RunningStats>();

  /** @param weight frames (or clips, where one is a single row) that what is usual counts as much as */
  constructor(
    private readonly usual: Stats,
    private readonly weight: number,
  ) {}

  /** @param speakers whose each item is */
  add(items: readonly FeatureItem[], speakers: readonly string[]): void {
    items.forEach((item, i) => this.of(speakers[i]).add(item));
  }

  of(speaker: string): RunningStats {
    const known = this.heard.get(speaker) ?? new RunningStats(this.usual, this.weight);
    this.heard.set(speaker, known);
    return known;
  }
}
