import { describe, expect, test } from 'vitest';
import {
  Adam,
  AdamW,
  Linear,
  OptimizerError,
  RMSprop,
  SGD,
  StateDictError,
  clipGradNorm,
  clipGradValue,
  type Optimizer,
  type ParameterList,
} from '../../src/nn/index.js';
import type { Tensor } from '../../src/tensor/index.js';
import { StaleTensorError, memory, parameter, tensor, type Parameter } from '../../src/tensor/index.js';
import { fixtureCases, type FixtureCase } from '../support/fixtures.js';
import { expectClose, randomArray } from '../support/compare.js';
import { FORWARD, expectNear, read, useEngine } from './engine.js';

useEngine();

/** Variants of PyTorch's optimizers that this library does not have. */
const ABSENT = ['adam_amsgrad', 'rmsprop_centered', 'sgd_dampening'];
const cases = fixtureCases('torch/optimizers').filter((c) => !ABSENT.includes(c.name));

function make(c: FixtureCase, parameters: ParameterList): Optimizer {
  const given = c.attrs.json.options as Record<string, number & boolean & [number, number]>;
  const options = { ...given, weightDecay: given.weight_decay };
  switch (c.attrs.string('optimizer')) {
    case 'Adam':
      return new Adam(parameters, options);
    case 'AdamW':
      return new AdamW(parameters, options);
    case 'RMSprop':
      return new RMSprop(parameters, options);
    case 'SGD':
      return new SGD(parameters, options);
    default:
      throw new Error(`no optimizer for ${c.name}`);
  }
}

/** Where the fixture's 37 numbers are cut into two parameters, so that more than one place of the arena is seen. */
const CUT = 20;
const pair = (values: ArrayLike<number>): [Parameter, Parameter] => {
  const all = Float32Array.from(values);
  return [parameter(all.slice(0, CUT), [4, 5]), parameter(all.slice(CUT), [17])];
};

function setGradients([a, b]: readonly Parameter[], row: ArrayLike<number>): void {
  const all = Float32Array.from(row);
  a.grad = tensor(all.slice(0, CUT), [4, 5]);
  b.grad = tensor(all.slice(CUT), [17]);
}

const join = async (parameters: readonly Parameter[]): Promise<number[]> =>
  (await read(...parameters)).flatMap((data) => [...data]);

/** Row k of the fixture's (10, 37). */
const row = (c: FixtureCase, name: string, k: number): Float64Array => c.array(name).data.slice(k * 37, (k + 1) * 37);

describe.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
  test('takes the ten steps of PyTorch', async () => {
    const parameters = pair(c.array('p0').data);
    const optimizer = make(c, parameters);
    for (let k = 0; k < 10; k++) {
      setGradients(parameters, row(c, 'g', k));
      optimizer.step();
      expectNear(await join(parameters), row(c, 'p', k), 1e-6);
    }
    expect(optimizer.steps).toBe(10);
  });

  test('goes on from a saved state, bit for bit', async () => {
    const through = pair(c.array('p0').data);
    const one = make(c, through);
    let saved: Awaited<ReturnType<Optimizer['stateDict']>> | undefined;
    let middle: number[] = [];
    for (let k = 0; k < 6; k++) {
      if (k === 3) {
        saved = await one.stateDict();
        middle = await join(through);
      }
      setGradients(through, row(c, 'g', k));
      one.step();
    }
    if (!saved) throw new Error('nothing was saved');
    const resumed = pair(middle);
    const two = make(c, resumed);
    two.loadStateDict(saved);
    expect(two.steps).toBe(3);
    for (let k = 3; k < 6; k++) {
      setGradients(resumed, row(c, 'g', k));
      two.step();
    }
    expect(await join(resumed)).toEqual(await join(through));
  });
});

test('defaults are those of PyTorch', () => {
  const p = [parameter(new Float32Array(1), [1])];
  expect(new Adam(p)).toMatchObject({ lr: 1e-3, momentum: 0.9, eps: 1e-8, weightDecay: 0 });
  expect(new AdamW(p)).toMatchObject({ lr: 1e-3, weightDecay: 1e-2 });
  expect(new RMSprop(p)).toMatchObject({ lr: 1e-2, alpha: 0.99, eps: 1e-8, momentum: 0 });
  expect(new SGD(p)).toMatchObject({ lr: 1e-3, momentum: 0, nesterov: false });
});

