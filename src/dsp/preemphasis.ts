/** First-order emphasis of high frequencies, y[n] = x[n] − coef·x[n − 1], as `librosa.effects.preemphasis`, and its inverse. */
import { concat, where, type Tensor } from '../tensor/index.js';
import { SettingsError, SignalError } from './errors.js';
import { lengthColumn, overBatch, positionMask, type Lengths } from './lengths.js';
import { firstOrder } from './recursion.js';

export interface PreemphasisOptions {
  /** Default 0.97. */
  readonly coef?: number;
  /** What is added to the first sample; default 2·x[0] − x[1], which continues the signal backwards by a straight line. */
  readonly zi?: number;
}

function requireCoefficient(coef: number): void {
  if (!Number.isFinite(coef)) throw new SettingsError(`coef is ${coef}; give a number, usually from 0.9 to 1.`);
}

/**
 * (N, L) or (L) → same shape. A clip of one sample has no line to continue and stays as it is.
 * @param options.lengths samples of each clip of a zero-padded batch: the zeros behind a clip stay zeros
 */
export function preemphasis(
  waveforms: Tensor,
  options: PreemphasisOptions & { readonly lengths?: Lengths } = {},
): Tensor {
  const { coef = 0.97, zi, lengths } = options;
  requireCoefficient(coef);
  return overBatch('preemphasis', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const column = lengths && lengthColumn('preemphasis', lengths, clips, samples);
    const first = x.slice(1, 0, 1);
    if (samples === 1) return zi === undefined ? x : x.add(zi);
    let start = zi === undefined ? first.mul(2).sub(x.slice(1, 1, 2)) : first.mul(0).add(zi);
    if (column && zi === undefined) start = start.mul(column.gt(1));
    // x[n] − x[n − 1] + (1 − coef)·x[n − 1]: of neighbours that are alike the difference is exact, and what is rounded is small.
    const before = x.slice(1, 0, samples - 1);
    const rest = x
      .slice(1, 1)
      .sub(before)
      .add(before.mul(1 - coef));
    const y = concat([first.add(start), rest], 1);
    return column ? y.mul(positionMask(column, samples)) : y;
  });
}

/**
 * The inverse of `preemphasis`: a recursion, x[n] = y[n] + coef·x[n − 1]. As `librosa.effects.deemphasis`, but that `zi` is what `preemphasis` was
 * given: librosa's takes its negative.
 *
 * Samples in an array are worked on by the host, in float64; tensors (N, L) or (L) on the device, where `lengths` tells the samples of each clip
 * of a zero-padded batch.
 */
export function deemphasis(samples: Float32Array, options?: PreemphasisOptions): Float32Array;
export function deemphasis(waveforms: Tensor, options?: PreemphasisOptions & { readonly lengths?: Lengths }): Tensor;
export function deemphasis(
  x: Float32Array | Tensor,
  options: PreemphasisOptions & { readonly lengths?: Lengths } = {},
): Float32Array | Tensor {
  requireCoefficient(options.coef ?? 0.97);
  return x instanceof Float32Array ? hostDeemphasis(x, options) : deviceDeemphasis(x, options);
}

// y[0] = 3x[0] − x[1] and y[1] = x[1] − coef·x[0] give x[0] = (y[0] + y[1]) / (3 − coef).

function hostDeemphasis(samples: Float32Array, { coef = 0.97, zi }: PreemphasisOptions): Float32Array {
  if (samples.length === 0) throw new SignalError('deemphasis: the signal has no samples.');
  const out = new Float32Array(samples.length);
  let previous: number;
  if (samples.length === 1) previous = samples[0] - (zi ?? 0);
  else if (zi !== undefined) previous = samples[0] - zi;
  else previous = (samples[0] + samples[1]) / (3 - coef);
  out[0] = previous;
  for (let n = 1; n < samples.length; n++) {
    previous = samples[n] + coef * previous;
    out[n] = previous;
  }
  return out;
}

function deviceDeemphasis(
  waveforms: Tensor,
  { coef = 0.97, zi, lengths }: PreemphasisOptions & { readonly lengths?: Lengths },
): Tensor {
  return overBatch('deemphasis', waveforms, (y) => {
    const [clips, samples] = y.shape;
    const column = lengths && lengthColumn('deemphasis', lengths, clips, samples);
    let first = y.slice(1, 0, 1);
    if (zi !== undefined) first = first.sub(zi);
    else if (samples > 1) {
      const both = first.add(y.slice(1, 1, 2)).mul(1 / (3 - coef));
      // A clip of one sample was left as it is.
      first = column ? where(column.gt(1), both, first) : both;
    }
    const x = firstOrder(samples === 1 ? first : concat([first, y.slice(1, 1)], 1), coef);
    return column ? x.mul(positionMask(column, samples)) : x;
  });
}
