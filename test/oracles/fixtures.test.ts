/** The float64 oracles against PyTorch's and SciPy's numbers. Fixtures hold PyTorch's layouts; oracles take the engine's, channels last. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.js';
import {
  channelsLast,
  fixtureCases,
  kernelLast,
  permute,
  tableVFixture,
  type FixtureCase,
  type Json,
} from '../support/fixtures.js';
import { unit } from '../support/generated.js';
import type { NdArray } from '../support/nd-array.js';
import { conv1d, conv1dInputGrad, conv1dWeightGrad } from './conv1d.js';
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d.js';
import { dftOracle, rdftOracle } from './fft.js';
import { lstmGradOracle } from './lstm-grad.js';
import { lstmOracle } from './lstm.js';
import { matmul } from './matmul.js';
import { avgPool1d, avgPool1dGrad, maxPool1d, maxPool1dGrad } from './pool1d.js';
import { avgPool2d, avgPool2dGrad, maxPool2d, maxPool2dGrad } from './pool2d.js';

/** Both sides are float64; what is left is the order of summation. */
const exact = { rtol: 1e-9, atol: 1e-12 };

function each(
  fixture: string,
  check: (c: FixtureCase) => void,
  wanted: (c: FixtureCase) => boolean = () => true,
): void {
  const cases = fixtureCases(fixture).filter(wanted);
  it('has cases', () => expect(cases.length).toBeGreaterThan(1));
  it.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => check(c));
}

