/** What every speech-emotion model is. */
import { Module, type BatchNorm1d } from '../../nn/index.js';
import type { Tensor } from '../../tensor/index.js';

/** Features of one clip as a model wants them: (frames, width), or an image or vector with `frames` 1. */
export interface ModelInput {
  /** (N, T, F); `paper` features are (N, 350, 1), mel images (N, 128, 128, 1). */
  readonly x: Tensor;
  /** Valid frames of each clip, (N) u32; absent where every clip fills its shape. */
  readonly lengths?: Tensor;
}

export abstract class SerModel extends Module {
  /** @returns logits (N, classes) */
  abstract override forward(input: ModelInput): Tensor;
}

/**
 * A model that sees a clip as a vector, normalises that, and classifies it. In training the batch's statistics normalise: where all of a
 * batch is one speaker's, they are the speaker's, and what is left of the vector is how a clip differs from the speaker's others. To test it so,
 * `score` takes the vectors of all clips of a speaker first; `forward` in evaluation has the running statistics only.
 */
export abstract class EmbeddingModel extends SerModel {
  /** Without scale and shift: a dense layer follows. */
  abstract readonly norm: BatchNorm1d;

  /** @returns vectors (N, D), not yet normalised */
  abstract embed(input: ModelInput): Tensor;

  /** @param embedding (N, D), normalised @returns logits (N, classes) */
  abstract classify(embedding: Tensor): Tensor;

  override forward(input: ModelInput): Tensor {
    return this.classify(this.norm.forward(this.embed(input)));
  }
}
