/** Features of clips on disk: trimming, length, mel images, statistics, and the altered copies of the paper's protocol. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extractFrames, paperStatistics } from '../../../src/dsp/index.js';
import { readWav, writeWav } from '../../../src/io/index.js';
import {
  extractFeatures,
  featureWidth,
  FEATURE_SETTINGS,
  MAX_FRAMES,
  meanSpectrum,
  type FeatureItem,
  type Source,
} from '../../../src/ser/features/index.js';
import { Random } from '../../../src/ser/random.js';
import { shutdown } from '../../../src/tensor/index.js';

afterAll(shutdown);
const folder = mkdtempSync(join(tmpdir(), 'formant-features-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RATE = 16000;
const HOP = 256;
const MFCC = 13;
const MELS = 128;
const seed = 4;

/** A buzz between two silences (with a little noise), times in samples. */
function clip(name: string, before: number, sound: number, after: number): string {
  const random = new Random(1, name);
  const samples = Float32Array.from({ length: before + sound + after }, (_, i) => {
    const inside = i >= before && i < before + sound;
    return 1e-4 * random.normal() + (inside ? 0.2 * Math.sin(0.07 * i) + 0.1 * Math.sin(0.31 * i) : 0);
  });
  const file = join(folder, name);
  writeWav(file, samples, RATE);
  return file;
}

let short: string;
let long: string;
beforeAll(() => {
  short = clip('short.wav', 6400, 8000, 3200);
  long = clip('long.wav', 0, 220 * HOP, 0);
});

const plain = (path: string, variant = 0): Source => ({ path, variant });
/** In a batch of its own, as `whole`: company changes how sums over a frame are rounded. */
const one = async (source: Source, features: 'frames' | 'paper' | 'mel-image'): Promise<FeatureItem> =>
  (await extractFeatures([source], features, { seed, fill: false }))[0];
/** The whole sequence of a file, untouched. */
const whole = async (path: string, features: 'frames' | 'paper') =>
  (await extractFrames([readWav(path).samples], FEATURE_SETTINGS[features]))[0];

