import { describe, expect, it } from 'vitest';
import { conv2dInputGrad, conv2dWeightGrad } from '../../src/kernels/conv2d-grad.js';
import { conv2d, type Conv2dAttrs } from '../../src/kernels/conv2d.js';
import * as oracle from '../oracles/conv2d.js';
import { biasRelu } from '../support/bias-relu.js';
import { randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { expectEveryVariant, sumTolerance } from '../support/every-variant.js';
import { f32Input, f32Spec, problemOf, runKernel, type KernelInput } from '../support/run-kernel.js';

const device = testDevice();

interface Case {
  readonly name: string;
  readonly image: readonly [number, number, number, number];
  /** KH, KW, Cout. */
  readonly filter: readonly [number, number, number];
  readonly attrs?: Partial<Conv2dAttrs>;
}

const cases: Case[] = [
  { name: 'a single number', image: [1, 1, 1, 1], filter: [1, 1, 1] },
  { name: 'one channel in, 3 × 3, same', image: [2, 9, 11, 1], filter: [3, 3, 8], attrs: { padding: [1, 1, 1, 1] } },
  { name: 'multiples of four', image: [1, 8, 7, 8], filter: [3, 3, 12], attrs: { padding: [1, 1, 1, 1] } },
  { name: 'primes, no padding', image: [2, 7, 11, 3], filter: [2, 3, 5] },
  {
    name: 'strides 2 and 3, lopsided padding',
    image: [2, 10, 13, 4],
    filter: [3, 4, 8],
    attrs: { stride: [2, 3], padding: [2, 0, 1, 3] },
  },
  {
    name: 'dilation 2 and 1, stride 1 and 2',
    image: [1, 9, 8, 5],
    filter: [3, 2, 6],
    attrs: { dilation: [2, 1], stride: [1, 2], padding: [0, 2, 1, 0] },
  },
];

function prepare({ image, filter, attrs: given }: Case) {
  const attrs: Conv2dAttrs = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], ...given };
  const { stride, dilation, padding } = attrs;
  const outHeight = oracle.windows(image[1], filter[0], stride[0], dilation[0], padding[0] + padding[1]);
  const outWidth = oracle.windows(image[2], filter[1], stride[1], dilation[1], padding[2] + padding[3]);
  const tensor = (seed: number, shape: readonly number[]): KernelInput =>
    f32Input(
      shape,
      randomArray(
        shape.reduce((a, b) => a * b, 1),
        seed,
      ),
    );
  const wShape = [filter[0], filter[1], image[3], filter[2]];
  const yShape = [image[0], outHeight, outWidth, filter[2]];
  return {
    attrs,
    x: tensor(1, image),
    w: tensor(2, wShape),
    dy: tensor(3, yShape),
    xShape: f32Spec(...image),
    wShape: f32Spec(...wShape),
    yShape: f32Spec(...yShape),
    terms: {
      y: filter[0] * filter[1] * image[3],
      dx: filter[0] * filter[1] * filter[2],
      dw: image[0] * outHeight * outWidth,
    },
  };
}

describe.each(cases)('conv2d of $name', (given) => {
  const { attrs, x, w, dy, xShape, wShape, yShape, terms } = prepare(given);

  it('agrees with float64 in every variant', async () => {
    const options = { inputs: [x, w], outputs: [yShape], attrs };
    await expectEveryVariant(device(), conv2d, options, oracle.conv2d(x, w, attrs).data, sumTolerance(terms.y));
  });

  it('has an input gradient that agrees with float64 in every variant', async () => {
    const gradAttrs = { ...attrs, inputSize: [given.image[1], given.image[2]] as const };
    const options = { inputs: [dy, w], outputs: [xShape], attrs: gradAttrs };
    const expected = oracle.conv2dInputGrad(dy, w, gradAttrs).data;
    await expectEveryVariant(device(), conv2dInputGrad, options, expected, sumTolerance(terms.dx));
  });

  it('has a weight gradient that agrees with float64 in every variant', async () => {
    const gradAttrs = { ...attrs, kernelSize: [given.filter[0], given.filter[1]] as const };
    const options = { inputs: [x, dy], outputs: [wShape], attrs: gradAttrs };
    const expected = oracle.conv2dWeightGrad(x, dy, gradAttrs).data;
    await expectEveryVariant(device(), conv2dWeightGrad, options, expected, sumTolerance(terms.dw));
  });
});

describe('conv2d', () => {
  it('applies an epilogue in every variant', async () => {
    const { attrs, x, w, yShape, terms } = prepare(cases[3]);
    const { options, apply } = biasRelu(5);
    await expectEveryVariant(
      device(),
      conv2d,
      { inputs: [x, w], outputs: [yShape], attrs, ...options },
      apply(oracle.conv2d(x, w, attrs).data),
      sumTolerance(2 * terms.y),
    );
  });

  it('has zero gradients for an empty batch, and launches nothing for its empty output', async () => {
    const none = prepare({ name: '', image: [0, 4, 5, 2], filter: [2, 2, 3] });
    const { outputs } = await runKernel(device(), conv2dWeightGrad, {
      inputs: [none.x, none.dy],
      outputs: [none.wShape],
      attrs: { ...none.attrs, kernelSize: [2, 2] },
    });
    expect([...outputs[0]]).toEqual(new Array(2 * 2 * 2 * 3).fill(0));
    const options = { inputs: [none.x, none.w], outputs: [none.yShape], attrs: none.attrs };
    expect(conv2d.launch(problemOf(device(), options)).launches).toEqual([]);
  });
});
