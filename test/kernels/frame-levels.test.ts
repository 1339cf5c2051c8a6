import { expect, test } from 'vitest';
import { frameLevels } from '../../src/kernels/frame-levels.js';
import { frameLevelsOracle, type LevelsProblem } from '../oracles/frame-levels.js';
import { randomArray } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { expectEveryVariant } from '../support/every-variant.js';
import { f32Input, f32Spec, problemOf } from '../support/run-kernel.js';

const device = testDevice();

/** Frames shorter and longer than a workgroup, across both ends, beyond a clip's length, without padding, of one sample. */
const PROBLEMS: readonly LevelsProblem[] = [
  { clips: 2, samples: 300, frameLength: 32, hop: 8, pad: 16, threshold: 1e-10 },
  { clips: 3, samples: 301, frameLength: 129, hop: 50, pad: 64, threshold: 0.3, lengths: [301, 1, 77] },
  { clips: 1, samples: 70, frameLength: 7, hop: 3, pad: 0, threshold: 0 },
  { clips: 4, samples: 1, frameLength: 6, hop: 2, pad: 3, threshold: 0 },
  { clips: 1, samples: 9, frameLength: 1, hop: 2, pad: 0, threshold: 0 },
];

const optionsOf = (problem: LevelsProblem) => {
  const { clips, samples, lengths, ...attrs } = problem;
  const frames = Math.floor((samples + 2 * attrs.pad - attrs.frameLength) / attrs.hop) + 1;
  return {
    inputs: [
      f32Input([clips, samples], randomArray(clips * samples, samples)),
      ...(lengths ? [f32Input([clips], lengths)] : []),
    ],
    outputs: [f32Spec(clips, frames, 2)],
    attrs: { ...attrs, hasLengths: lengths !== undefined },
  };
};

test.each(PROBLEMS.map((problem) => [JSON.stringify(problem), problem] as const))('%s', async (_, problem) => {
  const options = optionsOf(problem);
  const expected = frameLevelsOracle(options.inputs[0].data, problem);
  await expectEveryVariant(device(), frameLevels, options, expected, { rtol: 1e-5, atol: 1e-7 });
});

test('no clips launch nothing', () => {
  expect(frameLevels.launch(problemOf(device(), optionsOf({ ...PROBLEMS[0], clips: 0 }))).launches).toEqual([]);
});
