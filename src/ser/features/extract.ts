/** From clips on disk to features in memory. */
import { basename } from 'node:path';
import { readWav } from '../../io/index.js';
import {
  extractFrames,
  frameFeatureNames,
  paperStatistics,
  resample,
  PAPER_FEATURES,
  type FrameFeatureSettings,
} from '../../dsp/index.js';
import { Random } from '../random.js';
import { IMAGE_SIZE, type FeatureName } from '../models/index.js';
import { addNoise, maskBands, shiftBands } from './alter.js';

/** Features of one clip, (frames, width) row-major, not yet normalised. */
export interface FeatureItem {
  readonly data: Float32Array;
  readonly frames: number;
  readonly width: number;
}

/** A clip, or an altered copy of it (protocol `paper`). */
export interface Source {
  readonly path: string;
  readonly variant: number;
}

export const SAMPLE_RATE = 16000;
/** Longest sequence that a model sees, in frames of 16 ms; of longer clips the middle is taken. */
export const MAX_FRAMES = 192;
/** Frames at either end that are quieter than this share of the loudest one are cut off. */
const SILENCE = 0.03;
/** Clips in memory at once. */
const CHUNK = 96;

const MFCC = 13;
const MELS = 128;

/** Settings of each kind of features, as they are kept with a run. */
export const FEATURE_SETTINGS: Readonly<Record<FeatureName, FrameFeatureSettings>> = {
  frames: { sampleRate: SAMPLE_RATE, nFft: 512, hopLength: 256, nMels: MELS, nMfcc: MFCC, preemphasis: 0 },
  paper: { sampleRate: SAMPLE_RATE, nFft: 512, hopLength: 256, nMels: MELS, nMfcc: MFCC, preemphasis: 0.97 },
  'mel-image': { sampleRate: SAMPLE_RATE, nFft: 512, hopLength: 256, nMels: MELS, nMfcc: MFCC, preemphasis: 0 },
};

/** Numbers in a row of each kind. */
export const featureWidth = (features: FeatureName): number =>
  features === 'paper'
    ? PAPER_FEATURES
    : features === 'mel-image'
      ? MELS
      : frameFeatureNames(FEATURE_SETTINGS.frames).length;

/** Columns that are mel bands in dB, averaged over time: what the nearest-centroid baseline looks at. */
export function meanSpectrum(item: FeatureItem, features: FeatureName): Float64Array {
  const mean = new Float64Array(MELS);
  // Of the paper's statistics the means come first: 39 of MFCC and deltas, then 128 mel bands.
  const first = features === 'paper' ? 3 * MFCC : features === 'mel-image' ? 0 : MFCC;
  for (let t = 0; t < item.frames; t++) {
    for (let b = 0; b < MELS; b++) mean[b] += item.data[t * item.width + first + b] / item.frames;
  }
  return mean;
}

/** Mono samples at 16 kHz. */
export function loadSamples(path: string): Float32Array {
  const { samples, sampleRate } = readWav(path);
  return sampleRate === SAMPLE_RATE ? samples : resample(samples, sampleRate, SAMPLE_RATE);
}

/**
 * Features of clips, in their order. Altered copies are made from (clip, its file's name, variant, seed) alone, wherever the file lies.
 * @throws AudioFormatError for files that cannot be read; `scanCorpora` has sorted those out before
 */
export async function extractFeatures(
  sources: readonly Source[],
  features: FeatureName,
  options: { seed: number; onProgress?: (done: number, total: number) => void },
): Promise<FeatureItem[]> {
  const settings = FEATURE_SETTINGS[features];
  const items: FeatureItem[] = [];
  for (let start = 0; start < sources.length; start += CHUNK) {
    const chunk = sources.slice(start, start + CHUNK);
    const clips = chunk.map(({ path, variant }) => {
      const samples = loadSamples(path);
      return variant === 1 ? addNoise(samples, new Random(options.seed, 'noise', basename(path))) : samples;
    });
    const sequences = await extractFrames(clips, settings, {
      onProgress: (done) => options.onProgress?.(start + done, sources.length),
    });
    sequences.forEach(({ data, frames, size }, i) => {
      const { path, variant } = chunk[i];
      const random = new Random(options.seed, 'alter', basename(path), variant);
      if (variant === 2) maskBands(data, frames, size, MFCC, MELS, random, { decibels: true });
      if (variant === 3) shiftBands(data, frames, size, MFCC, MELS, random);
      items.push(shape({ data, frames, width: size }, features));
    });
  }
  return items;
}

function shape(item: FeatureItem, features: FeatureName): FeatureItem {
  if (features === 'paper') {
    const data = paperStatistics({ data: item.data, frames: item.frames, size: item.width });
    return { data, frames: 1, width: data.length };
  }
  const trimmed = trimSilence(item);
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
