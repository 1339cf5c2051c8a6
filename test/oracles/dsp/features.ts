/** The application's two feature sets in float64, at 16 kHz: n_fft 512, hop 256, 13 MFCC, 128 mels. */
import { zeros, type NdArray } from '../../support/nd-array.js';
import { delta, mfcc } from './cepstrum.js';
import { rms, zeroCrossingRate } from './samples.js';
import { melSpectrogram, powerToDb } from './spectrum.js';

const STFT = { nFft: 512, hopLength: 256 } as const;
const FRAMES = { frameLength: 512, hopLength: 256 } as const;

/** (T, 143): 13 MFCC, 128 log-mel, zero-crossing rate, RMS a frame. */
export function framesFeatures(y: ArrayLike<number>): NdArray {
  const logMel = powerToDb(melSpectrogram(y, { ...STFT, sr: 16000, nMels: 128 }));
  const coefficients = mfcc(logMel, { nMfcc: 13 });
  return beside([coefficients, logMel, column(zeroCrossingRate(y, FRAMES)), column(rms(y, FRAMES))]);
}

/**
 * 350 numbers: means of 13 MFCC, 13 Δ, 13 ΔΔ, 128 log-mel, ZCR, RMS; their standard deviations (population); then minimum, maximum, median,
 * first and third quartile (linear interpolation) and range of ZCR, and the same of RMS.
 */
export function paperFeatures(y: ArrayLike<number>): Float64Array {
  const frames = framesFeatures(y);
  const coefficients = slice(frames, 0, 13);
  const all = beside([coefficients, delta(coefficients, 9, 1), delta(coefficients, 9, 2), slice(frames, 13, 143)]);
  const columns = Array.from({ length: all.shape[1] }, (_, c) => values(all, c));
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
  const deviation = (v: readonly number[]): number => Math.sqrt(mean(v.map((a) => (a - mean(v)) ** 2)));
  const extra = columns.slice(-2).flatMap((v) => {
    const sorted = [...v].sort((a, b) => a - b);
    const quantile = (q: number): number => {
      const at = q * (sorted.length - 1);
      const low = Math.floor(at);
      return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
    };
    return [quantile(0), quantile(1), quantile(0.5), quantile(0.25), quantile(0.75), quantile(1) - quantile(0)];
  });
  return Float64Array.from([...columns.map(mean), ...columns.map(deviation), ...extra]);
}

const column = (data: Float64Array): NdArray => ({ shape: [data.length, 1], data });
const values = (x: NdArray, c: number): number[] =>
  Array.from({ length: x.shape[0] }, (_, t) => x.data[t * x.shape[1] + c]);

function slice(x: NdArray, from: number, to: number): NdArray {
  const out = zeros(x.shape[0], to - from);
  out.data.forEach((_, i) => {
    out.data[i] = x.data[Math.floor(i / (to - from)) * x.shape[1] + from + (i % (to - from))];
  });
  return out;
}

function beside(parts: readonly NdArray[]): NdArray {
  const width = parts.reduce((sum, part) => sum + part.shape[1], 0);
  const out = zeros(parts[0].shape[0], width);
  let start = 0;
  for (const part of parts) {
    for (let t = 0; t < part.shape[0]; t++)
      for (let c = 0; c < part.shape[1]; c++) out.data[t * width + start + c] = part.data[t * part.shape[1] + c];
    start += part.shape[1];
  }
  return out;
}
