/** Fundamental frequency by YIN, as `librosa.yin`. */
import { concat, div, iota, rfft, where, type Tensor } from '../tensor/index.js';
import { constant } from './constants.js';
import { SettingsError } from './errors.js';
import { overBatch, type Lengths } from './lengths.js';
import type { PadMode } from './padding.js';
import { cumsum } from './recursion.js';
import { requireAtLeast, requirePositive, requireWhole } from './settings.js';
import { frameWaveforms, squaredMagnitude } from './stft.js';

export interface YinOptions {
  /** Lowest frequency looked for, in Hz; its period must fit into a frame. */
  readonly fmin: number;
  /** Highest frequency looked for, in Hz, at most half the rate. */
  readonly fmax: number;
  /** Sampling rate in Hz, default 22050. */
  readonly sr?: number;
  /** Samples in a frame, default 2048; two periods of `fmin` or more give good results. */
  readonly frameLength?: number;
  /** Samples between frames, default a quarter of a frame. */
  readonly hopLength?: number;
  /** The first trough below this decides; where there is none, the deepest. Default 0.1. */
  readonly troughThreshold?: number;
  /** Whether frame t is centred on sample t·hopLength; default true. */
  readonly center?: boolean;
  /** How the ends are padded when centred; default 'constant' (zeros). */
  readonly padMode?: PadMode;
  /** Samples of each clip of a zero-padded batch. */
  readonly lengths?: Lengths;
}

/** The smallest normal float32, so that silence is not divided by 0. */
const TINY = 2 ** -126;

/**
 * f0 in Hz of each frame: (N, L) → (N, T), (L) → (T). It is a number also where there is no voice: silence gives about `fmax`. It carries no
 * gradient.
 *
 * De Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music" (JASA 2002), steps 1 to 5: the period is where the
 * difference of a frame and its shifted self, relative to its mean over shorter shifts, has its first deep trough.
 * @throws SignalError, SettingsError
 */
export function yin(waveforms: Tensor, options: YinOptions): Tensor {
  const { fmin, fmax, sr = 22050, frameLength = 2048, troughThreshold = 0.1, center = true } = options;
  requirePositive('sr', sr);
  requireWhole('frameLength', frameLength, 3);
  const hopLength = options.hopLength ?? Math.floor(frameLength / 4);
  requireWhole('hopLength', hopLength, 1);
  requirePositive('fmin', fmin);
  requireAtLeast('troughThreshold', troughThreshold, 0);
  if (!(fmax > fmin && fmax <= sr / 2))
    throw new SettingsError(
      `fmax is ${fmax} Hz; it must be above fmin = ${fmin} Hz and at most half the rate, ${sr / 2} Hz.`,
    );
  if (sr / fmin >= frameLength - 1) {
    throw new SettingsError(
      `fmin is ${fmin} Hz, whose period does not fit into a frame of ${frameLength} samples at ${sr} Hz; give ${Math.ceil(sr / (frameLength - 2))} Hz or more, or a frame of ${Math.ceil(sr / fmin) + 2}.`,
    );
  }
  const shortest = Math.floor(sr / fmax);
  const longest = Math.min(Math.ceil(sr / fmin), frameLength - 1);
  if (longest <= shortest)
    throw new SettingsError(
      `fmin = ${fmin} Hz and fmax = ${fmax} Hz have no two periods of whole samples at ${sr} Hz between them.`,
    );
  return overBatch('yin', waveforms, (x) => {
    const framing = { frameLength, hopLength, center };
    const frames = frameWaveforms('yin', x, framing, options.padMode, options.lengths);
    const relative = normalizedDifference(frames, shortest, longest);
    return div(sr, refinedTrough(relative, troughThreshold).add(shortest)).detach();
  });
}

/**
 * The difference function d(k) = Σ_m (y[m] − y[m + k])² over the whole frame, y being 0 behind it, divided by its mean over 1 … k:
 * (N, T, W) → (N, T, longest − shortest + 1).
 *
 * With zeros on both sides the sum is 1/n·Σ_f |Y_f|²·4·sin²(πfk/n): a product of the power spectrum with a matrix. A sum of nothing negative keeps
 * float32's digits where the frame nearly repeats itself; the energy less the autocorrelation is a small difference of large numbers. (On real speech f0
 * differs from librosa's float64 by 1.4e-6 normwise, the other way by 2.9e-6, in the same time.) The first and the last k samples, which met zeros,
 * are taken off. A constant offset would drown the rest and is removed before; the last k samples count with it, as in librosa.
 */
