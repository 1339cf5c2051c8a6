import { test } from 'vitest';
import { sgd } from '../../src/kernels/sgd.js';
import { sgdOracle, type SgdState } from '../oracles/sgd.js';
import { expectClose, randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, runKernel, type KernelInput } from '../support/run-kernel.js';

const device = testDevice();
const scalar = (value: number): KernelInput => f32Input([], [value]);

test.each([
  { n: 1, momentum: 0, nesterov: false, weightDecay: 0, variant: 'scalar', scale: undefined },
  { n: 132, momentum: 0, nesterov: false, weightDecay: 0.1, variant: 'vec4', scale: 0.5 },
  { n: 131, momentum: 0.9, nesterov: false, weightDecay: 0.1, variant: 'scalar', scale: undefined },
  { n: 132, momentum: 0.9, nesterov: false, weightDecay: 0, variant: 'vec4', scale: undefined },
  { n: 132, momentum: 0.9, nesterov: true, weightDecay: 0.1, variant: 'vec4', scale: 0.5 },
])('ten steps agree with float64: %j', async ({ n, momentum, nesterov, weightDecay, variant, scale }) => {
  const settings = { lr: 0.05, weightDecay, momentum, nesterov };
  const expected: SgdState = { params: Float64Array.from(randomArray(n, 1)), velocity: new Float64Array(n) };
  let params: ArrayLike<number> = Float64Array.from(expected.params);
  let velocity: ArrayLike<number> = new Float64Array(n);
  const useMomentum = momentum > 0;
  for (let step = 0; step < 10; step++) {
    const grads = randomArray(n, 10 + step);
    const { inputs } = await runKernel(device(), sgd, {
      inputs: [
        ...[params, grads, ...(useMomentum ? [velocity] : [])].map((data) => f32Input([n], data)),
        ...[settings.lr, weightDecay, ...(useMomentum ? [momentum] : [])].map(scalar),
        ...(scale === undefined ? [] : [f32Input([1], [scale])]),
      ],
      outputs: [],
      attrs: { momentum: useMomentum, nesterov, hasScale: scale !== undefined },
      variant,
    });
    params = inputs[0];
    if (useMomentum) velocity = inputs[2];
    sgdOracle(
      expected,
      grads.map((g) => g * (scale ?? 1)),
      settings,
    );
  }
  expectClose(params, expected.params, { rtol: 1e-5, atol: 1e-6 });
  if (useMomentum) expectClose(velocity, expected.velocity, { rtol: 1e-5, atol: 1e-6 });
});
