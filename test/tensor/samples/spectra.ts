/** Short-time spectra: even, odd and rough (a prime beyond the butterflies) frames, every padding, a hop longer than the frame, one clip and several. */
import { realTable } from '../../../src/kernels/fft.js';
import { columnRuns } from '../../../src/dsp/banded.js';
import { ops, tensor, type OpName } from '../../../src/tensor/index.js';
import { record } from '../../../src/tensor/record.js';
import { frameLevelsOracle, type LevelsProblem } from '../../oracles/frame-levels.js';
import { melSpectrumOracle, stftOracle, stftPowerOracle, type StftProblem } from '../../oracles/stft.js';
import { fixed, uniform, type OpSamples, type Sample, type SampleInput } from '../../support/gradcheck.js';
import { randomArray } from '../../support/compare.js';

const window = (n: number): Float32Array => randomArray(n, n, 0.2, 1);

const PROBLEMS: readonly StftProblem[] = [
  { clips: 2, samples: 29, window: window(8), hop: 3, pad: 4, mode: 'constant' },
  { clips: 2, samples: 21, window: window(12), hop: 5, pad: 6, mode: 'reflect' },
  { clips: 1, samples: 17, window: window(10), hop: 4, pad: 5, mode: 'edge' },
  { clips: 3, samples: 13, window: window(7), hop: 9, pad: 0, mode: 'constant' },
  { clips: 1, samples: 60, window: window(58), hop: 6, pad: 29, mode: 'constant' },
  { clips: 5, samples: 1, window: window(4), hop: 2, pad: 2, mode: 'edge' },
];

const framing = ({ hop, pad, mode }: StftProblem) => ({ hop, pad, mode });

function inputsOf({ clips, samples, window: w }: StftProblem): SampleInput[] {
  const table = realTable(w.length);
  return [uniform([clips, samples]), fixed([w.length], Float32Array.from(w)), fixed([table.length / 2, 2], table)];
}

const titleOf = (name: OpName, { clips, samples, window: w, hop, pad, mode }: StftProblem): string =>
  `${name} (${clips}, ${samples}) in frames of ${w.length}, hop ${hop}, ${mode} padding of ${pad}`;

// A bin is a sum of n products of size 1, its power the square of one.
const spectrum = (problem: StftProblem, power: boolean): Sample => ({
  title: `${titleOf('stft', problem)}${power ? ', power' : ''}`,
  inputs: inputsOf(problem),
  run: (x) => [record(ops.stft, x, { ...framing(problem), power })],
  forward: ([x]) => [power ? stftPowerOracle(x.data, problem) : stftOracle(x.data, problem)],
  atol: 1e-6 * Math.max(1, problem.window.length / (power ? 1 : 4)),
});

/** Triangles over three bins, and an empty column. */
const bands = (problem: StftProblem, columns: number): Sample => {
  const bins = Math.floor(problem.window.length / 2) + 1;
  const at = (k: number, c: number): number => (c === 1 ? 0 : Math.max(0, 2 - Math.abs(k - ((c * 2) % bins))) / 2);
  const matrix = Float64Array.from({ length: bins * columns }, (_, i) => at(Math.floor(i / columns), i % columns));
  const sides = [columnRuns(bins, columns, at), columnRuns(columns, bins, (c, k) => at(k, c))];
  return {
    title: `${titleOf('melSpectrum', problem)} to ${columns}`,
    inputs: inputsOf(problem),
    run: (x) => {
      const tables = sides.flatMap(({ values, runs }) => [tensor(Float32Array.from(values)), tensor(runs)]);
      return [record(ops.melSpectrum, [...x, ...tables], { ...framing(problem), columns })];
    },
    forward: ([x]) => [melSpectrumOracle(x.data, problem, matrix, columns)],
    atol: 1e-6 * Math.max(1, problem.window.length),
  };
};

/** Samples away from 0, so that no difference changes a sign. */
const loud = (shape: readonly number[]): SampleInput => ({
  shape,
  differentiable: true,
  draw: (random) =>
    Float32Array.from({ length: shape[0] * shape[1] }, () => (random() < 0.5 ? -1 : 1) * (0.2 + 0.8 * random())),
});

const levels = (problem: LevelsProblem): Sample => {
  const { clips, samples, lengths, ...attrs } = problem;
  return {
    title: `frameLevels ${JSON.stringify(problem)}`,
    inputs: [loud([clips, samples]), ...(lengths ? [fixed([clips], Float32Array.from(lengths))] : [])],
    run: (x) => [record(ops.frameLevels, x, { ...attrs, hasLengths: lengths !== undefined })],
    forward: ([x]) => [frameLevelsOracle(x.data, problem)],
  };
};

export const spectra = {
  frameLevels: {
    samples: [
      levels({ clips: 2, samples: 31, frameLength: 8, hop: 3, pad: 4, threshold: 1e-10, lengths: [31, 12] }),
      levels({ clips: 1, samples: 90, frameLength: 70, hop: 9, pad: 0, threshold: 0.05 }),
    ],
  },
  stft: { samples: PROBLEMS.flatMap((problem) => [spectrum(problem, false), spectrum(problem, true)]) },
  melSpectrum: { samples: PROBLEMS.map((problem, i) => bands(problem, 3 + i)) },
} satisfies Partial<Record<OpName, OpSamples>>;
