/** The inverse transform: librosa's numbers, round trips, ragged batches, refusals. */
import { describe, expect, test } from 'vitest';
import {
  istft,
  padClips,
  SettingsError,
  SignalError,
  stft,
  windowSumsquare,
  type WindowName,
} from '../../src/dsp/index.js';
import { grad, parameter, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray, relativeNorm } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { uniform } from '../support/generated.js';
import { closesDevice, numberIfAny, read, signal } from './support.js';

closesDevice();

test.each(fixtureCases('librosa/more-istft').map((c) => [c.name, c] as const))(
  '%s equals librosa’s',
  async (name, c) => {
    const nFft = c.attrs.number('nFft');
    const frames = c.attrs.number('frames');
    const shape = [frames, 1 + Math.floor(nFft / 2)];
    const parts = ['re', 'im'].map((part) => uniform(7, `${name}.${part}`, shape[0] * shape[1], -1, 1));
    const spectra = Float32Array.from({ length: 2 * parts[0].length }, (_, i) => parts[i % 2][Math.floor(i / 2)]);
    const settings = {
      nFft,
      hopLength: c.attrs.number('hopLength'),
      winLength: c.attrs.number('winLength'),
      window: c.attrs.string('window') as WindowName,
      center: c.attrs.boolean('center'),
      length: numberIfAny(c, 'length'),
    };
    const expected = c.array('y');
    const y = istft(tensor(spectra, [...shape, 2]), settings);
    expect(y.shape).toEqual(expected.shape);
    // A sum of windows that is small enlarges the rounding error of the transform (1e-7 of a frame's norm, about 1) by its root.
    const start = settings.center ? Math.floor(nFft / 2) : 0;
    const sums = windowSumsquare(settings.window, frames, settings);
    const got = await read(y);
    const share = expected.data.map((v, i) => (got[i] - v) * Math.sqrt(Math.max(sums[start + i] || 1, 1e-12)));
    expectClose(share, new Float64Array(share.length), { rtol: 0, atol: 1e-6 });
  },
);

describe('round trips', () => {
  test.each([
    ['vowel', 512, 128, 'hann'],
    ['chirp', 400, 100, 'hamming'],
    ['noise', 255, 60, 'hann'],
    ['short', 512, 128, 'hann'],
    ['one', 256, 64, 'hann'],
    ['silence', 256, 64, 'blackman'],
  ] as const)('%s through %i by %i, %s', async (name, nFft, hopLength, window) => {
    const samples = signal(name);
    const y = istft(stft(tensor(samples), { nFft, hopLength, window }), {
      nFft,
      hopLength,
      window,
      length: samples.length,
    });
    expectClose(await read(y), samples, { rtol: 0, atol: 2e-6 });
  });

  test('a ragged batch gives each clip as if it were alone, and zeros behind it', async () => {
    const clips = [randomArray(700, 1), randomArray(333, 2), randomArray(1, 3)];
    const { data, lengths, length } = padClips(clips);
    const settings = { nFft: 128, hopLength: 50 };
    const spectra = stft(tensor(data, [3, length]), { ...settings, lengths });
    const batch = await read(istft(spectra, { ...settings, lengths }));
    for (const [i, clip] of clips.entries()) {
      const alone = await read(istft(stft(tensor(clip), settings), { ...settings, length: clip.length }));
      expectClose(batch.subarray(i * length, i * length + clip.length), alone, { rtol: 0, atol: 1e-6 });
      expect(batch.subarray(i * length + clip.length, (i + 1) * length).every((v) => v === 0)).toBe(true);
    }
  });

  test('the gradient of a round trip is that of the identity', async () => {
    const x = parameter(randomArray(300, 4), [300]);
    const weights = randomArray(300, 5);
    const settings = { nFft: 64, hopLength: 16 };
    const loss = istft(stft(x, settings), { ...settings, length: 300 })
      .mul(tensor(weights))
      .sum();
    expect(relativeNorm(await read(grad(loss, [x])[0]), weights)).toBeLessThan(1e-6);
  });
});

test('refuses what is no spectrum, a wrong nFft, and frames that leave nothing', () => {
  const spectra = tensor(new Float32Array(3 * 33 * 2), [3, 33, 2]);
  expect(() => istft(tensor(new Float32Array(66), [33, 2]))).toThrow(SignalError);
  expect(() => istft(spectra, { nFft: 63 })).toThrow(/33 bins; nFft = 63 makes 32/);
  expect(() => istft(spectra, { winLength: 65 })).toThrow(SettingsError);
  expect(() => istft(spectra, { hopLength: 0 })).toThrow(/hopLength is 0/);
  expect(() => istft(spectra, { length: 2.5 })).toThrow(/length is 2.5/);
  expect(() => istft(spectra.slice(0, 0, 1))).toThrow(/leave no sample/);
});
