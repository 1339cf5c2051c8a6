/** Spectral contrast, as `librosa.feature.spectral_contrast`. */
import type { Tensor } from '../tensor/index.js';
import { bandExtremes } from '../tensor/ops/band-extremes.js';
import { constant } from './constants.js';
import { powerToDb } from './decibel.js';
import { SettingsError } from './errors.js';
import { frameLengths } from './mfcc.js';
import { rint } from './rint.js';
import { requirePositive, requireWhole } from './settings.js';
import { binFrequencies, overSpectra, type SpectralOptions, type SpectrumSource } from './spectrum-source.js';

export interface ContrastOptions extends SpectralOptions {
  /** Upper edge of the first band in Hz, default 200; each further band is an octave. */
  readonly fmin?: number;
  /** Octaves, default 6; with the band below `fmin` one more come out. */
  readonly nBands?: number;
  /** Share of a band's bins that makes its peak and its valley, default 0.02; one bin at least. */
  readonly quantile?: number;
  /** The difference of the magnitudes themselves rather than of their decibels, default false. */
  readonly linear?: boolean;
}

/** Bins start … end − 1, of which the `count` largest and smallest are averaged. */
interface Band {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** librosa's bands: the k-th begins a bin below its octave, and all but the last leave out their own last bin. */
function makeBands(freq: Float64Array, sr: number, fmin: number, nBands: number, quantile: number): Band[] {
  return Array.from({ length: nBands + 1 }, (_, k) => {
    const low = k === 0 ? 0 : fmin * 2 ** (k - 1);
    const high = fmin * 2 ** k;
    if (low >= sr / 2) {
      throw new SettingsError(
        `spectralContrast: band ${k} begins at ${low} Hz, not below half the rate of ${sr} Hz; reduce fmin or nBands.`,
      );
    }
    const first = freq.findIndex((f) => f >= low && f <= high);
    // Frequencies rise, so those up to `high` come first.
    const last = freq.reduce((count, f) => (f <= high ? count + 1 : count), 0) - 1;
    const start = k === 0 ? first : Math.max(0, first - 1);
    const whole = k === nBands ? freq.length : last + 1;
    const end = k < nBands ? whole - 1 : whole;
    if (first < 0 || end <= start) {
      throw new SettingsError(
        `spectralContrast: no bin lies in band ${k}, ${low} to ${high} Hz; take a longer nFft or a higher fmin.`,
      );
    }
    return { start, end, count: Math.min(end - start, Math.max(1, rint(quantile * (whole - start)))) };
  });
}

/**
 * The distance of peaks and valleys of the magnitudes in `nBands` + 1 bands: (N, L) → (N, T, nBands + 1), (L) → (T, nBands + 1), in dB
 * (each cut 80 dB below its clip's maximum, as librosa's `power_to_db`), with `linear` as magnitudes.
 *
 * Jiang and others, "Music type classification by spectral contrast feature" (2002). The gradient goes to the bins that were
 * taken (kernels/band-extremes.ts).
 * @throws SignalError, SettingsError
 */
export function spectralContrast(source: SpectrumSource, options: ContrastOptions = {}): Tensor {
  const { sr = 22050, fmin = 200, nBands = 6, quantile = 0.02, linear = false, lengths } = options;
  requirePositive('fmin', fmin);
  requirePositive('sr', sr);
  requireWhole('nBands', nBands, 1);
  if (!(quantile > 0 && quantile < 1))
    throw new SettingsError(`quantile is ${quantile}; give a number between 0 and 1, as 0.02.`);
  return overSpectra('spectralContrast', source, options, 1, (S, nFft) => {
    const freq = binFrequencies('spectralContrast', S.shape[2], nFft, options);
    if (freq.some((f, k) => k > 0 && f <= freq[k - 1]))
      throw new SettingsError('spectralContrast: freq must rise from bin to bin.');
    const [clips, T, bins] = S.shape;
    const bands = makeBands(freq, sr, fmin, nBands, quantile).flatMap(({ start, end, count }) => [start, end, count]);
    const table = constant(`bands ${bands.join(' ')}`, () => Uint32Array.from(bands), [nBands + 1, 3]);
    const extremes = bandExtremes(S.reshape([clips * T, bins]), table).reshape([clips, T, nBands + 1, 2]);
    const [peaks, valleys] = [0, 1].map((side) => extremes.slice(3, side, side + 1).squeeze(3));
    if (linear) return peaks.sub(valleys);
    const frames = frameLengths(lengths, { ...options, nFft, hopLength: options.hopLength ?? 512 });
    return powerToDb(peaks, { lengths: frames }).sub(powerToDb(valleys, { lengths: frames }));
  });
}
