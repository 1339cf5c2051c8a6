import { Random } from '../random.js';
import { confusionMatrix } from './confusion.js';
import { MetricError } from './errors.js';
import { scoresOf, type Scores } from './scores.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Draws. Default 1000. */
  readonly rounds?: number;
  /** Default 0. */
  readonly seed?: number;
  /** A name a clip, e.g. its speaker's: then whole groups are drawn. */
  readonly groups?: readonly string[];
}

/**
 * 95 % intervals of scores by the percentile bootstrap (Efron 1979): the clips are drawn anew with replacement, `rounds` times, the same draws for
 * every score. With `groups` (a speaker's name a clip) whole speakers are drawn instead, which is honest about how few people were tested.
 * @param scores e.g. `{ uar: (scores) => scores.uar }`.
 * @throws MetricError if there is no clip, or lengths differ.
 */
export function bootstrapIntervals<Name extends string>(
  truth: readonly number[],
  predicted: readonly number[],
  classes: number,
  scores: Readonly<Record<Name, (scores: Scores) => number>>,
  options: BootstrapOptions = {},
): Record<Name, Interval> {
  const { rounds = 1000, seed = 0, groups } = options;
  if (truth.length === 0) throw new MetricError('There is no clip to draw from; an interval needs at least one.');
  if (groups && groups.length !== truth.length) {
    throw new MetricError(`There are ${truth.length} clips but ${groups.length} group names; expected as many.`);
  }
  // Checks the labels once.
  confusionMatrix(truth, predicted, classes);
  const units = unitsOf(truth.length, groups);
  const random = new Random(seed, 'bootstrap');
  const names = Object.keys(scores) as Name[];
  const values = names.map(() => new Float64Array(rounds));
  for (let round = 0; round < rounds; round++) {
    const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    for (let draw = 0; draw < units.length; draw++) {
      for (const i of units[random.integer(units.length)]) counts[truth[i]][predicted[i]]++;
    }
    const drawn = scoresOf(counts);
    names.forEach((name, k) => (values[k][round] = scores[name](drawn)));
  }
  const intervals = names.map((name, k): [Name, Interval] => {
    const sorted = values[k].sort();
    return [name, { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) }];
  });
  return Object.fromEntries(intervals) as Record<Name, Interval>;
}

/** The interval of one score. */
export function bootstrapInterval(
  truth: readonly number[],
  predicted: readonly number[],
  classes: number,
  score: (scores: Scores) => number,
  options: BootstrapOptions = {},
): Interval {
  return bootstrapIntervals(truth, predicted, classes, { score }, options).score;
}

function unitsOf(clips: number, groups: readonly string[] | undefined): number[][] {
  if (!groups) return Array.from({ length: clips }, (_, i) => [i]);
  const units = new Map<string, number[]>();
  groups.forEach((name, i) => {
    const unit = units.get(name) ?? [];
    units.set(name, unit);
    unit.push(i);
  });
  return [...units.values()];
}

/** Linear interpolation between the sorted values. */
function quantile(sorted: Float64Array, fraction: number): number {
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
