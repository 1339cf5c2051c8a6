/** The page of a cross-validation: all folds as one test. */
import type { ReportData } from '../report/index.js';
import type { Pooled } from './merge-predictions.js';
import type { MergedResult, Spread } from './merge.js';
import { scoredParts } from './report-parts.js';
import type { RunResult } from './types.js';

const inWords = ({ mean, sd }: Spread): string => `${(100 * mean).toFixed(1)} % ± ${(100 * sd).toFixed(1)} %`;

/** @param pooled absent where a fold has no predictions.csv: then nothing is drawn that takes probabilities */
export function reportOfFolds(
  merged: MergedResult,
  results: readonly RunResult[],
  pooled: Pooled | undefined,
): ReportData {
  const { over, folds, test } = merged;
  return {
    title: `Speech emotion recognition: ${folds.length} folds`,
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    run: {
      name: `${folds.length} folds`,
      model: merged.model,
      features: merged.features,
      protocol: merged.protocol,
      normalize: merged.normalize === 'speaker' ? 'each speaker’s own statistics' : 'statistics of the training clips',
      seed: merged.seed,
      parameters: results[0].parameters,
      epochs: Math.max(...results.map(({ epochs }) => epochs)),
      seconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
      adapter: [...new Set(results.map(({ adapter }) => adapter))].join(', '),
    },
    data: { test: { clips: test.clips, speakers: test.speakers }, rejected: results[0].rejected },
    classes: merged.classes,
    confusion: test.confusion,
    history: [],
    ...(pooled &&
      scoredParts(
        pooled.tested.map(({ label }) => label),
        pooled.tested.map(({ probabilities }) => probabilities),
        pooled.summary,
      )),
    others: folds.map(({ fold, accuracy, uar, macroF1 }) => ({
      name: `fold ${fold} of ${folds.length}`,
      accuracy,
      uar,
      macroF1,
    })),
    notes: [
      `${folds.length} runs, each with its own training clips: the figures are of all their test clips together. Mean ± standard deviation over ` +
        `the folds: accuracy ${inWords(over.accuracy)}, unweighted average recall ${inWords(over.uar)}, macro F1 ${inWords(over.macroF1)}.`,
      ...(pooled
        ? []
        : ['A fold has no predictions.csv, so there are no ROC curves and intervals: formant evaluate writes it.']),
      ...(merged.shuffledLabels ? ['A control: the labels were shuffled, so there was nothing to learn.'] : []),
    ],
  };
}
