/** Window functions, as `scipy.signal.get_window` and `scipy.signal.windows` (and so `librosa.filters.get_window`) make them, in float64. */
import type { Tensor } from '../tensor/index.js';
import { constant } from './constants.js';
import { SettingsError } from './errors.js';
import { requireAtLeast, requireOneOf, requireWhole } from './settings.js';

/** Coefficients a_k of the cosine series Σ_k (−1)^k·a_k·cos(2πkn / (N − 1)). */
const SERIES = {
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  blackmanharris: [0.35875, 0.48829, 0.14128, 0.01168],
  nuttall: [0.3635819, 0.4891775, 0.1365995, 0.0106411],
  flattop: [0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368],
  boxcar: [1],
} as const satisfies Readonly<Record<string, readonly number[]>>;

type SeriesName = keyof typeof SERIES;

export type WindowName = SeriesName | 'bartlett' | 'cosine';

/** Kaiser's window with its shape parameter β: 0 is rectangular, 14 has side lobes near −100 dB. */
export type KaiserWindow = readonly ['kaiser', number];

/** A window by name, Kaiser's with its β, or its values. */
export type Window = WindowName | KaiserWindow | Float32Array | Float64Array;

export const windowNames: readonly WindowName[] = [...(Object.keys(SERIES) as SeriesName[]), 'bartlett', 'cosine'];

/** Modified Bessel function of the first kind, order 0, by its power series. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

const isSeries = (name: WindowName): name is SeriesName => name in SERIES;

/** Value n of the symmetric window of `period` + 1 samples. */
function windowAt(window: WindowName | KaiserWindow, n: number, period: number): number {
  if (typeof window !== 'string') {
    const x = (2 * n) / period - 1;
    return besselI0(window[1] * Math.sqrt(Math.max(0, 1 - x * x))) / besselI0(window[1]);
  }
  if (window === 'bartlett') return 1 - Math.abs((2 * n) / period - 1);
  if (window === 'cosine') return Math.sin((Math.PI / (period + 1)) * (n + 0.5));
  return isSeries(window)
    ? SERIES[window].reduce<number>(
        (sum, a, k) => sum + (k % 2 === 0 ? a : -a) * Math.cos((2 * Math.PI * k * n) / period),
        0,
      )
    : NaN;
}

/**
 * @param window a name, or ['kaiser', β]
 * @param periodic true (default) for spectral analysis, as `get_window(…, fftbins=True)`; false for the symmetric form of filter design
 * @throws SettingsError for an unknown name or a length below 1
 */
export function getWindow(window: WindowName | KaiserWindow, length: number, periodic = true): Float64Array {
  if (typeof window === 'string') requireOneOf('window', window, windowNames);
  else {
    requireOneOf('window', window[0], ['kaiser']);
    requireAtLeast('beta of the Kaiser window', window[1], 0);
  }
  requireWhole('window length', length, 1);
  if (length === 1) return Float64Array.of(1);
  // A periodic window is the symmetric one of a sample more, without its last.
  const period = periodic ? length : length - 1;
  return Float64Array.from({ length }, (_, n) => windowAt(window, n, period));
}

export const hann = (length: number, periodic = true): Float64Array => getWindow('hann', length, periodic);
export const hamming = (length: number, periodic = true): Float64Array => getWindow('hamming', length, periodic);
export const blackman = (length: number, periodic = true): Float64Array => getWindow('blackman', length, periodic);
export const kaiser = (length: number, beta: number, periodic = false): Float64Array =>
  getWindow(['kaiser', beta], length, periodic);

const isValues = (window: Window): window is Float32Array | Float64Array =>
  window instanceof Float32Array || window instanceof Float64Array;

/** What tells a window from others in the key of a table. */
export const windowKey = (window: Window): string =>
  isValues(window) ? `values ${window.join(' ')}` : typeof window === 'string' ? window : window.join(' ');

/** A window of `winLength`, centred in a frame of `nFft` with zeros round it. @throws SettingsError where they do not fit */
export function windowValues(window: Window, winLength: number, nFft: number): Float64Array {
  if (winLength > nFft) {
    throw new SettingsError(`winLength is ${winLength}, longer than nFft = ${nFft}; make nFft at least as long.`);
  }
  if (isValues(window) && window.length !== winLength) {
    throw new SettingsError(`The window has ${window.length} values, winLength is ${winLength}; they must agree.`);
  }
  const centred = new Float64Array(nFft);
  centred.set(isValues(window) ? window : getWindow(window, winLength), Math.floor((nFft - winLength) / 2));
  return centred;
}

/** The same on the device. */
export function fftWindow(window: Window, winLength: number, nFft: number): Tensor {
  // Made even where the table is known already, as it checks the settings.
  const values = windowValues(window, winLength, nFft);
  return constant(`window ${windowKey(window)} ${winLength} in ${nFft}`, () => values);
}
