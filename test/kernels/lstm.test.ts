import { describe, expect, test } from 'vitest';
import { lstm } from '../../src/kernels/lstm.js';
import { lstmOracle, type LstmProblem } from '../oracles/lstm.js';
import { expectClose, randomArray, relativeNorm } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, f32Spec, runKernel, u32Input } from '../support/run-kernel.js';

const device = testDevice();

/** A few hundred terms of size ≤ 1/√H each, then steps that feed on each other: sums are O(1), so is what rounding they keep. */
const tolerance = { rtol: 1e-5, atol: 2e-6 };

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
  { name: 'one row, one step, two directions', rows: 1, steps: 1, directions: 2, hidden: 5 },
  { name: 'one row, prime width', rows: 1, steps: 4, directions: 1, hidden: 7, state: true },
  { name: 'three rows, both directions, initial state', rows: 3, steps: 5, directions: 2, hidden: 11, state: true },
  {
    name: 'ragged rows, two of them empty or short',
    rows: 5,
    steps: 6,
    directions: 2,
    hidden: 9,
    lengths: [6, 0, 3, 1, 5],
  },
  {
    name: 'ragged rows with state',
    rows: 9,
    steps: 4,
    directions: 2,
    hidden: 5,
    state: true,
    lengths: [4, 1, 0, 3, 2, 4, 4, 1, 3],
  },
  { name: 'lengths beyond the steps count as full', rows: 2, steps: 3, directions: 2, hidden: 4, lengths: [7, 2] },
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

async function runLstm(problem: LstmProblem, variant: string) {
  const { rows, steps, directions, hidden, gatesX, whh, h0, c0, lengths } = problem;
  const { outputs } = await runKernel(device(), lstm, {
    inputs: [
      f32Input([rows, steps, directions, hidden, 4], gatesX),
      f32Input([directions, hidden, hidden, 4], whh),
      ...(h0 && c0 ? [f32Input([directions, rows, hidden], h0), f32Input([directions, rows, hidden], c0)] : []),
      ...(lengths ? [u32Input([rows], lengths)] : []),
    ],
    outputs: [
      f32Spec(rows, steps, directions * hidden),
      f32Spec(rows, steps, directions, hidden),
      f32Spec(rows, steps, directions, hidden, 4),
    ],
    attrs: { hasLengths: lengths !== undefined, hasState: h0 !== undefined },
    variant,
  });
  return outputs;
}

describe.each(['step', 'persistent'])('lstm, variant %s', (variant) => {
  test.each(cases)('agrees with the float64 recurrence: $name', async (shape) => {
    const problem = problemFor(shape);
    const [out, c, gates] = await runLstm(problem, variant);
    const expected = lstmOracle(problem);
    expectClose(gates, expected.gates, tolerance);
    expectClose(c, expected.c, tolerance);
    expectClose(out, expected.out, tolerance);
    expect(relativeNorm(out, expected.out)).toBeLessThan(1e-6);
  });

  test('leaves exact zeros past the end of each row', async () => {
    const problem = problemFor({ name: '', rows: 2, steps: 4, directions: 2, hidden: 3, lengths: [0, 2] });
    const [out, c, gates] = await runLstm(problem, variant);
    for (const [values, width] of [
      [out, 6],
      [c, 6],
      [gates, 24],
    ] as const) {
      expect(values.subarray(0, 4 * width).every((v) => v === 0)).toBe(true);
      expect(values.subarray(6 * width).every((v) => v === 0)).toBe(true);
      expect(values.subarray(4 * width, 6 * width).every((v) => v !== 0)).toBe(true);
    }
  });

  test('saturates at huge gates without NaN', async () => {
    const gatesX = [1e30, -1e30, 200, -200, -1e4, 1e4, -500, 500];
    const problem = { rows: 1, steps: 2, directions: 1, hidden: 1, gatesX, whh: [1, 1, 1, 1] };
    const [out, c] = await runLstm(problem, variant);
    const expected = lstmOracle(problem);
    expectClose(c, expected.c, tolerance);
    expectClose(out, expected.out, tolerance);
  });

  test('gives the same bits in each run', async () => {
    const problem = problemFor({ name: '', rows: 5, steps: 4, directions: 2, hidden: 17 });
    expect(await runLstm(problem, variant)).toEqual(await runLstm(problem, variant));
  });
});

test('an empty batch launches nothing', async () => {
  const outputs = await runLstm(problemFor({ name: '', rows: 0, steps: 3, directions: 1, hidden: 4 }), 'step');
  expect(outputs.map((o) => o.length)).toEqual([0, 0, 0]);
});
