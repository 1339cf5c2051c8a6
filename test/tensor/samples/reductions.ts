import { batchNorm, ops, type OpName } from '../../../src/tensor/index.js';
import { record, recordAll } from '../../../src/tensor/record.js';
import type { KernelOp, ReduceOp } from '../../../src/tensor/op.js';
import { distinct, fixed, indices, number, uniform, type OpSamples, type Sample } from '../../support/gradcheck.js';
import type { NdArray } from '../../support/nd-array.js';
import * as host from '../host.js';

/** Reductions large enough to be split (64 operands and more), of axes that are last, first, in the middle and apart. */
const CASES: readonly (readonly [number[], number[]])[] = [
  [[3, 131], [1]],
  [[67, 5], [0]],
  [[5, 7, 3], [1]],
  [
    [3, 11, 7],
    [0, 2],
  ],
  [[13, 1], [1]],
  [[7], [0]],
];

const reduction = (name: 'sum' | 'max' | 'min', start: number, fold: (a: number, b: number) => number): OpSamples => ({
  samples: CASES.map(([shape, axes]) => ({
    title: `${name} of (${shape.join(', ')}) over ${axes.join(', ')}`,
    inputs: [name === 'sum' ? uniform(shape) : distinct(shape)],
    run: ([x]) => [record(ops[name] as ReduceOp, [x], { axes })],
    forward: ([x]) => [host.reduce(x, axes, start, fold).data],
  })),
});

/** Rows × classes: one class, more than a workgroup of rows, more than a workgroup of classes, a multiple of 4. */
const ROWS = [
  [3, 7],
  [67, 3],
  [2, 131],
  [5, 8],
  [4, 1],
];

const logSumExp = (row: readonly number[]): number => {
  const top = Math.max(...row);
  return top + Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
};
const rowsOf = ({ shape: [r, c], data }: NdArray): number[][] =>
  Array.from({ length: r }, (_, i) => Array.from({ length: c }, (_, j) => data[i * c + j]));

const kernel = (name: OpName, sample: Omit<Sample, 'run'> & { attrs?: object }): Sample => ({
  ...sample,
  run: (x) => recordAll(ops[name] as KernelOp, x, sample.attrs ?? {}),
});

const rowwise = (name: OpName, fn: (row: number[]) => number[]): OpSamples => ({
  samples: ROWS.map((shape) =>
    kernel(name, {
      title: `${name} of (${shape.join(', ')})`,
      inputs: [uniform(shape, -3, 3)],
      forward: ([x]) => [rowsOf(x).flatMap(fn)],
    }),
  ),
});

const labels = (rows: number, classes: number) => ({
  ...fixed(
    [rows],
    Int32Array.from({ length: rows }, (_, i) => ((i * 5 + 2) % (classes + 1)) - 1),
  ),
});

/** (1−ε)·(lse − x[y]) + ε/C·Σ (lse − x) a row, 0 where the label is −1. */
function crossEntropy([logits, { data: label }, { data: smoothing }]: readonly NdArray[]): number[] {
  const e = smoothing[0];
  return rowsOf(logits).map((row, i) => {
    if (label[i] < 0) return 0;
    const lse = logSumExp(row);
    return (1 - e) * (lse - row[label[i]]) + (e / row.length) * row.reduce((sum, v) => sum + lse - v, 0);
  });
}

function crossEntropyGrad([logits, { data: label }, { data: dy }, { data: smoothing }]: readonly NdArray[]): number[] {
  const e = smoothing[0];
  return rowsOf(logits).flatMap((row, i) => {
    const lse = logSumExp(row);
    return row.map((v, j) =>
      label[i] < 0 ? 0 : dy[i] * (Math.exp(v - lse) - (j === label[i] ? 1 - e : 0) - e / row.length),
    );
  });
}

const SMOOTHINGS = [0, 0.1];
const lossShapes = ROWS.flatMap(([r, c]) => SMOOTHINGS.map((e) => [r, c, e] as const));

/** Mean and biased variance of each column. */
function moments(x: NdArray): { mean: Float64Array; variance: Float64Array } {
  const [r] = x.shape;
  const mean = host.reduce(x, [0], 0, (a, b) => a + b).data.map((s) => s / r);
  const centered = host.map((v, m) => (v - m) ** 2, x, { shape: [x.shape[1]], data: mean });
  return { mean, variance: host.reduce(centered, [0], 0, (a, b) => a + b).data.map((s) => s / r) };
}

function normalised([x, weight, bias]: readonly NdArray[], eps: number): host.Host {
  const { mean, variance } = moments(x);
  const row = (data: ArrayLike<number>): NdArray => ({ shape: [x.shape[1]], data });
  return host.map((v, m, s, w, b) => ((v - m) / Math.sqrt(s + eps)) * w + b, x, row(mean), row(variance), weight, bias);
}

/** dy, x, mean, rstd → Σ dy, Σ dy·(x − mean)·rstd. */
function gradSums([dy, x, mean, rstd]: readonly NdArray[]): Float64Array[] {
  const dot = host.map((g, v, m, s) => g * (v - m) * s, dy, x, mean, rstd);
  return [dy, dot].map((t) => host.reduce(t, [0], 0, (a, b) => a + b).data);
}

