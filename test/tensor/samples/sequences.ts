import { ops, type OpName } from '../../../src/tensor/index.js';
import { recordAll } from '../../../src/tensor/record.js';
import type { KernelOp } from '../../../src/tensor/op.js';
import { fftTable, realTable } from '../../../src/kernels/fft.js';
import { dftOracle, irdftOracle, rdftOracle } from '../../oracles/fft.js';
import { lstmOracle, type LstmProblem } from '../../oracles/lstm.js';
import { lstmGradOracle } from '../../oracles/lstm-grad.js';
import { fixed, given, uniform, type OpSamples, type Sample, type SampleInput } from '../../support/gradcheck.js';
import { randomArray } from '../../support/compare.js';
import type { NdArray } from '../../support/nd-array.js';

interface Lstm {
  readonly n: number;
  readonly t: number;
  readonly d: number;
  readonly h: number;
  readonly state: boolean;
  readonly lengths?: readonly number[];
}

/** One and two directions, with and without state and lengths, rows beyond a block of eight, a single step, a row of length 0. */
const LSTMS: readonly Lstm[] = [
  { n: 3, t: 5, d: 2, h: 3, state: true, lengths: [5, 2, 1] },
  { n: 1, t: 1, d: 1, h: 1, state: false },
  { n: 1, t: 4, d: 2, h: 5, state: false, lengths: [3] },
  { n: 9, t: 3, d: 1, h: 2, state: true },
  { n: 2, t: 3, d: 2, h: 4, state: true },
  { n: 2, t: 3, d: 2, h: 3, state: false, lengths: [0, 3] },
];

const problemOf = ({ n, t, d, h, state, lengths }: Lstm, x: readonly NdArray[]): LstmProblem => ({
  rows: n,
  steps: t,
  directions: d,
  hidden: h,
  gatesX: x[0].data,
  whh: x[1].data,
  ...(state ? { h0: x[2].data, c0: x[3].data } : {}),
  ...(lengths ? { lengths } : {}),
});
const titleOf = (name: string, c: Lstm): string =>
  `${name} N ${c.n}, T ${c.t}, D ${c.d}, H ${c.h}${c.state ? ', state' : ''}${c.lengths ? `, lengths ${c.lengths.join()}` : ''}`;
const attrsOf = ({ state, lengths }: Lstm) => ({ hasState: state, hasLengths: !!lengths });
const lengthInput = ({ lengths }: Lstm): SampleInput[] =>
  lengths ? [fixed([lengths.length], Uint32Array.from(lengths))] : [];

const lstm = (c: Lstm): Sample => {
  const { n, t, d, h } = c;
  const states = c.state ? [uniform([d, n, h]), uniform([d, n, h])] : [];
  return {
    title: titleOf('lstm', c),
    inputs: [uniform([n, t, d, h, 4], -2, 2), uniform([d, h, h, 4]), ...states, ...lengthInput(c)],
    run: (x) => recordAll(ops.lstm, x, attrsOf(c)),
    forward: (x) => {
      const { out, c: cells, gates } = lstmOracle(problemOf(c, x));
      return [out, cells, gates];
    },
    outputs: [0],
  };
};

/** The backward kernel alone, on cells and gates that belong to random inputs. */
const lstmGrad = (c: Lstm): Sample => {
  const { n, t, d, h } = c;
  const array = (shape: number[], seed: number): NdArray & { data: Float32Array } => ({
    shape,
    data: randomArray(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
  });
  const x = [array([n, t, d, h, 4], 1), array([d, h, h, 4], 2), array([d, n, h], 3), array([d, n, h], 4)];
  const problem = problemOf(c, x);
  const { c: cells, gates } = lstmOracle(problem);
  const swapped = Float32Array.from({ length: d * h * h * 4 }, (_, i) => {
    const gate = i % 4;
    const from = Math.floor(i / 4) % h;
    const to = Math.floor(i / (4 * h)) % h;
    const direction = Math.floor(i / (4 * h * h));
    return x[1].data[((direction * h + from) * h + to) * 4 + gate];
  });
  return {
    title: titleOf('lstmGrad', c),
    inputs: [
      uniform([n, t, d * h]),
      given([d, h, h, 4], swapped),
      fixed([n, t, d, h], Float32Array.from(cells)),
      fixed([n, t, d, h, 4], Float32Array.from(gates)),
      ...(c.state ? [fixed([d, n, h], x[3].data)] : []),
      ...lengthInput(c),
    ],
    run: (inputs) => recordAll(ops.lstmGrad, inputs, attrsOf(c)),
    forward: ([dOut]) => {
      const { dGates, dh0, dc0 } = lstmGradOracle(problem, dOut.data);
      return c.state ? [dGates, dh0, dc0] : [dGates];
    },
    // Cells and gates come rounded to float32.
    atol: 2e-6,
  };
};

/** 1 and 2, powers of two, mixed radices, a prime that is its own stage, a length beyond a workgroup. */
const LENGTHS = [12, 1, 2, 7, 8, 67];

const tableInput = (name: OpName, n: number): SampleInput => {
  const values = name === 'fft' ? fftTable(n) : realTable(n);
  return fixed([values.length / 2, 2], values);
};

const transform = (
  name: OpName,
  n: number,
  shape: number[],
  attrs: object,
  forward: (x: ArrayLike<number>) => Float64Array,
): Sample => ({
  title: `${name} ${JSON.stringify(attrs)} of (${shape.join(', ')})`,
  inputs: [uniform(shape), tableInput(name, n)],
  run: (x) => recordAll(ops[name] as KernelOp, x, attrs),
  forward: ([x]) => [forward(x.data)],
  // Sums of n numbers of size 1.
  atol: 1e-6 * Math.max(1, n / 4),
});

export const sequences = {
  lstm: { second: 'throws', samples: LSTMS.map(lstm) },
  lstmGrad: { gradient: 'throws', samples: LSTMS.map(lstmGrad) },
  fft: {
    samples: LENGTHS.flatMap((n) =>
      [false, true].map((inverse) => transform('fft', n, [3, n, 2], { inverse }, (x) => dftOracle(x, 3, n, inverse))),
    ),
  },
  rfft: { samples: LENGTHS.map((n) => transform('rfft', n, [3, n], {}, (x) => rdftOracle(x, 3, n))) },
  irfft: {
    samples: LENGTHS.map((n) =>
      transform('irfft', n, [3, Math.floor(n / 2) + 1, 2], { n }, (x) => irdftOracle(x, 3, n)),
    ),
  },
} satisfies Partial<Record<OpName, OpSamples>>;
