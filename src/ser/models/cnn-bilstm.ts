/**
 * Our CNN-BiLSTM on frame features (N, T, F): two convolutions that shorten the sequence, a BiLSTM over what is left, attention over
 * time, two dense layers. The first convolution strides by two instead of pooling: half the work of the widest layer.
 */
import { AttentionPooling, BatchNorm1d, Conv1d, Dropout, LSTM, Linear, MaxPool1d } from '../../nn/index.js';
import { type Tensor } from '../../tensor/index.js';
import { SerModel, type ModelInput } from './model.js';

export interface CnnBilstmOptions {
  /** Features of a frame. */
  readonly features: number;
  readonly classes: number;
  /** Channels of the two convolutions, and units of each LSTM direction. */
  readonly channels: readonly [number, number];
  readonly hidden: number;
  /** Window of the pooling behind the second convolution. */
  readonly pool: number;
  readonly dropout: number;
}

export class CnnBilstm extends SerModel {
  readonly conv1: Conv1d;
  readonly bn1: BatchNorm1d;
  readonly conv2: Conv1d;
  readonly bn2: BatchNorm1d;
  readonly pool: MaxPool1d;
  readonly lstm: LSTM;
  readonly attention: AttentionPooling;
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;

  constructor({ features, classes, channels: [c1, c2], hidden, pool, dropout }: CnnBilstmOptions) {
    super();
    this.conv1 = new Conv1d(features, c1, 5, { stride: 2, padding: 2 });
    this.bn1 = new BatchNorm1d(c1);
    this.conv2 = new Conv1d(c1, c2, 5, { padding: 'same' });
    this.bn2 = new BatchNorm1d(c2);
    this.pool = new MaxPool1d(pool);
    this.lstm = new LSTM({ inputSize: c2, hiddenSize: hidden, bidirectional: true });
    this.attention = new AttentionPooling({ inputSize: 2 * hidden });
    this.fc1 = new Linear(2 * hidden, 64);
    this.fc2 = new Linear(64, classes);
    this.dropout = new Dropout(dropout);
  }

  override forward({ x, lengths }: ModelInput): Tensor {
    let h = this.dropout.forward(this.bn1.forward(this.conv1.forward(x)).relu());
    h = this.dropout.forward(this.pool.forward(this.bn2.forward(this.conv2.forward(h)).relu()));
    // A step behind pooling stands for 2·pool frames; one that any frame reaches counts, as long as it lies inside.
    const span = 2 * this.pool.kernelSize;
    const steps = lengths
      ?.toFloat()
      .add(span - 1)
      .div(span)
      .floor()
      .minimum(h.shape[1])
      .cast('u32');
    const { output } = this.lstm.forward(h, { lengths: steps });
    const pooled = this.dropout.forward(this.attention.forward(output, steps));
    return this.fc2.forward(this.dropout.forward(this.fc1.forward(pooled).relu()));
  }
}