const TABLES: readonly (readonly [number, number, number])[] = [
  [5, 3, 67],
  [11, 8, 7],
  [1, 1, 3],
  [131, 2, 5],
];

const gathered = ([table, { data: index }]: readonly NdArray[], rows: number): Float64Array => {
  const width = table.shape[1];
  return Float64Array.from(
    { length: rows * width },
    (_, i) => table.data[index[Math.floor(i / width)] * width + (i % width)],
  );
};
const scattered = ([dy, { data: index }]: readonly NdArray[], rows: number): Float64Array => {
  const width = dy.shape[1];
  const out = new Float64Array(rows * width);
  for (let i = 0; i < dy.data.length; i++) out[index[Math.floor(i / width)] * width + (i % width)] += dy.data[i];
  return out;
};

export const reductions = {
  sum: reduction('sum', 0, (a, b) => a + b),
  max: reduction('max', -Infinity, Math.max),
  min: reduction('min', Infinity, Math.min),
  argmax: {
    gradient: 'none',
    samples: (
      [
        [[3, 131], 1],
        [[67, 5], 0],
        [[5, 7, 3], 1],
        [[7], 0],
      ] as const
    ).map(([shape, axis]) => ({
      title: `argmax of (${shape.join(', ')}) along ${axis}`,
      inputs: [distinct(shape)],
      run: ([x]) => [record(ops.argmax, [x], { axes: [axis] })],
      forward: ([x]) => [host.argmax(x, axis).data],
    })),
  },
  softmax: rowwise('softmax', (row) => row.map((v) => Math.exp(v - logSumExp(row)))),
  logSoftmax: rowwise('logSoftmax', (row) => row.map((v) => v - logSumExp(row))),
  crossEntropy: {
    second: 'throws',
    samples: lossShapes.map(([r, c, e]) =>
      kernel('crossEntropy', {
        title: `crossEntropy of (${r}, ${c}), smoothing ${e}`,
        inputs: [uniform([r, c], -3, 3), labels(r, c), number(e)],
        forward: (x) => [crossEntropy(x)],
      }),
    ),
  },
  crossEntropyGrad: {
    gradient: 'throws',
    samples: lossShapes.map(([r, c, e]) =>
      kernel('crossEntropyGrad', {
        title: `crossEntropyGrad of (${r}, ${c}), smoothing ${e}`,
        inputs: [uniform([r, c], -3, 3), labels(r, c), uniform([r]), number(e)],
        forward: (x) => [crossEntropyGrad(x)],
      }),
    ),
  },
  batchNormMoments: {
    samples: [
      [67, 5],
      [3, 131],
      [13, 8],
      [1, 3],
      [2, 1],
    ].map((shape) =>
      kernel('batchNormMoments', {
        title: `batchNormMoments of (${shape.join(', ')})`,
        inputs: [uniform(shape, -1, 2)],
        forward: ([x]) => {
          const { mean, variance } = moments(x);
          return [mean, variance];
        },
      }),
    ),
  },
  batchNormGradSums: {
    gradient: 'throws',
    samples: [
      [67, 5],
      [3, 131],
      [13, 8],
      [1, 1],
    ].map(([r, c]) =>
      kernel('batchNormGradSums', {
        title: `batchNormGradSums of (${r}, ${c})`,
        inputs: [uniform([r, c]), uniform([r, c]), uniform([c]), uniform([c], 0.5, 2)],
        forward: gradSums,
        // Sums of up to 67 products.
        atol: 1e-5,
      }),
    ),
  },
  batchNorm: {
    second: 'throws',
    // The gradient is that of the whole normalisation, so that is what is differentiated.
    samples: [
      [67, 5],
      [5, 67],
      [13, 8],
      [2, 1],
    ].map(([r, c]) => ({
      title: `batchNorm of (${r}, ${c})`,
      inputs: [uniform([r, c], -1, 2), uniform([c], 0.5, 2), uniform([c])],
      run: ([x, weight, bias]) => [batchNorm(x, weight, bias, 1e-3).output],
      forward: (x) => [normalised(x, 1e-3).data],
      // x̂ reaches 2.2, and the error of the mean is divided by the deviation.
      atol: 5e-6,
    })),
  },
  gather: {
    samples: TABLES.map(([v, e, m]) =>
      kernel('gather', {
        title: `gather of ${m} rows from (${v}, ${e})`,
        inputs: [uniform([v, e]), indices([m], v)],
        forward: (x) => [gathered(x, m)],
      }),
    ),
  },
  gatherGrad: {
    samples: TABLES.map(([v, e, m]) =>
      kernel('gatherGrad', {
        title: `gatherGrad of ${m} rows into (${v}, ${e})`,
        inputs: [uniform([m, e]), indices([m], v)],
        attrs: { rows: v },
        forward: (x) => [scattered(x, v)],
        // Sums of up to 67 values.
        atol: 1e-5,
      }),
    ),
  },
} satisfies Partial<Record<OpName, OpSamples>>;
