/**
 * The paper's CNN-BiLSTM, Table V, on 350 features as a sequence of 350 steps of one. The table's parameter counts fit only this reading
 * (917,703 with running statistics, as Keras counts): four convolutions with ReLU, batch norm after the third, max pooling by 8, a BiLSTM of
 * 256 each way whose last states (512) go through two dense layers, with batch norm between.
 */
import { BatchNorm1d, Conv1d, Dropout, LSTM, Linear, MaxPool1d } from '../../nn/index.js';
import type { Tensor } from '../../tensor/index.js';
import { SerModel, type ModelInput } from './model.js';

export interface TableVOptions {
  readonly classes?: number;
  /** Divides every width, for tests: 8 gives the ⅛-width twin. Default 1. */
  readonly divisor?: number;
  /** Dropout before the last two dense layers; the table shows none (0), Table VI says 0.3–0.5. */
  readonly dropout?: number;
}

export class TableV extends SerModel {
  readonly conv1: Conv1d;
  readonly conv2: Conv1d;
  readonly conv3: Conv1d;
  readonly bn1: BatchNorm1d;
  readonly conv4: Conv1d;
  readonly pool = new MaxPool1d(8);
  readonly lstm: LSTM;
  readonly fc1: Linear;
  readonly bn2: BatchNorm1d;
  readonly fc2: Linear;
  readonly fc3: Linear;
  readonly dropout: Dropout;

  constructor({ classes = 7, divisor = 1, dropout = 0 }: TableVOptions = {}) {
    super();
    const [c1, c2, c3, c4, h, d1, d2] = [16, 32, 64, 128, 256, 128, 64].map((width) => width / divisor);
    this.conv1 = new Conv1d(1, c1, 5, { padding: 'same' });
    this.conv2 = new Conv1d(c1, c2, 5, { padding: 'same' });
    this.conv3 = new Conv1d(c2, c3, 5, { padding: 'same' });
    this.bn1 = new BatchNorm1d(c3);
    this.conv4 = new Conv1d(c3, c4, 5, { padding: 'same' });
    this.lstm = new LSTM({ inputSize: c4, hiddenSize: h, bidirectional: true });
    this.fc1 = new Linear(2 * h, d1);
    this.bn2 = new BatchNorm1d(d1);
    this.fc2 = new Linear(d1, d2);
    this.fc3 = new Linear(d2, classes);
    this.dropout = new Dropout(dropout);
  }

  override forward({ x }: Pick<ModelInput, 'x'>): Tensor {
    let h = this.conv1.forward(x).relu();
    h = this.conv2.forward(h).relu();
    h = this.bn1.forward(this.conv3.forward(h).relu());
    h = this.pool.forward(this.conv4.forward(h).relu());
    h = this.lstm.forward(h).last;
    h = this.bn2.forward(this.fc1.forward(h).relu());
    h = this.fc2.forward(this.dropout.forward(h)).relu();
    return this.fc3.forward(this.dropout.forward(h));
  }
}
