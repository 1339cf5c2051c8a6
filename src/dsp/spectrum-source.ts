/** What spectral features are computed from: waveforms, or a spectrogram that is there already. */
import { Tensor } from '../tensor/index.js';
import { SettingsError, SignalError } from './errors.js';
import { overBatch } from './lengths.js';
import { requirePositive } from './settings.js';
import { spectrogram, type StftOptions } from './stft.js';

/** Waveforms (N, L) or (L); or a spectrogram (N, T, F) or (T, F) without negative values, as librosa's argument of that name. */
export type SpectrumSource = Tensor | { readonly S: Tensor };

export interface SpectralOptions extends StftOptions {
  /** Sampling rate in Hz, default 22050. */
  readonly sr?: number;
  /** Samples between frames, default 512. */
  readonly hopLength?: number;
  /** Frequency of each bin in Hz; default k·sr / nFft. */
  readonly freq?: ArrayLike<number>;
}

/** Samples of the transform that a spectrogram of `bins` came from: `nFft` where that fits, else the even number that does. */
export function transformOf(bins: number, nFft: number | undefined): number {
  return nFft !== undefined && Math.floor(nFft / 2) + 1 === bins ? nFft : 2 * (bins - 1);
}

/** Runs `body` on the spectrogram (N, T, F) and gives its result (N, T, K), without N where the source had none. */
export function overSpectra(
  name: string,
  source: SpectrumSource,
  options: SpectralOptions,
  power: number,
  body: (S: Tensor, nFft: number) => Tensor,
): Tensor {
  if (source instanceof Tensor) {
    const nFft = options.nFft ?? 2048;
    const settings = { ...options, nFft, hopLength: options.hopLength ?? 512, power };
    return overBatch(name, source, (x) => body(spectrogram(x, settings), nFft));
  }
  const { S } = source;
  if (S.rank === 2) return body(checked(name, S.unsqueeze(0)), transformOf(S.shape[1], options.nFft)).squeeze(0);
  return body(checked(name, S), transformOf(S.shape[S.rank - 1], options.nFft));
}

function checked(name: string, S: Tensor): Tensor {
  if (S.rank !== 3 || S.dtype !== 'f32' || S.size === 0) {
    throw new SignalError(
      `${name}: a spectrogram is (N, T, F) or (T, F) of f32, not empty; got (${S.shape.join(', ')}) of ${S.dtype}.`,
    );
  }
  return S;
}

/** The bins' frequencies in Hz, as `librosa.fft_frequencies` unless others are given. */
export function binFrequencies(name: string, bins: number, nFft: number, options: SpectralOptions): Float64Array {
  const { sr = 22050, freq } = options;
  requirePositive('sr', sr);
  if (!freq) return Float64Array.from({ length: bins }, (_, k) => (k * sr) / nFft);
  if (freq.length !== bins) {
    throw new SettingsError(`${name}: freq has ${freq.length} frequencies for ${bins} bins; give one for each.`);
  }
  return Float64Array.from(freq);
}
