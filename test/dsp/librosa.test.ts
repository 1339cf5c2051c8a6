/** librosa's numbers over a grid of settings: spectra, mel bands, decibels, cepstra, deltas, energy, pre-emphasis. */
import { describe, expect, test } from 'vitest';
import {
  amplitudeToDb,
  delta,
  magnitude,
  melSpectrogram,
  mfcc,
  mfccFromDb,
  powerToDb,
  preemphasis,
  rms,
  stft,
  zeroCrossingRate,
  type DctType,
  type DeltaMode,
  type PadMode,
  type WindowName,
} from '../../src/dsp/index.js';
import { tensor } from '../../src/tensor/index.js';
import { expectClose } from '../support/compare.js';
import { fixtureCases, type FixtureCase } from '../support/fixtures.js';
import { closesDevice, inputOf, largest, numberIfAny, numberOrNull, read, timeFirst } from './support.js';

closesDevice();

const named = (name: string): [string, FixtureCase][] => fixtureCases(name).map((c) => [c.name, c]);

/**
 * Within 1e-3 dB, and in quiet bands what an amplitude error of 2⁻²⁴ of the loudest band comes to: a transform in float32 carries rounding errors of about
 * 1e-7 of its frame's norm into every bin (SciPy's own in float32 is off by 2.2e-3 dB in the chirp's quietest bands; librosa's is in float64).
 */
function expectDecibels(actual: Float32Array, expected: Float64Array): void {
  const loudest = expected.reduce((a, b) => Math.max(a, b));
  const allowed = expected.map((db) => 1e-3 + (20 / Math.LN10) * 2 ** -24 * 10 ** ((loudest - db) / 20));
  // Every difference as a share of what its element allows.
  const share = expected.map((db, i) => (actual[i] - db) / allowed[i]);
  expectClose(share, new Float64Array(share.length), { rtol: 0, atol: 1 });
}

describe('stft', () => {
  test.each(named('librosa/stft'))('%s is within 1e-5 of full scale', async (_, c) => {
    const x = inputOf(c);
    const spectra = stft(x, {
      nFft: c.attrs.number('nFft'),
      hopLength: c.attrs.number('hopLength'),
      winLength: c.attrs.number('winLength'),
      window: c.attrs.string('window') as WindowName,
      center: c.attrs.boolean('center'),
      padMode: c.attrs.string('padMode') as PadMode,
    });
    const [re, im, size] = ['re', 'im', 'magnitude'].map((name) => timeFirst(c.array(name)));
    expect(spectra.shape).toEqual([...re.shape, 2]);
    const atol = 1e-5 * Math.max(1, largest(size.data));
    const complex = await read(spectra);
    expectClose(
      complex.filter((_v, i) => i % 2 === 0),
      re.data,
      { rtol: 0, atol },
    );
    expectClose(
      complex.filter((_v, i) => i % 2 === 1),
      im.data,
      { rtol: 0, atol },
    );
    expectClose(await read(magnitude(spectra)), size.data, { rtol: 0, atol });
  });
});

describe('melSpectrogram', () => {
  test.each(named('librosa/melspectrogram'))('%s', async (_, c) => {
    const mel = melSpectrogram(inputOf(c), {
      sr: c.attrs.number('sr'),
      nFft: c.attrs.number('nFft'),
      hopLength: c.attrs.number('hopLength'),
      nMels: c.attrs.number('nMels'),
      fmin: c.attrs.number('fmin'),
      fmax: numberIfAny(c, 'fmax'),
      htk: c.attrs.boolean('htk'),
      norm: c.attrs.isNull('norm') ? null : 'slaney',
      power: c.attrs.number('power'),
      center: c.attrs.boolean('center'),
      padMode: c.attrs.string('padMode') as PadMode,
    });
    const expected = timeFirst(c.array('mel'));
    expect(mel.shape).toEqual(expected.shape);
    const loudest = largest(expected.data);
    expectClose(await read(mel), expected.data, { rtol: 1e-4, atol: 1e-9 * loudest + 1e-30 });
    expectDecibels(await read(powerToDb(mel)), timeFirst(c.array('db')).data);
  });
});

