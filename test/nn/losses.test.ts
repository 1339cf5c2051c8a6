import { describe, expect, test } from 'vitest';
import {
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  HuberLoss,
  L1Loss,
  LabelError,
  MSELoss,
  ModuleError,
  NLLLoss,
  bceWithLogitsLoss,
  crossEntropyLoss,
  mseLoss,
  type Reduction,
} from '../../src/nn/index.js';
import type { Tensor } from '../../src/tensor/index.js';
import { DTypeError, ShapeError, tensor } from '../../src/tensor/index.js';
import { fixtureCases, type FixtureCase } from '../support/fixtures.js';
import { expectClose } from '../support/compare.js';
import { FORWARD, expectNear, labelsOf, leafOf, read, tensorOf, useEngine } from './engine.js';

useEngine();

const named = (path: string) => fixtureCases(path).map((c) => [c.name, c] as const);
const reductionOf = (c: FixtureCase): Reduction => c.attrs.string('reduction') as Reduction;

/** Compares the loss and the gradient of its first input with the fixture's. */
async function compare(c: FixtureCase, lossOf: (x: Tensor) => Tensor): Promise<void> {
  const x = leafOf(c.array('x'));
  const y = lossOf(x);
  const dy = c.array('dy');
  y.backward(tensor(Float32Array.from(dy.data), y.shape));
  const [value, dx] = await read(y, x.grad);
  expect(y.shape.length).toBe(reductionOf(c) === 'none' ? c.array('y').shape.length : 0);
  expectClose(value, c.array('y').data, FORWARD);
  expectNear(dx, c.array('dx').data);
}

describe.each(named('torch/cross_entropy'))('CrossEntropyLoss %s', (_, c) => {
  test('gives the loss and gradient of PyTorch', async () => {
    const target = c.attrs.boolean('probabilities') ? tensorOf(c.array('target')) : labelsOf(c.array('target'));
    const loss = new CrossEntropyLoss({
      reduction: reductionOf(c),
      labelSmoothing: c.attrs.number('labelSmoothing'),
      weight: c.has('weight') ? [...c.array('weight').data] : undefined,
    });
    await compare(c, (x) => loss.forward(x, target));
  });
});

describe.each(named('torch/losses'))('loss %s', (_, c) => {
  test('gives the loss and gradient of PyTorch', async () => {
    const reduction = reductionOf(c);
    const op = c.attrs.string('op');
    const target = op === 'nll' ? labelsOf(c.array('target')) : tensorOf(c.array('target'));
    const posWeight = c.has('pos_weight') ? tensorOf(c.array('pos_weight')) : undefined;
    const losses: Record<string, (x: Tensor) => Tensor> = {
      mse: (x) => new MSELoss({ reduction }).forward(x, target),
      l1: (x) => new L1Loss({ reduction }).forward(x, target),
      huber: (x) => new HuberLoss({ reduction }).forward(x, target),
      nll: (x) => new NLLLoss({ reduction }).forward(x, target),
      bce_with_logits: (x) => new BCEWithLogitsLoss({ reduction }).forward(x, target),
      bce_with_logits_pos_weight: (x) => new BCEWithLogitsLoss({ reduction, posWeight }).forward(x, target),
    };
    await compare(c, losses[op]);
  });
});

test('cross-entropy of a sequence counts every step, padded ones (−1) apart', async () => {
  const logits = tensor(new Float32Array([2, 0, 0, 1, 5, 5, 0, 3]), [2, 2, 2]);
  const labels = tensor(new Int32Array([0, 1, -1, 0]), [2, 2]);
  const log = (a: number, b: number): number => Math.log(1 + Math.exp(b - a));
  const expected = [log(2, 0), log(1, 0), 0, log(0, 3)];
  const [all, mean] = await read(
    crossEntropyLoss(logits, labels, { reduction: 'none' }),
    crossEntropyLoss(logits, labels),
  );
  expectClose(all, expected, FORWARD);
  expectClose(mean, [expected.reduce((a, b) => a + b, 0) / 3], FORWARD);
});

test('a batch in which nothing counts has loss 0 and no gradient', async () => {
  const x = leafOf({ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] });
  const loss = crossEntropyLoss(x, tensor(new Int32Array([-1, -1])), { weight: [1, 2, 3] });
  loss.backward();
  const [value, dx] = await read(loss, x.grad);
  expect([...value]).toEqual([0]);
  expect([...dx].map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('binary cross-entropy stays finite for huge logits', async () => {
  const x = tensor([80, -80, 200, -200]);
  const [loss] = await read(bceWithLogitsLoss(x, tensor([0, 1, 1, 0]), { reduction: 'none' }));
  expectClose(loss, [80, 80, 0, 0], FORWARD);
});

test('what does not fit is refused in words', () => {
  const logits = tensor(new Float32Array(6), [2, 3]);
  const labels = (...values: number[]): Tensor => tensor(new Int32Array(values));
  expect(() => crossEntropyLoss(logits, labels(0, 3))).toThrow(LabelError);
  expect(() => crossEntropyLoss(logits, labels(0, 3))).toThrow(/label 3 at position 1.*0 to 2/);
  expect(() => crossEntropyLoss(logits, labels(0))).toThrow(ShapeError);
  expect(() => crossEntropyLoss(logits, tensor(new Uint32Array(2)))).toThrow(DTypeError);
  expect(() => crossEntropyLoss(logits, labels(0, 1), { weight: [1, 2] })).toThrow(ShapeError);
  expect(() => crossEntropyLoss(logits, labels(0, 1), { labelSmoothing: 2 })).toThrow(ModuleError);
  expect(() => crossEntropyLoss(logits, tensor(new Float32Array(4), [2, 2]))).toThrow(/one shape/);
  // PyTorch would broadcast here and give a wrong loss with a warning.
  expect(() => mseLoss(tensor(new Float32Array(3), [3, 1]), tensor(new Float32Array(3)))).toThrow(ShapeError);
});
