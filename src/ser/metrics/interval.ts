import { Random } from '../random.js';
import { confusionMatrix } from './confusion.js';
import { MetricError } from './errors.js';
import { scoresOf, type Scores } from './scores.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % interval of a score by the percentile bootstrap (Efron 1979): the clips are drawn anew with replacement, `rounds` times. With
 * `groups` (a speaker's name a clip) whole speakers are drawn instead, which is honest about how few people were tested.
 * @param score e.g. `(scores) => scores.uar`.
 * @throws MetricError if there is no clip, or lengths differ.
 */
export function bootstrapInterval(
  truth: readonly number[],
  predicted: readonly number[],
  classes: number,
  score: (scores: Scores) => number,
  options: { rounds?: number; seed?: number; groups?: readonly string[] } = {},
): Interval {
  const { rounds = 1000, seed = 0, groups } = options;
  if (truth.length === 0) throw new MetricError('There is no clip to draw from; an interval needs at least one.');
  if (groups && groups.length !== truth.length) {
    throw new MetricError(`There are ${truth.length} clips but ${groups.length} group names; expected as many.`);
  }
  // Checks the labels once.
  confusionMatrix(truth, predicted, classes);
  const units = unitsOf(truth.length, groups);
  const random = new Random(seed, 'bootstrap');
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    for (let draw = 0; draw < units.length; draw++) {
      for (const i of units[random.integer(units.length)]) counts[truth[i]][predicted[i]]++;
    }
    values.push(score(scoresOf(counts)));
  }
  values.sort((a, b) => a - b);
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

function unitsOf(clips: number, groups: readonly string[] | undefined): number[][] {
  if (!groups) return Array.from({ length: clips }, (_, i) => [i]);
  const units = new Map<string, number[]>();
  groups.forEach((name, i) => units.set(name, [...(units.get(name) ?? []), i]));
  return [...units.values()];
}

/** Linear interpolation between the sorted values. */
function quantile(sorted: readonly number[], fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/**
 * Wilson's 95 % interval of a fraction (1927): `hits` of `clips`. Needs no drawing, and behaves at 0 and 1.
 * @throws MetricError if `hits` is not from 0 to `clips`, or there is no clip.
 */
export function wilsonInterval(hits: number, clips: number): Interval {
  if (!(clips > 0 && hits >= 0 && hits <= clips)) {
    throw new MetricError(
      `${hits} hits of ${clips} clips is no fraction; expected 0 ≤ hits ≤ clips and at least one clip.`,
    );
  }
  const z = 1.959963984540054;
  const p = hits / clips;
  const centre = (p + (z * z) / (2 * clips)) / (1 + (z * z) / clips);
  const half = (z * Math.sqrt((p * (1 - p)) / clips + (z * z) / (4 * clips * clips))) / (1 + (z * z) / clips);
  // At the ends the bound is exact; rounding would miss it by a bit.
  return {
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === clips ? 1 : Math.min(1, centre + half),
  };
}
