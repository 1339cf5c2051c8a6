import { expect, test } from 'vitest';
import { rmsprop } from '../../src/kernels/rmsprop.js';
import { rmspropOracle, type RmspropState } from '../oracles/rmsprop.js';
import { expectClose, randomArray, relativeNorm } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, runKernel, type KernelInput } from '../support/run-kernel.js';

const device = testDevice();
const scalar = (value: number): KernelInput => f32Input([], [value]);

test.each([
  { n: 1, momentum: 0, weightDecay: 0, variant: 'scalar', scale: undefined },
  { n: 131, momentum: 0, weightDecay: 0.1, variant: 'scalar', scale: 0.5 },
  { n: 132, momentum: 0, weightDecay: 0.1, variant: 'vec4', scale: undefined },
  { n: 131, momentum: 0.9, weightDecay: 0, variant: 'scalar', scale: undefined },
  { n: 132, momentum: 0.9, weightDecay: 0.1, variant: 'vec4', scale: 0.5 },
])('ten steps agree with float64: %j', async ({ n, momentum, weightDecay, variant, scale }) => {
  const settings = { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay, momentum };
  const expected: RmspropState = {
    params: Float64Array.from(randomArray(n, 1)),
    square: new Float64Array(n),
    velocity: new Float64Array(n),
  };
  let {
    params,
    square,
    velocity,
  }: Record<'params' | 'square' | 'velocity', ArrayLike<number>> = {
    params: Float64Array.from(expected.params),
    square: new Float64Array(n),
    velocity: new Float64Array(n),
  };
  const useMomentum = momentum > 0;
  for (let step = 0; step < 10; step++) {
    const grads = randomArray(n, 10 + step);
    const { inputs } = await runKernel(device(), rmsprop, {
      inputs: [
        ...[params, grads, square, ...(useMomentum ? [velocity] : [])].map((data) => f32Input([n], data)),
        ...[settings.lr, settings.alpha, settings.eps, weightDecay, ...(useMomentum ? [momentum] : [])].map(scalar),
        ...(scale === undefined ? [] : [f32Input([1], [scale])]),
      ],
      outputs: [],
      attrs: { momentum: useMomentum, hasScale: scale !== undefined },
      variant,
    });
    params = inputs[0];
    square = inputs[2];
    if (useMomentum) velocity = inputs[3];
    rmspropOracle(
      expected,
      grads.map((g) => g * (scale ?? 1)),
      settings,
    );
  }
  // 1 − 0.99 of the rounded 0.99 is off by 1e-6, its root by half of that; the ten steps are up to 0.1 each.
  expectClose(params, expected.params, { rtol: 1e-5, atol: 1e-6 });
  expect(relativeNorm(square, expected.square)).toBeLessThan(3e-6);
  if (useMomentum) expect(relativeNorm(velocity, expected.velocity)).toBeLessThan(3e-6);
});
