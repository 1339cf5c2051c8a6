import { ops, type OpName } from '../../../src/tensor/index.js';
import { recordAll } from '../../../src/tensor/record.js';
import type { KernelOp } from '../../../src/tensor/op.js';
import { windows } from '../../oracles/conv2d.js';
import * as pool1d from '../../oracles/pool1d.js';
import * as pool2d from '../../oracles/pool2d.js';
import { distinct, fixed, uniform, type OpSamples, type Sample } from '../../support/gradcheck.js';
import type { NdArray } from '../../support/nd-array.js';

const pool = (
  name: OpName,
  inputs: Sample['inputs'],
  attrs: object,
  forward: (...x: NdArray[]) => NdArray | { y: NdArray; indices: NdArray },
): Sample => ({
  title: `${name} ${JSON.stringify(attrs)} of (${inputs[0].shape.join(', ')})`,
  inputs,
  run: (x) => recordAll(ops[name] as KernelOp, x, attrs),
  forward: (x) => {
    const result = forward(...x);
    return 'y' in result ? [result.y.data, result.indices.data] : [result.data];
  },
  // The positions that a maximum gives beside itself are whole numbers.
  outputs: [0],
});

/** Windows that tile, overlap, leave gaps, reach into padding; a rest that no window covers. */
const ONE: readonly (readonly [shape: number[], pool1d.Pool1dOptions])[] = [
  [[2, 17, 5], { kernelSize: 4, stride: 4, padLeft: 0, padRight: 0 }],
  [[1, 67, 1], { kernelSize: 3, stride: 2, padLeft: 1, padRight: 1 }],
  [[3, 11, 4], { kernelSize: 2, stride: 3, padLeft: 0, padRight: 1 }],
  [[1, 1, 1], { kernelSize: 1, stride: 1, padLeft: 0, padRight: 0 }],
];
const TWO: readonly (readonly [shape: number[], pool2d.Pool2dOptions])[] = [
  [[2, 6, 7, 3], { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] }],
  [[1, 11, 5, 1], { kernelSize: [3, 2], stride: [2, 1], padding: [1, 1, 0, 1] }],
  [[1, 5, 9, 4], { kernelSize: [2, 3], stride: [3, 3], padding: [0, 1, 1, 0] }],
  [[1, 1, 1, 1], { kernelSize: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0] }],
];

const pooled1d = ([n, l, c]: number[], o: pool1d.Pool1dOptions): number[] => [
  n,
  windows(l, o.kernelSize, o.stride, 1, o.padLeft + o.padRight),
  c,
];
const pooled2d = ([n, h, w, c]: number[], { kernelSize, stride, padding }: pool2d.Pool2dOptions): number[] => [
  n,
  windows(h, kernelSize[0], stride[0], 1, padding[0] + padding[1]),
  windows(w, kernelSize[1], stride[1], 1, padding[2] + padding[3]),
  c,
];

/** Tie-free data in a fixed order, to get positions of maxima from. */
const shuffled = (shape: number[]): NdArray => {
  const n = shape.reduce((a, b) => a * b, 1);
  // 7919 is prime to every size here, so no value comes twice.
  return { shape, data: Float64Array.from({ length: n }, (_, i) => ((i + 1) * 7919) % (n * 7 + 1)) };
};
const positions = (indices: NdArray) => fixed(indices.shape, Uint32Array.from(indices.data));

const BOTH = [true, false];

export const pools = {
  maxPool1d: {
    second: 'throws',
    samples: ONE.map(([shape, o]) => pool('maxPool1d', [distinct(shape)], o, (x) => pool1d.maxPool1d(x, o))),
  },
  maxPool1dGrad: {
    gradient: 'throws',
    samples: ONE.map(([shape, o]) => {
      const attrs = { ...o, inputLength: shape[1] };
      const at = positions(pool1d.maxPool1d(shuffled(shape), o).indices);
      return pool('maxPool1dGrad', [uniform(pooled1d(shape, o)), at], attrs, (dy, i) =>
        pool1d.maxPool1dGrad(dy, i, attrs),
      );
    }),
  },
  avgPool1d: {
    samples: ONE.flatMap(([shape, o]) =>
      BOTH.map((countIncludePad) => {
        const attrs = { ...o, countIncludePad };
        return pool('avgPool1d', [uniform(shape)], attrs, (x) => pool1d.avgPool1d(x, attrs));
      }),
    ),
  },
  avgPool1dGrad: {
    samples: ONE.flatMap(([shape, o]) =>
      BOTH.map((countIncludePad) => {
        const attrs = { ...o, countIncludePad, inputLength: shape[1] };
        return pool('avgPool1dGrad', [uniform(pooled1d(shape, o))], attrs, (dy) => pool1d.avgPool1dGrad(dy, attrs));
      }),
    ),
  },
  maxPool2d: {
    second: 'throws',
    samples: TWO.map(([shape, o]) => pool('maxPool2d', [distinct(shape)], o, (x) => pool2d.maxPool2d(x, o))),
  },
  maxPool2dGrad: {
    gradient: 'throws',
    samples: TWO.map(([shape, o]) => {
      const attrs = { ...o, inputSize: [shape[1], shape[2]] as const };
      const at = positions(pool2d.maxPool2d(shuffled(shape), o).indices);
      return pool('maxPool2dGrad', [uniform(pooled2d(shape, o)), at], attrs, (dy, i) =>
        pool2d.maxPool2dGrad(dy, i, attrs),
      );
    }),
  },
  avgPool2d: {
    samples: TWO.flatMap(([shape, o]) =>
      BOTH.map((countIncludePad) => {
        const attrs = { ...o, countIncludePad };
        return pool('avgPool2d', [uniform(shape)], attrs, (x) => pool2d.avgPool2d(x, attrs));
      }),
    ),
  },
  avgPool2dGrad: {
    samples: TWO.flatMap(([shape, o]) =>
      BOTH.map((countIncludePad) => {
        const attrs = { ...o, countIncludePad, inputSize: [shape[1], shape[2]] as const };
        return pool('avgPool2dGrad', [uniform(pooled2d(shape, o))], attrs, (dy) => pool2d.avgPool2dGrad(dy, attrs));
      }),
    ),
  },
} satisfies Partial<Record<OpName, OpSamples>>;
