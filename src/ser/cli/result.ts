/** What `train`, `evaluate` and `demo` print of a run. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunResult } from '../run/types.js';
import type { Outcome } from './context.js';
import { duration, facts, names, plural, table } from './table.js';

/** @param more text that follows a finished run's */
export function runOutcome(result: RunResult, more?: (run: string) => string): Outcome {
  const { finished } = result;
  const text = finished ? `${runText(result)}${more ? `\n${more(result.run)}` : ''}` : interruptedText(result);
  return { json: result, text, incomplete: !finished };
}

function interruptedText({ run, epochs }: RunResult): string {
  return `Stopped after ${plural(epochs, 'epoch')}; everything is saved. Go on with: formant train --resume ${run}`;
}

function runText(result: RunResult): string {
  const { run, test, classes } = result;
  const { confusion } = test;
  const recalls = table(
    classes.map((name, i) => {
      const support = confusion[i].reduce((sum, n) => sum + n, 0);
      return [name, support === 0 ? '-' : percent(confusion[i][i] / support), support];
    }),
    ['class', 'recall', 'clips'],
  );
  const matrix = table(
    classes.map((name, i) => [name, ...confusion[i]]),
    ['truth \\ said', ...classes],
  );
  const report = path.join(run, 'report.html');
  const about = facts([
    [
      'model',
      `${result.model} on ${result.features} features, ${result.parameters.toLocaleString('en-US')} parameters`,
    ],
    [
      'trained',
      `${plural(result.epochs, 'epoch')} (best: ${result.bestEpoch}) in ${duration(result.seconds)} on ${result.adapter}`,
    ],
    ['protocol', `${result.protocol}, normalised by ${result.normalize}, seed ${result.seed}`],
    ...(result.shuffledLabels ? [['labels', 'shuffled: a control, with nothing to learn'] as const] : []),
    [
      'tested on',
      `${plural(test.clips, 'clip')} of ${plural(test.speakers.length, 'speaker')}: ${names(test.speakers)}`,
    ],
    ...(result.rejected.length > 0
      ? [['left out', `${plural(result.rejected.length, 'file')} (see the report)`] as const]
      : []),
  ]);
  const scores = facts([
    ['accuracy', percent(test.accuracy)],
    ['UAR', `${percent(test.uar)} (mean recall of the classes)`],
    ['macro F1', test.macroF1.toFixed(3)],
    ...(result.baseline
      ? [['nearest centroid', `${percent(result.baseline.accuracy)} (a mark to compare with)`] as const]
      : []),
  ]);
  const where = existsSync(report) ? ['', `Report: ${report}`] : [];
  return [about, '', recalls, '', matrix, '', scores, ...where].join('\n');
}

const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
