/** One recording in other bytes. Voices here are pulses of a drifting pitch under a drawn contour: takes differ as takes of an actor do. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeWav } from '../../../src/io/index.js';
import { scanCorpora } from '../../../src/ser/corpora/index.js';
import { Random } from '../../../src/ser/random.js';
import { makeSplit } from '../../../src/ser/protocols/index.js';
import { publish } from './published.js';

const base = mkdtempSync(path.join(tmpdir(), 'formant-print-'));
afterAll(() => rmSync(base, { recursive: true }));
let root: string;
let number = 0;
beforeEach(() => mkdirSync((root = path.join(base, `case${number++}`))));

/** A take at any rate: the loudness is the sentence's, the vibration the take's own. */
function take(seed: number, rate: number, seconds = 1.2, from = 0): Float32Array {
  const random = new Random(seed, 'take');
  const [pitch, wobble, phase] = [random.uniform(110, 130), random.uniform(2, 5), random.uniform(0, 6)];
  return Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => {
    const t = from + i / rate;
    const loud = Math.abs(Math.sin(2 * Math.PI * 1.9 * t)) * Math.abs(Math.sin(2 * Math.PI * 0.7 * t + 0.4));
    const angle = 2 * Math.PI * pitch * t + wobble * Math.sin(2 * Math.PI * 2.3 * t + phase);
    return 0.3 * loud * (Math.sin(angle) + 0.5 * Math.sin(2 * angle + 1) + 0.3 * Math.sin(7 * angle));
  });
}

const scaled = (samples: Float32Array, gain: number): Float32Array => samples.map((x) => x * gain);
const original = (): [string, Uint8Array] => ['Actor_01/03-01-05-01-01-01-01.wav', encodeWav(take(1, 16000), 16000)];

describe('one recording in other bytes is found', () => {
  it.each([
    ['at another rate', encodeWav(take(1, 48000), 48000)],
    ['at an odd rate', encodeWav(take(1, 22050), 22050)],
    ['quieter', encodeWav(scaled(take(1, 16000), 0.05), 16000)],
    ['turned over', encodeWav(scaled(take(1, 16000), -1), 16000)],
    ['as floats', encodeWav(take(1, 16000), 16000, { bitDepth: '32f' })],
    ['40 ms shorter', encodeWav(take(1, 16000, 1.16), 16000)],
    ['beginning 20 ms later', encodeWav(take(1, 16000, 1.2, 0.02), 16000)],
  ])('%s', async (_name, bytes) => {
    publish(root, [original(), ['Actor_01/03-01-05-01-01-02-01.wav', bytes], 'Actor_01/03-01-06-01-01-01-01.wav']);
    const scan = await scanCorpora([root]);
    const [first, second] = scan.clips;
    expect(scan.duplicates).toEqual([]);
    expect(scan.nearDuplicates).toEqual([[first.path, second.path]]);
    expect(scan.clips.map(({ duplicateOf }) => duplicateOf)).toEqual([undefined, first.path, undefined]);
    expect((await scanCorpora([root], { nearDuplicates: false })).nearDuplicates).toEqual([]);
  });
});

describe('takes that only resemble each other', () => {
  it('are told apart, though their loudness is the same', async () => {
    const takes = Array.from({ length: 8 }, (_, i): [string, Uint8Array] => [
      `Actor_01/03-01-05-01-01-0${i + 1}-01.wav`,
      encodeWav(take(i + 1, 16000), 16000),
    ]);
    publish(root, takes);
    const { clips, nearDuplicates } = await scanCorpora([root]);
    expect(clips).toHaveLength(8);
    expect(nearDuplicates).toEqual([]);
  });

  it('and silence, a steady tone or a click resembles nothing', async () => {
    const tone = (hertz: number) =>
      encodeWav(
        Float32Array.from({ length: 16000 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / 16000)),
        16000,
      );
    publish(root, [
      ['Actor_01/03-01-05-01-01-01-01.wav', encodeWav(new Float32Array(16000), 16000)],
      ['Actor_01/03-01-05-01-01-02-01.wav', encodeWav(new Float32Array(16160), 16000)],
      ['Actor_01/03-01-05-01-02-01-01.wav', tone(200)],
      ['Actor_01/03-01-05-01-02-02-01.wav', tone(201)],
      ['Actor_01/03-01-06-01-02-02-01.wav', encodeWav([1], 16000)],
    ]);
    expect((await scanCorpora([root])).nearDuplicates).toEqual([]);
  });
});

it('a split keeps them on one side', async () => {
  // Twenty recordings, each at two rates, some of them under two speakers' names.
  const files = Array.from({ length: 20 }, (_, i) => {
    const emotion = i % 2 === 0 ? 'angry' : 'sad';
    return [16000, 22050].map((rate, j): [string, Uint8Array] => [
      `S0${((i + (i % 5 === 0 ? j * 3 : 0)) % 6) + 1}/S0${((i + (i % 5 === 0 ? j * 3 : 0)) % 6) + 1}_${emotion}_${String(i + 1 + 20 * j).padStart(2, '0')}.wav`,
      encodeWav(take(i + 1, rate, 1 + i / 15), rate),
    ]);
  }).flat();
  publish(root, files);
  const { clips, nearDuplicates } = await scanCorpora([root]);
  expect(nearDuplicates).toHaveLength(20);
  const recording = (index: number): string => clips[index].duplicateOf ?? clips[index].path;
  for (const protocol of ['random', 'speaker'] as const) {
    const split = makeSplit(protocol, clips, {
      seed: 3,
      testSpeakers: protocol === 'speaker' ? ['SYNTH/S01', 'SYNTH/S02'] : undefined,
    });
    const sides = [split.train, split.validation, split.test].map(
      (side) => new Set(side.map(({ clip }) => recording(clip))),
    );
    expect([...sides[0]].filter((name) => sides[1].has(name) || sides[2].has(name))).toEqual([]);
    expect([...sides[1]].filter((name) => sides[2].has(name))).toEqual([]);
  }
});
