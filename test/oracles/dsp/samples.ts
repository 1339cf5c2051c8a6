/** What is computed from samples directly, in float64: RMS, zero crossings, pre-emphasis, resampling. */
import { frame, pad, type Pad } from './framing.js';

export interface FrameOptions {
  readonly frameLength: number;
  readonly hopLength: number;
  readonly center?: boolean;
  readonly padMode?: Pad;
}

/** Root of the mean square of each frame. */
export function rms(
  y: ArrayLike<number>,
  { frameLength, hopLength, center = true, padMode = 'constant' }: FrameOptions,
): Float64Array {
  const frames = frame(center ? pad(y, Math.floor(frameLength / 2), padMode) : y, frameLength, hopLength);
  return Float64Array.from(frames, (f) => Math.sqrt(f.reduce((sum, v) => sum + v * v, 0) / frameLength));
}

/** Sign changes inside each frame over its length; a value counts as negative below −1e-10. Edge values stand around the signal. */
export function zeroCrossingRate(
  y: ArrayLike<number>,
  { frameLength, hopLength, center = true }: FrameOptions,
): Float64Array {
  const frames = frame(center ? pad(y, Math.floor(frameLength / 2), 'edge') : y, frameLength, hopLength);
  return Float64Array.from(frames, (f) => {
    let crossings = 0;
    for (let i = 1; i < f.length; i++) if (f[i] < -1e-10 !== f[i - 1] < -1e-10) crossings++;
    return crossings / frameLength;
  });
}

/** y[n] − coef·y[n−1]. `before` is −coef·y[−1] itself; left out, the line through the first two samples continues to the left. */
export function preemphasis(y: ArrayLike<number>, coef = 0.97, before?: number): Float64Array {
  const first = before ?? 2 * y[0] - y[1];
  return Float64Array.from({ length: y.length }, (_, i) => y[i] + (i === 0 ? first : -coef * y[i - 1]));
}

/** The modified Bessel function I₀ by its power series. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-18; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** Low-pass of 20·most + 1 taps at 1/most of the Nyquist frequency: a sinc under a Kaiser window (β = 5), of sum 1. */
export function resampleTaps(up: number, down: number): Float64Array {
  const most = Math.max(up, down);
  const half = 10 * most;
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = (i - half) / most;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * bessel0(5 * Math.sqrt(Math.max(0, 1 - ((i - half) / half) ** 2)));
  });
  const sum = taps.reduce((a, b) => a + b, 0);
  return taps.map((tap) => tap / sum);
}

/** ⌈n·up/down⌉ samples: up − 1 zeros between samples, the low-pass with gain `up`, every `down`-th kept; no delay. */
export function resamplePoly(x: ArrayLike<number>, up: number, down: number): Float64Array {
  if (up === down) return Float64Array.from(x);
  const taps = resampleTaps(up, down);
  const half = (taps.length - 1) / 2;
  return Float64Array.from({ length: Math.ceil((x.length * up) / down) }, (_, m) => {
    const first = Math.max(0, Math.ceil((m * down - half) / up));
    const last = Math.min(x.length - 1, Math.floor((m * down + half) / up));
    let sum = 0;
    for (let k = first; k <= last; k++) sum += x[k] * taps[m * down - k * up + half];
    return sum * up;
  });
}
