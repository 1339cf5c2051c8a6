/** Resampling on the device, speed perturbation and pitch shift. */
import { describe, expect, test } from 'vitest';
import {
  drawSpeeds,
  nearestRatio,
  pitchShift,
  resample,
  resampleWaveforms,
  SettingsError,
  speedLength,
  speedPerturb,
  timeStretch,
} from '../../src/dsp/index.js';
import { programStats, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray, relativeNorm } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { closesDevice, inputOf, largest, read, signal } from './support.js';

closesDevice();

describe('resampleWaveforms', () => {
  test.each([
    [3, 2, 501],
    [9, 10, 1000],
    [10, 9, 77],
    [1, 3, 400],
    [4, 1, 90],
    [160, 441, 997],
    [441, 160, 300],
    [2, 3, 1],
  ])('%i/%i of %i samples is what the host makes of them, whose filter is SciPy’s', async (up, down, samples) => {
    const x = randomArray(samples, up);
    const y = resampleWaveforms(tensor(x), { up, down });
    const expected = resample(x, down, up);
    expect(y.shape).toEqual([expected.length]);
    expectClose(await read(y), expected, { rtol: 1e-5, atol: 2e-6 });
  });

  test('a sweep keeps 90 dB of signal to noise there and back', async () => {
    // 0 … 3 kHz at 16 kHz, through 22.05 kHz; without the ends, where the sweep begins and breaks off.
    const sweep = Float32Array.from({ length: 8000 }, (_, i) => Math.sin((Math.PI * 3000 * i * i) / (16000 * 8000)));
    const there = resampleWaveforms(tensor(sweep), { up: 441, down: 320 });
    const back = await read(resampleWaveforms(there, { up: 320, down: 441 }));
    expect(-20 * Math.log10(relativeNorm(back.subarray(500, 7500), sweep.subarray(500, 7500)))).toBeGreaterThan(90);
  });

  test('clips of a batch are as they would be alone; `length` cuts and fills', async () => {
    const batch = new Float32Array(2 * 300);
    const clips = [randomArray(300, 1), randomArray(120, 2)];
    clips.forEach((clip, n) => batch.set(clip, 300 * n));
    for (const length of [200, 500]) {
      const y = await read(
        resampleWaveforms(tensor(batch, [2, 300]), { up: 4, down: 3 }, { lengths: [300, 120], length }),
      );
      for (const [n, clip] of clips.entries()) {
        const alone = new Float32Array(length);
        alone.set(resample(clip, 3, 4).subarray(0, length));
        expectClose(y.subarray(n * length, (n + 1) * length), alone, { rtol: 1e-5, atol: 2e-6 });
      }
    }
  });

  test('refuses ratios that are not of whole numbers', () => {
    expect(() => resampleWaveforms(tensor([1]), { up: 1.5, down: 1 })).toThrow(SettingsError);
  });
});

test('nearestRatio is exact for decimals and close for the rest', () => {
  expect([0.9, 1, 1.1, 1.25, 3, 1 / 3].map((v) => nearestRatio(v))).toEqual(
    [
      [9, 10],
      [1, 1],
      [11, 10],
      [5, 4],
      [3, 1],
      [1, 3],
    ].map(([up, down]) => ({ up, down })),
  );
  for (let step = -12; step <= 12; step++) {
    const { up, down } = nearestRatio(2 ** (step / 12));
    expect(Math.max(up, down)).toBeLessThanOrEqual(1000);
    expect(Math.abs(1200 * Math.log2((up / down) * 2 ** (-step / 12)))).toBeLessThan(0.03);
  }
  expect(() => nearestRatio(0.0001)).toThrow(/0.0001/);
  expect(() => nearestRatio(5000)).toThrow(SettingsError);
});

