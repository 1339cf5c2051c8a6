/** What a spectrum looks like, in one number a frame: centroid, bandwidth, roll-off, flatness; as librosa's. */
import { where, type Tensor } from '../tensor/index.js';
import { constant } from './constants.js';
import { SettingsError } from './errors.js';
import { cumsum } from './recursion.js';
import { requirePositive } from './settings.js';
import { binFrequencies, overSpectra, type SpectralOptions, type SpectrumSource } from './spectrum-source.js';
import { safeSqrt } from './stft.js';

/** Sums below the smallest normal float32 count as silence and are not divided by. */
const TINY = 2 ** -126;

/** Where nothing is, divide by 1. */
const divisor = (total: Tensor): Tensor => where(total.gt(TINY), total, 1);

/** The bins' frequencies in units of `unit` Hz, on the device. */
function frequencies(name: string, S: Tensor, nFft: number, options: SpectralOptions, unit: number): Tensor {
  const hz = binFrequencies(name, S.shape[2], nFft, options);
  return constant(`bins ${options.freq ? hz.join(' ') : `${options.sr ?? 22050} ${nFft}`} / ${unit}`, () =>
    hz.map((f) => f / unit),
  );
}

/** Σ f·S / Σ S of each frame (N, T, 1), f in the units of `freq`. */
const centroid = (S: Tensor, freq: Tensor): Tensor =>
  S.mul(freq)
    .sum([2], true)
    .div(divisor(S.sum([2], true)));

/**
 * The mean frequency of each frame's magnitudes in Hz, as `librosa.feature.spectral_centroid`: (N, L) → (N, T, 1), (L) → (T, 1). Silence
 * gives 0.
 * @throws SignalError, SettingsError
 */
export function spectralCentroid(source: SpectrumSource, options: SpectralOptions = {}): Tensor {
  const name = 'spectralCentroid';
  return overSpectra(name, source, options, 1, (S, nFft) => centroid(S, frequencies(name, S, nFft, options, 1)));
}

export interface BandwidthOptions extends SpectralOptions {
  /** Exponent of the deviation, default 2. */
  readonly p?: number;
  /** Whether each frame's magnitudes are scaled to the sum 1, default true. */
  readonly norm?: boolean;
  /** Centre frequencies in Hz, (N, T, 1) or (T, 1); default the centroid. */
  readonly centroid?: Tensor;
}

/**
 * (Σ S·|f − centroid|^p)^(1/p) of each frame in Hz, as `librosa.feature.spectral_bandwidth`: (N, L) → (N, T, 1), (L) → (T, 1).
 * @throws SignalError, SettingsError
 */
export function spectralBandwidth(source: SpectrumSource, options: BandwidthOptions = {}): Tensor {
  const name = 'spectralBandwidth';
  const { p = 2, norm = true, sr = 22050 } = options;
  requirePositive('p', p);
  requirePositive('sr', sr);
  // In units of the Nyquist frequency: powers of numbers of Hz overflow float32 from p = 9 on.
  const unit = sr / 2;
  return overSpectra(name, source, options, 1, (S, nFft) => {
    const freq = frequencies(name, S, nFft, options, unit);
    const centre = options.centroid
      ? options.centroid.reshape([S.shape[0], S.shape[1], 1]).mul(1 / unit)
      : centroid(S, freq);
    const deviation = freq.sub(centre).abs();
    const weighted = S.mul(p === 2 ? deviation.square() : deviation.pow(p)).sum([2], true);
    const mean = norm ? weighted.div(divisor(S.sum([2], true))) : weighted;
    return (p === 2 ? safeSqrt(mean) : mean.pow(1 / p)).mul(unit);
  });
}

export interface RolloffOptions extends SpectralOptions {
  /** Share of the sum of magnitudes, between 0 and 1; default 0.85. */
  readonly rollPercent?: number;
}

/**
 * The frequency in Hz below which `rollPercent` of each frame's summed magnitudes lie, as `librosa.feature.spectral_rolloff`: (N, L) → (N, T, 1),
 * (L) → (T, 1). Silence gives the lowest frequency. It carries no gradient.
 * @throws SignalError, SettingsError
 */
export function spectralRolloff(source: SpectrumSource, options: RolloffOptions = {}): Tensor {
  const name = 'spectralRolloff';
  const { rollPercent = 0.85 } = options;
  if (!(rollPercent > 0 && rollPercent < 1))
    throw new SettingsError(`rollPercent is ${rollPercent}; give a number between 0 and 1, as 0.85.`);
  return overSpectra(name, source, options, 1, (S, nFft) => {
    const bins = S.shape[2];
    const sums = cumsum(S);
    const reached = sums.ge(sums.slice(2, bins - 1).mul(rollPercent));
    return where(reached, frequencies(name, S, nFft, options, 1).expand(S.shape), 3e38).min([2], true);
  });
}

export interface FlatnessOptions extends Omit<SpectralOptions, 'sr' | 'freq'> {
  /** Smaller powers count as this one, default 1e-10. */
  readonly amin?: number;
  /** Exponent of the magnitudes, default 2. */
  readonly power?: number;
}

/**
 * The geometric mean of each frame's powers over their arithmetic mean, as `librosa.feature.spectral_flatness`: 1 for white noise (and
 * silence), near 0 for a tone. (N, L) → (N, T, 1), (L) → (T, 1).
 * @throws SignalError, SettingsError
 */
export function spectralFlatness(source: SpectrumSource, options: FlatnessOptions = {}): Tensor {
  const { amin = 1e-10, power = 2 } = options;
  requirePositive('amin', amin);
  requirePositive('power', power);
  return overSpectra('spectralFlatness', source, options, 1, (S) => {
    const raised = power === 1 ? S : power === 2 ? S.square() : S.pow(power);
    const floored = raised.maximum(amin);
    // Relative to the arithmetic mean before the logarithm: its absolute error is then one of the result.
    const mean = floored.mean([2], true);
    return floored.div(mean).log().mean([2], true).exp();
  });
}
