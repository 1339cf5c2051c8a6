import { expect, test } from 'vitest';
import {
  AsyncCallbackError,
  CompileError,
  compile,
  counters,
  manualSeed,
  tensor,
  variable,
  type Tensor,
} from '../../src/tensor/index.js';
import { Adam, Dropout, Linear, Sequential, Tanh, mseLoss } from '../../src/nn/index.js';
import { randomArray } from '../support/compare.js';
import { testEngine } from '../support/engine.js';

testEngine();

const batch = (seed: number, rows = 6) => ({
  x: tensor(randomArray(rows * 5, seed, -1, 1), [rows, 5]),
  y: tensor(randomArray(rows * 2, seed + 100, -1, 1), [rows, 2]),
});

/** Trains a small net with dropout and a rate that changes; returns losses, weights and how often the step's JavaScript ran. */
async function train(compiled: boolean) {
  manualSeed(7);
  const model = new Sequential(new Linear(5, 9), new Tanh(), new Dropout(0.3), new Linear(9, 2));
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  let calls = 0;
  const plain = (x: Tensor, y: Tensor) => {
    calls++;
    optimizer.zeroGrad();
    const loss = mseLoss(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  const step = compiled ? compile(plain) : plain;
  const losses: number[] = [];
  for (let i = 0; i < 8; i++) {
    optimizer.lr = 0.05 / (1 + i);
    const { x, y } = batch(i);
    losses.push(await step(x, y).item());
  }
  const weights = await model.stateDict();
  const { steps } = optimizer;
  model[Symbol.dispose]();
  optimizer[Symbol.dispose]();
  return { losses, weights, calls, steps };
}

test('a compiled training step gives the same bits as a recorded one, and records once', async () => {
  const recorded = await train(false);
  const compiled = await train(true);
  expect(compiled.losses).toEqual(recorded.losses);
  expect(compiled.weights).toEqual(recorded.weights);
  expect(compiled.steps).toBe(recorded.steps);
  expect(new Set(recorded.losses).size).toBe(8);
  expect(recorded.calls).toBe(8);
  expect(compiled.calls).toBe(1);
});

test('results of earlier calls keep their values, and dispose gives them back', async () => {
  const double = compile((x: Tensor) => ({ twice: x.mul(2), sum: x.sum() }));
  const first = double(tensor([1, 2, 3]));
  const second = double(tensor([4, 5, 6]));
  expect([...(await first.twice.data()), await first.sum.item()]).toEqual([2, 4, 6, 6]);
  expect([...(await second.twice.data()), await second.sum.item()]).toEqual([8, 10, 12, 15]);
  // A kept result is data for later ops.
  expect([...(await second.twice.add(first.twice).data())]).toEqual([10, 14, 18]);
  for (const t of [first.twice, first.sum, second.twice, second.sum]) t[Symbol.dispose]();
  const before = counters().buffersCreated;
  const third = double(tensor([7, 8, 9]));
  expect([...(await third.twice.data())]).toEqual([14, 16, 18]);
  expect(counters().buffersCreated).toBe(before);
  third.twice[Symbol.dispose]();
  third.sum[Symbol.dispose]();
});

test('another shape, or another variable, is traced anew', async () => {
  let calls = 0;
  const scale = compile((x: Tensor, by: Tensor) => {
    calls++;
    return x.mul(by).sum();
  });
  const two = variable(Float32Array.of(2));
  const three = variable(Float32Array.of(3));
  const results = [
    scale(tensor([1, 2]), two),
    scale(tensor([3, 4]), two),
    scale(tensor([1, 1, 1]), two),
    scale(tensor([1, 2]), three),
  ];
  expect(await Promise.all(results.map((r) => r.item()))).toEqual([6, 14, 6, 9]);
  expect(calls).toBe(3);
  for (const t of [...results, two, three]) t[Symbol.dispose]();
});

test('wrong use is told in a sentence', async () => {
  expect(() => compile((async () => {}) as never)()).toThrow(AsyncCallbackError);
  expect(() => compile((x: Tensor) => x.mul(2))(tensor([1]).add(1))).toThrow(
    /Argument 0 .* tensor\(\) or variable\(\)/,
  );
  expect(() => compile(() => 3 as never)()).toThrow(CompileError);
});
