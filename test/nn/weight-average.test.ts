/** The moving average of weights against the same sums in float64, and over an interruption. */
import { afterEach, describe, expect, test } from 'vitest';
import { BatchNorm1d, Linear, SGD, Sequential, WeightAverage, mseLoss } from '../../src/nn/index.js';
import { manualSeed, readAll, tensor } from '../../src/tensor/index.js';
import { randomArray } from '../support/compare.js';
import { testEngine } from '../support/engine.js';

testEngine();

/** What a test has made, given back after it. */
const made: Disposable[] = [];
afterEach(() => made.splice(0).forEach((each) => each[Symbol.dispose]()));
const held = <T extends Disposable>(each: T): T => {
  made.push(each);
  return each;
};

const setUp = () => {
  manualSeed(3);
  const model = held(new Sequential(new Linear(3, 4), new BatchNorm1d(4), new Linear(4, 2)));
  const optimizer = held(new SGD(model.namedParameters(), { lr: 0.3 }));
  const step = (k: number) => {
    optimizer.zeroGrad();
    const x = tensor(randomArray(15, k), [5, 3]);
    const loss = mseLoss(model.forward(x), tensor(randomArray(10, 100 + k), [5, 2]));
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { model, optimizer, step };
};

describe('WeightAverage', () => {
  test('follows weights and running statistics by the decay, slower from step to step until that is reached', async () => {
    const { model, step } = setUp();
    const average = held(new WeightAverage(model, 0.5));
    const expected = new Map<string, Float64Array>();
    for (let k = 0; k < 12; k++) {
      step(k);
      average.update();
      const decay = k === 0 ? 0 : Math.min(0.5, (1 + k) / (10 + k));
      for (const [name, { data }] of Object.entries(await model.stateDict())) {
        const old = expected.get(name) ?? new Float64Array(data.length);
        expected.set(
          name,
          old.map((a, i) => decay * a + (1 - decay) * data[i]),
        );
      }
    }
    const { updates, weights } = await average.stateDict();
    expect(updates).toBe(12);
    expect(Object.keys(weights)).toEqual([...expected.keys()]);
    expect(Object.keys(weights)).toContain('1.runningVar');
    for (const [name, { data }] of Object.entries(weights)) {
      data.forEach((value, i) => expect(value).toBeCloseTo(expected.get(name)![i], 5));
    }
    expect(weights['0.weight'].data).not.toEqual((await model.stateDict())['0.weight'].data);
  });

  test('does not change training, and leaves the losses of the step to be read', async () => {
    const losses = async (averaged: boolean): Promise<number[]> => {
      const { model, step } = setUp();
      const average = averaged ? held(new WeightAverage(model, 0.9)) : undefined;
      const found = Array.from({ length: 4 }, (_, k) => {
        const loss = step(k);
        average?.update();
        return loss;
      });
      return (await readAll(found)).map(([value]) => value);
    };
    expect(await losses(true)).toEqual(await losses(false));
  });

  test('goes on where it was saved, bit for bit', async () => {
    const { model, step } = setUp();
    const whole = held(new WeightAverage(model, 0.9));
    const first = held(new WeightAverage(model, 0.9));
    for (let k = 0; k < 3; k++) {
      step(k);
      whole.update();
      first.update();
    }
    const second = held(new WeightAverage(model, 0.9));
    second.loadStateDict(await first.stateDict());
    step(3);
    whole.update();
    second.update();
    expect(await second.stateDict()).toEqual(await whole.stateDict());
  });

  test('refuses a decay of 1, and the state of another module', async () => {
    const { model } = setUp();
    expect(() => new WeightAverage(model, 1)).toThrow(/decay must be from 0 to below 1/);
    const other = await held(new WeightAverage(held(new Linear(3, 4)), 0.9)).stateDict();
    const average = held(new WeightAverage(model, 0.9));
    expect(() => average.loadStateDict(other)).toThrow(/average of "0.weight" has 0 values/);
  });
});
