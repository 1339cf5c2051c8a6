/**
 * What our models on frames share: convolutions that shorten the sequence, a BiLSTM over what is left, attention over time. The first
 * convolution strides instead of pooling: half the work of the widest layer.
 */
import {
  BatchNorm1d,
  Conv1d,
  Dropout,
  LSTM,
  MaxPool1d,
  Module,
  ModuleError,
  type AttentionPooling,
} from '../../nn/index.js';
import type { Tensor } from '../../tensor/index.js';
import type { ModelInput } from './model.js';
import { attentionHeads, masked, pooledBy, stepsOf } from './sequence.js';

export interface ConvBilstmOptions {
  /** Features of a frame. */
  readonly features: number;
  /** Channels of each convolution. */
  readonly channels: readonly number[];
  /** Window of the convolutions, odd. Default 5. */
  readonly kernel?: number;
  /** Of the first convolution. Default 2. */
  readonly stride?: number;
  /** Window of the pooling behind the last convolution. */
  readonly pool: number;
  /** Units of each LSTM direction. */
  readonly hidden: number;
  /** Attentions of their own weights, side by side. Default 1. */
  readonly heads?: number;
  /** Behind each convolution's block. */
  readonly dropout: number;
}

/** (N, T, F) → (N, 2 · hidden · heads). */
export class ConvBilstm extends Module {
  readonly convs: Conv1d[];
  readonly norms: BatchNorm1d[];
  readonly pool: MaxPool1d;
  readonly lstm: LSTM;
  readonly attention: AttentionPooling[];
  readonly dropout: Dropout;
  /** Numbers in the vector of a clip. */
  readonly size: number;
  private readonly stride: number;

  /** @throws ModuleError for an even kernel, or without convolutions */
  constructor({ features, channels, hidden, pool, dropout, ...rest }: ConvBilstmOptions) {
    super();
    const { kernel = 5, stride = 2, heads = 1 } = rest;
    if (channels.length === 0 || kernel % 2 === 0) {
      throw new ModuleError(
        `ConvBilstm: expects channels for one convolution or more, and an odd kernel; got [${channels.join(', ')}] and ${kernel}.`,
      );
    }
    this.stride = stride;
    this.convs = channels.map(
      (width, i) =>
        new Conv1d(i === 0 ? features : channels[i - 1], width, kernel, {
          stride: i === 0 ? stride : 1,
          padding: (kernel - 1) / 2,
        }),
    );
    this.norms = channels.map((width) => new BatchNorm1d(width));
    this.pool = new MaxPool1d(pool);
    this.lstm = new LSTM({ inputSize: channels[channels.length - 1], hiddenSize: hidden, bidirectional: true });
    this.attention = attentionHeads(heads, 2 * hidden);
    this.dropout = new Dropout(dropout);
    this.size = 2 * hidden * heads;
  }

  override forward({ x, lengths }: ModelInput): Tensor {
    let h = x;
    let steps = lengths;
    this.convs.forEach((conv, i) => {
      h = this.norms[i].forward(conv.forward(h)).relu();
      if (i === 0) steps = stepsOf(lengths, this.stride, h.shape[1]);
      const last = i === this.convs.length - 1;
      if (!last) h = this.dropout.forward(h);
      // What batch norm makes of padding must not reach the clip's last steps through the next window: behind a clip there is 0, as
      // behind the end of the tensor. The same keeps it out of the pooling window at the clip's end, where all else is 0 or more.
      h = masked(h, steps);
    });
    h = this.dropout.forward(this.pool.forward(h));
    steps = stepsOf(lengths, this.stride * this.pool.kernelSize, h.shape[1]);
    const { output } = this.lstm.forward(h, { lengths: steps });
    return pooledBy(this.attention, output, steps);
  }
}
