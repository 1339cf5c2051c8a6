/**
 * SpecAugment (Park, Chan, Zhang, Chiu, Zoph, Cubuk and Le, "SpecAugment: A Simple Data Augmentation Method for Automatic Speech
 * Recognition", Interspeech 2019): time is warped (time-warp.ts), then bands of frequency and stretches of time are blanked.
 */
import { iota, tensor, where, type Tensor } from '../tensor/index.js';
import { clipStreams, type DrawOptions } from './draws.js';
import { SettingsError, SignalError } from './errors.js';
import { lengthColumn, positionMask } from './lengths.js';
import { requireWhole } from './settings.js';
import { applyWarps, drawWarps } from './time-warp.js';

export interface MaskSettings {
  /** Frequency masks a clip (the paper's m_F), default 1; each of a width drawn from 0 … frequencyWidth (F), default 27. */
  readonly frequencyMasks?: number;
  readonly frequencyWidth?: number;
  /** Time masks a clip (m_T), default 1; each of a width drawn from 0 … timeWidth (T) frames, default 100. */
  readonly timeMasks?: number;
  readonly timeWidth?: number;
  /** No time mask is longer than this share of its clip (p), default 1. */
  readonly timeShare?: number;
}

/** Half-open ranges for each clip and mask: both arrays (N, masks), row-major. */
export interface MaskRanges {
  readonly masks: number;
  readonly start: Float32Array;
  readonly end: Float32Array;
}

export interface Masks {
  readonly frequency: MaskRanges;
  readonly time: MaskRanges;
}

const MASK_STREAM = 0x5bec;

/**
 * Draws masks for a batch: a width w uniform in 0 … the largest, then a start uniform in 0 … size − w.
 * @param frames valid frames of each clip; @param bands number of bands
 */
export function drawMasks(
  frames: readonly number[],
  bands: number,
  settings: MaskSettings,
  options: DrawOptions,
): Masks {
  const { frequencyMasks = 1, frequencyWidth = 27, timeMasks = 1, timeWidth = 100, timeShare = 1 } = settings;
  // Two draws a mask must fit into a clip's own stretch of the stream.
  requireWhole('frequencyMasks', frequencyMasks, 0, 64);
  requireWhole('timeMasks', timeMasks, 0, 64);
  requireWhole('frequencyWidth', frequencyWidth, 0);
  requireWhole('timeWidth', timeWidth, 0);
  if (!(timeShare >= 0 && timeShare <= 1))
    throw new SettingsError(`timeShare is ${timeShare}; give a number from 0 to 1.`);
  const streams = clipStreams(frames.length, MASK_STREAM, options);
  const draw = (masks: number, sizes: readonly number[], widest: (size: number) => number): MaskRanges => {
    const start = new Float32Array(frames.length * masks);
    const end = new Float32Array(frames.length * masks);
    streams.forEach((next, n) => {
      for (let m = 0; m < masks; m++) {
        const width = Math.floor(next() * (Math.min(widest(sizes[n]), sizes[n]) + 1));
        const from = Math.floor(next() * (sizes[n] - width + 1));
        start[n * masks + m] = from;
        end[n * masks + m] = from + width;
      }
    });
    return { masks, start, end };
  };
  return {
    frequency: draw(
      frequencyMasks,
      frames.map(() => bands),
      () => frequencyWidth,
    ),
    time: draw(timeMasks, frames, (size) => Math.min(timeWidth, Math.floor(timeShare * size))),
  };
}

export interface ApplyMaskOptions {
  /** What masked elements become: a number (default 0), or 'mean': the mean of their clip. */
  readonly value?: number | 'mean';
  /** Valid frames of each clip, for the mean. */
  readonly lengths?: readonly number[];
}

/** Blanks the ranges in spectra (N, T, F). The ranges are values: new ones need no new program. */
export function applyMasks(spectra: Tensor, masks: Masks, options: ApplyMaskOptions = {}): Tensor {
  if (spectra.rank !== 3)
    throw new SignalError(`applyMasks: spectra are (N, T, F); got (${spectra.shape.join(', ')}).`);
  const [clips, frames, bands] = spectra.shape;
  const inTime = covered(masks.time, clips, frames);
  const inFrequency = covered(masks.frequency, clips, bands);
  if (!inTime && !inFrequency) return spectra;
  const value = options.value === 'mean' ? clipMean(spectra, options.lengths) : (options.value ?? 0);
  const blank = (x: Tensor, mask: Tensor): Tensor => where(mask.expand(x.shape), value, x);
  let out = spectra;
  if (inTime) out = blank(out, inTime.unsqueeze(2));
  return inFrequency ? blank(out, inFrequency.unsqueeze(1)) : out;
}

