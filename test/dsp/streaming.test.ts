/** Chunks of random sizes against the calls on the whole signal. */
import { describe, expect, test } from 'vitest';
import {
  melSpectrogram,
  mfccFromDb,
  powerToDb,
  preemphasis,
  rms,
  SettingsError,
  SignalError,
  StreamingFeatures,
  StreamingFrames,
  zeroCrossingRate,
  type FrameRows,
  type StreamingOptions,
} from '../../src/dsp/index.js';
import { concat, programStats, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray, randomStream } from '../support/compare.js';
import { closesDevice, read, signal } from './support.js';

closesDevice();

const ALL = ['mel', 'logMel', 'mfcc', 'rms', 'zcr'] as const;
const SETTINGS = { sr: 16000, nFft: 256, hopLength: 100, nMels: 20, nMfcc: 13, features: ALL } as const;

/** Cuts a signal into chunks of 0 to `most` samples. */
function chunks(samples: Float32Array, most: number, seed: number): Float32Array[] {
  const next = randomStream(seed);
  const out: Float32Array[] = [];
  for (let at = 0; at < samples.length;) {
    const size = Math.floor(next() * (most + 1));
    out.push(samples.subarray(at, at + size));
    at += size;
  }
  return out;
}

async function stream(parts: readonly Float32Array[], options: StreamingOptions): Promise<Float32Array> {
  const features = new StreamingFeatures(options);
  const rows: FrameRows[] = [];
  for (const part of parts) rows.push(await features.push(part));
  rows.push(await features.flush());
  let next = 0;
  for (const row of rows) {
    expect(row.first).toBe(next);
    expect(row.data.length).toBe(row.frames * row.size);
    next += row.frames;
  }
  return Float32Array.from(rows.flatMap((row) => Array.from(row.data)));
}

/** The same features by the calls on the whole signal. */
async function whole(samples: Float32Array, options: StreamingOptions): Promise<Float32Array> {
  const { nFft = 2048, hopLength = 512, center = false } = options;
  let x = tensor(samples, [1, samples.length]);
  if (options.preemphasis) x = preemphasis(x, { coef: options.preemphasis });
  const mel = melSpectrogram(x, { ...options, norm: 'slaney', center });
  const db = powerToDb(mel, { topDb: null });
  const framing = { frameLength: nFft, hopLength, center };
  return read(concat([mel, db, mfccFromDb(db, options), rms(x, framing), zeroCrossingRate(x, framing)], 2));
}

describe('StreamingFrames', () => {
  test.each([
    [256, 100, false, 300],
    [256, 100, false, 1],
    [64, 64, false, 5000],
    [50, 170, false, 33],
    [256, 100, true, 90],
    [255, 60, true, 700],
    [1, 1, false, 10],
  ])(
    'frames of %i by %i (centred: %s) come out of chunks of up to %i samples',
    (frameLength, hopLength, center, most) => {
      const samples = randomArray(2111, 1);
      const padding = center ? Math.floor(frameLength / 2) : 0;
      const padded = new Float32Array(samples.length + 2 * padding);
      padded.set(samples, padding);
      const frames = new StreamingFrames({ frameLength, hopLength, center });
      const expected = 1 + Math.floor((padded.length - frameLength) / hopLength);
      let count = 0;
      const drain = (limit: number): void => {
        for (let block = frames.take(limit); block; block = frames.take(limit)) {
          expect(block.first).toBe(count);
          expect(block.frames).toBeLessThanOrEqual(limit);
          const from = block.first * hopLength;
          expect(block.samples).toEqual(padded.subarray(from, from + block.samples.length));
          expect(block.before).toBe(Math.max(0, padding - from));
          expect(block.after).toBe(Math.max(0, from + block.samples.length - padding - samples.length));
          count += block.frames;
        }
      };
      for (const [i, chunk] of chunks(samples, most, 2).entries()) {
        frames.append(chunk);
        drain(1 + (i % 5));
      }
      frames.finish();
      drain(3);
      expect(count).toBe(expected);
      expect(frames.frames).toBe(expected);
    },
  );

  test('holds no more than it needs, however long the signal', () => {
    const frames = new StreamingFrames({ frameLength: 400, hopLength: 160, center: false });
    const chunk = randomArray(1000, 3);
    for (let i = 0; i < 500; i++) {
      frames.append(chunk);
      frames.take();
    }
    // A frame and a chunk wait at most, and the buffer is at most 8 times what waits.
    expect((frames as unknown as { buffer: Float32Array }).buffer.length).toBeLessThan(8 * 1400);
  });

  test('refuses samples that are no numbers, by their place in the stream', () => {
    const frames = new StreamingFrames({ frameLength: 4, hopLength: 2, center: false });
    frames.append(new Float32Array(10));
    expect(() => frames.append(Float32Array.of(0, NaN))).toThrow(/Sample 11 of the stream is NaN/);
    expect(() => new StreamingFrames({ frameLength: 0, hopLength: 2, center: false })).toThrow(SettingsError);
    frames.finish();
    expect(() => frames.append(new Float32Array(1))).toThrow(/was flushed/);
  });
});

