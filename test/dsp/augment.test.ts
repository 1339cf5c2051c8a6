/** Augmentation: noise at its level, shifts, SpecAugment's masks; the same for the same seed. */
import { describe, expect, test } from 'vitest';
import {
  addWhiteNoise,
  applyMasks,
  drawMasks,
  drawShifts,
  SettingsError,
  shiftSpectrogram,
  SignalError,
  specAugment,
  withWhiteNoise,
} from '../../src/dsp/index.js';
import { manualSeed, programStats, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { closesDevice, read } from './support.js';

closesDevice();

const power = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, v) => sum + v * v, 0) / x.length;
const snr = (clean: Float32Array, noisy: Float32Array): number =>
  10 * Math.log10(power(clean) / power(noisy.map((v, i) => v - clean[i])));

describe('white noise', () => {
  test('has exactly the asked-for level in each clip, on the device and on the host', async () => {
    const clean = [randomArray(600, 1, -0.4, 0.4), randomArray(600, 2, -0.01, 0.01)];
    const batch = new Float32Array(1200);
    clean.forEach((clip, n) => batch.set(clip, 600 * n));
    manualSeed(5);
    const own = await read(addWhiteNoise(tensor(batch, [2, 600]), tensor([10, 25])));
    const seeded = await read(addWhiteNoise(tensor(batch, [2, 600]), tensor([10, 25]), { seed: 5 }));
    for (const noisy of [own, seeded]) {
      [10, 25].forEach((wanted, n) => {
        expect(Math.abs(snr(clean[n], noisy.slice(600 * n, 600 * (n + 1))) - wanted)).toBeLessThan(1e-3);
      });
    }
    expect(Math.abs(snr(clean[0], withWhiteNoise(clean[0], 15, 3)) - 15)).toBeLessThan(1e-3);
  });

  test('with a seed a clip gets the same noise in any batch, that of the host', async () => {
    const clips = [randomArray(90, 1), randomArray(60, 2)];
    const batch = new Float32Array(180);
    clips.forEach((clip, n) => batch.set(clip, 90 * n));
    const lengths = [90, 60];
    const both = await read(addWhiteNoise(tensor(batch, [2, 90]), 10, { seed: 8, ids: [4, 7], lengths }));
    for (const [n, clip] of clips.entries()) {
      const alone = await read(addWhiteNoise(tensor(clip), 10, { seed: 8, ids: [[4, 7][n]] }));
      const own = both.subarray(90 * n, 90 * n + clip.length);
      expectClose(own, alone, { rtol: 1e-6, atol: 1e-7 });
      expectClose(own, withWhiteNoise(clip, 10, 8, [4, 7][n]), { rtol: 1e-5, atol: 1e-6 });
    }
    expect(() => addWhiteNoise(tensor(clips[0]), 10, { ids: [1] })).toThrow(/without a seed/);
    expect(() => addWhiteNoise(tensor(clips[0]), 10, { seed: 1, ids: [1, 2] })).toThrow(/2 ids were given for 1/);
  });

  test('is the same for the same seed and another for another', async () => {
    const x = tensor(randomArray(100, 1));
    const draw = async (seed: number): Promise<Float32Array> => {
      manualSeed(seed);
      return read(addWhiteNoise(x, 10));
    };
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
    const clip = randomArray(100, 1);
    expect(withWhiteNoise(clip, 10, 1, 7)).toEqual(withWhiteNoise(clip, 10, 1, 7));
    expect(withWhiteNoise(clip, 10, 1, 7)).not.toEqual(withWhiteNoise(clip, 10, 1, 8));
  });

  test('leaves silence and the padding of shorter clips alone, and is measured over each clip’s own samples', async () => {
    const clip = randomArray(4000, 4);
    const batch = new Float32Array(3 * 6000);
    batch.set(clip, 6000);
    const noisy = await read(addWhiteNoise(tensor(batch, [3, 6000]), 20, { lengths: [6000, 4000, 10] }));
    expect(power(noisy.subarray(0, 6000))).toBe(0);
    expect(power(noisy.subarray(10000))).toBe(0);
    expect(Math.abs(snr(clip, noisy.slice(6000, 10000)) - 20)).toBeLessThan(1e-3);
  });

  test('refuses a level that is no number, and an empty clip', () => {
    expect(() => addWhiteNoise(tensor([1, 2]), NaN)).toThrow(SettingsError);
    expect(() => withWhiteNoise(new Float32Array(0), 10, 1)).toThrow(SignalError);
    expect(() => withWhiteNoise(Float32Array.of(1), 10, -1)).toThrow(/seed is -1/);
  });
});