/** PyTorch's 'same' puts the odd one of the padding on the right. */
function samePadding(kernel: number, dilation: number): [number, number] {
  const total = dilation * (kernel - 1);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** y plus a bias along the last axis. */
function withBias(y: NdArray, b: NdArray): Float64Array {
  return Float64Array.from(y.data, (v, i) => v + b.data[i % b.data.length]);
}

describe('conv1d oracles give PyTorch’s numbers', () =>
  each('torch/conv1d', (c) => {
    const [x, dy, y] = ['x', 'dy', 'y'].map((name) => channelsLast(c.array(name)));
    const w = kernelLast(c.array('w'));
    const [kernelSize] = w.shape;
    const dilation = c.attrs.number('dilation');
    const given = c.attrs.json.padding;
    const [padLeft, padRight] = given === 'same' ? samePadding(kernelSize, dilation) : [Number(given), Number(given)];
    const options = { stride: c.attrs.number('stride'), dilation, padLeft, padRight };
    expectClose(withBias(conv1d(x, w, options), c.array('b')), y.data, exact);
    expectClose(
      conv1dInputGrad(dy, w, { ...options, inputLength: x.shape[1] }).data,
      channelsLast(c.array('dx')).data,
      exact,
    );
    expectClose(conv1dWeightGrad(x, dy, { ...options, kernelSize }).data, kernelLast(c.array('dw')).data, exact);
  }));

describe('conv2d oracles give PyTorch’s numbers', () =>
  each('torch/conv2d', (c) => {
    const [x, dy, y] = ['x', 'dy', 'y'].map((name) => channelsLast(c.array(name)));
    const w = kernelLast(c.array('w'));
    const pair = (name: string): [number, number] => {
      const [first, second] = c.attrs.numbers(name);
      return [first, second];
    };
    const [stride, dilation] = [pair('stride'), pair('dilation')];
    const sides = [0, 1].map((axis) =>
      c.attrs.json.padding === 'same'
        ? samePadding(w.shape[axis], dilation[axis])
        : [pair('padding')[axis], pair('padding')[axis]],
    );
    const padding = [sides[0][0], sides[0][1], sides[1][0], sides[1][1]] as const;
    const options = { stride, dilation, padding };
    expectClose(withBias(conv2d(x, w, options), c.array('b')), y.data, exact);
    const dx = conv2dInputGrad(dy, w, { ...options, inputSize: [x.shape[1], x.shape[2]] });
    expectClose(dx.data, channelsLast(c.array('dx')).data, exact);
    const dw = conv2dWeightGrad(x, dy, { ...options, kernelSize: [w.shape[0], w.shape[1]] });
    expectClose(dw.data, kernelLast(c.array('dw')).data, exact);
  }));

describe('pool1d oracles give PyTorch’s numbers', () =>
  each('torch/pool1d', (c) => {
    const [x, dy, y, dx] = ['x', 'dy', 'y', 'dx'].map((name) => channelsLast(c.array(name)));
    const inputLength = x.shape[1];
    const padding = c.attrs.number('padding');
    const options = {
      kernelSize: c.attrs.number('kernelSize'),
      stride: c.attrs.number('stride'),
      padLeft: padding,
      padRight: padding,
    };
    if (c.attrs.string('op') === 'max') {
      const pooled = maxPool1d(x, options);
      expectClose(pooled.y.data, y.data, exact);
      expectClose(pooled.indices.data, channelsLast(c.array('indices')).data, exact);
      expectClose(maxPool1dGrad(dy, pooled.indices, { inputLength }).data, dx.data, exact);
    } else {
      const average = { ...options, countIncludePad: c.attrs.boolean('countIncludePad') };
      expectClose(avgPool1d(x, average).data, y.data, exact);
      expectClose(avgPool1dGrad(dy, { ...average, inputLength }).data, dx.data, exact);
    }
  }));

describe('pool2d oracles give PyTorch’s numbers', () =>
  each('torch/pool2d', (c) => {
    const [x, dy, y, dx] = ['x', 'dy', 'y', 'dx'].map((name) => channelsLast(c.array(name)));
    const inputSize = [x.shape[1], x.shape[2]] as const;
    const [kernelSize, stride, [top, left]] = ['kernelSize', 'stride', 'padding'].map((name) => {
      const [first, second] = c.attrs.numbers(name);
      return [first, second] as const;
    });
    const options = { kernelSize, stride, padding: [top, top, left, left] as const };
    if (c.attrs.string('op') === 'max') {
      const pooled = maxPool2d(x, options);
      expectClose(pooled.y.data, y.data, exact);
      expectClose(pooled.indices.data, channelsLast(c.array('indices')).data, exact);
      expectClose(maxPool2dGrad(dy, pooled.indices, { inputSize }).data, dx.data, exact);
    } else {
      const average = { ...options, countIncludePad: c.attrs.boolean('countIncludePad') };
      expectClose(avgPool2d(x, average).data, y.data, exact);
      expectClose(avgPool2dGrad(dy, { ...average, inputSize }).data, dx.data, exact);
    }
  }));

describe('matmul oracle gives PyTorch’s numbers and gradients', () =>
  each(
    'torch/matmul',
    (c) => {
      // Leading axes as one batch; every case here has at most one on each side.
      const [a, b, dy] = ['a', 'b', 'dy'].map((name) => batched(c.array(name)));
      expectClose(matmul(a, b).data, c.array('y').data, exact);
      expectClose(overBatch(matmul(dy, b, { transposeB: true }), a.shape[0]), c.array('da').data, exact);
      expectClose(overBatch(matmul(a, dy, { transposeA: true }), b.shape[0]), c.array('db').data, exact);
    },
    (c) => c.array('a').shape.length <= 3,
  ));

/** (M, K) as (1, M, K). */
const batched = (x: NdArray): NdArray => (x.shape.length === 2 ? { shape: [1, ...x.shape], data: x.data } : x);

/** The sum over the batch where the operand was broadcast along it. */
function overBatch(x: NdArray, batch: number): ArrayLike<number> {
  if (x.shape[0] === batch) return x.data;
  const size = x.shape[1] * x.shape[2];
  const sum = new Float64Array(size);
  for (let i = 0; i < x.data.length; i++) sum[i % size] += x.data[i];
  return sum;
}

describe('LSTM oracles give PyTorch’s numbers and gradients, with states and lengths', () => {
  each('torch/lstm', (c) => checkLstm(c, false));
  describe('backward', () =>
    each(
      'torch/lstm',
      (c) => checkLstm(c, true),
      // The oracle takes no cotangent of the last cell.
      (c) => c.array('dcn').data.every((v) => v === 0),
    ));
});

function checkLstm(c: FixtureCase, backward: boolean): void {
  const x = c.array('x');
  const [rows, steps, features] = x.shape;
  const hidden = c.attrs.number('hidden');
  const suffixes = c.attrs.boolean('bidirectional') ? ['', '_reverse'] : [''];
  const directions = suffixes.length;
  const lengths = c.has('lengths') ? c.array('lengths').data : new Float64Array(rows).fill(steps);
  // PyTorch's row gate·H + j of (4H, …) is [j][gate] here.
  const [wih, whh, bih] = ['w_ih', 'w_hh', 'b_ih'].map((name) => suffixes.map((suffix) => c.array(name + suffix).data));
  const at = (n: number, t: number, d: number, j: number): number => ((n * steps + t) * directions + d) * hidden + j;
  const gatesX = new Float64Array(rows * steps * directions * hidden * 4);
  const recurrent = new Float64Array(directions * hidden * hidden * 4);
  for (let d = 0; d < directions; d++)
    for (let j = 0; j < hidden; j++)
      for (let gate = 0; gate < 4; gate++) {
        const row = gate * hidden + j;
        for (let k = 0; k < hidden; k++)
          recurrent[((d * hidden + k) * hidden + j) * 4 + gate] = whh[d][row * hidden + k];
        for (let n = 0; n < rows; n++)
          for (let t = 0; t < steps; t++) {
            let sum = bih[d][row];
            for (let f = 0; f < features; f++)
              sum += x.data[(n * steps + t) * features + f] * wih[d][row * features + f];
            gatesX[at(n, t, d, j) * 4 + gate] = sum;
          }
      }
  const start = c.has('h0') ? { h0: c.array('h0').data, c0: c.array('c0').data } : {};
  const problem = { rows, steps, directions, hidden, gatesX, whh: recurrent, lengths, ...start };
  const result = lstmOracle(problem);
  const lastStep = (n: number, d: number): number => (d === 0 ? lengths[n] - 1 : 0);
  const states = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: directions * rows * hidden }, (_, i) => {
      const [d, n, j] = [Math.floor(i / (rows * hidden)), Math.floor(i / hidden) % rows, i % hidden];
      return values[at(n, lastStep(n, d), d, j)];
    });
  if (!backward) {
    expectClose(result.out, c.array('y').data, exact);
    expectClose(states(result.out), c.array('hn').data, exact);
    expectClose(states(result.c), c.array('cn').data, exact);
    return;
  }
  const dOut = Float64Array.from(c.array('dy').data);
  // What lies behind a sequence's end is no output of the recurrence: PyTorch writes zeros there.
  const dhn = c.array('dhn').data;
  for (let n = 0; n < rows; n++)
    for (let d = 0; d < directions; d++)
      for (let j = 0; j < hidden; j++) dOut[at(n, lastStep(n, d), d, j)] += dhn[(d * rows + n) * hidden + j];
  const { dGates, dh0, dc0 } = lstmGradOracle(problem, dOut);
  const dx = new Float64Array(x.data.length);
  suffixes.forEach((suffix, d) => {
    const dwih = new Float64Array(4 * hidden * features);
    const dwhh = new Float64Array(4 * hidden * hidden);
    const dbih = new Float64Array(4 * hidden);
    for (let n = 0; n < rows; n++)
      for (let t = 0; t < lengths[n]; t++) {
        const before = d === 0 ? t - 1 : t + 1;
        for (let j = 0; j < hidden; j++)
          for (let gate = 0; gate < 4; gate++) {
            const row = gate * hidden + j;
            const g = dGates[at(n, t, d, j) * 4 + gate];
            dbih[row] += g;
            for (let f = 0; f < features; f++) {
              dwih[row * features + f] += g * x.data[(n * steps + t) * features + f];
              dx[(n * steps + t) * features + f] += g * wih[d][row * features + f];
            }
            for (let k = 0; k < hidden; k++) {
              const first = start.h0 ? start.h0[(d * rows + n) * hidden + k] : 0;
              dwhh[row * hidden + k] +=
                g * (before < 0 || before >= lengths[n] ? first : result.out[at(n, before, d, k)]);
            }
          }
      }
    expectClose(dwih, c.array('dw_ih' + suffix).data, exact);
    expectClose(dwhh, c.array('dw_hh' + suffix).data, exact);
    expectClose(dbih, c.array('db_ih' + suffix).data, exact);
  });
  expectClose(dx, c.array('dx').data, exact);
  if (c.has('h0')) {
    expectClose(dh0, c.array('dh0').data, exact);
    expectClose(dc0, c.array('dc0').data, exact);
  }
}