describe('an optimizer', () => {
  test('takes a new learning rate at the next step', async () => {
    const p = parameter(new Float32Array([1]), [1]);
    const optimizer = new SGD([p], { lr: 0.5 });
    for (const lr of [0.5, 0.25]) {
      optimizer.lr = lr;
      p.grad = tensor([1]);
      optimizer.step();
    }
    expect([...(await read(p))[0]]).toEqual([0.25]);
  });

  test('leaves a parameter without a gradient alone, also after it had one', async () => {
    const [a, b] = [parameter(new Float32Array(3), [3]), parameter(new Float32Array(2), [2])];
    const optimizer = new SGD([a, b], { lr: 1 });
    a.grad = tensor([1, 2, 3]);
    b.grad = tensor([4, 5]);
    optimizer.step();
    optimizer.zeroGrad();
    a.grad = tensor([1, 1, 1]);
    optimizer.step();
    expect(await join([a, b])).toEqual([-2, -3, -4, -4, -5]);
  });

  test('counts a parameter that is given twice once', async () => {
    const p = parameter(new Float32Array(2), [2]);
    const optimizer = new SGD([p, p], { lr: 1 });
    p.grad = tensor([1, 2]);
    optimizer.step();
    expect(optimizer.parameters).toHaveLength(1);
    expect(await join([p])).toEqual([-1, -2]);
  });

  test('trains parameters that another optimizer has taken meanwhile', async () => {
    const p = parameter(new Float32Array(2), [2]);
    const q = parameter(new Float32Array(1), [1]);
    const both = new SGD([q, p], { lr: 1 });
    const one = new SGD([p], { lr: 10 });
    for (const optimizer of [both, one, both]) {
      p.grad = tensor([1, 2]);
      q.grad = tensor([1]);
      optimizer.step();
    }
    expect(await join([p, q])).toEqual([-12, -24, -2]);
  });

  test('moves parameters into its arena after programs have read them elsewhere', async () => {
    const layer = new Linear(2, 1, { bias: false });
    layer.weight.set(new Float32Array([1, 2]));
    const x = tensor([[3, 4]]);
    const output = async (): Promise<number[]> => [...(await read(layer.forward(x)))[0]];
    expect(await output()).toEqual([11]);
    const optimizer = new SGD(layer.parameters(), { lr: 1 });
    layer.forward(x).sum().backward();
    optimizer.step();
    expect(await output()).toEqual([-14]);
    layer.weight.set(new Float32Array([1, 1]));
    expect(await output()).toEqual([7]);
  });

  test('gives its memory back and leaves the parameters usable', async () => {
    const layer = new Linear(3, 100);
    const x = tensor([[1, 1, 1]]);
    const optimizer = new Adam(layer.namedParameters());
    layer.forward(x).sum().backward();
    optimizer.step();
    const [before] = await read(layer.forward(x));
    const held = memory().buffers;
    optimizer[Symbol.dispose]();
    expect(memory().buffers).toBe(held - 3);
    expect((await read(layer.forward(x)))[0]).toEqual(before);
    layer[Symbol.dispose]();
    expect(memory().buffers).toBe(held - 4);
  });

  test('says what is wrong when there is nothing to do', () => {
    const p = parameter(new Float32Array(1), [1]);
    expect(() => new SGD([p]).step()).toThrow(OptimizerError);
    expect(() => new SGD([p]).step()).toThrow(/loss\.backward\(\)/);
    expect(() => new SGD([])).toThrow(/no parameters/);
    expect(() => new SGD([p], { lr: -1 })).toThrow(/lr/);
    expect(() => new SGD([p], { nesterov: true })).toThrow(/momentum/);
    expect(() => new Adam([p], { betas: [0.9, 1] })).toThrow(/beta2/);
    expect(() => new Adam([p], { clipGradNorm: 0 })).toThrow(/clipGradNorm/);
  });

  test('tells to call zeroGrad() when it was forgotten', () => {
    const layer = new Linear(2, 1);
    const optimizer = new SGD(layer.parameters());
    const loss = (): Tensor => layer.forward(tensor([[1, 2]])).sum();
    loss().backward();
    optimizer.step();
    expect(() => loss().backward()).toThrow(StaleTensorError);
    expect(() => loss().backward()).toThrow(/zeroGrad\(\)/);
    expect(() => optimizer.step()).toThrow(/zeroGrad\(\)/);
    optimizer.zeroGrad();
    loss().backward();
    optimizer.step();
    expect(optimizer.steps).toBe(2);
  });

  test('adds the gradients of several backward passes before a step', async () => {
    const layer = new Linear(2, 1, { bias: false });
    layer.weight.set(new Float32Array(2));
    const optimizer = new SGD(layer.parameters(), { lr: 1 });
    for (const x of [
      [1, 2],
      [10, 20],
    ])
      layer
        .forward(tensor([x]))
        .sum()
        .backward();
    optimizer.step();
    expect(await join([layer.weight])).toEqual([-11, -22]);
  });

  test('takes rate and momentum from a saved state, as a scheduler had left them', async () => {
    const p = parameter(new Float32Array(1), [1]);
    const before = new SGD([p], { lr: 0.1, momentum: 0.9 });
    before.lr = 0.025;
    before.momentum = 0.85;
    const after = new SGD([p], { lr: 0.1, momentum: 0.9 });
    after.loadStateDict(await before.stateDict());
    expect(after).toMatchObject({ lr: 0.025, momentum: 0.85 });
  });

  test('refuses the state of another optimizer or of other parameters', async () => {
    const p = parameter(new Float32Array(2), [2]);
    const state = await new Adam([['w', p]]).stateDict();
    expect(Object.keys(state.arrays)).toEqual(['expAvg.w', 'expAvgSq.w']);
    expect(() => new AdamW([['w', p]]).loadStateDict(state)).toThrow(StateDictError);
    expect(() => new Adam([['v', p]]).loadStateDict(state)).toThrow(/"expAvg\.v" is missing.*unexpected: expAvg\.w/);
    const longer = parameter(new Float32Array(3), [3]);
    expect(() => new Adam([['w', longer]]).loadStateDict(state)).toThrow(/has 2 values, expected 3/);
  });
});

