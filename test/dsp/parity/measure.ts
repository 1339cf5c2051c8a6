/** How far off a case is, and how far it may be. */
import { savgolWeights } from '../../../src/dsp/index.js';
import type { FixtureCase } from '../../support/fixtures.js';
import { opOf, type Op } from './run.js';

/** What a float32 transform may leave in any band, of the amplitude of the loudest: half a unit in its last place. */
const ROUNDING = 2 ** -24;
/** 1e-3 dB are this part of an amplitude. */
const PART = (1e-3 * Math.LN10) / 20;
/** Bands down to this many dB below the loudest are held to 1e-3 dB, deeper ones to the amplitude error that 1e-3 dB are there: `ROUNDING`. */
export const FLOOR_DB = 20 * Math.log10(PART / ROUNDING);

/** What has a bound: the functions of the grid, and resampling, which SciPy's numbers are for. */
export type Bounded = Op | 'resample';

/** The bounds in words, as the tables print them. */
export const BOUNDS: Readonly<Record<Bounded, string>> = {
  stft: '1e-5 of full scale (Σ\\|window\\|)',
  melspectrogram: '1e-4 of the value + 1e-9 of the maximum (power=1: 2⁻²⁴ of it)',
  log_mel: `1e-3 dB down to ${FLOOR_DB.toFixed(1)} dB below the maximum; deeper, 2⁻²⁴ of its amplitude`,
  power_to_db: '1e-3 dB',
  amplitude_to_db: '1e-3 dB',
  mfcc: '1e-3 × scale of the transform and the lifter',
  mfcc_delta: '1e-3 × Σ\\|weights\\|',
  delta: '1e-5 of the value + 1e-6 · Σ\\|weights\\| · max\\|x\\|',
  rms: '1e-5 of the value',
  zcr: '1e-5 of the value',
  frames: 'of each feature its own',
  resample: '1e-6 of the value + 1e-6',
};

/** What each of the kept elements may be off by. */
function allowed(c: FixtureCase, expected: Float64Array): Float64Array {
  const { attrs } = c;
  const op = opOf(c);
  const same = (value: number): Float64Array => new Float64Array(expected.length).fill(value);
  switch (op) {
    case 'stft':
      return same(1e-5 * attrs.number('fullScale'));
    case 'melspectrogram':
      return expected.map(
        (v) => 1e-4 * Math.abs(v) + (attrs.json.power === 1 ? 2 ** -24 : 1e-9) * attrs.number('largest'),
      );
    case 'log_mel':
      return expected.map((v) => decibels(v, attrs.number('maximum')));
    case 'power_to_db':
    case 'amplitude_to_db':
      return same(1e-3);
    case 'mfcc':
      return same(1e-3 * cepstrumScale(c));
    case 'mfcc_delta':
      return same(1e-3 * sizeOfWeights(c));
    case 'delta':
      return expected.map((v) => 1e-5 * Math.abs(v) + 1e-6 * sizeOfWeights(c) * 40);
    case 'frames': {
      const at = c.has('at') ? c.array('at').data : expected.map((_, i) => i);
      return expected.map((v, i) => inFrame(at[i] % FRAME, v, attrs.number('loudest')));
    }
    case 'rms':
    case 'zcr':
      return expected.map((v) => 1e-5 * Math.abs(v));
  }
}

const decibels = (v: number, maximum: number): number => 1e-3 * Math.max(1, 10 ** ((maximum - v - FLOOR_DB) / 20));

/** Of the application's frames: 13 MFCC, 128 mel bands, ZCR and RMS. */
const [MFCC, MEL, FRAME] = [13, 128, 143];

function inFrame(feature: number, v: number, loudest: number): number {
  if (feature < MFCC) return 1e-3;
  return feature < MFCC + MEL ? decibels(v, loudest) : 1e-5 * Math.abs(v);
}

/** Plain sums are √(2N) times as large as orthonormal ones, and a lifter scales by up to 1 + lifter/2. */
function cepstrumScale({ attrs }: FixtureCase): number {
  const bands = 'nMels' in attrs.json ? attrs.number('nMels') : 128;
  const lifter = 'lifter' in attrs.json ? attrs.number('lifter') : 0;
  return (attrs.json.norm === null ? Math.sqrt(2 * bands) : 1) * (1 + lifter / 2);
}

const sizeOfWeights = ({ attrs }: FixtureCase): number =>
  savgolWeights(attrs.number('width'), attrs.number('order')).reduce((sum, w) => sum + Math.abs(w), 0);

export interface Deviation {
  /** Largest |a − b|. */
  readonly absolute: number;
  /** Largest |a − b| / |b| where |b| is at least `SIGNIFICANT` of the largest. */
  readonly relative: number;
  /** Largest part of what an element may be off by. */
  readonly share: number;
  /** How far below the largest value the first element lies that is off by more than 1e-3; infinity where none is. For values in dB. */
  readonly depth: number;
}

/** Values below this part of the largest one of their output do not count for the relative error (powers: of its square). */
const SIGNIFICANT = 1e-3;

/** How far `actual` is off, where each element may be off by `most`. @param least smaller values do not count for the relative error */
function deviationOf(
  actual: ArrayLike<number>,
  expected: Float64Array,
  most: Float64Array,
  least: number,
  maximum: number,
): Deviation {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values, expected ${expected.length}`);
  let [absolute, relative, share, depth] = [0, 0, 0, Infinity];
  expected.forEach((b, i) => {
    if (actual[i] === b) return;
    const off = Math.abs(actual[i] - b);
    // NaN is infinitely far off.
    const distance = off < Infinity ? off : Infinity;
    absolute = Math.max(absolute, distance);
    share = Math.max(share, distance / most[i]);
    if (Math.abs(b) >= least) relative = Math.max(relative, distance / Math.abs(b));
    if (distance > 1e-3) depth = Math.min(depth, maximum - b);
  });
  return { absolute, relative, share, depth };
}

export function deviation(c: FixtureCase, actual: ArrayLike<number>, expected: Float64Array): Deviation {
  const power = opOf(c) === 'melspectrogram' && c.attrs.json.power !== 1;
  const least = c.attrs.number('largest') * (power ? SIGNIFICANT ** 2 : SIGNIFICANT);
  return deviationOf(actual, expected, allowed(c, expected), least, c.attrs.number('maximum'));
}

/** SciPy's `resample_poly` with its own filter. */
export function resampleDeviation(actual: ArrayLike<number>, expected: Float64Array): Deviation {
  const most = expected.map((v) => 1e-6 + 1e-6 * Math.abs(v));
  const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return deviationOf(actual, expected, most, SIGNIFICANT * largest, largest);
}
