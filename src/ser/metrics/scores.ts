import { total, type Confusion } from './confusion.js';
import { MetricError } from './errors.js';

export interface ClassScores {
  /** Of those taken for this class, the fraction that are; 0 where none was. */
  readonly precision: number;
  /** Of those of this class, the fraction found; 0 where there are none. */
  readonly recall: number;
  readonly f1: number;
  /** Clips of this class. */
  readonly support: number;
}

export interface Scores {
  readonly accuracy: number;
  /** Unweighted average recall over the classes that occur: every class counts the same. */
  readonly uar: number;
  readonly perClass: readonly ClassScores[];
  /** Plain mean over the classes that occur in truth or prediction, as scikit-learn's `macro avg`. */
  readonly macro: ClassScores;
  /** Mean weighted by support, as scikit-learn's `weighted avg`. */
  readonly weighted: ClassScores;
}

/**
 * All scores that follow from a confusion matrix (rows the truth), with scikit-learn's definitions: 0/0 counts as 0.
 * @throws MetricError if the matrix is empty or not square.
 */
export function scoresOf(confusion: Confusion): Scores {
  const classes = confusion.length;
  if (confusion.some((row) => row.length !== classes)) {
    throw new MetricError(`A confusion matrix of ${classes} rows needs ${classes} columns in each.`);
  }
  const clips = total(confusion);
  if (clips === 0)
    throw new MetricError('The confusion matrix is empty: nothing was predicted, so there is nothing to score.');

  const perClass = confusion.map((row, c) => {
    const hits = row[c];
    const support = row.reduce((a, n) => a + n, 0);
    const predicted = confusion.reduce((a, other) => a + other[c], 0);
    const precision = ratio(hits, predicted);
    const recall = ratio(hits, support);
    return { precision, recall, f1: ratio(2 * hits, support + predicted), support };
  });
  const hits = confusion.reduce((sum, row, c) => sum + row[c], 0);
  const spoken = perClass.filter(({ support }) => support > 0);
  // A class that is neither true nor predicted has no part in the means.
  const seen = perClass.filter((_, c) => perClass[c].support > 0 || confusion.some((row) => row[c] > 0));
  return {
    accuracy: hits / clips,
    uar: spoken.reduce((sum, { recall }) => sum + recall, 0) / spoken.length,
    perClass,
    macro: average(seen, () => 1 / seen.length, clips),
    weighted: average(seen, ({ support }) => support / clips, clips),
  };
}

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

function average(rows: readonly ClassScores[], weight: (row: ClassScores) => number, support: number): ClassScores {
  const mean = (key: 'precision' | 'recall' | 'f1'): number =>
    rows.reduce((sum, row) => sum + row[key] * weight(row), 0);
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1'), support };
}
