/** What `train`, `evaluate` and `demo` print of a run. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Interval } from '../metrics/index.js';
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
    ['accuracy', `${percent(test.accuracy)}${between(test.intervals?.accuracy)}`],
    ['UAR', `${percent(test.uar)} (mean recall of the classes)${between(test.intervals?.uar)}`],
    ['macro F1', test.macroF1.toFixed(3)],
    ...(test.weighted ? [['weighted F1', test.weighted.f1.toFixed(3)] as const] : []),
    ...(typeof test.macro?.auc === 'number' ? [['mean AUC', test.macro.auc.toFixed(3)] as const] : []),
    ...(typeof test.top2 === 'number' ? [['top-2', percent(test.top2)] as const] : []),
    ...(test.calibration
      ? [['calibration', `error ${test.calibration.error.toFixed(3)} (0: confidence comes true)`] as const]
      : []),
    ...(test.intervals ? [['intervals', `95 %, bootstrap over ${test.intervals.over}`] as const] : []),
    ...(result.baseline
      ? [['nearest centroid', `${percent(result.baseline.accuracy)} (a mark to compare with)`] as const]
      : []),
  ]);
  const where = existsSync(report) ? ['', `Report: ${report}`] : [];
  const groups = groupTable(test);
  return [about, '', classTable(result), '', matrix, '', scores, ...(groups ? ['', groups] : []), ...where].join('\n');
}

/** Precision, recall, F1 and AUC of the classes; of a result without them, recall alone. */
function classTable({ classes, test: { confusion, perClass } }: RunResult): string {
  if (!perClass) {
    const rows = classes.map((name, i) => {
      const support = confusion[i].reduce((sum, n) => sum + n, 0);
      return [name, support === 0 ? '-' : percent(confusion[i][i] / support), support];
    });
    return table(rows, ['class', 'recall', 'clips']);
  }
  const rows = perClass.map(({ emotion, precision, recall, f1, auc, support }) => [
    emotion,
    percent(precision),
    // A class without clips has nothing to be found.
    support === 0 ? '-' : percent(recall),
    f1.toFixed(3),
    auc === null ? '-' : auc.toFixed(3),
    support,
  ]);
  return table(rows, ['class', 'precision', 'recall', 'F1', 'AUC', 'clips']);
}

/** Corpora, genders and speakers, where there are several of a kind; of many speakers, the report has the list. */
function groupTable({ byCorpus = [], byGender = [], bySpeaker = [] }: RunResult['test']): string {
  const shown = [byCorpus, byGender, bySpeaker].filter((groups) => groups.length > 1 && groups.length <= 12).flat();
  if (shown.length === 0) return '';
  return table(
    shown.map(({ name, accuracy, intervals, uar, clips }) => [
      name,
      percent(accuracy),
      between(intervals.accuracy).trim(),
      percent(uar),
      clips,
    ]),
    ['part', 'accuracy', '95 %', 'UAR', 'clips'],
  );
}

const between = (interval: Interval | undefined): string =>
  interval ? ` [${(interval.low * 100).toFixed(1)}–${(interval.high * 100).toFixed(1)}]` : '';

const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
