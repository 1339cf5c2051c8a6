/** Windows: the numbers of `librosa.filters.get_window`, and of the transforms that take them. */
import { expect, test } from 'vitest';
import { getWindow, istft, kaiser, SettingsError, stft, type WindowName } from '../../src/dsp/index.js';
import { besselI0, windowNames } from '../../src/dsp/windows.js';
import { tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { closesDevice, numberOrNull, read } from './support.js';

closesDevice();

const cases = fixtureCases('librosa/more-windows');

test.each(cases.map((c) => [c.name, c] as const))('%s equals librosa’s', (_, c) => {
  const beta = numberOrNull(c, 'beta');
  const window = beta === null ? (c.attrs.string('window') as WindowName) : (['kaiser', beta] as const);
  const w = getWindow(window, c.attrs.number('n'), c.attrs.boolean('periodic'));
  expectClose(w, c.array('w').data, { rtol: 0, atol: 1e-15 });
});

test('every name has a case', () => {
  const tested = new Set(cases.map((c) => c.attrs.string('window')));
  expect([...windowNames, 'kaiser'].filter((name) => !tested.has(name))).toEqual([]);
});

test('I₀ is Bessel’s: values of Abramowitz and Stegun, table 9.8', () => {
  expect(besselI0(0)).toBe(1);
  expect(besselI0(1) * Math.exp(-1)).toBeCloseTo(0.46575960759, 10);
  expect(besselI0(5) * Math.exp(-5)).toBeCloseTo(0.18354081261, 10);
  expect(besselI0(10) * Math.exp(-10)).toBeCloseTo(0.12783333716, 10);
});

test.each([['flattop'], ['bartlett'], [['kaiser', 6]]] as const)(
  'a transform through %s comes back',
  async (window) => {
    const samples = randomArray(500, 1);
    const settings = { nFft: 64, hopLength: 16, window };
    const y = await read(istft(stft(tensor(samples), settings), { ...settings, length: 500 }));
    expectClose(y, samples, { rtol: 0, atol: 2e-6 });
  },
);

test('refuses unknown windows and a negative β', () => {
  expect(() => getWindow('sine' as WindowName, 8)).toThrow(/window is "sine"; give one of "hann"/);
  expect(() => getWindow(['gaussian' as 'kaiser', 1], 8)).toThrow(/window is "gaussian"; give one of "kaiser"/);
  expect(() => kaiser(8, -1)).toThrow(/beta of the Kaiser window is -1/);
  expect(() => kaiser(2.5, 1)).toThrow(SettingsError);
  expect(() => stft(tensor(new Float32Array(100)), { nFft: 64, window: new Float32Array(5) })).toThrow(/has 5 values/);
});
