/** A CNN-BiLSTM on frame features (N, T, F), with attention over time: convolutions, BiLSTM and attention (conv-bilstm.ts), two dense layers. */
import { Dropout, Linear } from '../../nn/index.js';
import type { Tensor } from '../../tensor/index.js';
import { ConvBilstm, type ConvBilstmOptions } from './conv-bilstm.js';
import { SerModel, type ModelInput } from './model.js';

export interface CnnBilstmOptions extends ConvBilstmOptions {
  readonly classes: number;
  /** Units of the dense layer. Default 64. */
  readonly dense?: number;
}

export class CnnBilstm extends SerModel {
  readonly sequence: ConvBilstm;
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;

  constructor({ classes, dense = 64, ...options }: CnnBilstmOptions) {
    super();
    this.sequence = new ConvBilstm(options);
    this.fc1 = new Linear(this.sequence.size, dense);
    this.fc2 = new Linear(dense, classes);
    this.dropout = new Dropout(options.dropout);
  }

  override forward(input: ModelInput): Tensor {
    const pooled = this.dropout.forward(this.sequence.forward(input));
    return this.fc2.forward(this.dropout.forward(this.fc1.forward(pooled).relu()));
  }
}
