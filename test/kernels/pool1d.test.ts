import { describe, expect, it } from 'vitest';
import { avgPool1d, avgPool1dGrad, maxPool1d, maxPool1dGrad, type Pool1dAttrs } from '../../src/kernels/pool1d.js';
import { windows } from '../oracles/conv2d.js';
import * as oracle from '../oracles/pool1d.js';
import { permutation, randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { expectEveryVariant, sumTolerance } from '../support/every-variant.js';
import { f32Input, f32Spec, problemOf, u32Input, u32Spec } from '../support/run-kernel.js';

const device = testDevice();

interface Case extends Pool1dAttrs {
  readonly name: string;
  readonly shape: readonly [number, number, number];
}

const cases: Case[] = [
  { name: 'one element', shape: [1, 1, 1], kernelSize: 1, stride: 1, padLeft: 0, padRight: 0 },
  { name: 'eighths with a remainder', shape: [2, 35, 8], kernelSize: 8, stride: 8, padLeft: 0, padRight: 0 },
  { name: 'overlapping windows', shape: [3, 23, 5], kernelSize: 5, stride: 2, padLeft: 2, padRight: 2 },
  { name: 'lopsided padding', shape: [2, 17, 4], kernelSize: 4, stride: 3, padLeft: 0, padRight: 2 },
];

describe.each(cases)('1-d pooling of $name', ({ shape, kernelSize, stride, padLeft, padRight }) => {
  const attrs = { kernelSize, stride, padLeft, padRight };
  const pooled = [shape[0], windows(shape[1], kernelSize, stride, 1, padLeft + padRight), shape[2]];
  const size = shape[0] * shape[1] * shape[2];
  // All negative and without ties: zero padding would win every window it lies in.
  const x = f32Input(
    shape,
    Float32Array.from(permutation(size, 5), (i) => (i - size) / size),
  );
  const dy = f32Input(pooled, randomArray(pooled[0] * pooled[1] * pooled[2], 6));
  const { y, indices } = oracle.maxPool1d(x, attrs);

  it('takes the maximum and its position', async () => {
    const options = { inputs: [x], outputs: [f32Spec(...pooled), u32Spec(...pooled)], attrs };
    const results = await expectEveryVariant(device(), maxPool1d, options, y.data, { rtol: 0, atol: 0 });
    for (const { outputs } of results.values()) expect([...outputs[1]]).toEqual(Array.from(indices.data));
  });

  it('sends the gradient to the maxima', async () => {
    const gradAttrs = { ...attrs, inputLength: shape[1] };
    const options = { inputs: [dy, u32Input(pooled, indices.data)], outputs: [f32Spec(...shape)], attrs: gradAttrs };
    const expected = oracle.maxPool1dGrad(dy, indices, gradAttrs).data;
    await expectEveryVariant(device(), maxPool1dGrad, options, expected, sumTolerance(kernelSize));
  });

  it.each([true, false])('averages, padding counted: %s, and sends the gradient back', async (countIncludePad) => {
    const avgAttrs = { ...attrs, countIncludePad };
    const options = { inputs: [x], outputs: [f32Spec(...pooled)], attrs: avgAttrs };
    const means = oracle.avgPool1d(x, avgAttrs).data;
    await expectEveryVariant(device(), avgPool1d, options, means, sumTolerance(kernelSize));
    const gradAttrs = { ...avgAttrs, inputLength: shape[1] };
    const gradOptions = { inputs: [dy], outputs: [f32Spec(...shape)], attrs: gradAttrs };
    const expected = oracle.avgPool1dGrad(dy, gradAttrs).data;
    await expectEveryVariant(device(), avgPool1dGrad, gradOptions, expected, sumTolerance(kernelSize));
  });
});

describe('1-d pooling', () => {
  it('launches nothing for an empty batch', () => {
    const attrs = { kernelSize: 2, stride: 2, padLeft: 0, padRight: 0, countIncludePad: true };
    const options = { inputs: [f32Input([0, 4, 3], [])], outputs: [f32Spec(0, 2, 3)], attrs };
    expect(avgPool1d.launch(problemOf(device(), options)).launches).toEqual([]);
  });
});
