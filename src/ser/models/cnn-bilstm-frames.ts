/**
 * Our own: a CNN-BiLSTM with attention beside statistics of the clip, both normalised as one vector before two dense layers. With
 * `--normalize speaker` that normalises within the speaker (see EmbeddingModel): how much a voice rises tells more than how high it is, and the
 * features' own normalisation says nothing of what network and statistics make of them.
 */
import { BatchNorm1d, Dropout, Linear } from '../../nn/index.js';
import { concat, type Tensor } from '../../tensor/index.js';
import { clipStatistics, clipStatisticsWidth } from './clip-statistics.js';
import { ConvBilstm, type ConvBilstmOptions } from './conv-bilstm.js';
import { EmbeddingModel, type ModelInput } from './model.js';

export interface CnnBilstmFramesOptions extends ConvBilstmOptions {
  readonly classes: number;
  /** Units of the dense layer. Default 128. */
  readonly dense?: number;
}

export class CnnBilstmFrames extends EmbeddingModel {
  readonly sequence: ConvBilstm;
  readonly norm: BatchNorm1d;
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;

  constructor({ classes, dense = 128, ...options }: CnnBilstmFramesOptions) {
    super();
    this.sequence = new ConvBilstm(options);
    const width = this.sequence.size + clipStatisticsWidth(options.features);
    this.norm = new BatchNorm1d(width, { affine: false });
    this.fc1 = new Linear(width, dense);
    this.fc2 = new Linear(dense, classes);
    this.dropout = new Dropout(options.dropout);
  }

  override embed(input: ModelInput): Tensor {
    return concat([this.sequence.forward(input), clipStatistics(input.x, input.lengths)], 1);
  }

  override classify(embedding: Tensor): Tensor {
    const h = this.fc1.forward(this.dropout.forward(embedding)).relu();
    return this.fc2.forward(this.dropout.forward(h));
  }
}
