/** Decibels, as `librosa.power_to_db` and `amplitude_to_db`, clip by clip. */
import type { Tensor } from '../tensor/index.js';
import { SettingsError } from './errors.js';
import { lengthColumn, positionMask, type Lengths } from './lengths.js';
import { requireAtLeast, requirePositive } from './settings.js';

export interface DecibelOptions {
  /** What counts as 0 dB: a number, or 'max' for the maximum of each clip. Default 1. */
  readonly ref?: number | 'max';
  /** Smaller values count as this one. Default 1e-10 for power, 1e-5 for amplitude. */
  readonly amin?: number;
  /** Values more than this far below the maximum of their clip are raised to that floor; null for none. Default 80. */
  readonly topDb?: number | null;
  /** Valid frames of each clip of a padded batch: the maxima are taken over these only. */
  readonly lengths?: Lengths;
}

/** 10·log10(x) = this · ln x */
const DB_PER_NEPER = 10 / Math.LN10;

/**
 * Power to decibels: 10·log10(max(x, amin) / max(ref, amin)).
 * @param x (N, T, F): a batch of clips, each with its own maximum; (T, F), (F) or a number: one clip
 * @throws SettingsError
 */
export function powerToDb(x: Tensor, options: DecibelOptions = {}): Tensor {
  const { ref = 1, amin = 1e-10, topDb = 80 } = options;
  requirePositive('amin', amin);
  if (topDb !== null) requireAtLeast('topDb', topDb, 0);
  if (typeof ref === 'string' && ref !== 'max')
    throw new SettingsError(`ref is '${String(ref)}'; give a number or 'max'.`);
  const floored = x.maximum(amin).log().mul(DB_PER_NEPER);
  if (ref !== 'max' && topDb === null) return floored.sub(10 * Math.log10(Math.max(amin, Math.abs(ref))));
  // The logarithm is monotonic: the loudest element in dB is the dB of the loudest element.
  const loudest = clipMaximum(x, options.lengths).maximum(amin).log().mul(DB_PER_NEPER);
  const zero = ref === 'max' ? loudest : 10 * Math.log10(Math.max(amin, Math.abs(ref)));
  const above = floored.sub(zero);
  return topDb === null ? above : above.maximum(loudest.sub(zero).sub(topDb));
}

/** Amplitude to decibels: `powerToDb` of the squares, with `ref` and `amin` as amplitudes (amin default 1e-5). */
export function amplitudeToDb(x: Tensor, options: DecibelOptions = {}): Tensor {
  const { ref = 1, amin = 1e-5 } = options;
  requirePositive('amin', amin);
  return powerToDb(x.square(), { ...options, ref: ref === 'max' ? ref : ref ** 2, amin: amin ** 2 });
}

/** Largest power of each clip, in a shape that broadcasts back; frames behind a clip's end do not count. */
function clipMaximum(x: Tensor, lengths: Lengths | undefined): Tensor {
  if (x.rank < 3) {
    if (lengths) throw new SettingsError(`powerToDb: lengths need a batch (N, T, F), got (${x.shape.join(', ')}).`);
    return x.max();
  }
  const [clips, frames] = x.shape;
  const axes = x.shape.map((_, d) => d).slice(1);
  if (!lengths) return x.max(axes, true);
  const mask = positionMask(lengthColumn('powerToDb', lengths, clips, frames), frames);
  // Power is never negative, so 0 is as good as nothing.
  return x.mul(mask.reshape([clips, frames, ...x.shape.slice(2).map(() => 1)])).max(axes, true);
}
