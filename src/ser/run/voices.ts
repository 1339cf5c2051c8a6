/** What voices are like inside a model: statistics of the vectors that it makes of their clips. */
import type { BatchNorm1d } from '../../nn/index.js';
import { Tensor, readAll } from '../../tensor/index.js';
import { applyStats, RunningStats, USUAL_CLIPS, type FeatureItem, type Stats } from '../features/index.js';

export class Voices {
  private readonly heard = new Map<string, RunningStats>();

  private constructor(
    private readonly usual: Stats,
    private readonly eps: number,
    private readonly weight: number,
  ) {}

  /**
   * Of a model that normalises by `norm`: its running statistics are what a voice is taken for before it is heard.
   * @param weight vectors that these count as much as
   */
  static async of({ runningMean, runningVar, eps }: BatchNorm1d, weight = USUAL_CLIPS): Promise<Voices> {
    const [mean, variance] = await readAll([runningMean, runningVar].map(({ leaf }) => new Tensor(leaf)));
    const usual = {
      mean: Float32Array.from(mean as Float32Array),
      deviation: Float32Array.from(variance as Float32Array, Math.sqrt),
    };
    return new Voices(usual, eps, weight);
  }

  /** Hears all of the vectors (one row each), then gives them normalised, each by its speaker's, as batch norm does it. */
  normalize(vectors: readonly FeatureItem[], speakers: readonly string[]): FeatureItem[] {
    vectors.forEach((vector, i) => this.voice(speakers[i]).add(vector));
    const stats = new Map(
      [...new Set(speakers)].map((speaker) => [
        speaker,
        this.voice(speaker).statsBy((variance) => Math.sqrt(variance + this.eps)),
      ]),
    );
    return vectors.map((vector, i) => applyStats(vector, stats.get(speakers[i])!));
  }

  private voice(speaker: string): RunningStats {
    const known = this.heard.get(speaker) ?? new RunningStats(this.usual, this.weight);
    this.heard.set(speaker, known);
    return known;
  }
}
