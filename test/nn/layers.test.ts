import { describe, expect, test } from 'vitest';
import {
  AttentionPooling,
  BatchNorm1d,
  BatchNorm2d,
  Conv1d,
  Conv2d,
  Dropout,
  Dropout1d,
  Embedding,
  Flatten,
  GlobalAveragePool,
  GlobalMaxPool,
  LSTM,
  LeakyReLU,
  Linear,
  MaxPool1d,
  MaxPool2d,
  AvgPool1d,
  AvgPool2d,
  ReLU,
  Sequential,
  SiLU,
  loadTorchStateDict,
} from '../../src/nn/index.js';
import type { Tensor } from '../../src/tensor/index.js';
import { DTypeError, ShapeError, commit, manualSeed, tensor } from '../../src/tensor/index.js';
import { channelsLast, fixtureCases, kernelLast, permute, type FixtureCase } from '../support/fixtures.js';
import { expectClose, randomArray } from '../support/compare.js';
import { FORWARD, expectArray, expectNear, f32Of, leafOf, read, tensorOf, useEngine } from './engine.js';

useEngine();

const named = (path: string, only: (c: FixtureCase) => boolean = () => true) =>
  fixtureCases(path)
    .filter(only)
    .map((c) => [c.name, c] as const);

test('Linear is x·W + b over the last dimension', async () => {
  const layer = new Linear(3, 2);
  layer.loadStateDict({
    weight: { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] },
    bias: { shape: [2], data: [0.5, -0.5] },
  });
  const x = tensor([[[1, 0, -1]], [[2, 1, 0.5]]]);
  const y = layer.forward(x);
  expect(y.shape).toEqual([2, 1, 2]);
  expectClose((await read(y))[0], [-3.5, -4.5, 8, 10.5], FORWARD);
  expect(() => layer.forward(tensor([[1, 2]]))).toThrow(ShapeError);
});

describe.each(named('torch/conv1d'))('Conv1d %s', (_, c) => {
  test('gives the output and gradients of PyTorch from its weights', async () => {
    const w = c.array('w');
    const padding = c.attrs.json.padding === 'same' ? 'same' : c.attrs.number('padding');
    const [cout, cin, k] = w.shape;
    const layer = new Conv1d(cin, cout, k, {
      stride: c.attrs.number('stride'),
      dilation: c.attrs.number('dilation'),
      padding,
    });
    loadTorchStateDict(layer, { weight: w, bias: c.array('b') });
    const x = leafOf(channelsLast(c.array('x')));
    const y = layer.forward(x);
    y.backward(tensorOf(channelsLast(c.array('dy'))));
    const [out, dx, dw, db] = await read(y, x.grad, layer.weight.grad, layer.bias?.grad);
    expectArray(y.shape, out, channelsLast(c.array('y')));
    expectNear(dx, channelsLast(c.array('dx')).data);
    expectNear(dw, kernelLast(c.array('dw')).data);
    expectNear(db, c.array('db').data);
  });
});

describe.each(named('torch/conv2d'))('Conv2d %s', (_, c) => {
  test('gives the output and gradients of PyTorch from its weights', async () => {
    const w = c.array('w');
    const pair = (name: string): [number, number] => {
      const [a, b] = c.attrs.numbers(name);
      return [a, b];
    };
    const [cout, cin, kh, kw] = w.shape;
    const layer = new Conv2d(cin, cout, [kh, kw], {
      stride: pair('stride'),
      dilation: pair('dilation'),
      padding: c.attrs.json.padding === 'same' ? 'same' : pair('padding'),
    });
    loadTorchStateDict(layer, { weight: w, bias: c.array('b') });
    const x = leafOf(channelsLast(c.array('x')));
    const y = layer.forward(x);
    y.backward(tensorOf(channelsLast(c.array('dy'))));
    const [out, dx, dw] = await read(y, x.grad, layer.weight.grad);
    expectArray(y.shape, out, channelsLast(c.array('y')));
    expectNear(dx, channelsLast(c.array('dx')).data);
    expectNear(dw, kernelLast(c.array('dw')).data);
  });
});

