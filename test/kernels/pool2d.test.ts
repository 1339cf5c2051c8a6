import { describe, expect, it } from 'vitest';
import { avgPool2d, avgPool2dGrad, maxPool2d, maxPool2dGrad, type Pool2dAttrs } from '../../src/kernels/pool2d.js';
import { windows } from '../oracles/conv2d.js';
import * as oracle from '../oracles/pool2d.js';
import { biasRelu } from '../support/bias-relu.js';
import { permutation, randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { expectEveryVariant, sumTolerance } from '../support/every-variant.js';
import { f32Input, f32Spec, problemOf, runKernel, u32Input, u32Spec } from '../support/run-kernel.js';

const device = testDevice();

interface Case extends Pool2dAttrs {
  readonly name: string;
  readonly image: readonly [number, number, number, number];
}

const cases: Case[] = [
  { name: 'one pixel', image: [1, 1, 1, 1], kernelSize: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0] },
  { name: '2 × 2 blocks', image: [2, 8, 6, 4], kernelSize: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] },
  {
    name: 'overlapping 3 × 3, stride 2',
    image: [2, 7, 9, 3],
    kernelSize: [3, 3],
    stride: [2, 2],
    padding: [1, 1, 1, 1],
  },
  {
    name: 'a remainder that no window covers',
    image: [1, 7, 8, 5],
    kernelSize: [3, 2],
    stride: [3, 3],
    padding: [0, 0, 0, 0],
  },
  {
    name: 'lopsided windows and padding',
    image: [1, 9, 11, 8],
    kernelSize: [4, 3],
    stride: [1, 3],
    padding: [2, 0, 0, 1],
  },
  {
    name: 'windows apart from each other',
    image: [1, 8, 9, 7],
    kernelSize: [2, 1],
    stride: [3, 2],
    padding: [1, 0, 0, 0],
  },
];

function prepare({ image, kernelSize, stride, padding }: Case) {
  const [items, height, width, channels] = image;
  const pooled = [
    items,
    windows(height, kernelSize[0], stride[0], 1, padding[0] + padding[1]),
    windows(width, kernelSize[1], stride[1], 1, padding[2] + padding[3]),
    channels,
  ];
  const size = image.reduce((a, b) => a * b, 1);
  return {
    attrs: { kernelSize, stride, padding },
    inputSize: [height, width] as const,
    pooled,
    // All negative and without ties: zero padding would win every window it lies in.
    x: f32Input(
      image,
      Float32Array.from(permutation(size, 5), (i) => (i - size) / size),
    ),
    dy: f32Input(
      pooled,
      randomArray(
        pooled.reduce((a, b) => a * b, 1),
        6,
      ),
    ),
  };
}

describe.each(cases)('pooling of $name', (given) => {
  const { attrs, inputSize, pooled, x, dy } = prepare(given);

  it('takes the maximum and where it was', async () => {
    const { y, indices } = oracle.maxPool2d(x, attrs);
    const options = { inputs: [x], outputs: [f32Spec(...pooled), u32Spec(...pooled)], attrs };
    const results = await expectEveryVariant(device(), maxPool2d, options, y.data, { rtol: 0, atol: 0 });
    for (const { outputs } of results.values()) expect([...outputs[1]]).toEqual(Array.from(indices.data));
  });

  it('sends the gradient to the maxima', async () => {
    const { indices } = oracle.maxPool2d(x, attrs);
    const gradAttrs = { ...attrs, inputSize };
    const options = {
      inputs: [dy, u32Input(pooled, indices.data)],
      outputs: [f32Spec(...given.image)],
      attrs: gradAttrs,
    };
    const expected = oracle.maxPool2dGrad(dy, indices, gradAttrs).data;
    await expectEveryVariant(device(), maxPool2dGrad, options, expected, sumTolerance(9));
  });

  it.each([true, false])('averages, padding counted: %s, and sends the gradient back', async (countIncludePad) => {
    const avgAttrs = { ...attrs, countIncludePad };
    const options = { inputs: [x], outputs: [f32Spec(...pooled)], attrs: avgAttrs };
    await expectEveryVariant(device(), avgPool2d, options, oracle.avgPool2d(x, avgAttrs).data, sumTolerance(12));
    const gradAttrs = { ...avgAttrs, inputSize };
    const gradOptions = { inputs: [dy], outputs: [f32Spec(...given.image)], attrs: gradAttrs };
    const expected = oracle.avgPool2dGrad(dy, gradAttrs).data;
    await expectEveryVariant(device(), avgPool2dGrad, gradOptions, expected, sumTolerance(12));
  });
});

describe('pooling', () => {
  it('takes the first of equal maxima in reading order', async () => {
    const attrs: Pool2dAttrs = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] };
    for (const channels of [1, 4]) {
      const flat = f32Input([1, 4, 4, channels], new Float32Array(16 * channels).fill(-3));
      const shape = [1, 2, 2, channels];
      const { outputs } = await runKernel(device(), maxPool2d, {
        inputs: [flat],
        outputs: [f32Spec(...shape), u32Spec(...shape)],
        attrs,
      });
      expect([...outputs[1]]).toEqual([0, 2, 8, 10].flatMap((place) => new Array(channels).fill(place)));
    }
  });

  it.each([4, 3])('applies an epilogue to averages and gradients of %i channels', async (channels) => {
    const { attrs, inputSize, pooled, x, dy } = prepare({ ...cases[2], image: [2, 7, 9, channels] });
    const { options: epilogue, apply } = biasRelu(channels);
    const avgAttrs = { ...attrs, countIncludePad: true, inputSize };
    await expectEveryVariant(
      device(),
      avgPool2d,
      { inputs: [x], outputs: [f32Spec(...pooled)], attrs: avgAttrs, ...epilogue },
      apply(oracle.avgPool2d(x, avgAttrs).data),
      sumTolerance(9),
    );
    const gradient = { outputs: [f32Spec(2, 7, 9, channels)], attrs: avgAttrs, ...epilogue };
    await expectEveryVariant(
      device(),
      avgPool2dGrad,
      { inputs: [dy], ...gradient },
      apply(oracle.avgPool2dGrad(dy, avgAttrs).data),
      sumTolerance(9),
    );
    const { indices } = oracle.maxPool2d(x, attrs);
    await expectEveryVariant(
      device(),
      maxPool2dGrad,
      { inputs: [dy, u32Input(pooled, indices.data)], ...gradient },
      apply(oracle.maxPool2dGrad(dy, indices, avgAttrs).data),
      sumTolerance(9),
    );
  });

  it('launches nothing for an empty batch', () => {
    const { attrs, x } = prepare({ ...cases[1], image: [0, 8, 6, 4] });
    const options = { inputs: [x], outputs: [f32Spec(0, 4, 3, 4), u32Spec(0, 4, 3, 4)], attrs };
    expect(maxPool2d.launch(problemOf(device(), options)).launches).toEqual([]);
  });
});
