/** A voice that is speaking now: the same answers as of its file, whatever the chunks, and as soon as they can be given. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { resample } from '../../../src/dsp/index.js';
import { readWav } from '../../../src/io/index.js';
import { fitStats } from '../../../src/ser/features/normalize.js';
import { Random } from '../../../src/ser/random.js';
import {
  findClips,
  predictFiles,
  predictLive,
  trainRun,
  type LiveOptions,
  type LivePrediction,
  type Prediction,
} from '../../../src/ser/run/index.js';
import { Voices } from '../../../src/ser/run/voices.js';
import { PcmStream, type PcmFormat } from '../../../src/ser/run/pcm-stream.js';
import { RunningStats } from '../../../src/ser/features/running-stats.js';
import { TrainingScripts } from './child.js';
import { closesDevice, temporaryFolder, tinyCorpus, tinyRun } from './support.js';

closesDevice();
const folder = temporaryFolder();
const run = join(folder, 'run');
const bySpeaker = join(folder, 'by-speaker');
const hybrid = join(folder, 'hybrid');
const functionals = join(folder, 'functionals');
const within = join(folder, 'within');
let data: string;
let clips: string[];
beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
  clips = (await findClips([data])).slice(0, 6);
  await trainRun(tinyRun(data, run, { model: 'cnn-bilstm', epochs: 1 }));
  await trainRun(tinyRun(data, bySpeaker, { model: 'mlp', features: 'frames', epochs: 1, normalize: 'speaker' }));
  await trainRun(tinyRun(data, hybrid, { model: 'mlp', features: 'hybrid', epochs: 1 }));
  await trainRun(tinyRun(data, functionals, { model: 'mlp', features: 'functionals', epochs: 1 }));
  const inside = { model: 'cnn-bilstm-frames', features: 'frames', epochs: 1, normalize: 'speaker' } as const;
  await trainRun(tinyRun(data, within, inside));
});

const encode = (samples: Float32Array, format: PcmFormat = 's16le'): Uint8Array => {
  const typed = format === 's16le' ? Int16Array.from(samples, (v) => Math.round(v * 32768)) : samples;
  return new Uint8Array(typed.buffer.slice(0));
};

/** The bytes cut at places that are no sample's end. */
async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length];
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const samplesOf = (files: readonly string[]): Float32Array =>
  Float32Array.from(files.flatMap((file) => [...readWav(file).samples]));

async function live(
  of: string,
  bytes: Uint8Array,
  options: LiveOptions = {},
  sizes: readonly number[] = [4096],
): Promise<LivePrediction[]> {
  const all: LivePrediction[] = [];
  for await (const answer of predictLive(of, chunked(bytes, sizes), options)) all.push(answer);
  return all;
}

const probabilitiesOf = (answer: LivePrediction): number[] => {
  if (answer.silence) throw new Error('silence');
  return Object.values(answer.probabilities);
};

describe('raw PCM', () => {
  test.each([
    [16000, 's16le'],
    [44100, 's16le'],
    [8000, 'f32le'],
    [22050, 'f32le'],
    [48000, 's16le'],
  ] as const)('at %i Hz as %s comes out as the whole does, whatever the chunks', (rate, format) => {
    const random = new Random(1, rate);
    const samples = Float32Array.from({ length: 1500 }, () => Math.round(random.uniform(-9e3, 9e3)) / 32768);
    const whole = rate === 16000 ? samples : resample(samples, rate, 16000);
    for (const sizes of [[1], [3, 1000, 7], [4099], [50_000]]) {
      const stream = new PcmStream(format, rate);
      const bytes = encode(samples, format);
      const found: number[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length];
        found.push(...stream.push(bytes.subarray(at, at + size)));
        at += size;
      }
      // Live: nothing waits longer than half the filter, 10 ms.
      expect(whole.length - found.length).toBeLessThanOrEqual(160);
      found.push(...stream.end());
      expect(Float32Array.from(found)).toEqual(whole);
    }
  });
});