describe('decibels', () => {
  test.each(named('librosa/power_to_db'))('%s', async (_, c) => {
    const power = timeFirst(c.array('power'));
    const x = tensor(Float32Array.from(power.data), power.shape);
    const settings = {
      ref: c.attrs.json.ref === 'max' ? ('max' as const) : c.attrs.number('ref'),
      amin: c.attrs.number('amin'),
      topDb: numberOrNull(c, 'topDb'),
    };
    const db = c.attrs.json.amplitude === true ? amplitudeToDb(x, settings) : powerToDb(x, settings);
    expectClose(await read(db), timeFirst(c.array('db')).data, { rtol: 0, atol: 1e-3 });
  });
});

describe('mfcc', () => {
  test.each(named('librosa/mfcc'))('%s', async (_, c) => {
    const cepstra = mfcc(inputOf(c), {
      sr: c.attrs.number('sr'),
      nMfcc: c.attrs.number('nMfcc'),
      dctType: c.attrs.number('dctType') as DctType,
      norm: c.attrs.isNull('norm') ? null : 'ortho',
      lifter: c.attrs.number('lifter'),
      nMels: c.attrs.number('nMels'),
      nFft: c.attrs.number('nFft'),
      hopLength: c.attrs.number('hopLength'),
      htk: c.attrs.boolean('htk'),
    });
    const expected = timeFirst(c.array('mfcc'));
    expect(cepstra.shape).toEqual(expected.shape);
    // Plain sums are √(2N) times as large as orthonormal ones, a lifter scales by up to 1 + lifter/2, and rounding errors go with the values.
    const scale =
      (c.attrs.isNull('norm') ? Math.sqrt(2 * c.attrs.number('nMels')) : 1) * (1 + c.attrs.number('lifter') / 2);
    expectClose(await read(cepstra), expected.data, { rtol: 1e-6, atol: 1e-3 * scale });
  });

  test('refuses more coefficients than bands, and a negative lifter', () => {
    const logMel = tensor(new Float32Array(80), [2, 40]);
    expect(() => mfccFromDb(logMel, { nMfcc: 41 })).toThrow(/nMfcc is 41; 40 mel bands give 1 to 40/);
    expect(() => mfccFromDb(logMel, { lifter: -1 })).toThrow(/lifter is -1/);
  });
});

describe('delta', () => {
  test.each(named('librosa/delta'))('%s', async (_, c) => {
    const x = timeFirst(c.array('x'));
    const got = delta(tensor(Float32Array.from(x.data), x.shape), {
      width: c.attrs.number('width'),
      order: c.attrs.number('order'),
      mode: c.attrs.string('mode') as DeltaMode,
    });
    expect(got.shape).toEqual(x.shape);
    expectClose(await read(got), timeFirst(c.array('delta')).data, { rtol: 1e-5, atol: 1e-6 * largest(x.data) });
  });
});

describe('rms and zeroCrossingRate', () => {
  test.each(named('librosa/energy'))('%s', async (_, c) => {
    const framing = {
      frameLength: c.attrs.number('frameLength'),
      hopLength: c.attrs.number('hopLength'),
      center: c.attrs.boolean('center'),
    };
    const x = inputOf(c);
    const got =
      c.attrs.string('op') === 'rms'
        ? rms(x, { ...framing, padMode: c.attrs.string('padMode') as PadMode })
        : zeroCrossingRate(x, framing);
    const expected = timeFirst(c.array('value'));
    expect(got.shape).toEqual(expected.shape);
    expectClose(await read(got), expected.data, { rtol: 1e-5, atol: 1e-12 });
  });
});

describe('preemphasis', () => {
  test.each(named('librosa/preemphasis'))('%s', async (_, c) => {
    const got = preemphasis(inputOf(c), { coef: c.attrs.number('coef'), zi: numberIfAny(c, 'zi') });
    expectClose(await read(got), c.array('y').data, { rtol: 1e-5, atol: 1e-6 });
  });
});
