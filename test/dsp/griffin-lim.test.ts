/** Griffin–Lim: librosa's numbers from given phases, convergence from random ones. */
import { expect, test } from 'vitest';
import {
  griffinLim,
  magnitude,
  SettingsError,
  SignalError,
  stft,
  type PadMode,
  type WindowName,
} from '../../src/dsp/index.js';
import { manualSeed, tensor } from '../../src/tensor/index.js';
import { expectClose, relativeNorm } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { closesDevice, largest, numberIfAny, read, signal, timeFirst } from './support.js';

closesDevice();

test.each(fixtureCases('librosa/more-griffin-lim').map((c) => [c.name, c] as const))(
  '%s equals librosa’s',
  async (_, c) => {
    const magnitudes = timeFirst(c.array('magnitude'));
    const y = griffinLim(tensor(Float32Array.from(magnitudes.data), magnitudes.shape), {
      nFft: c.attrs.number('nFft'),
      hopLength: c.attrs.number('hopLength'),
      winLength: c.attrs.number('winLength'),
      window: c.attrs.string('window') as WindowName,
      center: c.attrs.boolean('center'),
      length: numberIfAny(c, 'length'),
      nIter: c.attrs.number('nIter'),
      momentum: c.attrs.number('momentum'),
      padMode: c.attrs.string('padMode') as PadMode,
      init: null,
    });
    const expected = c.array('y');
    expect(y.shape).toEqual(expected.shape);
    const got = await read(y);
    // The phase of a bin near 0 is no number to rely on, and each iteration carries on what the last one made of it.
    expectClose(got, expected.data, { rtol: 0, atol: 5e-5 * largest(expected.data) });
    expect(relativeNorm(got, expected.data)).toBeLessThan(1e-5);
  },
);

const SETTINGS = { nFft: 256, hopLength: 64 };

test('from random phases the spectrum comes as near the wanted one as librosa’s', async () => {
  const x = tensor(signal('vowel').subarray(0, 2000));
  const wanted = magnitude(stft(x, SETTINGS));
  const y = await read(griffinLim(wanted, { ...SETTINGS, randomState: 3, nIter: 32 }));
  const got = await read(magnitude(stft(tensor(y), SETTINGS)));
  const size = await read(wanted);
  // librosa, with six seeds: 0.32 to 0.36 after 2 iterations, 0.09 to 0.12 after 32.
  expect(relativeNorm(got.subarray(0, size.length), size)).toBeLessThan(0.14);
});

test('the same seed gives the same signal, another seed another, for one clip as for a batch', async () => {
  const x = tensor(signal('vowel').subarray(0, 640));
  const wanted = magnitude(stft(x, SETTINGS));
  const make = (randomState?: number): Promise<Float32Array> =>
    read(griffinLim(wanted, { ...SETTINGS, randomState, nIter: 2 }));
  expect(await make(1)).toEqual(await make(1));
  expect(relativeNorm(await make(2), await make(1))).toBeGreaterThan(0.1);
  manualSeed(5);
  const drawn = await make();
  manualSeed(5);
  expect(await make()).toEqual(drawn);
  const batch = griffinLim(wanted.unsqueeze(0), { ...SETTINGS, randomState: 1, nIter: 2 });
  expect(batch.shape).toEqual([1, 640]);
  expectClose(await read(batch), await make(1), { rtol: 0, atol: 1e-6 });
});

test('refuses wrong shapes and settings', () => {
  const magnitudes = tensor(new Float32Array(4 * 33), [4, 33]);
  expect(() => griffinLim(tensor(new Float32Array(33)))).toThrow(SignalError);
  expect(() => griffinLim(magnitudes, { momentum: -1 })).toThrow(/momentum is -1/);
  expect(() => griffinLim(magnitudes, { init: 'zeros' as 'random' })).toThrow(/init is "zeros"/);
  expect(() => griffinLim(magnitudes, { nIter: 1.5 })).toThrow(SettingsError);
  expect(() => griffinLim(magnitudes, { length: 20 })).toThrow(/4 frames, a signal of this length has 2/);
});
