/**
 * Our CNN-BiLSTM on frame features (N, T, F): two convolutions that shorten the sequence, a BiLSTM over what is left, attention over
 * time, two dense layers. The first convolution strides by two instead of pooling: half the work of the widest layer.
 */
import { AttentionPooling, BatchNorm1d, Conv1d, Dropout, LSTM, Linear, MaxPool1d, lengthMask } from '../../nn/index.js';
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
    // What batch norm makes of padding must not reach the clip's last steps through the second window: behind a clip there is 0, as
    // behind the end of the tensor. The same keeps it out of the pooling window at the clip's end, where all else is 0 or more.
    const halves = stepsOf(lengths, 2, h.shape[1]);
    h = masked(h, halves);
    h = masked(this.bn2.forward(this.conv2.forward(h)).relu(), halves);
    h = this.dropout.forward(this.pool.forward(h));
    const steps = stepsOf(lengths, 2 * this.pool.kernelSize, h.shape[1]);
    const { output } = this.lstm.forward(h, { lengths: steps });
    const pooled = this.dropout.forward(this.attention.forward(output, steps));
    return this.fc2.forward(this.dropout.forward(this.fc1.forward(pooled).relu()));
  }
}

/** Steps of `span` frames that a clip reaches into, of the `most` there are. */
function stepsOf(lengths: Tensor | undefined, span: number, most: number): Tensor | undefined {
  return lengths
    ?.toFloat()
    .add(span - 1)
    .div(span)
    .floor()
    .minimum(most)
    .cast('u32');
}

/** (N, T, C) with 0 behind each clip's own steps. */
function masked(h: Tensor, steps: Tensor | undefined): Tensor {
  const [n, t] = h.shape;
  return steps ? h.mul(lengthMask(steps, t).reshape([n, t, 1])) : h;
}
