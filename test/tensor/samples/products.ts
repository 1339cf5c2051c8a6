import { ops, type OpName } from '../../../src/tensor/index.js';
import { recordAll } from '../../../src/tensor/record.js';
import type { KernelOp } from '../../../src/tensor/op.js';
import * as conv1d from '../../oracles/conv1d.js';
import * as conv2d from '../../oracles/conv2d.js';
import { matmul } from '../../oracles/matmul.js';
import { uniform, type OpSamples, type Sample } from '../../support/gradcheck.js';
import type { NdArray } from '../../support/nd-array.js';

const product = (
  name: OpName,
  shapes: readonly (readonly number[])[],
  attrs: object,
  forward: (a: NdArray, b: NdArray) => NdArray,
): Sample => ({
  title: `${name} ${JSON.stringify(attrs)} of ${shapes.map((s) => `(${s.join(', ')})`).join(' and ')}`,
  inputs: shapes.map((s) => uniform(s)),
  run: (x) => recordAll(ops[name] as KernelOp, x, attrs),
  forward: ([a, b]) => [forward(a, b).data],
  // Sums of up to a few hundred products of size 1.
  atol: 1e-5,
});

type Size = readonly [batchA: number, batchB: number, m: number, k: number, n: number];

const matmuls = ([batchA, batchB, m, k, n]: Size): Sample[] =>
  [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) =>
      product(
        'matmul',
        [
          [batchA, ...(transposeA ? [k, m] : [m, k])],
          [batchB, ...(transposeB ? [n, k] : [k, n])],
        ],
        { transposeA, transposeB },
        (a, b) => matmul(a, b, { transposeA, transposeB }),
      ),
    ),
  );

interface Conv1d extends conv1d.Conv1dOptions {
  readonly n: number;
  readonly length: number;
  readonly cin: number;
  readonly k: number;
  readonly cout: number;
}

const conv1ds: readonly Conv1d[] = [
  { n: 2, length: 13, cin: 3, k: 5, cout: 7, stride: 1, dilation: 1, padLeft: 2, padRight: 2 },
  { n: 1, length: 67, cin: 1, k: 3, cout: 2, stride: 2, dilation: 1, padLeft: 0, padRight: 1 },
  { n: 3, length: 11, cin: 4, k: 2, cout: 8, stride: 1, dilation: 3, padLeft: 1, padRight: 0 },
  { n: 1, length: 1, cin: 1, k: 1, cout: 1, stride: 1, dilation: 1, padLeft: 0, padRight: 0 },
  { n: 2, length: 10, cin: 5, k: 3, cout: 1, stride: 4, dilation: 2, padLeft: 3, padRight: 2 },
];

const lengthOf = (c: Conv1d): number => conv2d.windows(c.length, c.k, c.stride, c.dilation, c.padLeft + c.padRight);
const optionsOf = ({ stride, dilation, padLeft, padRight }: Conv1d): conv1d.Conv1dOptions => ({
  stride,
  dilation,
  padLeft,
  padRight,
});

interface Conv2d extends conv2d.Conv2dOptions {
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly [number, number];
  readonly cout: number;
}

const conv2ds: readonly Conv2d[] = [
  { x: [2, 5, 7, 3], kernel: [3, 3], cout: 5, stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1] },
  { x: [1, 11, 7, 1], kernel: [3, 2], cout: 3, stride: [2, 3], dilation: [1, 2], padding: [0, 1, 2, 0] },
  { x: [1, 4, 5, 4], kernel: [1, 3], cout: 4, stride: [1, 2], dilation: [1, 1], padding: [0, 0, 1, 1] },
  { x: [1, 1, 1, 1], kernel: [1, 1], cout: 1, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] },
];

const options2d = ({ stride, dilation, padding }: Conv2d): conv2d.Conv2dOptions => ({ stride, dilation, padding });
const weight2d = (c: Conv2d): number[] => [...c.kernel, c.x[3], c.cout];
function out2d({ x, kernel, cout, stride, dilation, padding: [top, bottom, left, right] }: Conv2d): number[] {
  return [
    x[0],
    conv2d.windows(x[1], kernel[0], stride[0], dilation[0], top + bottom),
    conv2d.windows(x[2], kernel[1], stride[1], dilation[1], left + right),
    cout,
  ];
}

export const products = {
  matmul: {
    samples: [
      ...matmuls([1, 1, 5, 7, 3]),
      ...matmuls([3, 3, 4, 9, 5]),
      ...matmuls([1, 3, 3, 5, 2]),
      ...matmuls([2, 1, 1, 1, 1]),
      ...matmuls([1, 1, 13, 67, 9]),
    ],
  },
  conv1d: {
    samples: conv1ds.map((c) =>
      product(
        'conv1d',
        [
          [c.n, c.length, c.cin],
          [c.k, c.cin, c.cout],
        ],
        optionsOf(c),
        (x, w) => conv1d.conv1d(x, w, optionsOf(c)),
      ),
    ),
  },
  conv1dInputGrad: {
    samples: conv1ds.map((c) => {
      const attrs = { ...optionsOf(c), inputLength: c.length };
      return product(
        'conv1dInputGrad',
        [
          [c.n, lengthOf(c), c.cout],
          [c.k, c.cin, c.cout],
        ],
        attrs,
        (dy, w) => conv1d.conv1dInputGrad(dy, w, attrs),
      );
    }),
  },
  conv1dWeightGrad: {
    samples: conv1ds.map((c) => {
      const attrs = { ...optionsOf(c), kernelSize: c.k };
      return product(
        'conv1dWeightGrad',
        [
          [c.n, c.length, c.cin],
          [c.n, lengthOf(c), c.cout],
        ],
        attrs,
        (x, dy) => conv1d.conv1dWeightGrad(x, dy, attrs),
      );
    }),
  },
  conv2d: {
    samples: conv2ds.map((c) =>
      product('conv2d', [c.x, weight2d(c)], options2d(c), (x, w) => conv2d.conv2d(x, w, options2d(c))),
    ),
  },
  conv2dInputGrad: {
    samples: conv2ds.map((c) => {
      const attrs = { ...options2d(c), inputSize: [c.x[1], c.x[2]] as const };
      return product('conv2dInputGrad', [out2d(c), weight2d(c)], attrs, (dy, w) =>
        conv2d.conv2dInputGrad(dy, w, attrs),
      );
    }),
  },
  conv2dWeightGrad: {
    samples: conv2ds.map((c) => {
      const attrs = { ...options2d(c), kernelSize: c.kernel };
      return product('conv2dWeightGrad', [c.x, out2d(c)], attrs, (x, dy) => conv2d.conv2dWeightGrad(x, dy, attrs));
    }),
  },
} satisfies Partial<Record<OpName, OpSamples>>;
