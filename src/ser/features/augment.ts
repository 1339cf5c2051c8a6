/** A training clip's way through its alterations. */
import type { Augmentation } from '../augmentation.js';
import type { Random } from '../random.js';
import { maskBands, shiftBands, shiftFrames, stretchFrames } from './alter.js';

/** Where a clip's mel bands lie in its rows. */
export interface Columns {
  readonly width: number;
  readonly firstBand: number;
  readonly bands: number;
}

/**
 * Alters one clip in its row of a batch: stretch, shift in time, shift of bands, gain, masks, in this order.
 * @param row with room for `most` frames; the clip is in it, zeros behind
 * @param stretches whether the clip may become longer or shorter; else it is stretched about its middle
 * @returns the clip's frames afterwards
 */
export function augmentClip(
  row: Float32Array,
  frames: number,
  most: number,
  { width, firstBand, bands }: Columns,
  settings: Augmentation,
  random: Random,
  stretches: boolean,
): number {
  const { gain = 0, shift = 0, stretch = 0, bands: pitch = 0, maskBands: high = 0, maskFrames: long = 0 } = settings;
  let count = frames;
  if (stretch > 0) {
    const factor = 1 + random.uniform(-stretch, stretch);
    count = stretchFrames(row, frames, stretches ? Math.min(most, Math.max(1, Math.round(frames * factor))) : frames, {
      width,
      factor,
    });
  }
  if (shift > 0) shiftFrames(row, count, width, random.integer(2 * shift + 1) - shift);
  if (pitch > 0) shiftBands(row, count, width, firstBand, bands, random, pitch);
  if (gain > 0) {
    const by = gain * random.normal();
    for (let t = 0; t < count; t++) {
      for (let b = firstBand; b < firstBand + bands; b++) row[t * width + b] += by;
    }
  }
  if (high > 0 || long > 0) {
    maskBands(row, count, width, firstBand, bands, random, { widestBand: high, longestStretch: long });
  }
  return count;
}
