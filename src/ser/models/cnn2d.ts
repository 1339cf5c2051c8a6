/**
 * The paper's CNN (§IV.A) on mel images (N, 128, 128, 1): two blocks of 3 × 3 convolution, batch norm and 2 × 2 pooling (32 and 64 channels),
 * dropout, and one dense layer on what is flattened. The text gives no activation; ReLU is our reading.
 */
import { BatchNorm2d, Conv2d, Dropout, Linear, MaxPool2d } from '../../nn/index.js';
import type { Tensor } from '../../tensor/index.js';
import { SerModel, type ModelInput } from './model.js';

export class Cnn2d extends SerModel {
  readonly conv1: Conv2d;
  readonly bn1 = new BatchNorm2d(32);
  readonly conv2: Conv2d;
  readonly bn2 = new BatchNorm2d(64);
  readonly pool = new MaxPool2d(2);
  readonly dropout: Dropout;
  readonly fc: Linear;

  constructor({
    size,
    classes,
    dropout,
  }: {
    readonly size: number;
    readonly classes: number;
    readonly dropout: number;
  }) {
    super();
    this.conv1 = new Conv2d(1, 32, 3, { padding: 'same' });
    this.conv2 = new Conv2d(32, 64, 3, { padding: 'same' });
    this.dropout = new Dropout(dropout);
    this.fc = new Linear((size / 4) ** 2 * 64, classes);
  }

  override forward({ x }: ModelInput): Tensor {
    let h = this.pool.forward(this.bn1.forward(this.conv1.forward(x).relu()));
    h = this.pool.forward(this.bn2.forward(this.conv2.forward(h).relu()));
    h = this.dropout.forward(h.reshape([h.shape[0], -1]));
    return this.fc.forward(h);
  }
}