describe('speedPerturb', () => {
  test('plays each clip at its own speed', async () => {
    const x = [randomArray(400, 1), randomArray(400, 2), randomArray(250, 3)];
    const batch = new Float32Array(1200);
    x.forEach((clip, n) => batch.set(clip, 400 * n));
    const lengths = [400, 400, 250];
    const factors = [0.9, 1, 1.1];
    const y = speedPerturb(tensor(batch, [3, 400]), factors, { lengths });
    expect(y.shape).toEqual([3, speedLength(400, 0.9)]);
    const values = await read(y);
    for (const [n, clip] of x.entries()) {
      const alone = resample(clip, Math.round(factors[n] * 10), 10);
      expect(alone.length).toBe(speedLength(lengths[n], factors[n]));
      const row = values.subarray(n * y.shape[1], (n + 1) * y.shape[1]);
      expectClose(row.subarray(0, alone.length), alone, { rtol: 1e-5, atol: 2e-6 });
      expect(largest(row.subarray(alone.length))).toBe(0);
    }
    const before = programStats().programs;
    await read(speedPerturb(tensor(batch, [3, 400]), [1.1, 0.9, 1], { lengths }));
    expect(programStats().programs).toBe(before);
  });

  test('draws every factor, and a clip keeps its own in any batch', () => {
    const all = drawSpeeds(300, { seed: 1 });
    expect(new Set(all)).toEqual(new Set([0.9, 1, 1.1]));
    expect(drawSpeeds(1, { seed: 1, ids: [123] })).toEqual([all[123]]);
    expect(() => drawSpeeds(1, { seed: 1, factors: [] })).toThrow(SettingsError);
    expect(() => speedPerturb(tensor([1, 2]), [1, 2])).toThrow(/2 rates/);
  });
});

describe('pitchShift', () => {
  test.each(
    fixtureCases('librosa/effects')
      .filter((c) => c.attrs.string('kind') === 'pitch')
      .map((c) => [c.name, c] as const),
  )('%s: librosa’s, but for the filter', async (_, c) => {
    const [nFft, hopLength, nSteps, binsPerOctave] = ['nFft', 'hopLength', 'nSteps', 'binsPerOctave'].map((key) =>
      c.attrs.number(key),
    );
    const x = inputOf(c);
    const y = await read(pitchShift(x, nSteps, { nFft, hopLength, binsPerOctave }));
    const expected = c.array('shifted').data;
    // soxr's filter passes more near the Nyquist frequency, where these voices have little.
    expect(-20 * Math.log10(relativeNorm(y, expected))).toBeGreaterThan(60);
    // And exactly: the stretched clip through the host's resampler.
    const rate = 2 ** (-nSteps / binsPerOctave);
    const { up, down } = nearestRatio(rate, 4000);
    const stretched = await read(timeStretch(x, rate, { nFft, hopLength }));
    const whole = new Float32Array(y.length);
    whole.set(resample(stretched, down, up).subarray(0, y.length));
    expectClose(y, whole, { rtol: 1e-5, atol: 2e-6 });
  });

  test('moves the peak of a tone by the interval and keeps its length', async () => {
    const tone = Float32Array.from({ length: 4096 }, (_, i) => Math.sin((2 * Math.PI * 500 * i) / 16000));
    const y = await read(pitchShift(tensor(tone), 7, { nFft: 512 }));
    expect(y.length).toBe(4096);
    // The frequency of the middle, by its zero crossings: 500 Hz up a fifth.
    const middle = y.subarray(1000, 3000);
    const crossings = [...middle.keys()]
      .slice(1)
      .flatMap((i) => (middle[i - 1] < 0 && middle[i] >= 0 ? [i - middle[i] / (middle[i] - middle[i - 1])] : []));
    const period = (crossings[crossings.length - 1] - crossings[0]) / (crossings.length - 1);
    expect(Math.abs(16000 / period / (500 * 2 ** (7 / 12)) - 1)).toBeLessThan(2e-3);
  });

  test('each clip of a ragged batch is as it would be alone', async () => {
    const options = { nFft: 128 };
    const x = [signal('noise').subarray(0, 700), signal('vowel').slice(1000, 1500)];
    const batch = new Float32Array(1400);
    x.forEach((clip, n) => batch.set(clip, 700 * n));
    const y = await read(pitchShift(tensor(batch, [2, 700]), [3, -2], { ...options, lengths: [700, 500] }));
    for (const [n, clip] of x.entries()) {
      const alone = await read(pitchShift(tensor(clip.slice()), [3, -2][n], options));
      expectClose(y.subarray(700 * n, 700 * n + clip.length), alone, { rtol: 1e-4, atol: 2e-6 });
      expect(largest(y.subarray(700 * n + clip.length, 700 * (n + 1)))).toBe(0);
    }
    expect(() => pitchShift(tensor([1, 2]), NaN)).toThrow(SettingsError);
    expect(() => pitchShift(tensor([1, 2]), [1, 2])).toThrow(/2 nSteps/);
  });
});
