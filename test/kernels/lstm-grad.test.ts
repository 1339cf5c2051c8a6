import { describe, expect, test } from 'vitest';
import { lstmGrad } from '../../src/kernels/lstm-grad.js';
import { lstmGradOracle } from '../oracles/lstm-grad.js';
import { lstmOracle, type LstmProblem } from '../oracles/lstm.js';
import { expectClose, randomArray, relativeNorm } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, f32Spec, runKernel, u32Input } from '../support/run-kernel.js';

const device = testDevice();

/** Sums of 4·H products of O(1/√H) a step, handed on from step to step: sizes are O(1), so the absolute part is a few f32 roundings. */
const tolerance = { rtol: 1e-5, atol: 3e-6 };

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly steps: number;
  readonly directions: number;
  readonly hidden: number;
  readonly state?: boolean;
  readonly lengths?: readonly number[];
}

const cases: Case[] = [
  { name: 'one of everything', rows: 1, steps: 1, directions: 1, hidden: 1 },
  { name: 'one row with state', rows: 1, steps: 3, directions: 2, hidden: 7, state: true },
  { name: 'three rows, both directions, initial state', rows: 3, steps: 5, directions: 2, hidden: 11, state: true },
  { name: 'ragged rows, one of them empty', rows: 5, steps: 6, directions: 2, hidden: 9, lengths: [6, 0, 3, 1, 5] },
  {
    name: 'ragged rows with state',
    rows: 9,
    steps: 4,
    directions: 2,
    hidden: 5,
    state: true,
    lengths: [4, 1, 0, 3, 2, 4, 4, 1, 3],
  },
  { name: 'wider than a step workgroup', rows: 2, steps: 3, directions: 2, hidden: 67 },
  { name: 'wider than a persistent workgroup', rows: 2, steps: 2, directions: 1, hidden: 259, state: true },
  { name: 'more rows than a block', rows: 13, steps: 3, directions: 2, hidden: 8 },
];

function problemFor({ rows, steps, directions, hidden, state, lengths }: Case): LstmProblem {
  const units = rows * steps * directions * hidden;
  const spread = 1.5 / Math.sqrt(hidden);
  return {
    rows,
    steps,
    directions,
    hidden,
    gatesX: randomArray(units * 4, 1, -2, 2),
    whh: randomArray(directions * hidden * hidden * 4, 2, -spread, spread),
    h0: state ? randomArray(directions * rows * hidden, 3) : undefined,
    c0: state ? randomArray(directions * rows * hidden, 4) : undefined,
    lengths,
  };
}

/** [d][from][to][gate] → [d][to][from][gate]. */
function transposed({ directions, hidden, whh }: LstmProblem): Float32Array {
  const result = new Float32Array(whh.length);
  for (let d = 0; d < directions; d++) {
    for (let k = 0; k < hidden; k++) {
      for (let j = 0; j < hidden; j++) {
        for (let g = 0; g < 4; g++) {
          result[((d * hidden + j) * hidden + k) * 4 + g] = whh[((d * hidden + k) * hidden + j) * 4 + g];
        }
      }
    }
  }
  return result;
}

async function runGrad(problem: LstmProblem, dOut: Float32Array, variant: string) {
  const { rows, steps, directions, hidden, h0, c0, lengths } = problem;
  const { c, gates } = lstmOracle(problem);
  const { outputs } = await runKernel(device(), lstmGrad, {
    inputs: [
      f32Input([rows, steps, directions * hidden], dOut),
      f32Input([directions, hidden, hidden, 4], transposed(problem)),
      f32Input([rows, steps, directions, hidden], c),
      f32Input([rows, steps, directions, hidden, 4], gates),
      ...(c0 ? [f32Input([directions, rows, hidden], c0)] : []),
      ...(lengths ? [u32Input([rows], lengths)] : []),
    ],
    outputs: [
      f32Spec(rows, steps, directions, hidden, 4),
      ...(h0 ? [f32Spec(directions, rows, hidden), f32Spec(directions, rows, hidden)] : []),
    ],
    attrs: { hasLengths: lengths !== undefined, hasState: h0 !== undefined },
    variant,
  });
  return outputs;
}

const dOutFor = ({ rows, steps, directions, hidden }: LstmProblem): Float32Array =>
  randomArray(rows * steps * directions * hidden, 5);

describe.each(['step', 'persistent'])('lstmGrad, variant %s', (variant) => {
  test.each(cases)('agrees with float64 backpropagation through time: $name', async (shape) => {
    const problem = problemFor(shape);
    const dOut = dOutFor(problem);
    const [dGates, dh0, dc0] = await runGrad(problem, dOut, variant);
    const expected = lstmGradOracle(problem, dOut);
    expectClose(dGates, expected.dGates, tolerance);
    expect(relativeNorm(dGates, expected.dGates)).toBeLessThan(2e-6);
    if (shape.state) {
      expectClose(dh0, expected.dh0, tolerance);
      expectClose(dc0, expected.dc0, tolerance);
    }
  });

  test('gives padding a gradient of exactly zero, whatever dOut holds there', async () => {
    const problem = problemFor({ name: '', rows: 2, steps: 4, directions: 2, hidden: 3, state: true, lengths: [0, 2] });
    const [dGates, dh0, dc0] = await runGrad(problem, dOutFor(problem), variant);
    expect(dGates.subarray(0, 4 * 24).every((v) => v === 0)).toBe(true);
    expect(dGates.subarray(6 * 24).every((v) => v === 0)).toBe(true);
    expect(dGates.subarray(4 * 24, 6 * 24).every((v) => v !== 0)).toBe(true);
    // Row 0 is empty, row 1 is not; both directions.
    for (const grad of [dh0, dc0]) {
      expect([0, 1, 2, 6, 7, 8].every((i) => grad[i] === 0)).toBe(true);
      expect([3, 4, 5, 9, 10, 11].every((i) => grad[i] !== 0)).toBe(true);
    }
  });
});

test('the gradient oracle agrees with central differences of the forward oracle', () => {
  const problem = problemFor({
    name: '',
    rows: 3,
    steps: 4,
    directions: 2,
    hidden: 3,
    state: true,
    lengths: [4, 2, 0],
  });
  const dOut = dOutFor(problem);
  const gradient = lstmGradOracle(problem, dOut);
  const loss = (changed: Partial<LstmProblem>): number =>
    lstmOracle({ ...problem, ...changed }).out.reduce((sum, h, i) => sum + h * dOut[i], 0);
  const differences = (name: 'gatesX' | 'h0' | 'c0'): Float64Array => {
    const values = Float64Array.from(problem[name] ?? []);
    return values.map((_, i) => {
      const shifted = (by: number): number => loss({ [name]: values.map((v, k) => (k === i ? v + by : v)) });
      return (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
    });
  };
  expect(relativeNorm(gradient.dGates, differences('gatesX'))).toBeLessThan(1e-9);
  expect(relativeNorm(gradient.dh0, differences('h0'))).toBeLessThan(1e-9);
  expect(relativeNorm(gradient.dc0, differences('c0'))).toBeLessThan(1e-9);
});
