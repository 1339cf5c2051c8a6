import { beforeEach, describe, expect, test } from 'vitest';
import { Philox } from '../../src/kernels/random.js';
import * as init from '../../src/nn/init.js';
import { ModuleError } from '../../src/nn/errors.js';
import { manualSeed, randomState, setRandomState } from '../../src/tensor/random-state.js';
import { fixtureCases } from '../support/fixtures.js';

beforeEach(() => manualSeed(7));

/** PyTorch's (out, in, window…) as our (window…, in, out). */
const ours = ([out, fanIn, ...window]: readonly number[]): number[] => [...window, fanIn, out];

const largest = (values: Float32Array): number => values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);

function deviation(values: Float32Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

const generators: Record<string, (shape: number[], gain: number, nonlinearity: init.Nonlinearity) => Float32Array> = {
  xavier_uniform: (shape, gain) => init.xavierUniform(shape, gain),
  xavier_normal: (shape, gain) => init.xavierNormal(shape, gain),
  kaiming_uniform: (shape, _, nonlinearity) => init.kaimingUniform(shape, { nonlinearity }),
  kaiming_normal: (shape, _, nonlinearity) => init.kaimingNormal(shape, { nonlinearity }),
};

const cases = fixtureCases('torch/initializers').filter((c) => c.attrs.string('initializer') !== 'default');

describe.each(cases.map((c) => [c.name, c] as const))('%s', (_, { attrs }) => {
  const shape = ours(attrs.numbers('shape'));
  const nonlinearity = attrs.string('nonlinearity') as init.Nonlinearity;

  test('has the fans and the gain of PyTorch', () => {
    expect(init.fans(shape)).toEqual({ fanIn: attrs.number('fanIn'), fanOut: attrs.number('fanOut') });
    expect(init.gainOf(nonlinearity)).toBeCloseTo(attrs.number('gain'), 12);
  });

  test('has the spread of PyTorch', () => {
    const name = attrs.string('initializer');
    const values = generators[name](shape, attrs.number('gain'), nonlinearity);
    const bound = attrs.number('bound');
    if (name.endsWith('uniform')) {
      expect(largest(values)).toBeLessThanOrEqual(Math.fround(bound));
      // The largest of n uniform numbers is below 0.95·bound with probability 0.95^n: e^-25 for the 512 and more numbers of these shapes.
      if (values.length >= 100) expect(largest(values)).toBeGreaterThan(0.95 * bound);
      return;
    }
    // The deviation of n normal numbers is off by 1/√(2n) of itself in the mean; four of these are allowed.
    const slack = 4 / Math.sqrt(2 * values.length);
    if (values.length >= 100) expect(Math.abs(deviation(values) / bound - 1)).toBeLessThan(slack);
  });
});

test('the same seed gives the same weights, another call or seed others', () => {
  const first = init.normal([5, 3]);
  const second = init.normal([5, 3]);
  expect(second).not.toEqual(first);
  manualSeed(7);
  expect(init.normal([5, 3])).toEqual(first);
  manualSeed(8);
  expect(init.normal([5, 3])).not.toEqual(first);
});

test('weights go on from a saved random state', () => {
  init.uniform([4]);
  const state = randomState();
  const next = init.uniform([4]);
  manualSeed(99);
  setRandomState(state);
  expect(init.uniform([4])).toEqual(next);
});

test('zeros, ones, constant, and the bounds of uniform', () => {
  expect([...init.zeros([2, 2])]).toEqual([0, 0, 0, 0]);
  expect([...init.ones([3])]).toEqual([1, 1, 1]);
  expect([...init.constant([2], 2.5)]).toEqual([2.5, 2.5]);
  const values = init.uniform([1000], 2, 3);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...values)).toBeLessThanOrEqual(3);
  expect(values.reduce((a, b) => a + b, 0) / 1000).toBeCloseTo(2.5, 1);
});

describe.each([
  [[7, 5], 1],
  [[5, 7], 1],
  [[3, 2, 4], Math.SQRT2],
  [[1, 1], 1],
])('orthogonal %j with gain %f', (shape, gain) => {
  test('has orthogonal vectors of length gain along its shorter side', () => {
    const values = init.orthogonal(shape, gain);
    const columns = shape[shape.length - 1];
    const rows = values.length / columns;
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
    const at = (k: number, i: number): number => (rows < columns ? values[k * columns + i] : values[i * columns + k]);
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
        expect(dot).toBeCloseTo(a === b ? gain * gain : 0, 5);
      }
    }
  });
});

test('shapes without an in and an out are refused', () => {
  expect(() => init.xavierUniform([5])).toThrow(ModuleError);
  expect(() => init.orthogonal([5])).toThrow(/two dimensions/);
});

test('uniform draws the numbers of the counter-based stream, in order', () => {
  const key = randomState().drawn;
  const stream = new Philox(7, key);
  expect([...init.uniform([5])]).toEqual([0, 1, 2, 3, 4].map((i) => stream.uniformAt(i)));
});
