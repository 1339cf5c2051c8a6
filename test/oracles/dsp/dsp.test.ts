import { describe, expect, it } from 'vitest';
import { expectClose } from '../../support/compare.js';
import { fixtureCases, permute, type Attributes, type FixtureCase } from '../../support/fixtures.js';
import { delta, dct, mfcc } from './cepstrum.js';
import { framesFeatures, paperFeatures } from './features.js';
import { frame, window, type Pad } from './framing.js';
import { preemphasis, resamplePoly, resampleTaps, rms, zeroCrossingRate } from './samples.js';
import { melCorners, melFilters, melSpectrogram, powerToDb, spectrogram, stft } from './spectrum.js';

/** Both sides are float64; what is left is the order of summation. */
const exact = { rtol: 1e-9, atol: 1e-11 };

const signals = new Map(fixtureCases('librosa/signals').map((c) => [c.name, c.array('y').data]));
const signalOf = (c: FixtureCase): Float64Array => {
  const y = signals.get(c.attrs.string('signal'));
  if (!y) throw new Error(`no signal ${c.attrs.string('signal')}`);
  return y;
};
const framesFirst = (c: FixtureCase, name: string): ArrayLike<number> => permute(c.array(name), [1, 0]).data;
const padMode = (attrs: Attributes): Pad => attrs.string('padMode') as Pad;
const ortho = (attrs: Attributes): 'ortho' | null => (attrs.isNull('norm') ? null : 'ortho');
const slaney = (attrs: Attributes): 'slaney' | null => (attrs.isNull('norm') ? null : 'slaney');
const melOptions = (a: Attributes) => ({
  sr: a.number('sr'),
  nFft: a.number('nFft'),
  nMels: a.number('nMels'),
  fmin: a.number('fmin'),
  fmax: a.isNull('fmax') ? null : a.number('fmax'),
  htk: a.boolean('htk'),
  norm: slaney(a),
});

function each(fixture: string, check: (c: FixtureCase) => void): void {
  const cases = fixtureCases(fixture);
  it('has cases', () => expect(cases.length).toBeGreaterThan(2));
  it.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => check(c));
}

describe('window oracle gives SciPy’s windows', () =>
  each('scipy/windows', (c) => {
    const w = window(c.attrs.string('window'), c.attrs.number('n'), c.attrs.boolean('periodic'));
    expectClose(w, c.array('w').data, exact);
  }));

describe('frame oracle gives librosa’s frames', () =>
  each('librosa/frame', (c) => {
    const frames = frame(signalOf(c), c.attrs.number('frameLength'), c.attrs.number('hopLength'));
    expectClose(
      frames.flatMap((f) => Array.from(f)),
      framesFirst(c, 'frames'),
      exact,
    );
  }));

describe('stft oracle gives librosa’s spectra', () =>
  each('librosa/stft', (c) => {
    const { attrs: a } = c;
    const options = {
      nFft: a.number('nFft'),
      hopLength: a.number('hopLength'),
      winLength: a.number('winLength'),
      window: a.string('window'),
      center: a.boolean('center'),
      padMode: padMode(a),
    };
    const { re, im } = stft(signalOf(c), options);
    expectClose(re.data, framesFirst(c, 're'), exact);
    expectClose(im.data, framesFirst(c, 'im'), exact);
    expectClose(spectrogram(signalOf(c), options, 1).data, framesFirst(c, 'magnitude'), exact);
  }));

describe('mel oracle gives librosa’s filters and corner frequencies', () =>
  each('librosa/mel_filters', (c) => {
    expectClose(melCorners(melOptions(c.attrs)), c.array('frequencies').data, exact);
    expectClose(melFilters(melOptions(c.attrs)).data, c.array('weights').data, exact);
  }));

describe('mel spectrogram oracle gives librosa’s, in power and dB', () =>
  each('librosa/melspectrogram', (c) => {
    const { attrs: a } = c;
    const mel = melSpectrogram(signalOf(c), {
      ...melOptions(a),
      hopLength: a.number('hopLength'),
      power: a.number('power'),
      center: a.boolean('center'),
      padMode: padMode(a),
    });
    expectClose(mel.data, framesFirst(c, 'mel'), exact);
    // Where power is near the floor of 1e-10, its rounding is seen in dB.
    expectClose(powerToDb(mel).data, framesFirst(c, 'db'), { rtol: 1e-9, atol: 1e-7 });
  }));