describe.each(named('torch/batch_norm'))('BatchNorm %s', (_, c) => {
  test('gives the output, gradients and running statistics of PyTorch', async () => {
    const options = { momentum: c.attrs.number('momentum'), eps: c.attrs.number('eps') };
    const input = channelsLast(c.array('x'));
    const channels = input.shape[input.shape.length - 1];
    const layer = input.shape.length === 4 ? new BatchNorm2d(channels, options) : new BatchNorm1d(channels, options);
    loadTorchStateDict(layer, {
      weight: c.array('w'),
      bias: c.array('b'),
      running_mean: c.array('running_mean'),
      running_var: c.array('running_var'),
      num_batches_tracked: { shape: [], data: [3n] },
    });
    layer.train(c.attrs.boolean('training'));
    const x = leafOf(input);
    const y = layer.forward(x);
    y.backward(tensorOf(channelsLast(c.array('dy'))));
    const [out, dx, dw, db] = await read(y, x.grad, layer.weight?.grad, layer.bias?.grad);
    expectArray(y.shape, out, channelsLast(c.array('y')));
    // The input's gradient is a difference of sums that nearly cancel.
    expectNear(dx, channelsLast(c.array('dx')).data, 5e-5);
    expectNear(dw, c.array('dw').data);
    expectNear(db, c.array('db').data);
    commit();
    const state = await layer.stateDict();
    expectArray(state.runningMean.shape, state.runningMean.data, c.array('running_mean_after'));
    expectArray(state.runningVar.shape, state.runningVar.data, c.array('running_var_after'));
  });
});

