import { describe, expect, test } from 'vitest';
import { adam } from '../../src/kernels/adam.js';
import { adamOracle, type AdamSettings, type AdamState } from '../oracles/adam.js';
import { expectClose, randomArray, relativeNorm } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, problemOf, runKernel } from '../support/run-kernel.js';

const device = testDevice();

interface Arenas {
  readonly params: ArrayLike<number>;
  readonly m: ArrayLike<number>;
  readonly v: ArrayLike<number>;
}

const scalar = (value: number) => f32Input([], [value]);

/** Inputs in the order of the kernel's header; the host makes 1 − β and 1 − βᵗ in float64. */
function optionsFor(arenas: Arenas, grads: ArrayLike<number>, step: number, settings: AdamSettings, scale?: number) {
  const { lr, beta1, beta2, eps, weightDecay, decoupled } = settings;
  const n = grads.length;
  return {
    inputs: [
      ...[arenas.params, grads, arenas.m, arenas.v].map((data) => f32Input([n], data)),
      ...[lr, 1 - beta1, 1 - beta2, eps, weightDecay].map(scalar),
      ...[beta1, beta2].map((beta) => scalar(1 - beta ** step)),
      ...(scale === undefined ? [] : [f32Input([1], [scale])]),
    ],
    outputs: [],
    attrs: { decoupled, hasScale: scale !== undefined },
  };
}

async function step(
  arenas: Arenas,
  grads: ArrayLike<number>,
  at: number,
  settings: AdamSettings,
  variant: string,
  scale?: number,
) {
  const { inputs } = await runKernel(device(), adam, { ...optionsFor(arenas, grads, at, settings, scale), variant });
  return { params: inputs[0], m: inputs[2], v: inputs[3], grads: inputs[1] };
}

const startFor = (n: number): AdamState => ({
  params: Float64Array.from(randomArray(n, 1)),
  m: new Float64Array(n),
  v: new Float64Array(n),
});

const plain: AdamSettings = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, decoupled: false };

describe.each<[string, AdamSettings]>([
  ['Adam', plain],
  ['Adam with L2 decay', { ...plain, weightDecay: 0.1 }],
  ['AdamW', { ...plain, weightDecay: 0.1, decoupled: true }],
  ['Adam with a large eps', { ...plain, eps: 0.1, beta1: 0.5, beta2: 0.9 }],
])('%s', (_, settings) => {
  test.each([
    [1, 'scalar'],
    [131, 'scalar'],
    [132, 'scalar'],
    [132, 'vec4'],
  ])('ten steps on %i parameters agree with float64 to 1e-6, variant %s', async (n, variant) => {
    const expected = startFor(n);
    let actual: Arenas = startFor(n);
    for (let at = 1; at <= 10; at++) {
      const grads = randomArray(n, 100 + at);
      actual = await step(actual, grads, at, settings, variant);
      adamOracle(expected, grads, at, settings);
    }
    expect(relativeNorm(actual.params, expected.params)).toBeLessThan(1e-6);
    expect(relativeNorm(actual.m, expected.m)).toBeLessThan(1e-6);
    expect(relativeNorm(actual.v, expected.v)).toBeLessThan(1e-6);
  });

  test('the first step itself, not only its sum with the parameters, is right to 1e-5', async () => {
    const n = 64;
    const expected: AdamState = { params: new Float64Array(n), m: new Float64Array(n), v: new Float64Array(n) };
    const grads = randomArray(n, 5);
    const actual = await step(expected, grads, 1, settings, 'vec4');
    adamOracle(expected, grads, 1, settings);
    expectClose(actual.params, expected.params, { rtol: 1e-5, atol: 0 });
  });
});

test('the gradient scale multiplies every gradient and leaves the gradients alone', async () => {
  const n = 12;
  const grads = randomArray(n, 3);
  const expected = startFor(n);
  const actual = await step(startFor(n), grads, 1, plain, 'vec4', 0.25);
  adamOracle(
    expected,
    grads.map((g) => g * 0.25),
    1,
    plain,
  );
  expectClose(actual.m, expected.m, { rtol: 1e-5, atol: 1e-9 });
  expectClose(actual.params, expected.params, { rtol: 1e-6, atol: 1e-7 });
  expect(actual.grads).toEqual(grads);
});

test('vec4 and scalar give the same bits', async () => {
  const grads = randomArray(68, 3);
  expect(await step(startFor(68), grads, 3, plain, 'vec4')).toEqual(
    await step(startFor(68), grads, 3, plain, 'scalar'),
  );
});

test('no parameters launch nothing, and odd counts have no vec4', () => {
  const none = problemOf(device(), optionsFor(startFor(0), [], 1, plain));
  expect(adam.launch(none).launches).toEqual([]);
  const odd = problemOf(device(), optionsFor(startFor(7), randomArray(7, 1), 1, plain));
  expect(adam.variants(odd)).toEqual(['scalar']);
});