describe('spectrogram shift', () => {
  const [clips, frames, bands] = [3, 5, 4];
  const data = randomArray(clips * frames * bands, 6);
  const x = tensor(data, [clips, frames, bands]);
  const shifted = (
    inTime: number[],
    inFrequency: number[],
    outside: (n: number, t: number, f: number) => number,
  ): number[] => {
    const out: number[] = [];
    for (let n = 0; n < clips; n++)
      for (let t = 0; t < frames; t++)
        for (let f = 0; f < bands; f++) {
          const [a, b] = [t - inTime[n], f - inFrequency[n]];
          out.push(a >= 0 && a < frames && b >= 0 && b < bands ? data[(n * frames + a) * bands + b] : outside(n, a, b));
        }
    return out;
  };

  test('moves each clip by its own frames and bands and fills the gap', async () => {
    const time = await read(shiftSpectrogram(x, { frames: [2, 0, -7], fill: -80 }));
    expectClose(
      time,
      shifted([2, 0, -7], [0, 0, 0], () => -80),
      { rtol: 1e-6, atol: 1e-5 },
    );
    const both = await read(shiftSpectrogram(x, { frames: [1, -1, 0], bands: [-1, 2, 0] }));
    expect([...both]).toEqual(shifted([1, -1, 0], [-1, 2, 0], () => 0));
  });

  test('wraps round on request', async () => {
    const wrapped = await read(shiftSpectrogram(x, { frames: [2, -1, 5], bands: [0, 1, -3], wrap: true }));
    const modulo = (a: number, n: number): number => ((a % n) + n) % n;
    expect([...wrapped]).toEqual(
      shifted([2, -1, 5], [0, 1, -3], (n, t, f) => data[(n * frames + modulo(t, frames)) * bands + modulo(f, bands)]),
    );
  });

  test('other shifts run the same program', async () => {
    await read(shiftSpectrogram(x, { frames: [1, 1, 1] }));
    const before = programStats().programs;
    await read(shiftSpectrogram(x, { frames: [0, -2, 3] }));
    expect(programStats().programs).toBe(before);
  });

  test('draws cover −furthest … furthest evenly and repeat with the seed', () => {
    const drawn = drawShifts(2100, 3, { seed: 9 });
    const counts = new Map<number, number>();
    drawn.forEach((s) => counts.set(s, (counts.get(s) ?? 0) + 1));
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    // 300 expected of each; six standard deviations are 96.
    for (const count of counts.values()) expect(Math.abs(count - 300)).toBeLessThan(96);
    expect(drawShifts(2100, 3, { seed: 9 })).toEqual(drawn);
    expect(() => shiftSpectrogram(x, { frames: [1] })).toThrow(/1 frames were given for 3 clips/);
    expect(() => shiftSpectrogram(x, { frames: [1, 0.5, 0] })).toThrow(SettingsError);
  });
});

describe('SpecAugment', () => {
  test('blanks exactly the ranges, with a number or the clip’s mean', async () => {
    const [clips, frames, bands] = [2, 6, 5];
    const data = randomArray(clips * frames * bands, 8);
    const masks = {
      time: { masks: 2, start: Float32Array.of(1, 4, 0, 6), end: Float32Array.of(3, 5, 0, 6) },
      frequency: { masks: 1, start: Float32Array.of(0, 3), end: Float32Array.of(1, 5) },
    };
    const lengths = [6, 4];
    for (const value of [-80, 'mean'] as const) {
      const got = await read(applyMasks(tensor(data, [clips, frames, bands]), masks, { value, lengths }));
      const expected = data.map((v, i) => {
        const [n, t, f] = [Math.floor(i / 30), Math.floor(i / 5) % 6, i % 5];
        const inTime = n === 0 && ((t >= 1 && t < 3) || t === 4);
        const inFrequency = n === 0 ? f === 0 : f >= 3;
        const own = data.subarray(30 * n, 30 * n + 5 * lengths[n]);
        return inTime || inFrequency ? (value === 'mean' ? own.reduce((a, b) => a + b, 0) / own.length : value) : v;
      });
      expectClose(got, expected, { rtol: 1e-6, atol: 1e-6 });
    }
  });

  test('draws lie inside each clip, keep to the widths, and go with the clip’s id, not its place', () => {
    const settings = { frequencyMasks: 2, frequencyWidth: 10, timeMasks: 3, timeWidth: 30, timeShare: 0.2 };
    const frames = Array.from({ length: 300 }, (_, n) => 1 + n);
    const { time, frequency } = drawMasks(frames, 40, settings, { seed: 4 });
    const widths = new Set<number>();
    frequency.start.forEach((from, i) => {
      widths.add(frequency.end[i] - from);
      expect(from >= 0 && frequency.end[i] <= 40).toBe(true);
    });
    expect([...widths].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    time.start.forEach((from, i) => {
      const own = frames[Math.floor(i / 3)];
      expect(from >= 0 && time.end[i] <= own).toBe(true);
      expect(time.end[i] - from).toBeLessThanOrEqual(Math.min(30, Math.floor(0.2 * own)));
    });
    const alone = drawMasks([frames[17]], 40, settings, { seed: 4, ids: [17] });
    expect([...alone.time.start]).toEqual([...time.start.subarray(51, 54)]);
    expect([...alone.frequency.end]).toEqual([...frequency.end.subarray(34, 36)]);
  });

  test('is the same for the same seed, another for another, by the same program', async () => {
    const x = tensor(
      randomArray(2 * 50 * 40, 3).map((v) => v + 2),
      [2, 50, 40],
    );
    const settings = { frequencyMasks: 2, frequencyWidth: 8, timeMasks: 2, timeWidth: 10 };
    const first = await read(specAugment(x, { ...settings, seed: 1 }));
    const before = programStats().programs;
    expect(await read(specAugment(x, { ...settings, seed: 1 }))).toEqual(first);
    expect(await read(specAugment(x, { ...settings, seed: 2 }))).not.toEqual(first);
    expect(programStats().programs).toBe(before);
    expect(first.some((v) => v === 0)).toBe(true);
  });

  test('refuses settings out of range', () => {
    const x = tensor(new Float32Array(8), [1, 2, 4]);
    expect(() => specAugment(x, { seed: 1, timeShare: 1.5 })).toThrow(/timeShare is 1.5/);
    expect(() => specAugment(x, { seed: 1, timeMasks: -1 })).toThrow(SettingsError);
    expect(() => specAugment(x, { seed: 1, ids: [1, 2] })).toThrow(/2 ids were given for 1 clips/);
    expect(() => specAugment(tensor([1, 2]), { seed: 1 })).toThrow(SignalError);
  });
});