function normalizedDifference(frames: Tensor, shortest: number, longest: number): Tensor {
  const length = frames.shape[2];
  const z = frames.sub(frames.mean([2], true));
  // Long enough that the circular shift does not meet itself up to the longest lag.
  const size = transformSize(length + longest);
  const bins = size / 2 + 1;
  const table = constant(`differences ${longest} of ${size}`, () => differences(bins, size, longest), [bins, longest]);
  const everywhere = squaredMagnitude(rfft(z.pad(2, 0, size - length))).matmul(table);
  // Energies of the first and last 1, 2, …, longest samples.
  const firsts = (x: Tensor): Tensor => cumsum(x.slice(2, 0, longest).square());
  const lasts = (x: Tensor): Tensor =>
    cumsum(
      x
        .slice(2, length - longest, length)
        .flip(2)
        .square(),
    );
  const inside = everywhere.sub(firsts(z)).sub(lasts(z)).maximum(0);
  // librosa leaves the frame's first sample out of what it takes off at lag 1.
  const extra = frames
    .slice(2, 0, 1)
    .square()
    .pad(2, 0, longest - 1);
  const difference = inside.add(lasts(frames)).add(extra);
  const lags = constant(`lags ${longest}`, () => Float64Array.from({ length: longest }, (_, k) => k + 1));
  const means = cumsum(difference).div(lags);
  return difference.div(means.add(TINY)).slice(2, shortest - 1, longest);
}

/** The least number of samples from `least` up that is 2, 3 or 5 times a power of 2. */
function transformSize(least: number): number {
  const above = (factor: number): number => factor * 2 ** Math.max(1, Math.ceil(Math.log2(least / factor)));
  return Math.min(above(1), above(3), above(5));
}

/** 4·sin²(πfk/n)/n of bin f (row) and lag k = 1 … longest (column), doubled for bins that stand for their mirror images as well. */
function differences(bins: number, size: number, longest: number): Float64Array {
  return Float64Array.from({ length: bins * longest }, (_, i) => {
    const [f, k] = [Math.floor(i / longest), (i % longest) + 1];
    // The remainder keeps the angle small, and so exact.
    const sine = Math.sin((Math.PI * ((f * k) % size)) / size);
    return ((f === 0 || f === bins - 1 ? 4 : 8) * sine * sine) / size;
  });
}

/** The first trough below the threshold, or the lowest point, moved to the bottom of a parabola: (N, T, K) → (N, T), in places from 0. */
function refinedTrough(x: Tensor, threshold: number): Tensor {
  const places = x.shape[2];
  const place = iota([1, 1, places]);
  const middle = places > 2;
  const [before, here, after] = [0, 1, 2].map((d) => (middle ? x.slice(2, d, places - 2 + d) : x));
  // A trough at the first place needs to be below the second only, one at the last below the one before.
  const below = (at: number, other: number): Tensor => x.slice(2, at, at + 1).lt(x.slice(2, other, other + 1));
  const inner = middle ? [here.lt(before).mul(here.le(after))] : [];
  const troughs = concat([below(0, 1), ...inner, below(places - 1, places - 2)], 2);
  const first = where(troughs.mul(x.lt(threshold)), place.expand(x.shape), places).min([2]);
  const chosen = where(first.lt(places), first, x.neg().argmax(2).toFloat());
  if (!middle) return chosen;
  const bend = after.add(before).sub(here.mul(2));
  const slope = after.sub(before).mul(0.5);
  const inRange = slope.abs().lt(bend.abs());
  const shifts = where(inRange, slope.neg().div(where(inRange, bend, 1)), 0).pad(2, 1, 1);
  return chosen.add(where(place.eq(chosen.unsqueeze(2)), shifts, 0).sum([2]));
}
