/** Statistics of a clip on the device, beside the same by loops. */
import { expect, test } from 'vitest';
import { clipStatistics, clipStatisticsWidth } from '../../../src/ser/models/clip-statistics.js';
import { readAll, tensor } from '../../../src/tensor/index.js';
import { expectClose, randomArray } from '../../support/compare.js';
import { testEngine } from '../../support/engine.js';

testEngine();

const PARTS = 8;

/** In float64; x is one clip's own frames. */
function oracle(x: readonly (readonly number[])[]): number[] {
  const [frames, size] = [x.length, x[0].length];
  const tracks = Array.from({ length: size }, (_, f) => x.map((row) => row[f]));
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / Math.max(1, v.length);
  const deviation = (v: readonly number[]): number =>
    Math.sqrt(v.reduce((a, b) => a + (b - mean(v)) ** 2, 0) / Math.max(1, v.length) + 1e-5);
  const changes = tracks.map((track) => track.slice(1).map((v, t) => v - track[t]));
  const parts = Array.from({ length: PARTS }, (_, p) =>
    tracks.map((track) => mean(track.filter((_, t) => Math.floor((t * PARTS) / frames) === p))),
  );
  return [
    ...tracks.map(mean),
    ...tracks.map(deviation),
    ...changes.map((c) => mean(c.map(Math.abs))),
    ...changes.map(deviation),
    ...parts.flat(),
  ];
}

test.each([
  ['of several lengths', 61, 5, [61, 8, 24, 7, 1, 60]],
  ['all of them whole', 16, 3, undefined],
  ['of a single frame', 1, 2, undefined],
] as const)('are those of each clip alone: %s', async (_, frames, size, lengths) => {
  const rows = lengths?.length ?? 2;
  const x = randomArray(rows * frames * size, 5, -2, 3);
  const [got] = await readAll([
    clipStatistics(tensor(x, [rows, frames, size]), lengths && tensor(Uint32Array.from(lengths))),
  ]);
  const width = clipStatisticsWidth(size);
  expect(got.length).toBe(rows * width);
  for (let row = 0; row < rows; row++) {
    const clip = Array.from({ length: lengths?.[row] ?? frames }, (_, t) =>
      Array.from(x.subarray((row * frames + t) * size, (row * frames + t + 1) * size)),
    );
    const expected = Float64Array.from(oracle(clip));
    expectClose((got as Float32Array).subarray(row * width, (row + 1) * width), expected, { rtol: 1e-5, atol: 1e-5 });
  }
});
