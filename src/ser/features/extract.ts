/** From clips on disk to features in memory. */
import { basename } from 'node:path';
import { Random } from '../random.js';
import type { FeatureName } from '../models/index.js';
import { maskBands, shiftBands } from './alter.js';
import type { FeatureCache } from './cache.js';
import { FEATURE_SETTINGS, MELS, MFCC } from './settings.js';
import { shapeFeatures, type FeatureItem } from './shape.js';
import { streamSequences, type Source, type Streamed, type StreamOptions } from './stream.js';

export type { FeatureItem };

/** A source's features, or why it has none. */
export type ExtractedItem =
  | (Omit<Extract<Streamed, { clip: unknown }>, 'sequence'> & { readonly item: FeatureItem })
  | Extract<Streamed, { error: unknown }>;

/**
 * Features of clips as they become ready, a batch at a time; see {@link streamSequences}. Altered copies are made from (clip, its file's name,
 * variant, seed) alone, wherever the file lies.
 */
export async function* streamFeatures(
  sources: readonly Source[],
  features: FeatureName,
  options: StreamOptions,
): AsyncGenerator<ExtractedItem[], void, undefined> {
  for await (const group of streamSequences(sources, FEATURE_SETTINGS[features], options)) {
    yield group.map((one) => {
      if ('error' in one) return one;
      const { index, sequence, clip } = one;
      const { frames, size } = sequence;
      const { path, variant } = sources[index];
      const altered = variant === 2 || variant === 3;
      // Copies share a sequence with the plain clip.
      const data = altered ? sequence.data.slice() : sequence.data;
      const random = new Random(options.seed, 'alter', basename(path), variant);
      if (variant === 2) maskBands(data, frames, size, MFCC, MELS, random, { decibels: true });
      if (variant === 3) shiftBands(data, frames, size, MFCC, MELS, random);
      return { index, item: shapeFeatures({ data, frames, width: size }, features), clip };
    });
  }
}

export interface ExtractOptions extends StreamOptions {
  /** Features of earlier runs are taken from here, and new ones put in. */
  readonly cache?: FeatureCache;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Features of clips, in their order.
 * @throws AudioFormatError, FileAccessError for files that cannot be read; `scanCorpora` has sorted those out before
 */
export async function extractFeatures(
  sources: readonly Source[],
  features: FeatureName,
  { cache, onProgress, ...options }: ExtractOptions,
): Promise<FeatureItem[]> {
  const cached = await cache?.load(sources);
  const items = new Array<FeatureItem>(sources.length);
  cached?.forEach((item, index) => (items[index] = item));
  const places = sources.map((_, i) => i).filter((i) => !cached?.has(i));
  const missing = places.map((i) => sources[i]);
  let done = cached?.size ?? 0;
  if (done > 0) onProgress?.(done, sources.length);
  let keeping: Promise<unknown> = Promise.resolve();
  for await (const group of streamFeatures(missing, features, options)) {
    await keeping;
    const ready = group.map((one) => {
      if ('error' in one) throw one.error;
      items[places[one.index]] = one.item;
      return one;
    });
    keeping = Promise.all(ready.map(({ index, item }) => cache?.keep(missing[index], item)));
    done += group.length;
    onProgress?.(done, sources.length);
  }
  await keeping;
  return items;
}

/** Columns that are mel bands in dB, averaged over time: what the nearest-centroid baseline looks at. */
export function meanSpectrum(item: FeatureItem, features: FeatureName): Float64Array {
  const mean = new Float64Array(MELS);
  // Of statistics the means come first; the paper's are of 39 MFCC and deltas, then 128 mel bands.
  const first = features === 'paper' ? 3 * MFCC : features === 'mel-image' ? 0 : MFCC;
  for (let t = 0; t < item.frames; t++) {
    for (let b = 0; b < MELS; b++) mean[b] += item.data[t * item.width + first + b] / item.frames;
  }
  return mean;
}
