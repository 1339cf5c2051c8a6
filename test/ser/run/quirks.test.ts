/** Corpora as they come: odd but sound files are read right, broken ones are listed with their reason, and training goes on. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeWav } from '../../../src/io/index.js';
import { extractFeatures, loadSamples } from '../../../src/ser/features/index.js';
import { evaluateRun, predictFiles, trainRun, type RunResult } from '../../../src/ser/run/index.js';
import { readConfig } from '../../../src/ser/run/config.js';
import { loadDataset } from '../../../src/ser/run/dataset.js';
import { synthesize } from '../../../src/ser/synth/index.js';
import { chunk, int16, wav } from '../../io/wav.bytes.js';
import { closesDevice, temporaryFolder } from './support.js';

closesDevice();
const folder = temporaryFolder();
const corpus = join(folder, 'RAVDESS');
const CODES = { angry: '05', sad: '04' } as const;

/** 16-bit integers of samples. */
const integers = (samples: Float32Array): number[] =>
  Array.from(samples, (s) => Math.max(-32768, Math.min(32767, Math.round(s * 32768))));

/** Big-endian AIFF-C of 16 bits, whose rate is an 80-bit float. */
function aiff(values: readonly number[], rate: number): Uint8Array {
  const big = (bytes: number, write: (view: DataView) => void): Uint8Array => {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    return new Uint8Array(view.buffer);
  };
  const part = (id: string, body: Uint8Array): Uint8Array =>
    Buffer.concat([Buffer.from(id), big(4, (v) => v.setUint32(0, body.length)), body]);
  const exponent = Math.floor(Math.log2(rate));
  const common = big(18, (v) => {
    v.setUint16(0, 1);
    v.setUint32(2, values.length);
    v.setUint16(6, 16);
    v.setUint16(8, 16383 + exponent);
    v.setUint32(10, Math.round(rate * 2 ** (31 - exponent)));
  });
  const sound = big(8 + 2 * values.length, (v) => values.forEach((value, i) => v.setInt16(8 + 2 * i, value)));
  return part('FORM', Buffer.concat([Buffer.from('AIFF'), part('COMM', common), part('SSND', sound)]));
}

/** Linear interpolation to six times the rate: no new content to speak of. */
const sixfold = (samples: Float32Array): Float32Array =>
  Float32Array.from({ length: samples.length * 6 }, (_, i) => {
    const at = Math.floor(i / 6);
    const next = samples[Math.min(samples.length - 1, at + 1)];
    return samples[at] + ((i % 6) / 6) * (next - samples[at]);
  });

/** The plain clip that others were made from. */
let plain: Float32Array;
const nameOf = (actor: number, emotion: keyof typeof CODES, take: number): string =>
  join(corpus, `Actor_0${actor}`, `03-01-${CODES[emotion]}-01-01-0${take}-0${actor}.wav`);
/** Made from the same samples, in other clothes. */
const DRESSED: readonly [string, string, (samples: Float32Array) => Uint8Array][] = [
  ['stereo', nameOf(1, 'angry', 5), (s) => wav(int16(...integers(s).flatMap((v) => [v, v])), { channels: 2 })],
  [
    'with chunks before and behind the samples',
    nameOf(1, 'angry', 6),
    (s) => wav(int16(...integers(s)), { before: [chunk('LIST', [1, 2, 3])], after: [chunk('id3 ', [9, 9])] }),
  ],
  ['AIFF under .wav', nameOf(1, 'angry', 7), (s) => aiff(integers(s), 16000)],
  [
    'float',
    nameOf(1, 'angry', 8),
    (s) =>
      encodeWav(
        Float32Array.from(integers(s), (v) => v / 32768),
        16000,
        { bitDepth: '32f' },
      ),
  ],
];
const FAST = nameOf(1, 'sad', 9);
const TWINS = [nameOf(2, 'sad', 5), nameOf(2, 'sad', 6)];
const BROKEN: readonly [string, Uint8Array, RegExp][] = [
  [nameOf(3, 'angry', 5), new Uint8Array(0), /the file is empty/],
  [nameOf(3, 'angry', 6), encodeWav(new Float32Array(800).fill(0.1), 16000).subarray(0, 900), /truncated/],
  [nameOf(3, 'angry', 7), Buffer.from('404 not found\n'), /a text file/],
  [join(corpus, 'Actor_04', '03-02-05-01-01-01-04.wav'), encodeWav(new Float32Array(800).fill(0.1), 16000), /song/],
  [join(corpus, 'notes.wav'), encodeWav(new Float32Array(800).fill(0.1), 16000), /no known corpus/],
];

