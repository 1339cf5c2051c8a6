/** What the folds of a cross-validation say together, clip by clip: each clip is tested by the one model that never heard its fold. */
import { argmax, confusionMatrix, summarizeTest, type TestSummary } from '../metrics/index.js';
import { RunError } from './errors.js';
import { readPredictions, type Tested } from './read-predictions.js';
import type { RunResult } from './types.js';

export interface Pooled {
  readonly tested: readonly Tested[];
  readonly summary: TestSummary;
}

/**
 * Scores of all folds' test clips as of one test: ranking and calibration over the probabilities of all models, intervals over speakers.
 * @returns undefined where a run has no predictions
 * @throws RunError where a run's predictions are not those of its result
 */
export function poolPredictions(
  parts: readonly { readonly run: string; readonly result: RunResult }[],
): Pooled | undefined {
  const [{ result: first }] = parts;
  const tested: Tested[] = [];
  for (const { run, result } of parts) {
    const own = readPredictions(run, first.classes);
    if (!own) return undefined;
    const labels = own.map(({ label }) => label);
    const said = own.map(({ probabilities }) => argmax(probabilities));
    if (JSON.stringify(confusionMatrix(labels, said, first.classes.length)) !== JSON.stringify(result.test.confusion)) {
      throw new RunError(
        `predictions.csv and result.json of ${run} are not of one test: their confusion matrices differ. Write both anew by formant evaluate --run ${run}.`,
      );
    }
    tested.push(...own);
  }
  const labels = tested.map(({ label }) => label);
  const probabilities = tested.map((one) => one.probabilities);
  return { tested, summary: summarizeTest(tested, labels, probabilities, first.classes, { seed: first.seed }) };
}