describe('predictLive', () => {
  test.each([
    ['frames', run],
    ['hybrid', hybrid],
    ['functionals', functionals],
  ])('on %s says of a clip what predictFiles says of its file', async (_, trained) => {
    for (const file of clips.slice(0, 3)) {
      const answers = await live(trained, encode(samplesOf([file])));
      expect(answers).toHaveLength(1);
      let expected: Prediction | undefined;
      for await (const prediction of predictFiles(trained, [file])) expected = prediction;
      if (!expected) throw new Error('no answer');
      if ('error' in expected) throw new Error(expected.error);
      const wanted = Object.values(expected.probabilities);
      probabilitiesOf(answers[0]).forEach((p, c) => expect(p).toBeCloseTo(wanted[c], 4));
    }
  });

  test('answers once a hop from the first full window on, and about the rest, the same whatever the chunks', async () => {
    const bytes = encode(samplesOf(clips));
    const seconds = bytes.length / 32000;
    const options = { window: 0.7, hop: 0.3 };
    const answers = await live(run, bytes, options);
    const times = answers.map(({ time }) => time);
    const count = Math.floor((seconds - 0.7) / 0.3) + 1;
    expect(times.slice(0, count)).toEqual(Array.from({ length: count }, (_, i) => Math.round(700 + 300 * i) / 1000));
    expect(times.length - count).toBeLessThanOrEqual(1);
    expect(Math.abs((times.at(-1) ?? 0) - seconds)).toBeLessThan(0.3);
    for (const sizes of [[333], [1, 7, 12345]]) expect(await live(run, bytes, options, sizes)).toEqual(answers);
  });

  test('calls silence silence', async () => {
    const voice = samplesOf(clips.slice(0, 3));
    const signal = new Float32Array(voice.length + 32000);
    signal.set(voice);
    const answers = await live(run, encode(signal), { window: 0.5, hop: 0.5 });
    expect(answers[0].silence).toBe(false);
    expect(answers.slice(-3).map(({ silence }) => silence)).toEqual([true, true, true]);
    expect((await live(run, encode(voice.map((v) => v * 1e-3)), { window: 0.5 })).every(({ silence }) => silence)).toBe(
      true,
    );
    const all = await live(run, encode(voice), { silence: 0 });
    expect(all.every(({ silence }) => silence)).toBe(true);
  });

  test.each([
    ['', bySpeaker],
    [', and within the model,', within],
  ])('of a run normalised by speaker%s takes up the voice as it goes', async (_, bySpeaker) => {
    const bytes = encode(samplesOf([...clips, ...clips]));
    const answers = await live(bySpeaker, bytes, { window: 0.5, hop: 0.5 });
    expect(answers.length).toBeGreaterThan(5);
    // The same window at the beginning and later: other statistics, another answer.
    const again = await live(bySpeaker, encode(samplesOf(clips)), { window: 0.5, hop: 0.5 });
    expect(again[0]).toEqual(answers[0]);
    const later = await live(bySpeaker, encode(samplesOf([...clips, clips[0]])), { window: 0.5, hop: 0.5 });
    expect(probabilitiesOf(later.at(-1)!)).not.toEqual(probabilitiesOf(answers[0]));
  });

  test('of a model that normalises inside keeps one voice’s vectors from answer to answer', async () => {
    const normalize = vi.spyOn(Voices.prototype, 'normalize');
    const answers = await live(within, encode(samplesOf(clips)), { window: 0.5, hop: 0.5 });
    const spoken = answers.filter(({ silence }) => !silence).length;
    expect(spoken).toBeGreaterThan(2);
    expect(normalize).toHaveBeenCalledTimes(spoken);
    expect(new Set(normalize.mock.contexts).size).toBe(1);
    normalize.mockRestore();
  });

  test('of nothing says nothing', async () => {
    expect(await live(run, new Uint8Array(0))).toEqual([]);
    expect(await live(run, Uint8Array.of(1))).toEqual([]);
  });

  test.each<[string, LiveOptions, RegExp]>([
    ['a window of no length', { window: 0 }, /window must be from 0.1 to 60 seconds; got 0/],
    [
      'a hop beyond the window',
      { window: 1, hop: 2 },
      /hop must be from 0.05 seconds to the window's length, 1; got 2/,
    ],
    ['a rate that is none', { rate: 12.5 }, /rate must be a whole number of Hz/],
    ['samples that are no numbers', { format: 'f32le' }, /NaN/],
  ])('refuses %s', async (_, options, message) => {
    const bytes = encode(new Float32Array(20_000).fill(NaN), 'f32le');
    await expect(live(run, bytes, options)).rejects.toThrow(message);
  });
});

test('running statistics are the usual ones at first, and the voice’s own in the end', () => {
  const random = new Random(4);
  const voice = (frames: number) => ({
    data: Float32Array.from({ length: 2 * frames }, (_, i) => (i % 2 ? 5 + 2 * random.normal() : random.normal())),
    frames,
    width: 2,
  });
  const usual = { mean: Float32Array.of(1, -1), deviation: Float32Array.of(3, 0.5) };
  const running = new RunningStats(usual, 10);
  expect(running.stats.mean).toEqual(usual.mean);
  running.stats.deviation.forEach((d, i) => expect(d).toBeCloseTo(usual.deviation[i], 4));
  const items = [voice(5000), voice(5000), voice(1000)];
  items.forEach((item) => running.add(item));
  const own = fitStats(items);
  running.stats.mean.forEach((m, i) => expect(Math.abs(m - own.mean[i])).toBeLessThan(0.01));
  running.stats.deviation.forEach((d, i) => expect(Math.abs(d / own.deviation[i] - 1)).toBeLessThan(0.02));
});

test('findClips takes a folder for the .wav files in it and below', async () => {
  const found = await findClips([join(data, 'S01'), 'elsewhere.wav']);
  expect(found.slice(0, -1)).toEqual(
    readdirSync(join(data, 'S01'))
      .sort()
      .map((name) => join(data, 'S01', name)),
  );
  expect(found.at(-1)).toBe('elsewhere.wav');
});

describe('the command, fed by a pipe', () => {
  let scripts: TrainingScripts;
  beforeAll(async () => {
    scripts = await TrainingScripts.make();
  });
  afterAll(() => scripts.remove());

  test('answers while the signal still comes, in JSON Lines, and ends with it', async () => {
    const bytes = encode(samplesOf(clips));
    const child = scripts.formant(['predict', '-', '--run', run, '--json', '--window', '0.7', '--hop', '0.5']);
    const errors: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(String(chunk)));
    const lines: LivePrediction[] = [];
    let first: () => void = () => {};
    const answered = new Promise<void>((resolve) => (first = resolve));
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => {
      lines.push(JSON.parse(line) as LivePrediction);
      first();
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    for await (const chunk of chunked(bytes.subarray(0, 40_001), [1, 4095, 333])) child.stdin.write(chunk);
    // More than a window is there, and the pipe still open.
    await answered;
    for await (const chunk of chunked(bytes.subarray(40_001), [777])) child.stdin.write(chunk);
    child.stdin.end();
    expect(await ended, errors.join('')).toBe(0);
    const expected = await live(run, bytes, { window: 0.7, hop: 0.5 });
    expect(lines).toEqual(expected);
  }, 60_000);
});