describe('BatchNorm', () => {
  test('affine: false only normalises', async () => {
    const layer = new BatchNorm1d(2, { affine: false, eps: 0 });
    const y = layer.forward(
      tensor([
        [1, 10],
        [3, 30],
      ]),
    );
    expectClose((await read(y))[0], [-1, -1, 1, 1], FORWARD);
    commit();
    layer.eval();
    const state = await layer.stateDict();
    expect(Object.keys(state)).toEqual(['runningMean', 'runningVar']);
    expectClose(state.runningMean.data, [0.2, 2], FORWARD);
    // Unbiased: 2 and 200, not 1 and 100.
    expectClose(state.runningVar.data, [0.9 + 0.2, 0.9 + 20], FORWARD);
    const z = layer.forward(tensor([[0.2, 2]]));
    expectClose((await read(z))[0], [0, 0], FORWARD);
  });

  test('two forward passes in one step both enter the running statistics', async () => {
    const layer = new BatchNorm1d(1, { momentum: 0.5 });
    layer.forward(tensor([[1], [3]]));
    layer.forward(tensor([[5], [7]]));
    commit();
    expectClose((await layer.stateDict()).runningMean.data, [3.5], FORWARD);
  });

  test('refuses a batch of one value in training, other channels and other ranks', () => {
    const layer = new BatchNorm1d(3);
    expect(() => layer.forward(tensor([[1, 2, 3]]))).toThrow(/more than one value/);
    expect(() =>
      layer.forward(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toThrow(/3 channels/);
    expect(() => layer.forward(tensor(new Float32Array(3), [1, 1, 1, 3]))).toThrow(ShapeError);
    expect(() => new BatchNorm2d(3).forward(tensor(new Float32Array(6), [2, 3]))).toThrow(ShapeError);
  });
});

/** The LSTM of a fixture, with its weights. */
function lstmOf(c: FixtureCase): LSTM {
  const bidirectional = c.attrs.boolean('bidirectional');
  const layer = new LSTM({ inputSize: c.array('x').shape[2], hiddenSize: c.attrs.number('hidden'), bidirectional });
  const suffixes = bidirectional ? ['', '_reverse'] : [''];
  loadTorchStateDict(
    layer,
    Object.fromEntries(
      suffixes.flatMap((suffix) => [
        [`weight_ih_l0${suffix}`, c.array(`w_ih${suffix}`)],
        [`weight_hh_l0${suffix}`, c.array(`w_hh${suffix}`)],
        [`bias_ih_l0${suffix}`, c.array(`b_ih${suffix}`)],
        [
          `bias_hh_l0${suffix}`,
          { shape: c.array(`b_ih${suffix}`).shape, data: c.array(`b_ih${suffix}`).data.map(() => 0) },
        ],
      ]),
    ),
  );
  return layer;
}

const lengthsOf = (c: FixtureCase): number[] | undefined =>
  c.attrs.isNull('lengths') ? undefined : c.attrs.numbers('lengths');

const optionsOf = (c: FixtureCase) => ({
  lengths: lengthsOf(c),
  ...(c.has('h0') ? { h0: tensorOf(c.array('h0')), c0: tensorOf(c.array('c0')) } : {}),
});

describe.each(named('torch/lstm'))('LSTM %s', (_, c) => {
  test('gives the outputs and last states of PyTorch from its weights', async () => {
    const result = lstmOf(c).forward(tensorOf(c.array('x')), optionsOf(c));
    const [output, h, cells, last] = await read(result.output, result.h, result.c, result.last);
    expectArray(result.output.shape, output, c.array('y'));
    expectArray(result.h.shape, h, c.array('hn'));
    expectArray(result.c.shape, cells, c.array('cn'));
    // (D, N, H) as (N, D·H)
    const { shape, data } = permute(c.array('hn'), [1, 0, 2]);
    expectArray(result.last.shape, last, { shape: [shape[0], shape[1] * shape[2]], data });
  });

  test('passes the gradient of the last states to the steps they are taken from', async () => {
    const [n, t] = c.array('x').shape;
    const hidden = c.attrs.number('hidden');
    const directions = c.attrs.boolean('bidirectional') ? 2 : 1;
    const width = directions * hidden;
    const cotangent = randomArray(n * width, 5);
    // The same cotangent written out over all steps on the host.
    const spread = new Float32Array(n * t * width);
    const lengths = lengthsOf(c);
    for (let row = 0; row < n; row++) {
      for (let u = 0; u < width; u++) {
        const step = u < hidden ? (lengths ? lengths[row] : t) - 1 : 0;
        spread[(row * t + step) * width + u] = cotangent[row * width + u];
      }
    }
    const grads = async (pick: 'last' | 'output', dy: Tensor): Promise<ArrayLike<number>[]> => {
      const layer = lstmOf(c);
      const x = leafOf(c.array('x'));
      layer.forward(x, optionsOf(c))[pick].backward(dy);
      return read(x.grad, layer.weightIh.grad, layer.weightHh.grad, layer.bias.grad);
    };
    const viaLast = await grads('last', tensor(cotangent, [n, width]));
    const viaOutput = await grads('output', tensor(spread, [n, t, width]));
    viaLast.forEach((grad, i) => expectNear(grad, viaOutput[i], 1e-6));
    expect(viaLast[1].length).toBe(c.array('x').shape[2] * width * 4);
    expect(Math.max(...Array.from(viaLast[0], Math.abs))).toBeGreaterThan(0);
  });
});

test('LSTM goes on from the states of the chunk before', async () => {
  manualSeed(3);
  const layer = new LSTM({ inputSize: 3, hiddenSize: 4 });
  const data = randomArray(2 * 6 * 3, 1);
  const x = tensor(data, [2, 6, 3]);
  const whole = layer.forward(x).output;
  const first = layer.forward(x.slice(1, 0, 2));
  const second = layer.forward(x.slice(1, 2, 6), { h0: first.h, c0: first.c });
  const [all, a, b] = await read(whole.slice(1, 2, 6), second.output, first.output);
  expectClose(a, all, FORWARD);
  expect(b.length).toBe(2 * 2 * 4);
});

test('LSTM refuses lengths, states and inputs that do not fit', () => {
  const layer = new LSTM({ inputSize: 3, hiddenSize: 4 });
  const x = tensor(new Float32Array(2 * 5 * 3), [2, 5, 3]);
  expect(() => layer.forward(x, { lengths: [1, 6] })).toThrow(/from 0 to 5/);
  expect(() => layer.forward(x, { lengths: [1] })).toThrow(ShapeError);
  expect(() => layer.forward(x, { lengths: tensor(new Int32Array(2)) })).toThrow(DTypeError);
  const state = tensor(new Float32Array(8), [1, 2, 4]);
  expect(() => layer.forward(x, { h0: state })).toThrow(ShapeError);
  expect(() => layer.forward(x, { h0: state, c0: state.reshape([2, 1, 4]) })).toThrow(/c0 must be \(1, 2, 4\)/);
  expect(() => layer.forward(tensor(new Float32Array(8), [2, 2, 2]))).toThrow(ShapeError);
});

describe.each(named('torch/embedding'))('Embedding %s', (_, c) => {
  test('looks rows up and adds their gradients as PyTorch', async () => {
    const [v, e] = c.array('w').shape;
    const layer = new Embedding(v, e);
    loadTorchStateDict(layer, { weight: c.array('w') });
    const y = layer.forward(tensor(Uint32Array.from(c.array('indices').data), c.array('indices').shape));
    y.backward(tensorOf(c.array('dy')));
    const [out, dw] = await read(y, layer.weight.grad);
    expectArray(y.shape, out, c.array('y'));
    expectNear(dw, c.array('dw').data);
  });
});

describe('Dropout', () => {
  const x = tensor(new Float32Array(10_000).fill(3), [100, 100]);

  test('drops a share p in training and scales the rest, so that the mean stays', async () => {
    manualSeed(5);
    const [y] = await read(new Dropout(0.3).forward(x));
    const kept = y.filter((v) => v !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(3 * Math.fround(1 / 0.7))]));
    // The share has a standard deviation of √(0.3·0.7/10⁴) = 0.0046; four of them.
    expect(Math.abs(1 - kept.length / 10_000 - 0.3)).toBeLessThan(0.019);
  });

  test('draws another mask each time, and the same one from the same seed', async () => {
    const layer = new Dropout(0.5);
    manualSeed(5);
    const [a, b] = await read(layer.forward(x), layer.forward(x));
    manualSeed(5);
    const [again] = await read(layer.forward(x));
    expect(b).not.toEqual(a);
    expect(again).toEqual(a);
  });

  test('the gradient passes through the same mask', async () => {
    manualSeed(6);
    const leaf = leafOf({ shape: [7, 5], data: randomArray(35, 2, 1, 2) });
    const y = new Dropout(0.5).forward(leaf);
    y.backward(tensor(new Float32Array(35).fill(1), [7, 5]));
    const [out, dx, values] = await read(y, leaf.grad, leaf);
    expectClose(
      Float32Array.from(dx, (g, i) => g * values[i]),
      out,
      FORWARD,
    );
    expect(new Set(dx)).toEqual(new Set([0, 2]));
  });

  test('does nothing in evaluation or with p = 0, everything with p = 1', async () => {
    expect(new Dropout(0.5).eval().forward(x)).toBe(x);
    expect(new Dropout(0).forward(x)).toBe(x);
    const [y] = await read(new Dropout(1).forward(x));
    expect(y.every((v) => v === 0)).toBe(true);
  });

  test('Dropout1d drops whole channels', async () => {
    manualSeed(5);
    const [y] = await read(new Dropout1d(0.5).forward(tensor(new Float32Array(60).fill(1), [2, 3, 10])));
    for (let n = 0; n < 2; n++) {
      for (let ch = 0; ch < 10; ch++) {
        const column = [0, 1, 2].map((l) => y[(n * 3 + l) * 10 + ch]);
        expect(new Set(column).size).toBe(1);
      }
    }
    expect(new Set(y)).toEqual(new Set([0, 2]));
  });
});

