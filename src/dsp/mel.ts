/**
 * The mel scale and mel spectrograms, as librosa's. Two scales: Slaney's (linear below 1 kHz, logarithmic above; Auditory Toolbox,
 * Interval Research TR 1998-010) and HTK's (2595·log10(1 + f/700)).
 */
import type { Tensor } from '../tensor/index.js';
import { shortTimeBands } from '../tensor/ops/stft.js';
import { bandedProduct, bandedTables } from './banded.js';
import { SettingsError } from './errors.js';
import { overBatch } from './lengths.js';
import { requireAtLeast, requireOneOf, requirePositive, requireWhole } from './settings.js';
import { resolveStft, shortTime, spectrogram, type SpectrogramOptions } from './stft.js';

/** Slaney: 3 mel for 200 Hz below 1 kHz; from there 27 mel for each factor of 6.4. */
const HZ_PER_MEL = 200 / 3;
const BREAK_HZ = 1000;
const BREAK_MEL = BREAK_HZ / HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

/** @param hz frequency in Hz, 0 or more */
export function hzToMel(hz: number, htk = false): number {
  if (htk) return 2595 * Math.log10(1 + hz / 700);
  return hz < BREAK_HZ ? hz / HZ_PER_MEL : BREAK_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP;
}

export function melToHz(mel: number, htk = false): number {
  if (htk) return 700 * (10 ** (mel / 2595) - 1);
  return mel < BREAK_MEL ? mel * HZ_PER_MEL : BREAK_HZ * Math.exp(LOG_STEP * (mel - BREAK_MEL));
}

/** `nMels` frequencies in Hz, evenly spaced in mel from `fmin` to `fmax`, both included. */
export function melFrequencies(nMels = 128, fmin = 0, fmax = 11025, htk = false): Float64Array {
  requireWhole('nMels', nMels, 1);
  const low = hzToMel(fmin, htk);
  const step = nMels === 1 ? 0 : (hzToMel(fmax, htk) - low) / (nMels - 1);
  return Float64Array.from({ length: nMels }, (_, i) => melToHz(low + i * step, htk));
}

export interface MelOptions {
  /** Sampling rate in Hz, default 22050. */
  readonly sr?: number;
  readonly nFft?: number;
  /** Bands, default 128. */
  readonly nMels?: number;
  /** Lower edge of the first band in Hz, default 0. */
  readonly fmin?: number;
  /** Upper edge of the last band in Hz, default sr / 2. */
  readonly fmax?: number;
  /** HTK's scale rather than Slaney's, default false. */
  readonly htk?: boolean;
  /** 'slaney' (default): bands of equal area; a number: rows scaled to this p-norm; null: triangles of height 1. */
  readonly norm?: 'slaney' | number | null;
}

type ResolvedMel = Required<MelOptions>;

function resolveMel(options: MelOptions): ResolvedMel {
  const { sr = 22050, nFft = 2048, nMels = 128, fmin = 0, htk = false, norm = 'slaney' } = options;
  requirePositive('sr', sr);
  requireWhole('nFft', nFft, 1);
  requireWhole('nMels', nMels, 1);
  requireAtLeast('fmin', fmin, 0);
  const fmax = options.fmax ?? sr / 2;
  if (!(fmax > fmin)) throw new SettingsError(`fmax is ${fmax} Hz; it must be above fmin = ${fmin} Hz.`);
  if (typeof norm === 'string') requireOneOf('norm', norm, ['slaney']);
  else if (norm !== null && !(norm > 0))
    throw new SettingsError(`norm is ${norm}; give 'slaney', null or a number above 0.`);
  return { sr, nFft, nMels, fmin, fmax, htk, norm };
}

/**
 * Triangular filters as rows of a matrix (nMels, 1 + nFft/2), row-major, as `librosa.filters.mel`. Bands narrower than the spacing
 * of the bins can be empty (all zeros): too many bands for this nFft and rate.
 */
export function melFilterbank(options: MelOptions = {}): Float64Array {
  const { sr, nFft, nMels, fmin, fmax, htk, norm } = resolveMel(options);
  const bins = Math.floor(nFft / 2) + 1;
  const edges = melFrequencies(nMels + 2, fmin, fmax, htk);
  const weights = new Float64Array(nMels * bins);
  for (let m = 0; m < nMels; m++) {
    const row = weights.subarray(m * bins, (m + 1) * bins);
    const [low, centre, high] = edges.subarray(m, m + 3);
    for (let k = 0; k < bins; k++) {
      const hz = (k * sr) / nFft;
      row[k] = Math.max(0, Math.min((hz - low) / (centre - low), (high - hz) / (high - centre)));
    }
    const scale = norm === 'slaney' ? 2 / (high - low) : norm === null ? 1 : 1 / pNorm(row, norm);
    for (let k = 0; k < bins; k++) row[k] *= scale;
  }
  return weights;
}

/** The p-norm of a row; 1 for an empty one, which then stays as it is. */
function pNorm(row: Float64Array, p: number): number {
  const size =
    p === Infinity ? row.reduce((a, b) => Math.max(a, b), 0) : row.reduce((sum, v) => sum + v ** p, 0) ** (1 / p);
  return size > 0 ? size : 1;
}

/** A spectrogram (…, 1 + nFft/2) in mel bands: (…, nMels). */
export function applyMel(spectra: Tensor, options: MelOptions = {}): Tensor {
  const settings = resolveMel(options);
  const bins = spectra.shape[spectra.rank - 1];
  if (bins !== Math.floor(settings.nFft / 2) + 1) {
    throw new SettingsError(
      `applyMel: the spectrogram has ${bins} bins; nFft = ${settings.nFft} makes ${Math.floor(settings.nFft / 2) + 1}.`,
    );
  }
  return bandedProduct(spectra, bins, settings.nMels, keyOf(settings), transposed(settings));
}

const keyOf = (settings: ResolvedMel): string => `mel ${Object.values(settings).join(' ')}`;

/** The filter bank as a matrix (bins, nMels). */
function transposed(settings: ResolvedMel): () => Float64Array {
  const bins = Math.floor(settings.nFft / 2) + 1;
  return () => {
    const filters = melFilterbank(settings);
    return filters.map((_, i) => filters[(i % settings.nMels) * bins + Math.floor(i / settings.nMels)]);
  };
}

export type MelSpectrogramOptions = SpectrogramOptions & MelOptions;

/** Mel spectrogram, as `librosa.feature.melspectrogram`: (N, L) → (N, T, nMels). hopLength defaults to 512. */
export function melSpectrogram(waveforms: Tensor, options: MelSpectrogramOptions = {}): Tensor {
  const settings = { ...options, hopLength: options.hopLength ?? 512 };
  const framing = resolveStft(settings);
  const { nFft } = framing;
  if ((options.power ?? 2) !== 2) return applyMel(spectrogram(waveforms, settings), { ...options, nFft });
  const mel = resolveMel({ ...options, nFft });
  const tables = bandedTables(Math.floor(nFft / 2) + 1, mel.nMels, keyOf(mel), transposed(mel));
  return overBatch('melSpectrogram', waveforms, (batch) => {
    const { x, window, options: frames } = shortTime('melSpectrogram', batch, framing);
    return shortTimeBands(x, window, tables, mel.nMels, frames);
  });
}
