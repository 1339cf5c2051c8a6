/** What voices are like inside a model: statistics of the vectors that it makes of their clips. */
import type { BatchNorm1d } from '../../nn/index.js';
import { Tensor, readAll } from '../../tensor/index.js';
import { applyStats, RunningStats, USUAL_CLIPS, type FeatureItem, type Stats } from '../features/index.js';

export class Voices {
  private readonly heard = new Map<string, RunningStats>();

  /** @param usual what a voice is taken for before it is heard */
  constructor(private readonly usual: Stats) {}

  /** Of a model that normalises by `norm`: its running statistics are what is usual. */
  static async of(norm: BatchNorm1d): Promise<Voices> {
    const [mean, variance] = await readAll([norm.runningMean, norm.runningVar].map(({ leaf }) => new Tensor(leaf)));
    return new Voices({
      mean: Float32Array.from(mean as Float32Array),
      deviation: Float32Array.from(variance as Float32Array, (v) => Math.sqrt(v + norm.eps)),
    });
  }

  /** Hears all of the vectors (one row each), then gives them normalised, each by its speaker's. */
  normalize(vectors: readonly FeatureItem[], speakers: readonly string[]): FeatureItem[] {
    vectors.forEach((vector, i) => this.voice(speakers[i]).add(vector));
    const stats = new Map([...new Set(speakers)].map((speaker) => [speaker, this.voice(speaker).stats]));
    return vectors.map((vector, i) => applyStats(vector, stats.get(speakers[i])!));
  }

  private voice(speaker: string): RunningStats {
    const known = this.heard.get(speaker) ?? new RunningStats(this.usual, USUAL_CLIPS);
    this.heard.set(speaker, known);
    return known;
  }
}
