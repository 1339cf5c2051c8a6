/** What voices are like inside a model: statistics of the vectors that it makes of their clips. */
import type { BatchNorm1d } from '../../nn/index.js';
import { Tensor, readAll } from '../../tensor/index.js';
import { applyStats, RunningVoices, USUAL_CLIPS, type FeatureItem } from '../features/index.js';

export class Voices {
  private constructor(
    private readonly heard: RunningVoices,
    private readonly eps: number,
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
    return new Voices(new RunningVoices(usual, weight), eps);
  }

  /** Hears all of the vectors (one row each), then gives them normalised, each by its speaker's, as batch norm does it. */
  normalize(vectors: readonly FeatureItem[], speakers: readonly string[]): FeatureItem[] {
    this.heard.add(vectors, speakers);
    const stats = new Map(
      [...new Set(speakers)].map((speaker) => [
        speaker,
        this.heard.of(speaker).statsBy((variance) => Math.sqrt(variance + this.eps)),
      ]),
    );
    return vectors.map((vector, i) => applyStats(vector, stats.get(speakers[i])!));
  }
}
