/**
 * Change of sampling rate by a rational factor: a polyphase windowed sinc (Crochiere and Rabiner, "Multirate Digital Signal Processing",
 * 1983), on the host, since files are resampled once when they are loaded. The result is
 * `scipy.signal.resample_poly(x, up, down, window=resampleTaps(up, down))`, with sums in float64.
 */
import { SettingsError } from './errors.js';
import { requireAtLeast, requireWhole } from './settings.js';
import { besselI0 } from './windows.js';

export interface ResampleOptions {
  /** Zero crossings of the sinc on each side, default 64: longer is sharper and slower. */
  readonly zeros?: number;
  /** Cut-off as a share of the lower Nyquist frequency, default 0.945. */
  readonly rolloff?: number;
  /** Of the Kaiser window, default 12 (about 115 dB of stop-band attenuation). */
  readonly beta?: number;
}

/** Larger ratios would need tables of hundreds of megabytes. */
const MAX_FACTOR = 50_000;

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The ratio toRate : fromRate in lowest terms. */
export function resampleRatio(fromRate: number, toRate: number): { up: number; down: number } {
  requireWhole('fromRate', fromRate, 1);
  requireWhole('toRate', toRate, 1);
  const divisor = gcd(fromRate, toRate);
  const [up, down] = [toRate / divisor, fromRate / divisor];
  if (Math.max(up, down) > MAX_FACTOR) {
    throw new SettingsError(
      `Resampling ${fromRate} Hz to ${toRate} Hz means a factor of ${up}/${down}; terms up to ${MAX_FACTOR} are possible. Choose a rounder rate.`,
    );
  }
  return { up, down };
}

/**
 * The low-pass filter at `up` times the input rate: an odd number of taps, symmetric, their sum 1 (SciPy multiplies by `up` itself).
 */
export function resampleTaps(up: number, down: number, options: ResampleOptions = {}): Float64Array {
  const { zeros = 64, rolloff = 0.945, beta = 12 } = options;
  requireWhole('up', up, 1);
  requireWhole('down', down, 1);
  requireWhole('zeros', zeros, 1);
  requireAtLeast('beta', beta, 0);
  if (!(rolloff > 0 && rolloff <= 1))
    throw new SettingsError(`rolloff is ${rolloff}; give a number above 0 and at most 1.`);
  const rate = Math.max(up, down);
  const half = zeros * rate;
  const taps = new Float64Array(2 * half + 1);
  const peak = besselI0(beta);
  let sum = 0;
  for (let i = 0; i <= half; i++) {
    const x = (Math.PI * rolloff * i) / rate;
    const sinc = i === 0 ? 1 : Math.sin(x) / x;
    const value = (sinc * besselI0(beta * Math.sqrt(1 - (i / half) ** 2))) / peak;
    taps[half + i] = taps[half - i] = value;
    sum += i === 0 ? value : 2 * value;
  }
  return taps.map((v) => v / sum);
}

/** One filter per output phase, reversed so that it runs along the input. */
export interface Polyphase {
  readonly up: number;
  readonly down: number;
  readonly half: number;
  readonly width: number;
  /** (up, width): phase p's taps, zero-padded. */
  readonly phases: Float64Array;
}

function splitPhases(up: number, down: number, options: ResampleOptions): Polyphase {
  const taps = resampleTaps(up, down, options);
  const half = (taps.length - 1) / 2;
  const width = Math.ceil(taps.length / up);
  const phases = new Float64Array(up * width);
  // y[m] = up·Σ_n x[n]·h[m·down + half − n·up]. With p = (m·down + half) mod up and q = ⌊(m·down + half) / up⌋: n = q − j meets h[p + j·up].
  for (let p = 0; p < up; p++) {
    for (let j = 0; p + j * up < taps.length; j++) phases[p * width + width - 1 - j] = up * taps[p + j * up];
  }
  return { up, down, half, width, phases };
}

/** The last few filters: files of one corpus share their rate. */
const cache = new Map<string, Polyphase>();
const CACHE_SIZE = 4;

/** The filter of a ratio, made at most once while it is in use. */
export function polyphase(up: number, down: number, options: ResampleOptions): Polyphase {
  const key = [up, down, options.zeros, options.rolloff, options.beta].join(' ');
  let found = cache.get(key);
  if (!found) {
    found = splitPhases(up, down, options);
    if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value ?? '');
    cache.set(key, found);
  }
  return found;
}

/**
 * One channel at another rate: ⌈L·toRate / fromRate⌉ samples, aligned in time with the input; beyond its ends the signal counts as zero.
 * Returns a copy where the rates are equal.
 * @param fromRate, toRate whole numbers of Hz
 * @throws SettingsError
 */
export function resample(
  samples: Float32Array,
  fromRate: number,
  toRate: number,
  options: ResampleOptions = {},
): Float32Array {
  const ratio = resampleRatio(fromRate, toRate);
  if (ratio.up === ratio.down) return samples.slice();
  const { up, down, half, width, phases } = polyphase(ratio.up, ratio.down, options);
  const length = samples.length;
  const out = new Float32Array(Math.ceil((length * up) / down));
  for (let m = 0; m < out.length; m++) {
    const position = m * down + half;
    const q = Math.floor(position / up);
    const row = (position - q * up) * width;
    // The filter covers inputs first … q; those outside of the signal are zero.
    const first = q - width + 1;
    const from = Math.max(0, first);
    const to = Math.min(length - 1, q);
    const offset = row - first;
    // Four sums at once: additions that do not wait for one another.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let n = from;
    for (; n + 3 <= to; n += 4) {
      a += phases[offset + n] * samples[n];
      b += phases[offset + n + 1] * samples[n + 1];
      c += phases[offset + n + 2] * samples[n + 2];
      d += phases[offset + n + 3] * samples[n + 3];
    }
    for (; n <= to; n++) a += phases[offset + n] * samples[n];
    out[m] = a + b + (c + d);
  }
  return out;
}