describe('frames', () => {
  test('are cut to what is not silence, and otherwise as the front end gives them', async () => {
    const { data, frames, width } = await one(plain(short), 'frames');
    const all = await whole(short, 'frames');
    expect(width).toBe(featureWidth('frames'));
    // The sound is 8,000 samples from sample 6,400 on: frames of 512 every 256 that reach into it.
    const first = Math.ceil((6400 - 256) / HOP);
    expect(Math.abs(frames - 8000 / HOP)).toBeLessThanOrEqual(3);
    const at = Array.from({ length: 4 }, (_, i) => first - 1 + i).find((t) => all.data[t * width] === data[0]);
    expect(at, 'begins with a frame at the beginning of the sound').toBeDefined();
    expect(Array.from(data)).toEqual(Array.from(all.data.subarray((at ?? 0) * width, ((at ?? 0) + frames) * width)));
  });

  test('of a long clip are its middle', async () => {
    const { data, frames, width } = await one(plain(long), 'frames');
    const all = await whole(long, 'frames');
    expect(frames).toBe(MAX_FRAMES);
    const first = Math.floor((all.frames - MAX_FRAMES) / 2);
    expect(Array.from(data)).toEqual(Array.from(all.data.subarray(first * width, (first + MAX_FRAMES) * width)));
  });

  test('of silence and of a single sample are few, but finite', async () => {
    const silent = join(folder, 'silent.wav');
    writeWav(silent, new Float32Array(4000), RATE);
    const single = join(folder, 'single.wav');
    writeWav(single, Float32Array.of(0.5), RATE);
    for (const features of ['frames', 'paper', 'mel-image'] as const) {
      for (const item of await extractFeatures([plain(silent), plain(single)], features, { seed })) {
        expect(item.frames).toBeGreaterThan(0);
        expect(item.data).toHaveLength(item.frames * item.width);
        expect(item.data.every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('come in the order of the clips, with progress to the end', async () => {
    const seen: string[] = [];
    const onProgress = (done: number, total: number): void => void seen.push(`${done}/${total}`);
    // Lengths in between, so that batches become full, and are done, in another order than that of the list.
    const between = Array.from({ length: 40 }, (_, i) => clip(`${i}.wav`, 0, 1000 + 300 * ((i * 17) % 40), 0));
    const sources = [plain(long), plain(short), plain(long), ...between.map((path) => plain(path))];
    const items = await extractFeatures(sources, 'frames', { seed, onProgress });
    for (const i of [2, 3, 19, 42])
      expect(items[i]).toEqual((await extractFeatures([sources[i]], 'frames', { seed }))[0]);
    expect(items.slice(0, 3).map(({ frames }) => frames === MAX_FRAMES)).toEqual([true, false, true]);
    expect(items[2]).toEqual(items[0]);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBe('43/43');
  });
});

test('the paper’s 350 are the statistics of the whole clip, silence and all', async () => {
  const { data, frames, width } = await one(plain(short), 'paper');
  expect([frames, width]).toEqual([1, 350]);
  expect(Array.from(data)).toEqual(Array.from(paperStatistics(await whole(short, 'paper'))));
});

describe('a mel image', () => {
  test('is 128 × 128; a short clip lies in its middle, in its own quietest level', async () => {
    const { data, frames, width } = await one(plain(short), 'mel-image');
    expect([frames, width, data.length]).toEqual([128, MELS, 128 * MELS]);
    const sequence = await one(plain(short), 'frames');
    const bands = Array.from({ length: sequence.frames }, (_, t) =>
      Array.from(sequence.data.subarray(t * sequence.width + MFCC, t * sequence.width + MFCC + MELS)),
    );
    const floor = Math.min(...bands.flat());
    const top = Math.floor((128 - sequence.frames) / 2);
    const expected = Array.from({ length: 128 }, (_, t) => bands[t - top] ?? new Array<number>(MELS).fill(floor));
    expect(Array.from(data)).toEqual(expected.flat());
  });

  test('of a long clip is its middle', async () => {
    const { data } = await one(plain(long), 'mel-image');
    const all = await whole(long, 'frames');
    const first = Math.floor((all.frames - 128) / 2);
    expect(data[5 * MELS + 7]).toBe(all.data[(first + 5) * all.size + MFCC + 7]);
    expect(data[127 * MELS + 127]).toBe(all.data[(first + 127) * all.size + MFCC + 127]);
  });
});

test('the mean spectrum of each kind of features is that of the mel bands', async () => {
  const of = (item: FeatureItem, features: 'frames' | 'paper' | 'mel-image') =>
    Array.from(meanSpectrum(item, features));
  const sequence = await one(plain(long), 'frames');
  const byHand = Array.from({ length: MELS }, (_, b) => {
    let sum = 0;
    for (let t = 0; t < sequence.frames; t++) sum += sequence.data[t * sequence.width + MFCC + b];
    return sum / sequence.frames;
  });
  of(sequence, 'frames').forEach((v, b) => expect(v).toBeCloseTo(byHand[b], 9));
  const image = await one(plain(long), 'mel-image');
  const column = Array.from({ length: 128 }, (_, t) => image.data[t * MELS + 40]).reduce((a, b) => a + b) / 128;
  expect(of(image, 'mel-image')[40]).toBeCloseTo(column, 9);
  const paper = await one(plain(long), 'paper');
  expect(of(paper, 'paper')).toEqual(Array.from(paper.data.subarray(39, 39 + MELS)));
});

describe('altered copies', () => {
  const variants = [0, 1, 2, 3];
  test.each(['frames', 'paper', 'mel-image'] as const)(
    'of %s differ from the original and from each other',
    async (features) => {
      const items = await extractFeatures(
        variants.map((v) => plain(short, v)),
        features,
        { seed },
      );
      const prints = items.map(({ data }) =>
        Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
      );
      expect(new Set(prints).size).toBe(4);
      for (const { data } of items) expect(data.every(Number.isFinite)).toBe(true);
    },
  );

  test('are the same whatever else is extracted, in any order and wherever the file lies, for their seed', async () => {
    const forward = await extractFeatures(
      variants.map((v) => plain(short, v)),
      'frames',
      { seed },
    );
    const among = await extractFeatures(
      [plain(long, 2), ...[...variants].reverse().map((v) => plain(short, v))],
      'frames',
      { seed },
    );
    expect(among.slice(1).reverse()).toEqual(forward);

    mkdirSync(join(folder, 'elsewhere'));
    const moved = join(folder, 'elsewhere', 'short.wav');
    writeWav(moved, readWav(short).samples, RATE);
    expect(
      await extractFeatures(
        variants.map((v) => plain(moved, v)),
        'frames',
        { seed },
      ),
    ).toEqual(forward);

    const other = await extractFeatures(
      variants.map((v) => plain(short, v)),
      'frames',
      { seed: seed + 1 },
    );
    expect(other[0]).toEqual(forward[0]);
    for (const v of [1, 2, 3]) expect(other[v]).not.toEqual(forward[v]);
  });
});
