/** Window functions, as `scipy.signal.get_window` and `scipy.signal.windows` make them, in float64. */
import type { Tensor } from '../tensor/index.js';
import { constant } from './constants.js';
import { SettingsError } from './errors.js';
import { requireOneOf, requireWhole } from './settings.js';

export type WindowName = 'hann' | 'hamming' | 'blackman' | 'boxcar';

/** A window by name, or its values. */
export type Window = WindowName | Float32Array | Float64Array;

/** Coefficients of the cosine series Σ_k (−1)^k·a_k·cos(2πkn / (N − 1)). */
const SERIES: Readonly<Record<WindowName, readonly number[]>> = {
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  boxcar: [1],
};

/**
 * @param periodic true (default) for spectral analysis, as `get_window(…, fftbins=True)`; false for the symmetric form of filter design
 * @throws SettingsError for an unknown name or a length below 1
 */
export function getWindow(name: WindowName, length: number, periodic = true): Float64Array {
  requireOneOf('window', name, Object.keys(SERIES) as WindowName[]);
  requireWhole('window length', length, 1);
  if (length === 1) return Float64Array.of(1);
  // A periodic window is the symmetric one of a sample more, without its last.
  const period = periodic ? length : length - 1;
  return Float64Array.from({ length }, (_, n) =>
    SERIES[name].reduce((sum, a, k) => sum + (k % 2 === 0 ? a : -a) * Math.cos((2 * Math.PI * k * n) / period), 0),
  );
}

export const hann = (length: number, periodic = true): Float64Array => getWindow('hann', length, periodic);
export const hamming = (length: number, periodic = true): Float64Array => getWindow('hamming', length, periodic);
export const blackman = (length: number, periodic = true): Float64Array => getWindow('blackman', length, periodic);

/** A window of `winLength`, centred in a frame of `nFft` with zeros round it, on the device. */
export function fftWindow(window: Window, winLength: number, nFft: number): Tensor {
  if (winLength > nFft) {
    throw new SettingsError(`winLength is ${winLength}, longer than nFft = ${nFft}; make nFft at least as long.`);
  }
  if (typeof window !== 'string' && window.length !== winLength) {
    throw new SettingsError(`The window has ${window.length} values, winLength is ${winLength}; they must agree.`);
  }
  const make = (): Float64Array => {
    const values = typeof window === 'string' ? getWindow(window, winLength) : window;
    const centred = new Float64Array(nFft);
    centred.set(values, Math.floor((nFft - winLength) / 2));
    return centred;
  };
  const name = typeof window === 'string' ? window : `values ${window.join(' ')}`;
  return constant(`window ${name} ${winLength} in ${nFft}`, make);
}
