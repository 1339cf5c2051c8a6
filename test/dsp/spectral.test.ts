/** Centroid, bandwidth, roll-off, flatness, contrast: librosa's numbers, a spectrogram as the source, batches, refusals. */
import { describe, expect, test } from 'vitest';
import {
  magnitude,
  padClips,
  SettingsError,
  SignalError,
  spectralBandwidth,
  spectralCentroid,
  spectralContrast,
  spectralFlatness,
  spectralRolloff,
  stft,
  type SpectralOptions,
  type SpectrumSource,
} from '../../src/dsp/index.js';
import { parameter, tensor, type Tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { moreSignal, transformOf } from './more-support.js';
import { closesDevice, read, timeFirst } from './support.js';

closesDevice();

const features: Record<string, (source: SpectrumSource, options: SpectralOptions) => Tensor> = {
  centroid: spectralCentroid,
  bandwidth: spectralBandwidth,
  rolloff: spectralRolloff,
  flatness: spectralFlatness,
  contrast: spectralContrast,
};

/** In Hz of 8000, shares of 1, dB. */
const TOLERANCE: Record<string, number> = {
  centroid: 0.005,
  bandwidth: 0.005,
  rolloff: 1e-3,
  flatness: 1e-6,
  contrast: 1e-3,
};

test.each(fixtureCases('librosa/more-spectral').map((c) => [c.name, c] as const))(
  '%s equals librosa’s',
  async (_, c) => {
    const op = c.attrs.string('op');
    const options = { ...transformOf(c), ...(c.attrs.json.options as SpectralOptions) };
    const value = features[op](tensor(moreSignal(c.attrs.string('signal'))), options);
    const expected = timeFirst(c.array('value'));
    expect(value.shape).toEqual(expected.shape);
    const got = await read(value);
    // Where bins hold nothing but rounding noise, as those of a constant do, it is another noise than SciPy’s: in one of 255 samples, by a direct sum, two to three
    // times as large.
    expectClose(got, expected.data, { rtol: 2e-6, atol: TOLERANCE[op] + 4 * c.attrs.number('float32Gap') });
  },
);

const SETTINGS = { sr: 16000, nFft: 256, hopLength: 100 };

describe.each(Object.entries(features))('%s', (_name, feature) => {
  test('is the same of a spectrogram, and of a clip in a ragged batch', async () => {
    const clips = [randomArray(900, 1), randomArray(333, 2)];
    const { data, lengths, length } = padClips(clips);
    const batch = await read(feature(tensor(data, [2, length]), { ...SETTINGS, lengths }));
    const S = magnitude(stft(tensor(clips[0]), SETTINGS));
    const given = feature({ S }, SETTINGS);
    expect(given.shape[0]).toBe(10);
    const size = given.shape[1];
    expectClose(await read(given), batch.subarray(0, 10 * size), { rtol: 1e-6, atol: 1e-6 });
    const alone = await read(feature(tensor(clips[1]), SETTINGS));
    expectClose(alone, batch.subarray(10 * size, 10 * size + alone.length), { rtol: 1e-6, atol: 1e-6 });
    expect(() => feature({ S: S.slice(1, 0, 0) }, SETTINGS)).toThrow(SignalError);
    expect(() => feature({ S: S.slice(0, 0, 1).squeeze(0) }, SETTINGS)).toThrow(SignalError);
  });
});

test.each(['centroid', 'bandwidth', 'flatness', 'contrast'])(
  'the gradient of %s is finite where there is silence, and right',
  async (name) => {
    const samples = randomArray(600, 3);
    samples.fill(0, 300);
    const settings = { ...SETTINGS, nFft: 128, hopLength: 64, fmin: 400, nBands: 3 };
    const weights = randomArray(10 * (name === 'contrast' ? 4 : 1), 4);
    const value = (x: Tensor): Tensor => {
      const y = features[name](x, settings);
      return y.mul(tensor(weights, y.shape)).sum();
    };
    const x = parameter(samples, [600]);
    value(x).backward();
    const gradient = x.grad ? await read(x.grad) : new Float32Array(0);
    expect(gradient.every((v) => Number.isFinite(v))).toBe(true);
    // Along a direction inside of the loud part, by differences.
    const direction = randomArray(600, 5).fill(0, 250);
    const h = 2e-3;
    const moved = async (step: number): Promise<number> =>
      (await read(value(tensor(samples.map((v, i) => v + step * direction[i])))))[0];
    const slope = ((await moved(h)) - (await moved(-h))) / (2 * h);
    const along = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
    expect(Math.abs(along - slope)).toBeLessThan(0.02 * Math.abs(slope) + 1e-3);
  },
);

test('bins at other frequencies', async () => {
  const S = tensor(Float32Array.of(1, 3, 0, 4), [1, 4]);
  const freq = [10, 30, 50, 100];
  expectClose(await read(spectralCentroid({ S }, { freq })), [62.5], { rtol: 1e-6, atol: 0 });
  expectClose(await read(spectralRolloff({ S }, { freq, rollPercent: 0.5 })), [30], { rtol: 0, atol: 0 });
  expectClose(await read(spectralRolloff({ S }, { freq, rollPercent: 0.51 })), [100], { rtol: 0, atol: 0 });
  expectClose(await read(spectralBandwidth({ S }, { freq, p: 1 })), [(52.5 + 3 * 32.5 + 4 * 37.5) / 8], {
    rtol: 1e-6,
    atol: 0,
  });
  const centroid = tensor(Float32Array.of(50), [1, 1]);
  expectClose(await read(spectralBandwidth({ S }, { freq, p: 1, centroid })), [(40 + 60 + 200) / 8], {
    rtol: 1e-6,
    atol: 0,
  });
  expect(() => spectralCentroid({ S }, { freq: [1, 2, 3] })).toThrow(/3 frequencies for 4 bins/);
  expect(() => spectralContrast({ S }, { freq: [1, 1, 2, 3] })).toThrow(/rise from bin to bin/);
});

test('high exponents stay within float32', async () => {
  const S = tensor(Float32Array.of(1, 0, 1), [1, 3]);
  // Both bins lie 8000 Hz from the centroid.
  expectClose(await read(spectralBandwidth({ S }, { sr: 32000, p: 12 })), [8000], { rtol: 1e-5, atol: 0 });
});

test('contrast averages the largest and smallest of equal bins once each, and sends the gradient there', async () => {
  const S = parameter(Float32Array.of(5, 1, 1, 1, 5, 2, 4, 3), [1, 8]);
  const freq = [0, 10, 20, 30, 40, 50, 60, 70];
  // Bands 0 … 45 Hz without its last bin, and from the bin below 45 Hz on; a quarter of 5 and of 4 bins is 1.
  const contrast = spectralContrast({ S }, { freq, sr: 200, fmin: 45, nBands: 1, quantile: 0.5, linear: true });
  contrast.sum().backward();
  expectClose(await read(contrast), [(5 + 1) / 2 - (1 + 1) / 2, (5 + 4) / 2 - (2 + 3) / 2], { rtol: 1e-6, atol: 0 });
  expect(S.grad && (await read(S.grad))).toEqual(Float32Array.of(0.5, -0.5, -0.5, 0.5, 0.5, -0.5, 0.5, -0.5));
});

test('refuses wrong settings', () => {
  const x = tensor(new Float32Array(500));
  expect(() => spectralRolloff(x, { rollPercent: 1 })).toThrow(/rollPercent is 1/);
  expect(() => spectralBandwidth(x, { p: 0 })).toThrow(/p is 0/);
  expect(() => spectralFlatness(x, { amin: 0 })).toThrow(/amin is 0/);
  expect(() => spectralContrast(x, { sr: 8000, nBands: 7 })).toThrow(/band 6 begins at 6400 Hz/);
  expect(() => spectralContrast(x, { nFft: 64 })).toThrow(/no bin lies in band 0/);
  expect(() => spectralContrast(x, { quantile: 1 })).toThrow(SettingsError);
  expect(() => spectralContrast(x, { fmin: 0 })).toThrow(/fmin is 0/);
  expect(() => spectralCentroid(x, { sr: 0 })).toThrow(/sr is 0/);
  expect(() => spectralCentroid(x, { center: false })).toThrow(/hold no frame/);
});
