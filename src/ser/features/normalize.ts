/** Normalisation: each feature to mean 0 and deviation 1, over the training clips or over each speaker's own. */
import { RunningVoices } from './running-stats.js';
import type { FeatureItem } from './shape.js';

export interface Stats {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

const SMALLEST = 1e-5;

/**
 * As many clips as what is usual counts in a new voice's statistics, where a clip is a single row: one or two clips say little of a voice, and by
 * its own deviation alone a single one would be all zeros.
 */
export const USUAL_CLIPS = 2;

/** Mean and standard deviation of each feature over all frames of the items. */
export function fitStats(items: readonly FeatureItem[]): Stats {
  const width = items[0].width;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  let frames = 0;
  for (const item of items) {
    frames += item.frames;
    for (let i = 0; i < item.data.length; i++) mean[i % width] += item.data[i];
  }
  for (let f = 0; f < width; f++) mean[f] /= frames;
  for (const item of items) {
    for (let i = 0; i < item.data.length; i++) square[i % width] += (item.data[i] - mean[i % width]) ** 2;
  }
  return {
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(square, (s) => Math.sqrt(s / frames) + SMALLEST),
  };
}

export function applyStats(item: FeatureItem, { mean, deviation }: Stats): FeatureItem {
  const { width } = item;
  return { ...item, data: item.data.map((v, i) => (v - mean[i % width]) / deviation[i % width]) };
}

/** What normalises a run's clips: the training clips' statistics, and with `speaker` those of every speaker met so far. */
export interface Normalizer {
  readonly kind: 'speaker' | 'global';
  readonly global: Stats;
  readonly speakers: ReadonlyMap<string, Stats>;
}

/**
 * `global`: one set of statistics, of the training clips. `speaker`: one set for each speaker, of all of the speaker's clips: labels play no
 * part, but a new speaker's clips must be there together.
 */
export function fitNormalizer(
  kind: 'speaker' | 'global',
  items: readonly FeatureItem[],
  speakers: readonly string[],
  training: readonly number[],
): Normalizer {
  const global = fitStats(training.map((i) => items[i]));
  return { kind, global, speakers: kind === 'speaker' ? statsBySpeaker(items, speakers) : new Map() };
}

/** Statistics of each speaker's own clips. */
export function statsBySpeaker(items: readonly FeatureItem[], speakers: readonly string[]): Map<string, Stats> {
  const own = new Map<string, FeatureItem[]>();
  speakers.forEach((speaker, i) => {
    const list = own.get(speaker) ?? [];
    own.set(speaker, list);
    list.push(items[i]);
  });
  return new Map([...own].map(([speaker, list]) => [speaker, fitStats(list)]));
}

/** Statistics of speakers not met in training. */
function freshStats(items: readonly FeatureItem[], speakers: readonly string[], usual: Stats): Map<string, Stats> {
  if (items.some(({ frames }) => frames > 1)) return statsBySpeaker(items, speakers);
  const voices = new RunningVoices(usual, USUAL_CLIPS);
  voices.add(items, speakers);
  return new Map([...new Set(speakers)].map((speaker) => [speaker, voices.of(speaker).stats]));
}

/** The items normalised; a speaker without statistics of its own gets them from its clips among `items`. */
export function normalizeAll(
  items: readonly FeatureItem[],
  speakers: readonly string[],
  normalizer: Normalizer,
): FeatureItem[] {
  if (normalizer.kind === 'global') return items.map((item) => applyStats(item, normalizer.global));
  const unknown = speakers.map((_, i) => i).filter((i) => !normalizer.speakers.has(speakers[i]));
  const fresh = freshStats(
    unknown.map((i) => items[i]),
    unknown.map((i) => speakers[i]),
    normalizer.global,
  );
  return items.map((item, i) => applyStats(item, (normalizer.speakers.get(speakers[i]) ?? fresh.get(speakers[i]))!));
}
