/**
 * A bidirectional LSTM over the frames themselves (N, T, F), attention over time, one dense layer: what the convolutions of our CNN-BiLSTM
 * add is seen against it.
 */
import { BatchNorm1d, Dropout, LSTM, Linear, type AttentionPooling } from '../../nn/index.js';
import type { Tensor } from '../../tensor/index.js';
import { SerModel, type ModelInput } from './model.js';
import { attentionHeads, masked, pooledBy } from './sequence.js';

export interface BilstmOptions {
  /** Features of a frame. */
  readonly features: number;
  readonly classes: number;
  /** Units of each LSTM direction. */
  readonly hidden: number;
  /** Attentions of their own weights, side by side. Default 1. */
  readonly heads?: number;
  readonly dropout: number;
}

export class Bilstm extends SerModel {
  readonly bn: BatchNorm1d;
  readonly lstm: LSTM;
  readonly attention: AttentionPooling[];
  readonly fc: Linear;
  readonly dropout: Dropout;

  constructor({ features, classes, hidden, heads = 1, dropout }: BilstmOptions) {
    super();
    this.bn = new BatchNorm1d(features);
    this.lstm = new LSTM({ inputSize: features, hiddenSize: hidden, bidirectional: true });
    this.attention = attentionHeads(heads, 2 * hidden);
    this.fc = new Linear(2 * hidden * heads, classes);
    this.dropout = new Dropout(dropout);
  }

  override forward({ x, lengths }: ModelInput): Tensor {
    const h = this.dropout.forward(masked(this.bn.forward(x), lengths));
    const { output } = this.lstm.forward(h, { lengths });
    return this.fc.forward(this.dropout.forward(pooledBy(this.attention, output, lengths)));
  }
}
