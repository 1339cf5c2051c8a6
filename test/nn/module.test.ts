import { describe, expect, test } from 'vitest';
import {
  BatchNorm1d,
  Conv1d,
  Dropout,
  Linear,
  Module,
  ModuleError,
  ReLU,
  Sequential,
  StateDictError,
} from '../../src/nn/index.js';
import type { Tensor } from '../../src/tensor/index.js';
import { manualSeed, memory, tensor } from '../../src/tensor/index.js';
import { read, useEngine } from './engine.js';

useEngine();

class Small extends Module {
  readonly conv1 = new Conv1d(2, 3, 3, { padding: 'same' });
  readonly bn = new BatchNorm1d(3);
  readonly blocks = [new Linear(3, 4), new Linear(4, 4, { bias: false })];
  readonly head = new Sequential(new ReLU(), new Dropout(0.5), new Linear(4, 2));

  override forward(x: Tensor): Tensor {
    const h = this.bn.forward(this.conv1.forward(x)).mean(1);
    return this.head.forward(this.blocks.reduce((y, block) => block.forward(y), h));
  }
}

const NAMES = [
  'conv1.weight',
  'conv1.bias',
  'bn.weight',
  'bn.bias',
  'bn.runningMean',
  'bn.runningVar',
  'blocks.0.weight',
  'blocks.0.bias',
  'blocks.1.weight',
  'head.2.weight',
  'head.2.bias',
];

describe('Module', () => {
  test('names its state by property path, parameters and running statistics apart', () => {
    const model = new Small();
    const running = ['bn.runningMean', 'bn.runningVar'];
    expect(model.namedState().map(([name]) => name)).toEqual(NAMES);
    expect(model.namedParameters().map(([name]) => name)).toEqual(NAMES.filter((name) => !running.includes(name)));
    expect(model.namedBuffers().map(([name]) => name)).toEqual(running);
    expect(model.parameters()).toHaveLength(9);
    expect(model.buffers()).toHaveLength(2);
    expect(model.children).toEqual([model.conv1, model.bn, ...model.blocks, model.head]);
  });

  test('counts a shared layer once', () => {
    const shared = new Linear(2, 2);
    expect(new Sequential(shared, new ReLU(), shared).namedParameters().map(([name]) => name)).toEqual([
      '0.weight',
      '0.bias',
    ]);
  });

  test('train() and eval() reach every layer', () => {
    const model = new Small();
    const modes = (): boolean[] => model.namedModules().map(([, module]) => module.training);
    expect(modes()).toEqual(modes().map(() => true));
    expect(model.eval()).toBe(model);
    expect(modes()).toEqual(modes().map(() => false));
    model.train();
    expect(model.bn.training && model.head.layers[1].training).toBe(true);
  });

  test('stateDict() copies, and another model that loads it computes the same', async () => {
    manualSeed(1);
    const a = new Small().eval();
    const state = await a.stateDict();
    expect(Object.keys(state)).toEqual(NAMES);
    expect(state['conv1.weight'].shape).toEqual([3, 2, 3]);
    const b = new Small().eval();
    const x = tensor(
      Float32Array.from({ length: 2 * 5 * 2 }, (_, i) => Math.sin(i)),
      [2, 5, 2],
    );
    const [before, other] = await read(a.forward(x), b.forward(x));
    expect(other).not.toEqual(before);
    b.loadStateDict(state);
    expect(await read(b.forward(x))).toEqual([before]);
    // A copy: neither changing it nor changing the model reaches the other.
    state['head.2.bias'].data.fill(100);
    a.head.layers[2].parameters()[1].set(new Float32Array([50, 50]));
    expect(await read(b.forward(x))).toEqual([before]);
    expect((await b.stateDict())['head.2.bias'].data[0]).not.toBe(100);
  });

  test('loading lists everything that does not fit, and then changes nothing', async () => {
    const model = new Small();
    const state = await model.stateDict();
    const { 'conv1.bias': bias, ...rest } = state;
    const bad = {
      ...rest,
      'conv9.bias': bias,
      'bn.weight': { shape: [4], data: new Float32Array(4) },
      'bn.bias': { shape: [3], data: new Float32Array(3).fill(9) },
    };
    const load = (): void => model.loadStateDict(bad);
    expect(load).toThrow(StateDictError);
    expect(load).toThrow(
      /missing: conv1\.bias;.*unexpected: conv9\.bias;.*"bn\.weight" has shape \(4\).*expected \(3\)/,
    );
    expect((await model.stateDict())['bn.bias'].data).toEqual(state['bn.bias'].data);
  });

  test('strict: false passes over missing and unknown names, not over wrong shapes', async () => {
    const model = new Small();
    model.loadStateDict(
      { 'bn.bias': { shape: [3], data: [1, 2, 3] }, other: { shape: [1], data: [0] } },
      { strict: false },
    );
    expect([...(await model.stateDict())['bn.bias'].data]).toEqual([1, 2, 3]);
    expect(() => model.loadStateDict({ 'bn.bias': { shape: [1], data: [1] } }, { strict: false })).toThrow(
      StateDictError,
    );
  });

  test('dispose gives all memory back, and use afterwards is an error', async () => {
    const before = memory().buffers;
    const model = new Linear(3, 300);
    const x = tensor(new Float32Array(6), [2, 3]);
    await read(model.forward(x));
    model[Symbol.dispose]();
    expect(memory().buffers).toBeLessThanOrEqual(before + 2);
    await expect(read(model.forward(x))).rejects.toThrow(/disposed/);
  });
});

test.each([
  ['Linear', () => new Linear(0, 3)],
  ['Linear', () => new Linear(3, 1.5)],
  ['Conv1d', () => new Conv1d(1, 1, 0)],
  ['Conv1d', () => new Conv1d(1, 1, 3, { stride: 0 })],
  ['Dropout', () => new Dropout(1.5)],
  ['BatchNorm1d', () => new BatchNorm1d(2, { momentum: 2 })],
])('%s refuses sizes that make no sense', (name, make) => {
  expect(make).toThrow(ModuleError);
  expect(make).toThrow(new RegExp(name));
});
