/** Ragged batches equal clips alone; edge cases of length and content; errors; gradients. */
import { describe, expect, test } from 'vitest';
import {
  delta,
  extractFrames,
  frameCount,
  frameFeatures,
  melSpectrogram,
  mfcc,
  padClips,
  powerToDb,
  preemphasis,
  rms,
  SettingsError,
  SignalError,
  spectrogram,
  stft,
  zeroCrossingRate,
  type Lengths,
} from '../../src/dsp/index.js';
import { parameter, tensor, type Parameter, type Tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { melSpectrogram as melOracle } from '../oracles/dsp/spectrum.js';
import { closesDevice, largest, read } from './support.js';

closesDevice();

/** Clips of very different lengths and loudness: three of speech-like length, one shorter than a frame, one of a single sample. */
const clips = [
  randomArray(997, 1, -0.5, 0.5),
  randomArray(1500, 2, -1e-3, 1e-3).fill(0, 300, 900),
  randomArray(701, 3),
  randomArray(37, 4).map((v) => v - 0.9),
  Float32Array.of(-0.25),
];
const settings = { nFft: 128, hopLength: 48 };
const framing = { frameLength: 128, hopLength: 48, center: true };

type Feature = (x: Tensor, lengths?: Lengths) => Tensor;
const features: readonly (readonly [string, Feature])[] = [
  ['stft', (x, lengths) => stft(x, { ...settings, lengths })],
  ['stft with reflection', (x, lengths) => stft(x, { ...settings, padMode: 'reflect', lengths })],
  ['melSpectrogram', (x, lengths) => melSpectrogram(x, { ...settings, sr: 8000, nMels: 20, lengths })],
  ['mfcc', (x, lengths) => mfcc(x, { ...settings, sr: 8000, nMels: 20, nMfcc: 13, lengths })],
  ['zeroCrossingRate', (x, lengths) => zeroCrossingRate(x, { ...framing, lengths })],
  ['rms', (x, lengths) => rms(x, { ...framing, lengths })],
  ['rms of pre-emphasized clips', (x, lengths) => rms(preemphasis(x, { lengths }), { ...framing, lengths })],
  [
    'frameFeatures',
    (x, lengths) =>
      frameFeatures(x, { sampleRate: 8000, ...settings, nMels: 20, nMfcc: 8, preemphasis: 0.97, lengths }),
  ],
];

describe('a batch of ragged clips', () => {
  test.each(features)('%s: the frames of each clip are those of the clip alone', async (_, feature) => {
    const { data, length, lengths } = padClips(clips);
    const batch = feature(tensor(data, [clips.length, length]), lengths);
    const values = await read(batch);
    const perFrame = batch.size / clips.length / batch.shape[1];
    for (const [n, clip] of clips.entries()) {
      const alone = feature(tensor(clip));
      const own = await read(alone);
      expect(alone.shape[0]).toBe(frameCount(clip.length, framing));
      const start = n * batch.shape[1] * perFrame;
      expectClose(values.subarray(start, start + own.length), own, {
        rtol: 1e-5,
        atol: 1e-6 * Math.max(1e-3, largest(own)),
      });
    }
  });

  test('frames behind a clip’s own are 0 in frameFeatures', async () => {
    const { data, length, lengths } = padClips(clips);
    const batch = frameFeatures(tensor(data, [clips.length, length]), {
      sampleRate: 8000,
      ...settings,
      nMels: 20,
      lengths,
    });
    const values = await read(batch);
    const [, frames, size] = batch.shape;
    clips.forEach((clip, n) => {
      const behind = values.subarray((n * frames + frameCount(clip.length, framing)) * size, (n + 1) * frames * size);
      expect(largest(behind)).toBe(0);
    });
  });

  test.each(['interp', 'nearest', 'mirror', 'constant', 'wrap'] as const)(
    'delta (%s) of each clip is that of the clip alone',
    async (mode) => {
      const lengths = [19, 9, 14];
      const x = randomArray(3 * 19 * 4, 7);
      for (const order of [1, 2]) {
        const values = await read(delta(tensor(x, [3, 19, 4]), { mode, order, lengths }));
        for (const [n, frames] of lengths.entries()) {
          const start = n * 19 * 4;
          const alone = delta(tensor(x.slice(start, start + frames * 4), [frames, 4]), { mode, order });
          expectClose(values.subarray(start, start + frames * 4), await read(alone), { rtol: 1e-5, atol: 1e-6 });
        }
      }
    },
  );

  test('dB of a quiet clip are cut against its own maximum, not against its louder neighbour', async () => {
    const power = Float32Array.of(1, 1e-9, 1e-6, 1e-12, 1e-6, 1e3);
    const db = await read(powerToDb(tensor(power, [3, 2, 1]), { topDb: 50, amin: 1e-15, lengths: [2, 2, 1] }));
    expectClose(db.subarray(0, 5), [0, -50, -60, -110, -60], { rtol: 0, atol: 1e-4 });
    const relative = await read(
      powerToDb(tensor(power, [3, 2, 1]), { ref: 'max', topDb: null, amin: 1e-15, lengths: [2, 2, 1] }),
    );
    expectClose(relative, [0, -90, 0, -60, 0, 90], { rtol: 0, atol: 1e-4 });
  });

  test('lengths given as a tensor mean the same as numbers', async () => {
    const { data, length, lengths } = padClips(clips);
    const x = tensor(data, [clips.length, length]);
    for (const [name, feature] of features) {
      if (name.includes('reflection')) continue;
      const asTensor = await read(feature(x, tensor(Int32Array.from(lengths))));
      expect(asTensor).toEqual(await read(feature(x, lengths)));
    }
  });
});

describe('signals at the edge', () => {
  test('silence: power 0, dB at amin, ZCR and RMS 0, nothing but finite numbers', async () => {
    const x = tensor(new Float32Array(500));
    expect(largest(await read(melSpectrogram(x, { ...settings, nMels: 20 })))).toBe(0);
    expectClose(
      await read(powerToDb(melSpectrogram(x, { ...settings, nMels: 20 }))),
      new Float64Array(20 * 11).fill(-100),
      { rtol: 1e-6, atol: 0 },
    );
    const all = await read(frameFeatures(x));
    expect(all.every(Number.isFinite)).toBe(true);
    expect(largest(await read(rms(x, framing)))).toBe(0);
  });

  test('DC: RMS is the value, nothing crosses zero, and the spectrum is the window’s', async () => {
    const x = tensor(new Float32Array(600).fill(-0.5));
    const uncentred = { ...framing, center: false };
    expectClose(await read(rms(x, uncentred)), new Float64Array(10).fill(0.5), { rtol: 1e-6, atol: 0 });
    expect(largest(await read(zeroCrossingRate(x, framing)))).toBe(0);
    // A periodic Hann window has its energy in bins 0 and 1: N/2 and −N/4.
    const power = await read(spectrogram(x, { ...settings, center: false }));
    expectClose(power.subarray(0, 3), [32 ** 2, 16 ** 2, 0], { rtol: 1e-5, atol: 1e-6 });
  });

  test.each([1, 2, 3, 7, 31, 127, 128, 129])(
    '%i samples make 1 + ⌊L / hop⌋ frames of finite numbers',
    async (length) => {
      const all = frameFeatures(tensor(randomArray(length, 11)), { ...settings, sampleRate: 8000, preemphasis: 0.97 });
      expect(all.shape).toEqual([1 + Math.floor(length / 48), 143]);
      expect((await read(all)).every(Number.isFinite)).toBe(true);
    },
  );
});

describe('errors say what was given and what to do', () => {
  const x = tensor(randomArray(100, 5));
  test('shapes and lengths', () => {
    expect(() => stft(tensor(new Float32Array(8), [2, 2, 2]))).toThrow(
      /waveforms are \(N, L\) or \(L\) of f32; got \(2, 2, 2\)/,
    );
    expect(() => rms(tensor(new Float32Array(0)))).toThrow(/have no samples/);
    expect(() => stft(x, { nFft: 128, center: false })).toThrow(
      /100 samples hold no frame of 128 when center is false/,
    );
    expect(() => zeroCrossingRate(x, { center: false })).toThrow(SignalError);
    expect(() => mfcc(x, { ...settings, lengths: [50, 50] })).toThrow(
      /2 lengths were given for 1 clips|lengths need a batch/,
    );
    expect(() => rms(x.reshape([2, 50]), { lengths: [50, 51] })).not.toThrow();
    expect(() => zeroCrossingRate(x.reshape([2, 50]), { lengths: [50, 51] })).toThrow(
      /clip 1 has length 51; whole numbers from 1 to 50/,
    );
    expect(() => delta(x.reshape([5, 20]))).toThrow(/needs 9 frames, a clip has 5; use mode 'nearest'/);
    expect(() => delta(x.reshape([1, 10, 10]), { lengths: [8] })).toThrow(/a clip has 8/);
    expect(() => padClips([])).toThrow(SignalError);
  });

  test('settings', () => {
    expect(() => stft(x, { nFft: 0 })).toThrow(/nFft is 0; give a whole number from 1 up/);
    expect(() => stft(x, { hopLength: 1.5 })).toThrow(/hopLength is 1.5/);
    expect(() => stft(x, { nFft: 64, winLength: 65 })).toThrow(/winLength is 65, longer than nFft = 64/);
    expect(() => stft(x, { nFft: 64, window: new Float32Array(63) })).toThrow(
      /The window has 63 values, winLength is 64/,
    );
    expect(() => stft(x, { nFft: 64, padMode: 'mean' as 'reflect' })).toThrow(/padMode is "mean"/);
    expect(() => stft(x, { nFft: 64, padMode: 'reflect', lengths: tensor(Int32Array.of(100)) })).toThrow(
      /needs lengths as numbers/,
    );
    expect(() => powerToDb(x, { amin: 0 })).toThrow(/amin is 0/);
    expect(() => powerToDb(x, { topDb: -1 })).toThrow(/topDb is -1/);
    expect(() => powerToDb(x, { lengths: [1] })).toThrow(SettingsError);
    expect(() => preemphasis(x, { coef: Infinity })).toThrow(/coef is Infinity/);
    expect(() => frameFeatures(x, { nFft: 511 })).toThrow(/nFft is 511; frame features need an even one/);
  });

  test('clips that extractFrames cannot use are named', async () => {
    await expect(extractFrames([clips[0], new Float32Array(0)])).rejects.toThrow(/clip 1 has no samples/);
    await expect(extractFrames([Float32Array.of(0, NaN)])).rejects.toThrow(/sample 1 of clip 0 is NaN/);
    await expect(extractFrames([clips[0]], {}, { batchSize: 0 })).rejects.toThrow(SettingsError);
  });
});

describe('gradients', () => {
  test('of melSpectrogram with respect to the waveform agrees with finite differences of the float64 oracle', async () => {
    const length = 97;
    const options = { nFft: 32, hopLength: 13, sr: 8000, nMels: 7 };
    const y = randomArray(length, 21);
    const x: Parameter = parameter(y, [length]);
    const mel = melSpectrogram(x, options);
    const cotangent = randomArray(mel.size, 22);
    mel.mul(tensor(cotangent, mel.shape)).sum().backward();
    if (!x.grad) throw new Error('no gradient');
    const got = await read(x.grad);

    const loss = (at: Float64Array): number =>
      (melOracle(at, options).data as Float64Array).reduce((sum, v, i) => sum + v * cotangent[i], 0);
    const expected = Float64Array.from(y, (_v, i) => {
      const shifted = (h: number): number => loss(Float64Array.from(y, (v, k) => (k === i ? v + h : v)));
      return (shifted(1e-4) - shifted(-1e-4)) / 2e-4;
    });
    const difference = Math.hypot(...got.map((v, i) => v - expected[i]));
    expect(difference / Math.hypot(...expected)).toBeLessThan(1e-4);
    x[Symbol.dispose]();
  });

  test('through magnitude and RMS of silence are 0, not NaN', async () => {
    const x = parameter(new Float32Array(200), [200]);
    spectrogram(x, { ...settings, power: 1 })
      .sum()
      .add(rms(x, framing).sum())
      .backward();
    if (!x.grad) throw new Error('no gradient');
    expect([...(await read(x.grad))]).toEqual(new Array(200).fill(0));
    x[Symbol.dispose]();
  });
});