describe.each(named('torch/pool1d', (c) => c.attrs.number('padding') === 0))('pool1d %s', (_, c) => {
  test('gives the windows of PyTorch', async () => {
    const options = { stride: c.attrs.number('stride') };
    const k = c.attrs.number('kernelSize');
    const layer = c.attrs.string('op') === 'max' ? new MaxPool1d(k, options) : new AvgPool1d(k, options);
    const y = layer.forward(tensorOf(channelsLast(c.array('x'))));
    expectArray(y.shape, (await read(y))[0], channelsLast(c.array('y')));
  });
});

test('2-d pools take the maximum and mean of squares of four', async () => {
  const x = tensor(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [1, 2, 4, 1]);
  const [max, avg] = await read(new MaxPool2d(2).forward(x), new AvgPool2d(2).forward(x));
  expect([...max]).toEqual([6, 8]);
  expect([...avg]).toEqual([3.5, 5.5]);
});

describe('pooling over a ragged sequence', () => {
  // Two rows of three steps with two channels; the second row has two valid steps, the rest is poison.
  const x = tensor(new Float32Array([1, -1, 2, -2, 6, -6, 3, -3, 5, -5, 99, 99]), [2, 3, 2]);
  const lengths = [3, 2];

  test('the mean and the maximum see the valid steps only', async () => {
    const [mean, max] = await read(
      new GlobalAveragePool().forward(x, lengths),
      new GlobalMaxPool().forward(x, lengths),
    );
    expectClose(mean, [3, -3, 4, -4], FORWARD);
    expectClose(max, [6, -1, 5, -3], FORWARD);
  });

  test('without lengths they see all of it, also in images', async () => {
    const [mean, max] = await read(
      new GlobalAveragePool().forward(x.reshape([2, 3, 1, 2])),
      new GlobalMaxPool().forward(x),
    );
    expectClose(mean, [3, -3, 107 / 3, 91 / 3], FORWARD);
    expectClose(max, [6, -1, 99, 99], FORWARD);
  });

  test('attention weighs the valid steps by softmax of w·tanh(x)', async () => {
    const layer = new AttentionPooling({ inputSize: 2 });
    layer.loadStateDict({ weight: { shape: [2, 1], data: [0.5, 2] } });
    const score = (a: number, b: number): number => Math.exp(0.5 * Math.tanh(a) + 2 * Math.tanh(b));
    const expected = [
      [score(1, -1), score(2, -2), score(6, -6)],
      [score(3, -3), score(5, -5), 0],
    ].map((row) => row.map((s) => s / row.reduce((a, b) => a + b, 0)));
    const [weights, pooled] = await read(layer.scores(x, lengths), layer.forward(x, lengths));
    expectClose(weights, expected.flat(), FORWARD);
    const [p, q] = expected;
    const first = [p[0] + 2 * p[1] + 6 * p[2], 3 * q[0] + 5 * q[1]];
    expectClose(pooled, [first[0], -first[0], first[1], -first[1]], FORWARD);
  });

  test('what lies behind the end has no gradient and no influence', async () => {
    manualSeed(2);
    const layer = new AttentionPooling({ inputSize: 2, attentionSize: 3 });
    const leaf = leafOf({ shape: [2, 3, 2], data: randomArray(12, 3) });
    const other = f32Of({ shape: [12], data: randomArray(12, 3) });
    other.set([7, -7], 10);
    layer.forward(leaf, lengths).sum().backward();
    const [dx, a, b] = await read(
      leaf.grad,
      layer.forward(leaf, lengths),
      layer.forward(tensor(other, [2, 3, 2]), lengths),
    );
    expect([...dx.slice(10)]).toEqual([0, 0]);
    expect(Math.abs(dx[8])).toBeGreaterThan(0);
    expect(b).toEqual(a);
  });
});

test('activations and Flatten work in a chain', async () => {
  const x = tensor([[[-2, 1]], [[3, -0.5]]]);
  const chain = new Sequential(new Flatten(), new LeakyReLU(0.1));
  const y = chain.forward(x);
  expect(y.shape).toEqual([2, 2]);
  const [leaky, silu, relu] = await read(y, new SiLU().forward(x), new ReLU().forward(x));
  expectClose(leaky, [-0.2, 1, 3, -0.05], FORWARD);
  expectClose(
    silu,
    [-2, 1, 3, -0.5].map((v) => v / (1 + Math.exp(-v))),
    FORWARD,
  );
  expect([...relu]).toEqual([0, 1, 3, 0]);
});
