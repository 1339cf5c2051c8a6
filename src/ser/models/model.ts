/** What every speech-emotion model is. */
import { Module } from '../../nn/index.js';
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
