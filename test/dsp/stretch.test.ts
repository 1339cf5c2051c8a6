/** Phase vocoder, time stretch and pitch shift against librosa; ragged batches; what must stay when the pace changes. */
import { describe, expect, test } from 'vitest';
import { phaseVocoder, SettingsError, SignalError, stretchedLength, timeStretch } from '../../src/dsp/index.js';
import { tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray, relativeNorm } from '../support/compare.js';
import { fixtureCases, type FixtureCase } from '../support/fixtures.js';
import { closesDevice, inputOf, largest, read, timeFirst } from './support.js';

closesDevice();

const cases = (kind: string): [string, FixtureCase][] =>
  fixtureCases('librosa/effects')
    .filter((c) => c.attrs.string('kind') === kind)
    .map((c) => [c.name, c]);

describe('phaseVocoder', () => {
  test.each(cases('vocoder'))('%s is within 1e-5 of full scale', async (_, c) => {
    const [re, im, outRe, outIm] = ['re', 'im', 'outRe', 'outIm'].map((name) => timeFirst(c.array(name)));
    const complex = Float32Array.from({ length: 2 * re.data.length }, (_v, i) => (i % 2 ? im : re).data[i >> 1]);
    const out = phaseVocoder(tensor(complex, [...re.shape, 2]), c.attrs.number('rate'));
    expect(out.shape).toEqual([...outRe.shape, 2]);
    const expected = Float64Array.from(
      { length: 2 * outRe.data.length },
      (_v, i) => (i % 2 ? outIm : outRe).data[i >> 1],
    );
    const values = await read(out);
    expectClose(values, expected, { rtol: 0, atol: 1e-5 * largest(expected) });
    expect(relativeNorm(values, expected)).toBeLessThan(5e-6);
  });

  test('keeps phases exact over many frames: a steady tone stays one', async () => {
    // A tone between two bins, 3,000 frames: its gain a frame is no simple part of a turn.
    const frames = 3000;
    const advance = 2.345678;
    const tone = Float32Array.from({ length: 2 * frames }, (_, i) => (i % 2 ? Math.sin : Math.cos)(advance * (i >> 1)));
    const out = await read(phaseVocoder(tensor(tone, [frames, 1, 2]), 1.5));
    const expected = Float64Array.from({ length: 4000 }, (_, i) => (i % 2 ? Math.sin : Math.cos)(advance * (i >> 1)));
    expectClose(out.subarray(0, 3998), expected.subarray(0, 3998), { rtol: 0, atol: 2e-5 });
  });

  test('refuses what is no complex spectrogram, and rates that are none', () => {
    expect(() => phaseVocoder(tensor([1, 2]), 1)).toThrow(SignalError);
    const x = tensor(new Float32Array(12), [2, 3, 2]);
    expect(() => phaseVocoder(x, 0)).toThrow(/rate is 0/);
    expect(() => phaseVocoder(x, [1, 2])).toThrow(SettingsError);
  });
});

describe('timeStretch', () => {
  test.each(cases('stretch'))('%s agrees with librosa', async (_, c) => {
    const expected = c.array('stretched').data;
    const out = timeStretch(inputOf(c), c.attrs.number('rate'), {
      nFft: c.attrs.number('nFft'),
      hopLength: c.attrs.number('hopLength'),
      window: c.attrs.string('window') as 'hann',
    });
    expect(out.shape).toEqual([expected.length]);
    const values = await read(out);
    // 2⁻²⁴ of a frame's norm in every bin is a phase error of 1e-3 in the quietest ones, which the running product keeps.
    expect(relativeNorm(values, expected)).toBeLessThan(2e-5);
    expectClose(values, expected, { rtol: 0, atol: 5e-5 * largest(expected) });
  });

  test('each clip of a batch, with a rate of its own, is as it would be alone', async () => {
    const options = { nFft: 128, hopLength: 32 };
    const lengths = [900, 517, 40];
    const rates = [0.8, 1.3, 0.5];
    const data = new Float32Array(3 * 900);
    const clips = lengths.map((n, i) => randomArray(n, 10 + i));
    clips.forEach((clip, i) => data.set(clip, 900 * i));
    const out = timeStretch(tensor(data, [3, 900]), rates, { ...options, lengths });
    const width = stretchedLength(900, 0.8);
    expect(out.shape).toEqual([3, width]);
    const values = await read(out);
    for (const [n, clip] of clips.entries()) {
      const alone = await read(timeStretch(tensor(clip), rates[n], options));
      expectClose(values.subarray(n * width, n * width + alone.length), alone, { rtol: 1e-4, atol: 2e-6 });
      expect(largest(values.subarray(n * width + alone.length, (n + 1) * width))).toBe(0);
    }
    const fixed = await read(timeStretch(tensor(data, [3, 900]), rates, { ...options, lengths, length: 500 }));
    expect(fixed.length).toBe(1500);
    for (let n = 0; n < 3; n++) {
      // The window's sum differs where frames beyond the cut no longer count: half a frame at the end.
      expectClose(fixed.subarray(500 * n, 500 * n + 436), values.subarray(n * width, n * width + 436), {
        rtol: 1e-4,
        atol: 2e-6,
      });
    }
  });

  test('lengths round as in Python, and nonsense is refused', () => {
    expect([5, 7, 9].map((n) => stretchedLength(n, 2))).toEqual([2, 4, 4]);
    expect(stretchedLength(10, 0.3)).toBe(33);
    expect(() => timeStretch(tensor([1]), 3)).toThrow(/nothing is left/);
    expect(() => timeStretch(tensor([1, 2]), -1)).toThrow(/rate is -1/);
  });
});
