import { describe, expect, test } from 'vitest';
import {
  CosineAnnealingLR,
  ExponentialLR,
  OneCycleLR,
  ReduceLROnPlateau,
  StepLR,
  type CosineAnnealingOptions,
  type OneCycleOptions,
  type PlateauOptions,
  type Schedulable,
  type StepLROptions,
} from '../../src/nn/schedulers.js';
import { OptimizerError, StateDictError } from '../../src/nn/errors.js';
import { expectClose } from '../support/compare.js';
import { fixtureCases, type FixtureCase, type Json } from '../support/fixtures.js';

const optimizer = (lr: number, momentum = 0): Schedulable => ({ lr, momentum });

/** PyTorch's option names in camelCase. */
function options(json: Json): unknown {
  return Object.fromEntries(
    Object.entries(json as Record<string, Json>).map(([name, value]) => [
      name === 'T_max' ? 'tMax' : name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

type Timed = OneCycleLR | CosineAnnealingLR | StepLR | ExponentialLR;

function make(fixture: FixtureCase, target: Schedulable): Timed | ReduceLROnPlateau {
  const given = options(fixture.attrs.json.options);
  switch (fixture.attrs.string('scheduler')) {
    case 'OneCycleLR':
      return new OneCycleLR(target, given as OneCycleOptions);
    case 'CosineAnnealingLR':
      return new CosineAnnealingLR(target, given as CosineAnnealingOptions);
    case 'StepLR':
      return new StepLR(target, given as StepLROptions);
    case 'ExponentialLR':
      return new ExponentialLR(target, given as { gamma: number });
    case 'ReduceLROnPlateau':
      return new ReduceLROnPlateau(target, given as PlateauOptions);
    default:
      throw new Error(`no scheduler for ${fixture.name}`);
  }
}

/** Steps `scheduler` over `count` steps of the fixture, from step `first`, and lists the rates. */
function run(scheduler: Timed | ReduceLROnPlateau, fixture: FixtureCase, first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    if (scheduler instanceof ReduceLROnPlateau) scheduler.step(fixture.array('metrics').data[first + i]);
    else scheduler.step();
    return scheduler.lr;
  });
}

describe.each(fixtureCases('torch/schedulers').map((c) => [c.name, c] as const))('scheduler %s', (_, fixture) => {
  const expected = fixture.array('lr').data;

  test('gives the rates of PyTorch', () => {
    const scheduler = make(fixture, optimizer(fixture.attrs.number('lr')));
    const rates = [scheduler.lr, ...run(scheduler, fixture, 0, expected.length - 1)];
    // Ours are closed formulae, PyTorch's go from rate to rate: they differ by rounding. Near a rate of 0 that rounding is absolute.
    expectClose(rates, expected, { rtol: 1e-12, atol: 1e-15 });
  });

  test('goes on from its saved state as if it had not stopped', () => {
    const half = Math.floor(expected.length / 2);
    const before = make(fixture, optimizer(fixture.attrs.number('lr')));
    run(before, fixture, 0, half);
    const state = JSON.parse(JSON.stringify(before.stateDict())) as ReturnType<Timed['stateDict']>;
    const after = make(fixture, optimizer(fixture.attrs.number('lr')));
    after.loadStateDict(state);
    expect(after.steps).toBe(half);
    const rest = expected.length - 1 - half;
    expect(run(after, fixture, half, rest)).toEqual(run(before, fixture, half, rest));
  });
});

describe('OneCycleLR', () => {
  test('cycles momentum against the rate, where the optimizer has momentum', () => {
    const target = optimizer(0.1, 0.9);
    const scheduler = new OneCycleLR(target, { maxLr: 1, totalSteps: 10, pctStart: 0.4 });
    expect(target.momentum).toBeCloseTo(0.95, 12);
    for (let i = 0; i < 3; i++) scheduler.step();
    expect(target.lr).toBeCloseTo(1, 12);
    expect(target.momentum).toBeCloseTo(0.85, 12);
    for (let i = 0; i < 6; i++) scheduler.step();
    expect(target.momentum).toBeCloseTo(0.95, 12);
  });

  test('leaves momentum alone when told to, or where there is none', () => {
    const told = optimizer(0.1, 0.9);
    new OneCycleLR(told, { maxLr: 1, totalSteps: 10, cycleMomentum: false }).step();
    expect(told.momentum).toBe(0.9);
    const none = optimizer(0.1);
    new OneCycleLR(none, { maxLr: 1, totalSteps: 10 }).step();
    expect(none.momentum).toBe(0);
  });

  test('refuses a step beyond its end, and stays where it was', () => {
    const scheduler = new OneCycleLR(optimizer(0.1), { maxLr: 1, epochs: 3, stepsPerEpoch: 2 });
    for (let i = 0; i < 5; i++) scheduler.step();
    const last = scheduler.lr;
    expect(() => scheduler.step()).toThrow(OptimizerError);
    expect(() => scheduler.step()).toThrow(/step 7 of a cycle of 6/);
    expect(scheduler.lr).toBe(last);
  });

  test('refuses a cycle without a length', () => {
    expect(() => new OneCycleLR(optimizer(0.1), { maxLr: 1 })).toThrow(/totalSteps/);
    expect(() => new OneCycleLR(optimizer(0.1), { maxLr: 1, totalSteps: 10, pctStart: 2 })).toThrow(OptimizerError);
  });
});

test('ReduceLROnPlateau takes NaN for no improvement', () => {
  const target = optimizer(1);
  const scheduler = new ReduceLROnPlateau(target, { patience: 1 });
  scheduler.step(0.5);
  expect(scheduler.step(NaN)).toBe(false);
  expect(scheduler.step(NaN)).toBe(true);
  expect(target.lr).toBeCloseTo(0.1, 12);
});

test('a state of another scheduler is refused', () => {
  const state = new StepLR(optimizer(1), { stepSize: 2 }).stateDict();
  expect(() => new ExponentialLR(optimizer(1), { gamma: 0.5 }).loadStateDict(state)).toThrow(StateDictError);
  expect(() => new ReduceLROnPlateau(optimizer(1)).loadStateDict(state)).toThrow(/StepLR/);
});
