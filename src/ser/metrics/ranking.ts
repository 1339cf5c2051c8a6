/** Scores that need probabilities, not only decisions: ROC, AUC, top-k. */
import { classIndex } from './confusion.js';
import { MetricError } from './errors.js';

export interface RocPoint {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
  /** Smallest score that counts as positive at this point; infinite at the first. */
  readonly threshold: number;
}

/**
 * The ROC curve of one class against the rest, one point a distinct score, from (0, 0) to (1, 1).
 * @param positive (N,) whether each item is of the class.
 * @param scores (N,) its score for the class.
 * @throws MetricError if the lengths differ, a score is not finite, or all items are on one side.
 */
export function rocCurve(positive: readonly boolean[], scores: ArrayLike<number>): RocPoint[] {
  if (positive.length !== scores.length) {
    throw new MetricError(`There are ${positive.length} labels but ${scores.length} scores; expected as many.`);
  }
  const positives = positive.filter(Boolean).length;
  const negatives = positive.length - positives;
  if (positives === 0 || negatives === 0) {
    throw new MetricError('A ROC curve needs items of the class and others; all are on one side.');
  }
  const order = Array.from({ length: positive.length }, (_, i) => i);
  const bad = order.find((i) => !Number.isFinite(scores[i]));
  if (bad !== undefined) throw new MetricError(`Score ${bad} is ${scores[bad]}; expected finite scores.`);
  order.sort((a, b) => scores[b] - scores[a]);
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: Infinity }];
  let hits = 0;
  let alarms = 0;
  for (let i = 0; i < order.length; i++) {
    if (positive[order[i]]) hits++;
    else alarms++;
    // Equal scores are one step of the threshold: only the last of them is a point.
    if (i + 1 < order.length && scores[order[i + 1]] === scores[order[i]]) continue;
    points.push({
      falsePositiveRate: alarms / negatives,
      truePositiveRate: hits / positives,
      threshold: scores[order[i]],
    });
  }
  return points;
}

/** Area under a ROC curve, by trapezoids. */
export function areaUnderCurve(points: readonly RocPoint[]): number {
  let area = 0;
  for (let i = 1; i < points.length; i++) {
    const width = points[i].falsePositiveRate - points[i - 1].falsePositiveRate;
    area += (width * (points[i].truePositiveRate + points[i - 1].truePositiveRate)) / 2;
  }
  return area;
}

/** Probabilities (N, C), row by row. */
export type Probabilities = readonly ArrayLike<number>[];

/**
 * Area under the ROC curve of each class against the rest; null for a class that has no item, or all of them.
 * @param truth class indices (N,).
 */
export function aucPerClass(
  truth: ArrayLike<number>,
  probabilities: Probabilities,
  classes: number,
): (number | null)[] {
  checkRows(truth, probabilities, classes);
  return Array.from({ length: classes }, (_, c) => {
    const positive = Array.from(truth, (label) => label === c);
    if (!positive.includes(true) || !positive.includes(false)) return null;
    return areaUnderCurve(
      rocCurve(
        positive,
        probabilities.map((row) => row[c]),
      ),
    );
  });
}

/**
 * Plain mean over the classes that have a curve, as scikit-learn's `roc_auc_score(multi_class="ovr", average="macro")` where all classes
 * occur; null where none has one.
 */
export function macroAuc(aucs: readonly (number | null)[]): number | null {
  const known = aucs.filter((auc) => auc !== null);
  return known.length === 0 ? null : known.reduce((sum, auc) => sum + auc, 0) / known.length;
}

/** Fraction of items whose true class is among the k most probable. Ties go to the lower index, as argmax does. */
export function topKAccuracy(truth: ArrayLike<number>, probabilities: Probabilities, k: number): number {
  checkRows(truth, probabilities, probabilities[0]?.length ?? 0);
  let hits = 0;
  probabilities.forEach((row, i) => {
    const own = row[truth[i]];
    let ahead = 0;
    for (let c = 0; c < row.length; c++) {
      if (row[c] > own || (row[c] === own && c < truth[i])) ahead++;
    }
    if (ahead < k) hits++;
  });
  return hits / probabilities.length;
}

/** Index of the largest value, the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** @throws MetricError unless there is a row of finite probabilities for every label, and every label is a class */
export function checkRows(truth: ArrayLike<number>, probabilities: Probabilities, classes: number): void {
  if (truth.length !== probabilities.length || truth.length === 0) {
    throw new MetricError(
      `There are ${truth.length} true labels and ${probabilities.length} rows of probabilities; expected as many, at least one.`,
    );
  }
  probabilities.forEach((row, i) => {
    classIndex(truth[i], classes);
    if (row.length !== classes) throw new MetricError(`Row ${i} has ${row.length} probabilities; expected ${classes}.`);
    for (let c = 0; c < classes; c++) {
      if (!Number.isFinite(row[c]))
        throw new MetricError(`Probability ${c} of row ${i} is ${row[c]}; expected a finite number.`);
    }
  });
}
