/** Mel-frequency cepstral coefficients, as `librosa.feature.mfcc`: mel power → dB → cosine transform → lifter. */
import { Tensor, type DType } from '../tensor/index.js';
import { constant } from './constants.js';
import { powerToDb } from './decibel.js';
import { SettingsError } from './errors.js';
import { frameCount, type Lengths } from './lengths.js';
import { melSpectrogram, type MelOptions, type MelSpectrogramOptions } from './mel.js';
import { requireAtLeast, requireOneOf, requireWhole } from './settings.js';
import { resolveStft } from './stft.js';

export type DctType = 1 | 2 | 3;

export interface CepstrumOptions {
  /** Coefficients kept, default 20. */
  readonly nMfcc?: number;
  /** Type of the cosine transform, default 2. */
  readonly dctType?: DctType;
  /** 'ortho' (default) makes the transform orthonormal (type 1: as SciPy defines it); null leaves SciPy's plain sums. */
  readonly norm?: 'ortho' | null;
  /** Sinusoidal liftering: coefficient n is scaled by 1 + (lifter/2)·sin(π(n + 1)/lifter); 0 (default) for none. */
  readonly lifter?: number;
}

/** Mel bands take `melNorm`, since `norm` belongs to the cosine transform, as in librosa. */
export type MfccOptions = Omit<MelSpectrogramOptions, 'norm'> &
  CepstrumOptions & { readonly melNorm?: MelOptions['norm'] };

/** Matrix (inputs, outputs) of SciPy's `dct(x, type, norm=…)`, the first `outputs` columns: y = x·M. Row-major float64. */
export function dctMatrix(
  inputs: number,
  outputs: number,
  type: DctType = 2,
  norm: 'ortho' | null = 'ortho',
): Float64Array {
  requireOneOf('dctType', type, [1, 2, 3]);
  requireWhole('nMfcc', outputs, 1, inputs);
  if (type === 1 && inputs < 2) throw new SettingsError('A cosine transform of type 1 needs two or more mel bands.');
  const matrix = new Float64Array(inputs * outputs);
  for (let n = 0; n < inputs; n++) {
    for (let k = 0; k < outputs; k++) matrix[n * outputs + k] = dctElement(n, k, inputs, type, norm === 'ortho');
  }
  return matrix;
}

function dctElement(n: number, k: number, N: number, type: DctType, ortho: boolean): number {
  if (type === 1) {
    // y_k = x_0 + (−1)^k·x_{N−1} + 2·Σ x_n·cos(πkn / (N − 1)); ortho scales both ends of x and of y by √2 and 1/√2, and all by 1/√(2(N − 1)).
    const last = N - 1;
    const c = Math.cos((Math.PI * ((k * n) % (2 * last))) / last);
    const edgeIn = n === 0 || n === last;
    if (!ortho) return edgeIn ? c : 2 * c;
    const edgeOut = k === 0 || k === last;
    return c * (edgeIn ? Math.SQRT2 : 2) * (edgeOut ? Math.SQRT1_2 : 1) * Math.sqrt(1 / (2 * last));
  }
  if (type === 2) {
    // y_k = 2·Σ x_n·cos(πk(2n + 1) / 2N)
    const c = 2 * Math.cos((Math.PI * ((k * (2 * n + 1)) % (4 * N))) / (2 * N));
    return ortho ? c * Math.sqrt((k === 0 ? 1 : 2) / (4 * N)) : c;
  }
  // y_k = x_0 + 2·Σ_{n ≥ 1} x_n·cos(π(2k + 1)n / 2N); ortho is the transpose of type 2's.
  const c = Math.cos((Math.PI * (((2 * k + 1) * n) % (4 * N))) / (2 * N));
  if (ortho) return c * Math.sqrt((n === 0 ? 1 : 2) / N);
  return n === 0 ? 1 : 2 * c;
}

/** Mel bands in dB (…, nMels) → cepstral coefficients (…, nMfcc). librosa's `mfcc(S=…)`. */
export function mfccFromDb(logMel: Tensor, options: CepstrumOptions = {}): Tensor {
  const { nMfcc = 20, dctType = 2, norm = 'ortho', lifter = 0 } = options;
  requireAtLeast('lifter', lifter, 0);
  const bands = logMel.shape[logMel.rank - 1];
  if (!(Number.isInteger(nMfcc) && nMfcc >= 1 && nMfcc <= bands)) {
    throw new SettingsError(`nMfcc is ${nMfcc}; ${bands} mel bands give 1 to ${bands} coefficients.`);
  }
  const make = (): Float64Array => {
    const matrix = dctMatrix(bands, nMfcc, dctType, norm);
    if (lifter === 0) return matrix;
    return matrix.map((v, i) => v * (1 + (lifter / 2) * Math.sin((Math.PI * (1 + (i % nMfcc))) / lifter)));
  };
  const key = `dct ${bands} ${nMfcc} ${dctType} ${norm} ${lifter}`;
  const table = constant(key, make, [bands, nMfcc]);
  // A frame's mean goes through the transform by itself, x·M = (x − mean)·M + mean·(1·M): bands of −60 ± 20 dB would add up to partial sums of
  // hundreds, and their rounding (1e-3 of a coefficient) would be ten times that of the bands.
  const columns = constant(`${key} columns`, () => columnSums(make(), nMfcc));
  const mean = logMel.mean([-1], true);
  return logMel.sub(mean).matmul(table).add(mean.mul(columns));
}

/** Σ over the rows of a matrix of `size` columns. */
function columnSums(matrix: Float64Array, size: number): Float64Array {
  const sums = new Float64Array(size);
  matrix.forEach((v, i) => (sums[i % size] += v));
  return sums;
}

/** (N, L) → (N, T, nMfcc). dB are relative to 1 and cut 80 dB below each clip's own maximum. */
export function mfcc(waveforms: Tensor, options: MfccOptions = {}): Tensor {
  const { melNorm = 'slaney' } = options;
  const settings = { ...options, hopLength: options.hopLength ?? 512, norm: melNorm };
  const mel = melSpectrogram(waveforms, settings);
  return mfccFromDb(powerToDb(mel, { lengths: frameLengths(options.lengths, settings) }), options);
}

/** Lengths in samples as lengths in frames. */
export function frameLengths(lengths: Lengths | undefined, options: MelSpectrogramOptions): Lengths | undefined {
  if (!lengths) return undefined;
  const framing = resolveStft(options);
  if (!(lengths instanceof Tensor)) return Array.from(lengths, (n) => frameCount(n, framing));
  const float: DType = 'f32';
  const padding = framing.center ? 2 * Math.floor(framing.nFft / 2) : 0;
  return lengths
    .cast(float)
    .add(padding - framing.nFft)
    .add(0.5)
    .div(framing.hopLength)
    .floor()
    .add(1);
}