function write(file: string, bytes: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

beforeAll(() => {
  for (const { speaker, emotion, take, samples } of synthesize({
    speakers: 5,
    emotions: ['angry', 'sad'],
    clipsPerEmotion: 3,
    seconds: [0.4, 0.5],
    seed: 3,
  })) {
    plain ??= samples;
    write(nameOf(Number(speaker.slice(1)), emotion as keyof typeof CODES, take), encodeWav(samples, 16000));
  }
  for (const [, file, dress] of DRESSED) write(file, dress(plain));
  write(FAST, encodeWav(sixfold(plain), 96000));
  for (const file of TWINS)
    write(
      file,
      encodeWav(
        plain.map((s) => -0.5 * s),
        16000,
      ),
    );
  for (const [file, bytes] of BROKEN) write(file, bytes);
});

const options = (out: string) => ({ data: [corpus], out, model: 'mlp', epochs: 1, batchSize: 4, seed: 1 }) as const;
/** 30 plain clips, four dressed ones, one at 96 kHz, two twins. */
const SOUND = 37;

describe('training on a corpus with quirks', () => {
  const run = join(folder, 'run');
  let result: RunResult;
  beforeAll(async () => {
    result = await trainRun(options(run));
  });

  test('lists every broken file with its reason, in result and report, and goes on with the rest', () => {
    expect(result.finished).toBe(true);
    expect(result.rejected.map(({ file }) => file).sort()).toEqual(BROKEN.map(([file]) => file).sort());
    const report = readFileSync(join(run, 'report.html'), 'utf8');
    for (const [file, , reason] of BROKEN) {
      expect(result.rejected.find((one) => one.file === file)?.reason).toMatch(reason);
      expect(report).toContain(basename(file));
    }
    const held = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')) as RunResult;
    expect(held.rejected).toEqual(result.rejected);
  });

  test('hears every sound file: evaluated on the whole folder, none is missing', async () => {
    const all = await evaluateRun({ run, data: [corpus] });
    expect(all.test.clips).toBe(SOUND);
    expect(all.rejected).toEqual(result.rejected);
  });

  test('keeps byte-identical twins on one side', async () => {
    const config = { ...readConfig(run), protocol: 'random' } as const;
    for (const seed of [1, 2, 3]) {
      const { scan, train, validation, test: held } = await loadDataset(run, { ...config, seed }, {});
      expect(scan.duplicates).toEqual([TWINS]);
      const sides = [train, validation, held].map(
        ({ clips }) => clips.filter((clip) => TWINS.includes(clip.path)).length,
      );
      expect([...sides].sort()).toEqual([0, 0, 2]);
    }
  });

  test('says the same of a clip in any clothes', async () => {
    const files = [nameOf(1, 'angry', 1), ...DRESSED.map(([, file]) => file)];
    const answers: unknown[] = [];
    for await (const { file: _, ...answer } of predictFiles(run, files)) answers.push(answer);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('is refused with strict, and leaves no run behind', async () => {
    const out = join(folder, 'strict');
    await expect(trainRun({ ...options(out), strict: true })).rejects.toThrow(
      /^5 WAV files cannot be used: .*03-01-05-01-01-05-03\.wav \(the file is empty/,
    );
    expect(existsSync(join(out, 'config.json'))).toBe(false);
  });
});

describe('samples', () => {
  test.each(DRESSED)('of a clip %s are those of the plain one', (_, file) => {
    expect(Array.from(loadSamples(file))).toEqual(Array.from(loadSamples(nameOf(1, 'angry', 1))));
  });

  test('at 96 kHz come at 16 kHz, and sound the same', () => {
    const [fast, slow] = [loadSamples(FAST), loadSamples(nameOf(1, 'angry', 1))];
    expect(fast).toHaveLength(slow.length);
    // Interpolation dulls the highest frequencies a little: the two agree to 20 dB and better.
    const energy = (a: Float32Array): number => a.reduce((sum, v) => sum + v * v, 0);
    expect(energy(fast.map((v, i) => v - slow[i])) / energy(slow)).toBeLessThan(0.01);
  });
});

const published = resolve('..', 'shared', 'corpora', 'originals');
describe.skipIf(!existsSync(published))('clips as published', () => {
  test('are all heard', async () => {
    const files = readdirSync(published, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.wav'))
      .map((name) => join(published, name));
    expect(files).toHaveLength(12);
    const items = await extractFeatures(
      files.map((path) => ({ path, variant: 0 })),
      'frames',
      { seed: 0 },
    );
    for (const { data, frames, width } of items) {
      expect(frames).toBeGreaterThan(20);
      expect(data).toHaveLength(frames * width);
      expect(data.every(Number.isFinite)).toBe(true);
    }
  });
});