describe('StreamingFeatures', () => {
  test.each([
    ['of up to 50 samples', 50, {}],
    ['of up to 3000 samples', 3000, {}],
    ['that is the whole', 1e9, {}],
    ['centred, of up to 700 samples', 700, { center: true }],
    ['after pre-emphasis', 333, { preemphasis: 0.97 }],
    ['after pre-emphasis, centred', 333, { preemphasis: 0.97, center: true }],
    ['in blocks of 3 frames', 2000, { blockFrames: 3 }],
    ['of HTK bands and magnitudes', 900, { htk: true, power: 1, winLength: 200 }],
    ['with frames apart', 900, { hopLength: 300 }],
    ['of 128 bands', 900, { nFft: 512, hopLength: 256, nMels: 128 }],
  ] as const)('chunks %s give bit for bit what the whole signal gives', async (_, most, more) => {
    const samples = signal('vowel').subarray(0, 4001);
    const options = { ...SETTINGS, ...more };
    expect(await stream(chunks(samples, most, 5), options)).toEqual(await whole(samples, options));
  });

  test('silence, one sample, and nothing', async () => {
    const silent = new Float32Array(1000);
    expect(await stream([silent], SETTINGS)).toEqual(await whole(silent, SETTINGS));
    const centred = { ...SETTINGS, center: true, preemphasis: 0.97 };
    const one = Float32Array.of(-0.5);
    expect(await stream([one], centred)).toEqual(await whole(one, centred));
    expect(await stream([], centred)).toEqual(new Float32Array(0));
    expect(await stream([one], SETTINGS)).toEqual(new Float32Array(0));
  });

  test('columns have names, and few programs serve any chunk', async () => {
    const features = new StreamingFeatures({ ...SETTINGS, features: ['rms', 'mfcc'], nMfcc: 2 });
    expect(features.names).toEqual(['rms', 'mfcc0', 'mfcc1']);
    expect(features.size).toBe(3);
    await features.push(new Float32Array(256));
    const before = programStats().programs;
    for (const part of chunks(randomArray(60_000, 6), 8000, 7)) await features.push(part);
    // Blocks of 2, 4, 8, 16, 32, 64 frames.
    expect(programStats().programs - before).toBeLessThanOrEqual(6);
  });

  test('calls that are not awaited follow one another, and the chunk may be overwritten at once', async () => {
    const samples = randomArray(2000, 8);
    const features = new StreamingFeatures(SETTINGS);
    const chunk = samples.slice(0, 1000);
    const first = features.push(chunk);
    chunk.set(samples.subarray(1000));
    const rows = await Promise.all([first, features.push(chunk), features.flush()]);
    expectClose(Float32Array.from(rows.flatMap((r) => Array.from(r.data))), await whole(samples, SETTINGS), {
      rtol: 0,
      atol: 0,
    });
  });

  test('a chunk with NaN is refused and the stream goes on; reset begins anew', async () => {
    const samples = randomArray(1000, 9);
    const features = new StreamingFeatures(SETTINGS);
    await features.push(samples.subarray(0, 500));
    await expect(features.push(Float32Array.of(NaN))).rejects.toThrow(SignalError);
    const { data, first } = await features.push(samples.subarray(500));
    const all = await whole(samples, SETTINGS);
    expect(data).toEqual(all.slice(first * features.size));
    await features.flush();
    await expect(features.push(samples)).rejects.toThrow(/was flushed/);
    features.reset();
    expect((await features.push(samples)).data).toEqual(all);
  });

  test('refuses wrong settings', () => {
    expect(() => new StreamingFeatures({ features: [] })).toThrow(/features is empty/);
    expect(() => new StreamingFeatures({ features: ['chroma' as 'mel'] })).toThrow(/feature is "chroma"/);
    expect(() => new StreamingFeatures({ nMels: 10, nMfcc: 20 })).toThrow(/nMfcc is 20/);
    expect(() => new StreamingFeatures({ amin: 0 })).toThrow(SettingsError);
    expect(() => new StreamingFeatures({ hopLength: 0 })).toThrow(SettingsError);
  });
});
