/** Short-time Fourier transform, mel filters and decibels in float64. Spectra are (frames, bins), row-major. */
import { zeros, type NdArray } from '../../support/nd-array.js';
import { rdftOracle } from '../fft.js';
import { frame, pad, window, type Pad } from './framing.js';

export interface StftOptions {
  readonly nFft: number;
  readonly hopLength: number;
  readonly winLength?: number;
  readonly window?: string;
  readonly center?: boolean;
  readonly padMode?: Pad;
}

/** y → real and imaginary parts (T, 1 + nFft/2). A window shorter than nFft is centred in it. */
export function stft(y: ArrayLike<number>, options: StftOptions): { re: NdArray; im: NdArray } {
  const { nFft, hopLength, winLength = nFft, center = true, padMode = 'constant' } = options;
  const short = window(options.window ?? 'hann', winLength);
  const left = Math.floor((nFft - winLength) / 2);
  const frames = frame(center ? pad(y, Math.floor(nFft / 2), padMode) : y, nFft, hopLength);
  const bins = Math.floor(nFft / 2) + 1;
  const re = zeros(frames.length, bins);
  const im = zeros(frames.length, bins);
  frames.forEach((samples, t) => {
    const windowed = samples.map((v, i) => (i >= left && i < left + winLength ? v * short[i - left] : 0));
    const pairs = rdftOracle(windowed, 1, nFft);
    for (let k = 0; k < bins; k++) {
      re.data[t * bins + k] = pairs[2 * k];
      im.data[t * bins + k] = pairs[2 * k + 1];
    }
  });
  return { re, im };
}

/** |stft|^power, (T, 1 + nFft/2). */
export function spectrogram(y: ArrayLike<number>, options: StftOptions, power: number): NdArray {
  const { re, im } = stft(y, options);
  return { shape: re.shape, data: Float64Array.from(re.data, (a, i) => Math.hypot(a, im.data[i]) ** power) };
}

/** Slaney's scale (Auditory Toolbox): linear to 1 kHz, then 27 steps for each factor 6.4; or O'Shaughnessy's as HTK has it. */
export function hzToMel(hz: number, htk: boolean): number {
  if (htk) return 2595 * Math.log10(1 + hz / 700);
  return hz < 1000 ? (hz * 3) / 200 : 15 + (Math.log(hz / 1000) / Math.log(6.4)) * 27;
}

export function melToHz(mel: number, htk: boolean): number {
  if (htk) return 700 * (10 ** (mel / 2595) - 1);
  return mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp((Math.log(6.4) / 27) * (mel - 15));
}

export interface MelOptions {
  readonly sr: number;
  readonly nFft: number;
  readonly nMels: number;
  readonly fmin?: number;
  readonly fmax?: number | null;
  readonly htk?: boolean;
  readonly norm?: 'slaney' | null;
}

/** nMels + 2 corner frequencies, equally spaced in mel. */
export function melCorners({ sr, nMels, fmin = 0, fmax, htk = false }: MelOptions): number[] {
  const low = hzToMel(fmin, htk);
  const high = hzToMel(fmax ?? sr / 2, htk);
  return Array.from({ length: nMels + 2 }, (_, i) => melToHz(low + ((high - low) * i) / (nMels + 1), htk));
}

/** Triangles in Hz between neighbouring corners: weights (nMels, 1 + nFft/2); with norm 'slaney' each of area 1. */
export function melFilters(options: MelOptions): NdArray {
  const { sr, nFft, nMels, norm = 'slaney' } = options;
  const corners = melCorners(options);
  const bins = Math.floor(nFft / 2) + 1;
  const weights = zeros(nMels, bins);
  for (let m = 0; m < nMels; m++) {
    const [left, top, right] = corners.slice(m, m + 3);
    const scale = norm === 'slaney' ? 2 / (right - left) : 1;
    for (let k = 0; k < bins; k++) {
      const hz = (k * sr) / nFft;
      weights.data[m * bins + k] =
        scale * Math.max(0, Math.min((hz - left) / (top - left), (right - hz) / (right - top)));
    }
  }
  return weights;
}

/** y → (T, nMels). */
export function melSpectrogram(
  y: ArrayLike<number>,
  options: StftOptions & MelOptions & { readonly power?: number },
): NdArray {
  const spectra = spectrogram(y, options, options.power ?? 2);
  const weights = melFilters(options);
  const [frames, bins] = spectra.shape;
  const out = zeros(frames, options.nMels);
  for (let t = 0; t < frames; t++)
    for (let m = 0; m < options.nMels; m++)
      for (let k = 0; k < bins; k++)
        out.data[t * options.nMels + m] += weights.data[m * bins + k] * spectra.data[t * bins + k];
  return out;
}

export interface DecibelOptions {
  readonly ref?: number | 'max';
  readonly amin?: number;
  readonly topDb?: number | null;
}

/** 10·log₁₀(max(amin, x) / max(amin, ref)), held to `topDb` below the greatest value. */
export function powerToDb(power: NdArray, { ref = 1, amin = 1e-10, topDb = 80 }: DecibelOptions = {}): NdArray {
  const greatest = (values: ArrayLike<number>): number =>
    Array.from(values).reduce((a, b) => Math.max(a, b), -Infinity);
  const reference = Math.abs(ref === 'max' ? greatest(power.data) : ref);
  const data = Float64Array.from(
    power.data,
    (x) => 10 * (Math.log10(Math.max(amin, x)) - Math.log10(Math.max(amin, reference))),
  );
  const floor = topDb === null ? -Infinity : greatest(data) - topDb;
  return { shape: power.shape, data: data.map((x) => Math.max(x, floor)) };
}
