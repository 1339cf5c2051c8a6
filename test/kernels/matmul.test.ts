import { describe, expect, it } from 'vitest';
import { matmul, type MatmulAttrs } from '../../src/kernels/matmul.js';
import { matmul as oracle } from '../oracles/matmul.js';
import { biasRelu } from '../support/bias-relu.js';
import { randomArray, relativeNorm } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { expectEveryVariant, sumTolerance } from '../support/every-variant.js';
import { f32Input, f32Spec, problemOf, runKernel, type RunKernelOptions } from '../support/run-kernel.js';

const device = testDevice();

interface Case {
  readonly batch?: readonly [number, number];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

function prepare({ batch = [1, 1], m, n, k, transposeA = false, transposeB = false }: Case): {
  options: RunKernelOptions<MatmulAttrs>;
  expected: ArrayLike<number>;
} {
  const aShape = transposeA ? [batch[0], k, m] : [batch[0], m, k];
  const bShape = transposeB ? [batch[1], n, k] : [batch[1], k, n];
  const a = f32Input(aShape, randomArray(batch[0] * m * k, 1));
  const b = f32Input(bShape, randomArray(batch[1] * k * n, 2));
  return {
    options: {
      inputs: [a, b],
      outputs: [f32Spec(Math.max(...batch), m, n)],
      attrs: { transposeA, transposeB },
    },
    expected: oracle(a, b, { transposeA, transposeB }).data,
  };
}

const layouts = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

describe.each(layouts)('matmul, transposeA $transposeA, transposeB $transposeB', (layout) => {
  it.each([
    { m: 1, n: 1, k: 1 },
    { m: 37, n: 41, k: 23 },
    { m: 67, n: 129, k: 31 },
    { m: 68, n: 132, k: 72 },
    { m: 4, n: 4, k: 4 },
    { m: 1, n: 9, k: 300 },
    { m: 130, n: 1, k: 6 },
    { m: 9, n: 6, k: 16 },
  ])('agrees with float64 in every variant: ($m × $k) · ($k × $n)', async (size) => {
    const { options, expected } = prepare({ ...size, ...layout });
    await expectEveryVariant(device(), matmul, options, expected, sumTolerance(size.k));
  });
});

describe('matmul', () => {
  it.each([{ batch: [3, 3] as const }, { batch: [3, 1] as const }, { batch: [1, 3] as const }])(
    'multiplies batches $batch, broadcasting a batch of one',
    async ({ batch }) => {
      for (const layout of layouts.slice(0, 2)) {
        const { options, expected } = prepare({ batch, m: 9, n: 11, k: 7, ...layout });
        await expectEveryVariant(device(), matmul, options, expected, sumTolerance(7));
      }
    },
  );

  it.each([12, 13])('applies the epilogue once to every element of %i columns', async (n) => {
    const { options, expected } = prepare({ m: 19, n, k: 24 });
    const { options: epilogue, apply } = biasRelu(n);
    // Twice the terms: bias and scale add roundings of their own.
    await expectEveryVariant(device(), matmul, { ...options, ...epilogue }, apply(expected), sumTolerance(48));
  });

  it('cuts a long reduction into parts and adds them up', async () => {
    const size = { m: 12, n: 20, k: 1500 };
    const { options, expected } = prepare({ ...size, transposeA: true });
    const plan = matmul.launch({ ...problemOf(device(), options), variant: 'splitk' });
    const parts = (plan.temps ?? [0])[0] / (4 * size.m * size.n);
    expect(parts).toBeGreaterThan(2);
    await expectEveryVariant(device(), matmul, options, expected, sumTolerance(size.k));
  });

  it('gives the same bits every time', async () => {
    const { options } = prepare({ m: 12, n: 20, k: 1500, transposeA: true });
    const first = await runKernel(device(), matmul, options);
    const second = await runKernel(device(), matmul, options);
    expect(second.outputs).toEqual(first.outputs);
  });

  it('gives zeros, through the epilogue, where there is nothing to add up', async () => {
    const { options, expected } = prepare({ m: 3, n: 4, k: 0 });
    const { options: epilogue, apply } = biasRelu(4);
    const zeros = await runKernel(device(), matmul, options);
    expect([...zeros.outputs[0]]).toEqual(new Array(12).fill(0));
    const { outputs } = await runKernel(device(), matmul, { ...options, ...epilogue });
    expect(relativeNorm(outputs[0], apply(expected))).toBeLessThan(1e-6);
  });

  it.each([
    { m: 0, n: 3, k: 2 },
    { m: 3, n: 0, k: 2 },
    { batch: [0, 0] as const, m: 3, n: 2, k: 2 },
  ])('launches nothing for an empty result', (size) => {
    const { options } = prepare(size);
    expect(matmul.launch(problemOf(device(), options)).launches).toEqual([]);
  });

  it('counts two FLOPs a multiply-add and each tensor once', () => {
    const { options } = prepare({ batch: [2, 1], m: 3, n: 5, k: 7 });
    expect(matmul.cost(problemOf(device(), options))).toEqual({
      flops: 2 * 2 * 3 * 5 * 7,
      bytes: 4 * (2 * 3 * 7 + 7 * 5 + 2 * 3 * 5),
    });
  });
});