describe.each(fixtureCases('torch/clip_grad').map((c) => [c.name, c] as const))('clipping %s', (name, c) => {
  const leaves = (): Parameter[] =>
    ['a', 'b'].map((key) => {
      const { shape, data } = c.array(key);
      const p = parameter(new Float32Array(data.length), shape);
      p.grad = tensor(Float32Array.from(data), shape);
      return p;
    });
  const expected = [...c.array('a_after').data, ...c.array('b_after').data];

  test('changes gradients as PyTorch', async () => {
    const parameters = leaves();
    if (name === 'value') clipGradValue(parameters, c.attrs.number('clipValue'));
    else {
      const norm = clipGradNorm(parameters, c.attrs.number('maxNorm'), c.attrs.number('normType'));
      expectClose((await read(norm))[0], c.array('norm').data, FORWARD);
    }
    const grads = await read(...parameters.map((p) => p.grad));
    expectClose(
      grads.flatMap((g) => [...g]),
      expected,
      FORWARD,
    );
  });

  // The optimizer's own clipping is by the Euclidean norm.
  test.runIf(name !== 'value' && c.attrs.number('normType') === 2)('inside the step is the same', async () => {
    const parameters = leaves();
    new SGD(parameters, { lr: 1, clipGradNorm: c.attrs.number('maxNorm') }).step();
    expectClose(
      (await join(parameters)).map((v) => -v),
      expected,
      FORWARD,
    );
  });
});

test('clipping leaves kept gradients readable after the step', async () => {
  const p = parameter(randomArray(5, 1), [5]);
  const g = tensor([1, 2, 3, 4, 5]).mul(2).keep();
  p.grad = g;
  new SGD([p], { clipGradNorm: 1 }).step();
  expect([...(await read(g))[0]]).toEqual([2, 4, 6, 8, 10]);
  expect(p.grad).toBe(g);
});
