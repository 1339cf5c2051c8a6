import { expect, test } from 'vitest';
import {
  BatchNorm1d,
  Conv1d,
  Dropout,
  Embedding,
  LSTM,
  Linear,
  MaxPool1d,
  Module,
  ModuleError,
  Sequential,
  summary,
} from '../../src/nn/index.js';
import type { Tensor } from '../../src/tensor/index.js';
import { randomState, tensor } from '../../src/tensor/index.js';

/** The paper's Table V. */
class TableV extends Module {
  readonly conv1 = new Conv1d(1, 16, 5, { padding: 'same' });
  readonly conv2 = new Conv1d(16, 32, 5, { padding: 'same' });
  readonly conv3 = new Conv1d(32, 64, 5, { padding: 'same' });
  readonly bn1 = new BatchNorm1d(64);
  readonly conv4 = new Conv1d(64, 128, 5, { padding: 'same' });
  readonly pool = new MaxPool1d(8);
  readonly lstm = new LSTM({ inputSize: 128, hiddenSize: 256, bidirectional: true });
  readonly fc1 = new Linear(512, 128);
  readonly bn2 = new BatchNorm1d(128);
  readonly drop = new Dropout(0.3);
  readonly fc2 = new Linear(128, 64);
  readonly fc3 = new Linear(64, 7);

  override forward(x: Tensor): Tensor {
    let h = this.conv3.forward(this.conv2.forward(this.conv1.forward(x).relu()).relu()).relu();
    h = this.pool.forward(this.conv4.forward(this.bn1.forward(h)).relu());
    h = this.fc1.forward(this.lstm.forward(h).last).relu();
    h = this.fc2.forward(this.drop.forward(this.bn2.forward(h))).relu();
    return this.fc3.forward(h);
  }
}

test('counts the layers of Table V as the paper does, 917,703 in all', () => {
  const found = summary(new TableV(), [32, 350, 1]);
  const counts = found.layers.filter((l) => l.trainable > 0).map((l) => l.trainable + l.running);
  expect(counts).toEqual([96, 2592, 10304, 256, 41088, 788480, 65664, 512, 8256, 455]);
  expect(found.total).toBe(917_703);
  expect(found.running).toBe(2 * 64 + 2 * 128);
  expect(found.trainable).toBe(917_703 - 384);
});

test('shows the output shape of every layer', () => {
  const found = summary(new TableV(), [32, 350, 1]);
  const shapes = Object.fromEntries(found.layers.map((l) => [l.name, l.outputShape]));
  expect(shapes.conv4).toEqual([32, 350, 128]);
  expect(shapes.pool).toEqual([32, 43, 128]);
  // The part of the result that the model goes on with: the last states.
  expect(shapes.lstm).toEqual([32, 512]);
  expect(shapes.fc3).toEqual([32, 7]);
  const text = found.toString();
  expect(text).toMatch(/lstm +LSTM +\(32, 512\) +788,480/);
  expect(text).toMatch(/Trainable: 917,319, running statistics: 384, total: 917,703/);
});

test('leaves the model as it was: modes, random numbers, forward', () => {
  const model = new TableV();
  model.drop.eval();
  const before = randomState();
  summary(model, [2, 350, 1]);
  expect(model.bn1.training).toBe(true);
  expect(model.drop.training).toBe(false);
  expect(randomState()).toEqual(before);
  expect(Object.hasOwn(model.conv1, 'forward')).toBe(false);
});

test('takes tensors as input, and reports layers that did not run', () => {
  class Lookup extends Module {
    readonly table = new Embedding(11, 3);
    readonly unused = new Linear(3, 1);
    override forward(indices: Tensor): Tensor {
      return this.table.forward(indices);
    }
  }
  const found = summary(new Lookup(), [tensor(new Uint32Array(4), [2, 2])]);
  expect(found.layers.map((l) => l.outputShape)).toEqual([[2, 2, 3], undefined]);
  expect(found.toString()).toMatch(/unused +Linear +- +4/);
});

test('says which input the model refused, and puts it back in order', () => {
  const model = new Sequential(new Linear(3, 2), new Linear(2, 1));
  expect(() => summary(model, [5, 4])).toThrow(ModuleError);
  expect(() => summary(model, [5, 4])).toThrow(/Sequential does not take an input of \(5, 4\)/);
  expect(model.training).toBe(true);
  expect(summary(model, [5, 3]).total).toBe(11);
});
