/** YIN: librosa's numbers, known pitches, batches, refusals. */
import { describe, expect, test } from 'vitest';
import { padClips, SettingsError, yin, type PadMode } from '../../src/dsp/index.js';
import { tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { moreSignal } from './more-support.js';
import { closesDevice, numberIfAny, read } from './support.js';

closesDevice();

const cases = fixtureCases('librosa/more-yin').slice(1);

test.each(cases.map((c) => [c.name, c] as const))('%s equals librosa’s', async (_, c) => {
  const f0 = yin(tensor(moreSignal(c.attrs.string('signal'))), {
    sr: c.attrs.number('sr'),
    fmin: c.attrs.number('fmin'),
    fmax: c.attrs.number('fmax'),
    frameLength: c.attrs.number('frameLength'),
    hopLength: numberIfAny(c, 'hopLength'),
    troughThreshold: c.attrs.number('troughThreshold'),
    center: c.attrs.boolean('center'),
    padMode: c.attrs.string('padMode') as PadMode,
  });
  const expected = c.array('f0');
  expect(f0.shape).toEqual(expected.shape);
  const got = await read(f0);
  // Of a single sample every lag is as good as any other, and rounding decides.
  if (c.attrs.string('signal') === 'one') expect(got.every((f) => f > 197 && f <= 2000)).toBe(true);
  else expectClose(got, expected.data, { rtol: 1e-5, atol: 0 });
});

const sine = (hz: number, length: number, offset = 0): Float32Array =>
  Float32Array.from({ length }, (_, n) => offset + 0.5 * Math.sin((2 * Math.PI * hz * n) / 16000));

describe('pitches that are known', () => {
  test.each([82.4, 110, 233.1, 440, 987.8])('%f Hz', async (hz) => {
    const f0 = await read(
      yin(tensor(sine(hz, 4000)), { fmin: 65, fmax: 1500, sr: 16000, frameLength: 1024, center: false }),
    );
    for (const value of f0) expect(Math.abs(value / hz - 1)).toBeLessThan(0.01);
  });

  test('a small tone on a large offset: the difference function does not drown in it', async () => {
    const x = sine(200, 3000, 0).map((v) => 1 + v * 1e-2);
    const settings = { fmin: 150, fmax: 400, sr: 16000, frameLength: 512, center: false };
    const f0 = await read(yin(tensor(x), settings));
    expect(f0.every((v) => Number.isFinite(v) && v >= 149 && v <= 401)).toBe(true);
  });
});

test('a clip of a ragged batch is what it is alone', async () => {
  const clips = [sine(150, 2000), sine(300, 900), randomArray(5, 1)];
  const { data, lengths, length } = padClips(clips);
  const settings = { fmin: 80, fmax: 800, sr: 16000, frameLength: 512, hopLength: 200 };
  const batch = await read(yin(tensor(data, [3, length]), { ...settings, lengths }));
  const frames = batch.length / 3;
  for (const [i, clip] of clips.entries()) {
    const alone = await read(yin(tensor(clip), settings));
    expectClose(batch.subarray(i * frames, i * frames + alone.length), alone, { rtol: 1e-5, atol: 0 });
  }
});

test('refuses ranges that librosa refuses, and says what is possible', () => {
  const x = tensor(new Float32Array(3000));
  const settings = { fmin: 65, fmax: 2093, sr: 16000 };
  expect(() => yin(x, { ...settings, fmax: 9000 })).toThrow(/fmax is 9000 Hz/);
  expect(() => yin(x, { ...settings, fmin: 0 })).toThrow(/fmin is 0/);
  expect(() => yin(x, { ...settings, fmin: 2093 })).toThrow(SettingsError);
  expect(() => yin(x, { ...settings, frameLength: 200 })).toThrow(
    /does not fit into a frame of 200 samples.*81 Hz or more, or a frame of 249/,
  );
  expect(() => yin(x, { ...settings, fmin: 7900, fmax: 8000 })).not.toThrow();
  expect(() => yin(x, { ...settings, troughThreshold: -1 })).toThrow(/troughThreshold is -1/);
  expect(() => yin(x, { ...settings, hopLength: 0 })).toThrow(/hopLength is 0/);
});
