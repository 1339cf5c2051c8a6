/** The predictions.csv of a tested run, read back: what `writePredictions` wrote. */
import { existsSync, readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { describeFsError } from '../../io/index.js';
import type { TestedClip } from '../metrics/index.js';
import { runFiles } from './config.js';
import { RunError } from './errors.js';

/** A tested clip, and what the model said of it. */
export interface Tested extends TestedClip {
  /** Position of the true class. */
  readonly label: number;
  readonly probabilities: readonly number[];
}

/**
 * @returns undefined where the run has none, as those of the first version
 * @throws RunError where the file cannot be read, is cut short or is of other classes
 */
export function readPredictions(run: string, classes: readonly string[]): Tested[] | undefined {
  const { predictions: file } = runFiles(run);
  if (!existsSync(file)) return undefined;
  let rows: Record<string, string>[];
  try {
    rows = parse(readFileSync(file, 'utf8'), { columns: true, skip_empty_lines: true });
  } catch (error) {
    const reason = error instanceof CsvError ? `it is no valid CSV: ${error.message}` : describeFsError(error);
    throw damaged(run, file, reason, error);
  }
  return rows.map((row, i) => {
    const label = classes.indexOf(row.truth);
    const probabilities = classes.map((name) => Number.parseFloat(row[`p_${name}`] ?? ''));
    if (label < 0 || !row.speaker || probabilities.some((p) => !(p >= 0 && p <= 1))) {
      throw damaged(
        run,
        file,
        `row ${i + 1} does not say truth, speaker and a probability of each class (${classes.join(', ')})`,
      );
    }
    return { corpus: row.corpus, speaker: row.speaker, gender: row.gender || undefined, label, probabilities };
  });
}

const damaged = (run: string, file: string, reason: string, cause?: unknown): RunError =>
  new RunError(`${file} cannot be used: ${reason}. Write it anew by formant evaluate --run ${run}.`, { cause });
