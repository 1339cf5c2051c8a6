/** From the whole sequence of a clip to what a model reads: without silence, of bounded length, as an image or as statistics. */
import { functionals, paperStatistics } from '../../dsp/index.js';
import { IMAGE_SIZE, type FeatureName } from '../models/index.js';
import { MAX_FRAMES, MELS, MFCC } from './settings.js';

/** Features of one clip, (frames, width) row-major, not yet normalised. */
export interface FeatureItem {
  readonly data: Float32Array;
  readonly frames: number;
  readonly width: number;
}

/** Frames at either end that are quieter than this share of the loudest one are cut off. */
const SILENCE = 0.03;

/** @param item the whole sequence, as `frameFeatures` of dsp gives it */
export function shapeFeatures(item: FeatureItem, features: FeatureName): FeatureItem {
  if (features === 'paper') {
    const data = paperStatistics({ data: item.data, frames: item.frames, size: item.width });
    return { data, frames: 1, width: data.length };
  }
  const trimmed = trimSilence(item);
  if (features === 'functionals') {
    const data = functionals({ data: trimmed.data, frames: trimmed.frames, size: trimmed.width });
    return { data, frames: 1, width: data.length };
  }
  return features === 'mel-image' ? melImage(trimmed) : middle(trimmed, MAX_FRAMES);
}

/** Cuts quiet frames off both ends, by RMS, the last column. */
function trimSilence(item: FeatureItem): FeatureItem {
  const { data, frames, width } = item;
  const level = (t: number): number => data[t * width + width - 1];
  let loudest = 0;
  for (let t = 0; t < frames; t++) loudest = Math.max(loudest, level(t));
  let first = 0;
  let last = frames - 1;
  while (first < last && level(first) <= SILENCE * loudest) first++;
  while (last > first && level(last) <= SILENCE * loudest) last--;
  return { data: data.slice(first * width, (last + 1) * width), frames: last + 1 - first, width };
}

function middle(item: FeatureItem, most: number): FeatureItem {
  if (item.frames <= most) return item;
  const first = Math.floor((item.frames - most) / 2);
  return { data: item.data.slice(first * item.width, (first + most) * item.width), frames: most, width: item.width };
}

/** The mel bands as a square image: the middle of a long clip, a short one padded with its own quietest level. */
function melImage(item: FeatureItem): FeatureItem {
  const { data, frames, width } = middle(item, IMAGE_SIZE);
  const image = new Float32Array(IMAGE_SIZE * MELS);
  let floor = Infinity;
  for (let t = 0; t < frames; t++) {
    for (let b = 0; b < MELS; b++) floor = Math.min(floor, data[t * width + MFCC + b]);
  }
  image.fill(floor);
  const top = Math.floor((IMAGE_SIZE - frames) / 2);
  for (let t = 0; t < frames; t++)
    image.set(data.subarray(t * width + MFCC, t * width + MFCC + MELS), (top + t) * MELS);
  return { data: image, frames: IMAGE_SIZE, width: MELS };
}