describe('DFT oracles give SciPy’s numbers', () =>
  each('scipy/fft', (c) => {
    const n = c.attrs.number('n');
    const pairs = (re: ArrayLike<number>, im: ArrayLike<number>): Float64Array =>
      Float64Array.from({ length: 2 * re.length }, (_, i) => (i % 2 === 0 ? re[i / 2] : im[(i - 1) / 2]));
    const expected = pairs(c.array('y_re').data, c.array('y_im').data);
    const actual =
      c.attrs.string('op') === 'rfft'
        ? rdftOracle(c.array('x').data, 1, n)
        : dftOracle(pairs(c.array('x_re').data, c.array('x_im').data), 1, n);
    expectClose(actual, expected, { rtol: 1e-9, atol: 1e-11 });
  }));

describe('the generator is the reference scripts’, bit for bit', () => {
  const sha256 = (values: Float32Array | Int32Array): string => createHash('sha256').update(values).digest('hex');
  const field = (entry: Json, name: string): Json => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw new Error('no object');
    return (entry as { readonly [key: string]: Json })[name];
  };
  const list = (value: Json): readonly Json[] => {
    if (!Array.isArray(value)) throw new Error('no list');
    return value as readonly Json[];
  };

  it('makes the starting weights of the full Table V model', () => {
    const fixture = tableVFixture('full');
    const state = fixture.startState();
    const entries = list(fixture.json.state);
    expect([...state.keys()]).toEqual(entries.map((entry) => field(entry, 'name')));
    expect([...state.values()].map(({ data }) => sha256(data))).toEqual(entries.map((entry) => field(entry, 'sha256')));
    expect(state.size).toBeGreaterThan(30);
  });

  it.each(['full', 'twin'] as const)('makes the batches of %s', (which) => {
    const fixture = tableVFixture(which);
    list(fixture.json.batches).forEach((expected, k) => {
      const { x, labels } = fixture.batchAt(k);
      expect({ x: sha256(x), labels: sha256(labels) }).toEqual(expected);
    });
  });

  it('spreads evenly over [0, 1) and differs from stream to stream', () => {
    const [a, b] = ['a', 'b'].map((stream) => unit(3, stream, 20000));
    const mean = (v: Float64Array): number => v.reduce((sum, x) => sum + x, 0) / v.length;
    expect(Math.abs(mean(a) - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(mean(a.map((x) => x * x)) - 1 / 3)).toBeLessThan(0.01);
    expect(Math.abs(mean(a.map((x, i) => (x - 0.5) * (b[i] - 0.5))))).toBeLessThan(0.003);
  });
});

describe('permute', () => {
  it('moves axes as numpy.transpose does', () => {
    const x = { shape: [2, 3, 2], data: Float64Array.from({ length: 12 }, (_, i) => i) };
    const moved = permute(x, [2, 0, 1]);
    expect(moved.shape).toEqual([2, 2, 3]);
    expect([...moved.data]).toEqual([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
  });
});
