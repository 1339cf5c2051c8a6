import { describe, expect, test } from 'vitest';
import {
  Adam,
  BatchNorm1d,
  Conv1d,
  Dropout,
  LSTM,
  Linear,
  MaxPool1d,
  Module,
  OneCycleLR,
  RMSprop,
  ReLU,
  Sequential,
  Tanh,
  crossEntropyLoss,
  mseLoss,
} from '../../src/nn/index.js';
import type { Tensor } from '../../src/tensor/index.js';
import { device, manualSeed, randomState, setRandomState, tensor } from '../../src/tensor/index.js';
import { randomArray } from '../support/compare.js';
import { read, useEngine } from './engine.js';

useEngine();

test('a small network learns XOR', async () => {
  manualSeed(1);
  const model = new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 1));
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([[0], [1], [1], [0]]);
  let loss = tensor([0]);
  for (let i = 0; i < 150; i++) {
    optimizer.zeroGrad();
    loss = mseLoss(model.forward(x), y);
    loss.backward();
    optimizer.step();
  }
  expect(await loss.item()).toBeLessThan(0.01);
  const [out] = await read(model.forward(x));
  expect(Array.from(out, Math.round)).toEqual([0, 1, 1, 0]);
});

/** Every kind of layer that has state: convolution, batch norm, dropout, LSTM over ragged rows. */
class Everything extends Module {
  readonly conv = new Conv1d(1, 4, 3, { padding: 'same' });
  readonly bn = new BatchNorm1d(4);
  readonly relu = new ReLU();
  readonly pool = new MaxPool1d(2);
  readonly lstm = new LSTM({ inputSize: 4, hiddenSize: 5, bidirectional: true });
  readonly drop = new Dropout(0.3);
  readonly fc = new Linear(10, 3);

  override forward(x: Tensor): Tensor {
    const h = this.pool.forward(this.relu.forward(this.bn.forward(this.conv.forward(x))));
    return this.fc.forward(this.drop.forward(this.lstm.forward(h, { lengths: [4, 2, 3, 1, 4, 4] }).last));
  }
}

class Run {
  readonly model: Everything;
  readonly optimizer: RMSprop;
  readonly scheduler: OneCycleLR;

  constructor(seed: number) {
    manualSeed(seed);
    this.model = new Everything();
    this.optimizer = new RMSprop(this.model.namedParameters(), { lr: 1e-2, momentum: 0.5, clipGradNorm: 1 });
    this.scheduler = new OneCycleLR(this.optimizer, { maxLr: 0.05, totalSteps: 20 });
  }

  /** One step on the batch number `index`. */
  step(index: number): Tensor {
    const x = tensor(randomArray(6 * 8, 100 + index), [6, 8, 1]);
    const labels = tensor(new Int32Array([0, 1, 2, 0, 1, -1]));
    this.optimizer.zeroGrad();
    const loss = crossEntropyLoss(this.model.forward(x), labels, { labelSmoothing: 0.1 });
    loss.backward();
    this.optimizer.step();
    this.scheduler.step();
    return loss;
  }

  async state() {
    return {
      model: await this.model.stateDict(),
      optimizer: await this.optimizer.stateDict(),
      scheduler: this.scheduler.stateDict(),
      random: randomState(),
    };
  }
}

describe('training', () => {
  test('twice with one seed gives the same weights, bit for bit; another seed gives others', async () => {
    const states = [];
    for (const seed of [3, 3, 4]) {
      const run = new Run(seed);
      for (let i = 0; i < 5; i++) run.step(i);
      states.push((await run.state()).model);
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).not.toEqual(states[0]);
  });

  test('goes on after a save as if it had not stopped, bit for bit', async () => {
    const through = new Run(3);
    for (let i = 0; i < 3; i++) through.step(i);
    const saved = await through.state();
    const losses = [];
    for (let i = 3; i < 6; i++) losses.push(await through.step(i).item());

    const resumed = new Run(77);
    resumed.model.loadStateDict(saved.model);
    resumed.optimizer.loadStateDict(saved.optimizer);
    resumed.scheduler.loadStateDict(saved.scheduler);
    setRandomState(saved.random);
    const again = [];
    for (let i = 3; i < 6; i++) again.push(await resumed.step(i).item());
    expect(again).toEqual(losses);
    expect((await resumed.state()).model).toEqual((await through.state()).model);
  });

  test('a step in full swing is one submit that creates no buffers and no bind groups', () => {
    const run = new Run(5);
    for (let i = 0; i < 3; i++) run.step(i);
    const before = device().counters();
    run.step(3);
    const after = device().counters();
    expect(after.submits - before.submits).toBe(1);
    expect(after.buffersCreated - before.buffersCreated).toBe(0);
    expect(after.bindGroupsCreated - before.bindGroupsCreated).toBe(0);
  });
});