/** (N, size) of 1 at positions in any of a clip's ranges, or nothing where there are none. */
function covered(ranges: MaskRanges, clips: number, size: number): Tensor | undefined {
  if (ranges.masks === 0) return undefined;
  if (ranges.start.length !== clips * ranges.masks || ranges.end.length !== ranges.start.length) {
    throw new SettingsError(
      `applyMasks: ${ranges.start.length} ranges were given for ${clips} clips of ${ranges.masks} masks.`,
    );
  }
  const start = tensor(ranges.start, [clips, ranges.masks]);
  const end = tensor(ranges.end, [clips, ranges.masks]);
  const positions = iota([1, size]);
  let any: Tensor | undefined;
  for (let m = 0; m < ranges.masks; m++) {
    const inside = positions.ge(start.slice(1, m, m + 1)).mul(positions.lt(end.slice(1, m, m + 1)));
    any = any ? any.maximum(inside) : inside;
  }
  return any;
}

function clipMean(x: Tensor, lengths: readonly number[] | undefined): Tensor {
  const [clips, frames, bands] = x.shape;
  if (!lengths) return x.mean([1, 2], true);
  const column = lengthColumn('applyMasks', lengths, clips, frames);
  const valid = x.mul(positionMask(column, frames).unsqueeze(2));
  return valid.sum([1, 2], true).div(column.mul(bands).unsqueeze(2));
}

/** Masks and the warp. */
export interface SpecAugmentPolicy extends MaskSettings {
  /** The furthest that a frame is moved in time (the paper's W), in frames; default 0: no warp. */
  readonly timeWarp?: number;
}

/**
 * The policies of the paper's Table 1, for spectrograms of 80 mel bands and a frame each 10 ms: LibriSpeech basic and double, Switchboard
 * mild and strong. Use: `specAugment(x, { ...specAugmentPolicies.LD, seed })`.
 */
export const specAugmentPolicies: Readonly<Record<'LB' | 'LD' | 'SM' | 'SS', Required<SpecAugmentPolicy>>> = {
  LB: { timeWarp: 80, frequencyWidth: 27, frequencyMasks: 1, timeWidth: 100, timeShare: 1, timeMasks: 1 },
  LD: { timeWarp: 80, frequencyWidth: 27, frequencyMasks: 2, timeWidth: 100, timeShare: 1, timeMasks: 2 },
  SM: { timeWarp: 40, frequencyWidth: 15, frequencyMasks: 2, timeWidth: 70, timeShare: 0.2, timeMasks: 2 },
  SS: { timeWarp: 40, frequencyWidth: 27, frequencyMasks: 2, timeWidth: 70, timeShare: 0.2, timeMasks: 2 },
};

export type SpecAugmentOptions = SpecAugmentPolicy & DrawOptions & ApplyMaskOptions;

/**
 * Draws a warp and masks, and applies them: (N, T, F) → (N, T, F), or (T, F) → (T, F). The same seed and ids give the same.
 * @throws SignalError, SettingsError
 */
export function specAugment(spectra: Tensor, options: SpecAugmentOptions): Tensor {
  if (spectra.rank === 2) return specAugment(spectra.unsqueeze(0), options).squeeze(0);
  if (spectra.rank !== 3)
    throw new SignalError(`specAugment: spectra are (N, T, F); got (${spectra.shape.join(', ')}).`);
  const [clips, frames, bands] = spectra.shape;
  const lengths = options.lengths ?? Array.from({ length: clips }, () => frames);
  if (lengths.length !== clips)
    throw new SignalError(`specAugment: ${lengths.length} lengths were given for ${clips} clips.`);
  const { timeWarp = 0 } = options;
  const warped = timeWarp === 0 ? spectra : applyWarps(spectra, drawWarps(lengths, timeWarp, options), lengths);
  return applyMasks(warped, drawMasks(lengths, bands, options, options), options);
}
