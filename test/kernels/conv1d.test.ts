import { describe, expect, it } from 'vitest';
import { conv1dInputGrad, conv1dWeightGrad } from '../../src/kernels/conv1d-grad.js';
import { conv1d } from '../../src/kernels/conv1d.js';
import * as oracle from '../oracles/conv1d.js';
import { windows } from '../oracles/conv2d.js';
import { biasRelu } from '../support/bias-relu.js';
import { randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { expectEveryVariant, sumTolerance } from '../support/every-variant.js';
import { f32Input, f32Spec, problemOf, runKernel, type KernelInput } from '../support/run-kernel.js';

const device = testDevice();

interface Case {
  readonly name: string;
  readonly items: number;
  readonly length: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly taps: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly padLeft?: number;
  readonly padRight?: number;
}

const cases: Case[] = [
  { name: 'a single number', items: 1, length: 1, inChannels: 1, outChannels: 1, taps: 1 },
  { name: 'one channel in', items: 2, length: 29, inChannels: 1, outChannels: 16, taps: 5, padLeft: 2, padRight: 2 },
  {
    name: 'multiples of four',
    items: 2,
    length: 37,
    inChannels: 16,
    outChannels: 36,
    taps: 5,
    padLeft: 2,
    padRight: 2,
  },
  { name: 'primes', items: 3, length: 23, inChannels: 7, outChannels: 11, taps: 3, padLeft: 1, padRight: 1 },
  { name: 'no padding', items: 2, length: 19, inChannels: 8, outChannels: 12, taps: 4 },
  {
    name: 'stride 2, lopsided padding',
    items: 2,
    length: 21,
    inChannels: 8,
    outChannels: 12,
    taps: 5,
    stride: 2,
    padLeft: 3,
    padRight: 1,
  },
  {
    name: 'stride 3, dilation 2',
    items: 2,
    length: 26,
    inChannels: 5,
    outChannels: 6,
    taps: 3,
    stride: 3,
    dilation: 2,
    padLeft: 4,
    padRight: 0,
  },
  { name: 'stride over the filter', items: 1, length: 17, inChannels: 4, outChannels: 4, taps: 2, stride: 3 },
  {
    name: 'taps that never meet the input',
    items: 1,
    length: 3,
    inChannels: 4,
    outChannels: 8,
    taps: 5,
    padLeft: 7,
    padRight: 8,
  },
  {
    name: 'more than a tile of every kind',
    items: 1,
    length: 70,
    inChannels: 67,
    outChannels: 68,
    taps: 2,
    padLeft: 1,
  },
];

function prepare(given: Case) {
  const { items, length, inChannels, outChannels, taps, stride = 1, dilation = 1, padLeft = 0, padRight = 0 } = given;
  const attrs = { stride, dilation, padLeft, padRight };
  const outLength = windows(length, taps, stride, dilation, padLeft + padRight);
  const tensor = (seed: number, ...shape: number[]): KernelInput =>
    f32Input(
      shape,
      randomArray(
        shape.reduce((a, b) => a * b, 1),
        seed,
      ),
    );
  return {
    attrs,
    x: tensor(1, items, length, inChannels),
    w: tensor(2, taps, inChannels, outChannels),
    dy: tensor(3, items, outLength, outChannels),
    xShape: f32Spec(items, length, inChannels),
    wShape: f32Spec(taps, inChannels, outChannels),
    yShape: f32Spec(items, outLength, outChannels),
    terms: { y: taps * inChannels, dx: taps * outChannels, dw: items * outLength },
  };
}

describe.each(cases)('conv1d of $name', (given) => {
  const { attrs, x, w, dy, xShape, wShape, yShape, terms } = prepare(given);

  it('agrees with float64 in every variant', async () => {
    const options = { inputs: [x, w], outputs: [yShape], attrs };
    await expectEveryVariant(device(), conv1d, options, oracle.conv1d(x, w, attrs).data, sumTolerance(terms.y));
  });

  it('has an input gradient that agrees with float64 in every variant', async () => {
    const gradAttrs = { ...attrs, inputLength: given.length };
    const options = { inputs: [dy, w], outputs: [xShape], attrs: gradAttrs };
    const expected = oracle.conv1dInputGrad(dy, w, gradAttrs).data;
    await expectEveryVariant(device(), conv1dInputGrad, options, expected, sumTolerance(terms.dx));
  });

  it('has a weight gradient that agrees with float64 in every variant', async () => {
    const gradAttrs = { ...attrs, kernelSize: given.taps };
    const options = { inputs: [x, dy], outputs: [wShape], attrs: gradAttrs };
    const expected = oracle.conv1dWeightGrad(x, dy, gradAttrs).data;
    await expectEveryVariant(device(), conv1dWeightGrad, options, expected, sumTolerance(terms.dw));
  });
});

describe('conv1d', () => {
  const { attrs, x, w, dy, xShape, wShape, yShape, terms } = prepare(cases[2]);

  it('applies an epilogue, and so do its gradients', async () => {
    const y = biasRelu(36);
    await expectEveryVariant(
      device(),
      conv1d,
      { inputs: [x, w], outputs: [yShape], attrs, ...y.options },
      y.apply(oracle.conv1d(x, w, attrs).data),
      sumTolerance(2 * terms.y),
    );
    const grad = biasRelu(16);
    const inputAttrs = { ...attrs, inputLength: 37 };
    await expectEveryVariant(
      device(),
      conv1dInputGrad,
      { inputs: [dy, w], outputs: [xShape], attrs: inputAttrs, ...grad.options },
      grad.apply(oracle.conv1dInputGrad(dy, w, inputAttrs).data),
      sumTolerance(2 * terms.dx),
    );
    const weightAttrs = { ...attrs, kernelSize: 5 };
    await expectEveryVariant(
      device(),
      conv1dWeightGrad,
      { inputs: [x, dy], outputs: [wShape], attrs: weightAttrs, ...y.options },
      y.apply(oracle.conv1dWeightGrad(x, dy, weightAttrs).data),
      sumTolerance(2 * terms.dw),
    );
  });

  it('cuts the weight gradient of a long batch into parts, by clips', async () => {
    const long = prepare({
      name: '',
      items: 11,
      length: 80,
      inChannels: 16,
      outChannels: 36,
      taps: 5,
      padLeft: 2,
      padRight: 2,
    });
    const gradAttrs = { ...long.attrs, kernelSize: 5 };
    const options = { inputs: [long.x, long.dy], outputs: [long.wShape], attrs: gradAttrs };
    const plan = conv1dWeightGrad.launch({ ...problemOf(device(), options), variant: 'splitk' });
    expect((plan.temps ?? [0])[0] / (4 * 5 * 16 * 36)).toBeGreaterThan(1);
    const expected = oracle.conv1dWeightGrad(long.x, long.dy, gradAttrs).data;
    await expectEveryVariant(device(), conv1dWeightGrad, options, expected, sumTolerance(long.terms.dw));
  });

  it('has a zero weight gradient for an empty batch, and launches nothing for its empty output', async () => {
    const none = prepare({ name: '', items: 0, length: 9, inChannels: 2, outChannels: 3, taps: 3 });
    const gradAttrs = { ...none.attrs, kernelSize: 3 };
    const { outputs } = await runKernel(device(), conv1dWeightGrad, {
      inputs: [none.x, none.dy],
      outputs: [none.wShape],
      attrs: gradAttrs,
    });
    expect([...outputs[0]]).toEqual(new Array(3 * 2 * 3).fill(0));
    const options = { inputs: [none.x, none.w], outputs: [none.yShape], attrs: none.attrs };
    expect(conv1d.launch(problemOf(device(), options)).launches).toEqual([]);
  });

  it('leaves infinities in the input out of what only the padding reaches', async () => {
    // Rows in the padding read some element in bounds: it must not leak in, not even as Infinity · 0.
    const edge = prepare({
      name: '',
      items: 1,
      length: 20,
      inChannels: 4,
      outChannels: 4,
      taps: 3,
      padLeft: 2,
      padRight: 2,
    });
    const data = Float32Array.from(edge.x.data);
    data.fill(Infinity, 0, 4);
    const y = oracle.conv1d(edge.x, edge.w, edge.attrs);
    const options = { inputs: [{ ...edge.x, data }, edge.w], outputs: [edge.yShape], attrs: edge.attrs };
    const problem = problemOf(device(), options);
    for (const variant of conv1d.variants(problem)) {
      const { outputs } = await runKernel(device(), conv1d, { ...options, variant });
      // Outputs 3 and later never see input 0; the last two windows reach into the padding on the right.
      for (let i = 3 * 4; i < y.data.length; i++)
        expect(Math.abs(outputs[0][i] - y.data[i]), variant).toBeLessThan(1e-5);
    }
  });
});
