/** Derivatives of features over time, as `librosa.feature.delta`. */
import { concat, frame, gather, iota, tensor, Tensor, where } from '../tensor/index.js';
import { constant } from './constants.js';
import { SettingsError, SignalError } from './errors.js';
import { hostLengths, lengthColumn, type Lengths } from './lengths.js';
import { savgolWeights } from './savgol.js';
import { requireOneOf } from './settings.js';

const MODES = ['interp', 'nearest', 'mirror', 'constant', 'wrap'] as const;
export type DeltaMode = (typeof MODES)[number];

export interface DeltaOptions {
  /** Frames fitted, odd, default 9. */
  readonly width?: number;
  /** Derivative: 1 (default), 2, … */
  readonly order?: number;
  /**
   * Edges: 'interp' (default) evaluates the fit to the first and last `width` frames. The others put frames around the clip: 'nearest' repeats
   * the end frames, 'mirror' reflects about them, 'constant' has zeros, 'wrap' the other end of the clip. 'mirror' and 'wrap' take `lengths` as
   * numbers only.
   */
  readonly mode?: DeltaMode;
  /** Valid frames of each clip of a padded batch; frames behind them are meaningless. */
  readonly lengths?: Lengths;
}

/**
 * Savitzky–Golay derivative along time: (N, T, F) or (T, F) → same shape.
 *
 * The order-th derivative of a polynomial of degree `order` is one number, so with 'interp' all frames of an edge share the value of the
 * nearest full window.
 * @throws SignalError where mode is 'interp' and a clip has fewer than `width` frames
 */
export function delta(features: Tensor, options: DeltaOptions = {}): Tensor {
  const { width = 9, order = 1, mode = 'interp', lengths } = options;
  const weights = savgolWeights(width, order);
  requireOneOf('mode', mode, MODES);
  if (features.rank === 2) {
    if (lengths) throw new SettingsError('delta: lengths need a batch (N, T, F).');
    return delta(features.unsqueeze(0), options).squeeze(0);
  }
  if (features.rank !== 3 || features.size === 0) {
    throw new SignalError(`delta: features are (N, T, F) or (T, F), not empty; got (${features.shape.join(', ')}).`);
  }
  const [clips, frames, size] = features.shape;
  const ends = lengths ? lengthColumn('delta', lengths, clips, frames).unsqueeze(2) : undefined;
  if (mode === 'interp') {
    const shortest = !lengths || lengths instanceof Tensor ? frames : Math.min(...lengths);
    if (shortest < width) {
      throw new SignalError(
        `delta: mode 'interp' with width ${width} needs ${width} frames, a clip has ${shortest}; use mode 'nearest' or a smaller width.`,
      );
    }
  }
  const half = (width - 1) / 2;
  const table = constant(`savgol ${width} ${order}`, () => weights);
  const correlate = (x: Tensor): Tensor => frame(x.transpose(1, 2), width, 1).mul(table).sum(-1).transpose(1, 2);
  const edge = (x: Tensor, t: number): Tensor => x.slice(1, t, t + 1).expand([clips, half, size]);

  if (mode === 'constant') {
    const x = ends ? features.mul(iota([1, frames, 1], 1).lt(ends)) : features;
    return correlate(x.pad(1, half, half));
  }
  if (mode === 'mirror' || mode === 'wrap') return correlate(lookUp(features, half, mode, lengths));
  if (mode === 'nearest') {
    let x = features;
    if (ends) x = where(iota([1, frames, 1], 1).lt(ends).expand([clips, frames, size]), x, pick(x, ends.sub(1)));
    return correlate(concat([edge(x, 0), x, edge(x, frames - 1)], 1));
  }
  let inner = correlate(features);
  const windows = frames - width + 1;
  if (ends) {
    const last = ends.sub(width);
    inner = where(iota([1, windows, 1], 1).le(last).expand([clips, windows, size]), inner, pick(inner, last));
  }
  return concat([edge(inner, 0), inner, edge(inner, windows - 1)], 1);
}

/** (N, T, F) → (N, T + 2·half, F), the frames outside a clip being other frames of it. */
function lookUp(x: Tensor, half: number, mode: 'mirror' | 'wrap', lengths?: Lengths): Tensor {
  if (lengths instanceof Tensor) {
    throw new SettingsError(`delta: mode '${mode}' needs lengths as numbers, not as a tensor. Or use mode 'nearest'.`);
  }
  const [clips, frames, size] = x.shape;
  const own = lengths ? hostLengths('delta', lengths, clips, frames) : undefined;
  const indices = new Uint32Array(clips * (frames + 2 * half));
  for (let n = 0; n < clips; n++) {
    const length = own?.[n] ?? frames;
    const period = mode === 'wrap' ? length : Math.max(1, 2 * (length - 1));
    for (let i = 0; i < frames + 2 * half; i++) {
      const at = (((i - half) % period) + period) % period;
      indices[n * (frames + 2 * half) + i] = n * frames + (at < length ? at : period - at);
    }
  }
  return gather(x.reshape([clips * frames, size]), tensor(indices, [clips, frames + 2 * half]));
}

/** The frame of each clip at position `at` (N, 1, 1): (N, T, F) → (N, 1, F). */
function pick(x: Tensor, at: Tensor): Tensor {
  return where(iota([1, x.shape[1], 1], 1).eq(at).expand(x.shape), x, 0).sum([1], true);
}

/** The same derivative on the host in float64, of one clip (T, F) row-major; 'nearest' where there are fewer than `width` frames. */
export function hostDelta(data: ArrayLike<number>, frames: number, size: number, width = 9, order = 1): Float64Array {
  const weights = savgolWeights(width, order);
  const half = (width - 1) / 2;
  const out = new Float64Array(frames * size);
  for (let t = 0; t < frames; t++) {
    const middle = frames >= width ? Math.min(Math.max(t, half), frames - 1 - half) : t;
    for (let i = 0; i < width; i++) {
      const at = Math.min(Math.max(middle + i - half, 0), frames - 1) * size;
      for (let f = 0; f < size; f++) out[t * size + f] += weights[i] * data[at + f];
    }
  }
  return out;
}