describe('decibel oracle gives librosa’s', () =>
  each('librosa/power_to_db', (c) => {
    const amplitude = 'amplitude' in c.attrs.json;
    const power = c.array('power');
    const data = amplitude ? power.data.map((v) => v * v) : power.data;
    const amin = c.attrs.number('amin');
    const ref = c.attrs.json.ref === 'max' ? 'max' : c.attrs.number('ref');
    const topDb = c.attrs.isNull('topDb') ? null : c.attrs.number('topDb');
    const db = powerToDb({ shape: power.shape, data }, { ref, amin: amplitude ? amin ** 2 : amin, topDb });
    expectClose(db.data, c.array('db').data, exact);
  }));

describe('dct oracle gives SciPy’s', () =>
  each('scipy/dct', (c) => {
    expectClose(dct(c.array('x').data, c.attrs.number('type'), ortho(c.attrs)), c.array('y').data, exact);
  }));

describe('mfcc oracle gives librosa’s', () =>
  each('librosa/mfcc', (c) => {
    const { attrs: a } = c;
    const mel = melSpectrogram(signalOf(c), {
      sr: a.number('sr'),
      nFft: a.number('nFft'),
      hopLength: a.number('hopLength'),
      nMels: a.number('nMels'),
      htk: a.boolean('htk'),
    });
    const options = {
      nMfcc: a.number('nMfcc'),
      dctType: a.number('dctType'),
      norm: ortho(a),
      lifter: a.number('lifter'),
    };
    expectClose(mfcc(powerToDb(mel), options).data, framesFirst(c, 'mfcc'), { rtol: 1e-9, atol: 1e-7 });
  }));

describe('delta oracle gives librosa’s', () =>
  each('librosa/delta', (c) => {
    const x = permute(c.array('x'), [1, 0]);
    const out = delta(x, c.attrs.number('width'), c.attrs.number('order'), c.attrs.string('mode'));
    expectClose(out.data, framesFirst(c, 'delta'), exact);
  }));

describe('RMS and zero-crossing oracles give librosa’s', () =>
  each('librosa/energy', (c) => {
    const { attrs: a } = c;
    const y = c.has('y') ? c.array('y').data : signalOf(c);
    const options = {
      frameLength: a.number('frameLength'),
      hopLength: a.number('hopLength'),
      center: a.boolean('center'),
    };
    const value = a.string('op') === 'rms' ? rms(y, { ...options, padMode: padMode(a) }) : zeroCrossingRate(y, options);
    expectClose(value, c.array('value').data, exact);
  }));

describe('pre-emphasis oracle gives librosa’s', () =>
  each('librosa/preemphasis', (c) => {
    const before = c.attrs.isNull('zi') ? undefined : c.attrs.number('zi');
    expectClose(preemphasis(signalOf(c), c.attrs.number('coef'), before), c.array('y').data, exact);
  }));

describe('resampling oracle gives SciPy’s taps and samples', () =>
  each('scipy/resample_poly', (c) => {
    const [up, down, step] = ['up', 'down', 'tapStep'].map((name) => c.attrs.number(name));
    const taps = resampleTaps(up, down);
    expect(taps.length).toBe(c.attrs.number('tapCount'));
    expectClose(
      taps.filter((_, i) => i % step === 0),
      c.array('taps').data,
      exact,
    );
    expectClose(resamplePoly(c.array('x').data, up, down), c.array('y').data, exact);
  }));

describe('feature oracles give librosa’s numbers for the two feature sets', () =>
  each('librosa/features', (c) => {
    const y = signalOf(c);
    expectClose(framesFeatures(y).data, c.array('frames').data, { rtol: 1e-9, atol: 1e-7 });
    expectClose(paperFeatures(y), c.array('paper').data, { rtol: 1e-9, atol: 1e-7 });
    expectClose(paperFeatures(preemphasis(y)), c.array('paper_preemphasis').data, { rtol: 1e-9, atol: 1e-7 });
  }));
