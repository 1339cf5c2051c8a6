/** Chroma filters, chroma of waveforms, and the estimate of tuning: librosa's numbers. */
import { expect, test } from 'vitest';
import {
  chromaFilterbank,
  chromaStft,
  estimateTuning,
  padClips,
  powerSpectrogram,
  SettingsError,
} from '../../src/dsp/index.js';
import { tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { moreSignal, transformOf } from './more-support.js';
import { closesDevice, numberOrNull, read, timeFirst } from './support.js';

closesDevice();

const named = (prefix: string) =>
  fixtureCases('librosa/more-chroma')
    .filter((c) => c.name.startsWith(prefix))
    .map((c) => [c.name, c] as const);

test.each(named('filter'))('%s equals librosa’s', (_, c) => {
  const weights = chromaFilterbank({
    sr: c.attrs.number('sr'),
    nFft: c.attrs.number('nFft'),
    nChroma: c.attrs.number('nChroma'),
    tuning: c.attrs.number('tuning'),
    ctroct: c.attrs.number('ctroct'),
    octwidth: numberOrNull(c, 'octwidth'),
    norm: numberOrNull(c, 'norm'),
    baseC: c.attrs.boolean('baseC'),
  });
  expectClose(weights, c.array('weights').data, { rtol: 1e-10, atol: 1e-13 });
});

test.each(named('stft'))('%s equals librosa’s', async (_, c) => {
  const settings = { ...transformOf(c), nChroma: c.attrs.number('nChroma'), tuning: c.attrs.number('tuning') };
  const value = chromaStft(tensor(moreSignal(c.attrs.string('signal'))), {
    ...settings,
    norm: numberOrNull(c, 'norm'),
  });
  const expected = timeFirst(c.array('value'));
  expect(value.shape).toEqual(expected.shape);
  const got = await read(value);
  expectClose(got, expected.data, { rtol: 1e-5, atol: 2e-6 });
});

test.each(named('tuning'))('%s: the estimate equals librosa’s', async (_, c) => {
  const x = tensor(moreSignal(c.attrs.string('signal')));
  const nFft = c.attrs.number('nFft');
  const options = {
    sr: c.attrs.number('sr'),
    nFft,
    resolution: c.attrs.number('resolution'),
    binsPerOctave: c.attrs.number('binsPerOctave'),
  };
  expect(await estimateTuning(x, options)).toBeCloseTo(c.attrs.number('tuning'), 12);
  const S = powerSpectrogram(x, { nFft });
  expect(await estimateTuning({ S }, options)).toBeCloseTo(c.attrs.number('power'), 12);
});

test('a clip of a ragged batch is what it is alone', async () => {
  const clips = [randomArray(900, 1), randomArray(333, 2)];
  const { data, lengths, length } = padClips(clips);
  const settings = { sr: 16000, nFft: 256, hopLength: 100 };
  const batch = await read(chromaStft(tensor(data, [2, length]), { ...settings, lengths }));
  const alone = await read(chromaStft(tensor(clips[1]), settings));
  expectClose(alone, batch.subarray(batch.length / 2, batch.length / 2 + alone.length), { rtol: 1e-6, atol: 1e-6 });
});

test('refuses wrong settings', async () => {
  expect(() => chromaFilterbank({ nChroma: 0 })).toThrow(/nChroma is 0/);
  expect(() => chromaFilterbank({ tuning: NaN })).toThrow(/tuning is NaN/);
  expect(() => chromaFilterbank({ norm: -1 })).toThrow(SettingsError);
  expect(() => chromaFilterbank({ octwidth: 0 })).toThrow(/octwidth is 0/);
  const x = tensor(new Float32Array(100));
  expect(() => chromaStft(x, { norm: 0 })).toThrow(/norm is 0/);
  await expect(estimateTuning(x, { resolution: 2 })).rejects.toThrow(/resolution is 2/);
});
