import { MetricError } from './errors.js';

/** Row i, column j: how many of class i were taken for class j. */
export type Confusion = readonly (readonly number[])[];

/**
 * Counts predictions. Rows are the truth, columns what was predicted.
 * @param truth class indices (N,).
 * @param predicted class indices (N,).
 * @param classes their number C.
 * @returns (C, C) counts.
 * @throws MetricError if the lengths differ or an index is no class.
 */
export function confusionMatrix(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  if (truth.length !== predicted.length) {
    throw new MetricError(
      `There are ${truth.length} true labels but ${predicted.length} predictions; expected as many.`,
    );
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) {
    counts[classIndex(truth[i], classes)][classIndex(predicted[i], classes)]++;
  }
  return counts;
}

/** Checks a class index. */
export function classIndex(value: number, classes: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= classes) {
    throw new MetricError(`${value} is no class index; expected a whole number from 0 to ${classes - 1}.`);
  }
  return value;
}

/** Number of clips in a confusion matrix. */
export function total(confusion: Confusion): number {
  return confusion.reduce((sum, row) => sum + row.reduce((a, n) => a + n, 0), 0);
}
