/** A multilayer perceptron on one vector a clip, as the compared base study has: 128 and 64 ReLU units with dropout. */
import { BatchNorm1d, Dropout, Linear } from '../../nn/index.js';
import { type Tensor } from '../../tensor/index.js';
import { lengthMask } from '../../nn/index.js';
import { SerModel, type ModelInput } from './model.js';

export class Mlp extends SerModel {
  readonly fc1: Linear;
  readonly bn1 = new BatchNorm1d(128);
  readonly fc2: Linear;
  readonly fc3: Linear;
  readonly dropout: Dropout;
  readonly inputDropout: Dropout | undefined;

  /** @param width numbers in a clip's vector: 350, or with sequences twice the features of a frame (mean and deviation) */
  constructor({
    width,
    classes,
    dropout,
    inputDropout = 0,
  }: {
    readonly width: number;
    readonly classes: number;
    readonly dropout: number;
    /** Of the vector itself, where it has many numbers that say much the same. Default 0. */
    readonly inputDropout?: number;
  }) {
    super();
    this.fc1 = new Linear(width, 128);
    this.fc2 = new Linear(128, 64);
    this.fc3 = new Linear(64, classes);
    this.dropout = new Dropout(dropout);
    this.inputDropout = inputDropout > 0 ? new Dropout(inputDropout) : undefined;
  }

  override forward({ x, lengths }: ModelInput): Tensor {
    let h = lengths ? overTime(x, lengths) : x.reshape([x.shape[0], -1]);
    if (this.inputDropout) h = this.inputDropout.forward(h);
    h = this.dropout.forward(this.bn1.forward(this.fc1.forward(h)).relu());
    h = this.dropout.forward(this.fc2.forward(h).relu());
    return this.fc3.forward(h);
  }
}

/** Mean and standard deviation of each feature over a clip's own frames: (N, T, F) → (N, 2F). */
function overTime(x: Tensor, lengths: Tensor): Tensor {
  const [n, t, f] = x.shape;
  const mask = lengthMask(lengths, t).reshape([n, t, 1]);
  const count = lengths.toFloat().maximum(1).reshape([n, 1, 1]);
  const mean = x.mul(mask).sum([1], true).div(count);
  const variance = x.sub(mean).mul(mask).square().sum([1], true).div(count);
  return mean
    .reshape([n, f, 1])
    .pad(2, 0, 1)
    .add(variance.add(1e-6).sqrt().reshape([n, f, 1]).pad(2, 1, 0))
    .reshape([n, 2 * f]);
}
