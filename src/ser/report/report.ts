import { Eta } from 'eta';
import { FormantError } from '../../device/errors.js';
import { scoresOf, wilsonInterval, type Interval, type Scores } from '../metrics/index.js';
import {
  comparisonChart,
  confusionChart,
  CURVE_KINDS,
  curveChart,
  reliabilityChart,
  rocChart,
} from './charts/index.js';
import { group, percent, plural } from './format.js';
import { aboutProtocol, PAPER } from './paper.js';
import { classTable, comparisonRows, countTable, groupTables, mistakeCards, runFacts, dataFacts } from './tables.js';
import { TEMPLATE } from './template.js';
import type { ReportData } from './types.js';

/** Figures that do not fit together: no report is better than a wrong one. */
export class ReportError extends FormantError {}

const REJECTED_SHOWN = 200;

/**
 * Renders a run's evaluation as one self-contained HTML page: no script, nothing loaded from elsewhere, every text escaped.
 * All scores of the test are computed from the confusion matrix here, so that the page cannot contradict itself.
 * @throws ReportError if the confusion matrix does not fit the classes or the interval does not hold the accuracy;
 *   MetricError if there is no test clip.
 */
export async function renderReport(data: ReportData): Promise<string> {
  const { classes, confusion, run, history, roc = [], calibration } = data;
  if (confusion.length !== classes.length || confusion.some((row) => row.length !== classes.length)) {
    throw new ReportError(
      `The confusion matrix has ${confusion.length} rows for ${classes.length} classes; expected one row and column a class.`,
    );
  }
  const scores = scoresOf(confusion);
  const interval = intervalOf(data, scores);
  const rows = comparisonRows(data, scores);
  const [comparison, heat, rocPicture, reliability, ...curves] = await Promise.all([
    comparisonChart(rows, interval),
    confusionChart(confusion, classes),
    roc.length > 0 ? rocChart(roc) : '',
    calibration ? reliabilityChart(calibration.bins) : '',
    ...CURVE_KINDS.map((kind) => curveChart(history, kind, run.bestEpoch)),
  ]);
  const aucs = new Map(roc.map(({ name, auc }) => [name, auc]));
  const macroAuc = roc.length > 0 ? roc.reduce((sum, { auc }) => sum + auc, 0) / roc.length : undefined;
  return new Eta({ autoEscape: true, autoTrim: false }).renderString(TEMPLATE, {
    title: data.title ?? `Speech emotion recognition: ${run.name}`,
    subtitle: [
      `${run.model} on ${run.features}, protocol ${run.protocol}, normalised by ${run.normalize}`,
      ...(data.date ? [data.date] : []),
    ].join(' · '),
    tiles: tilesOf(data, scores, interval, macroAuc),
    protocol: aboutProtocol(run.protocol),
    notes: data.notes,
    charts: { comparison, confusion: heat, roc: rocPicture, reliability },
    curves: CURVE_KINDS.map((kind, i) => ({ kind, svg: curves[i] })).filter(({ svg }) => svg !== ''),
    comparison: rows,
    interval: `The line is the 95 % interval of the accuracy: ${percent(interval.low)} to ${percent(interval.high)} (${methodOf(data)}).`,
    ...classTable(data, scores, aucs, macroAuc),
    calibrationError: calibration?.error.toFixed(3),
    groups: groupTables(data),
    mistakes: mistakeCards(data),
    counts: countTable(data),
    settings: runFacts(run),
    data: dataFacts(data.data),
    paper: {
      support: group(PAPER.support),
      clips: group(PAPER.clips),
      parameters: group(PAPER.parameters),
      accuracy: PAPER.accuracy.toFixed(2),
      low: PAPER.perClass.low.toFixed(2),
      high: PAPER.perClass.high.toFixed(2),
      auc: PAPER.auc.toFixed(2),
      same: run.protocol === 'paper',
    },
    rejected: data.data.rejected.slice(0, REJECTED_SHOWN),
    moreRejected: Math.max(0, data.data.rejected.length - REJECTED_SHOWN),
  });
}

/** The interval of the accuracy, checked. */
function intervalOf({ intervals }: ReportData, { accuracy, macro }: Scores): Interval {
  const clips = macro.support;
  if (!intervals) return wilsonInterval(Math.round(accuracy * clips), clips);
  const { low, high } = intervals.accuracy;
  if (!(low <= accuracy + 1e-9 && high >= accuracy - 1e-9)) {
    throw new ReportError(
      `The interval ${low} … ${high} does not hold the accuracy ${accuracy} of the confusion matrix; give the interval of the same clips.`,
    );
  }
  return { low, high };
}

const methodOf = ({ intervals }: ReportData): string =>
  intervals ? `bootstrap over ${intervals.over}` : 'Wilson, over clips';

function tilesOf(data: ReportData, scores: Scores, interval: Interval, macroAuc: number | undefined) {
  const between = ({ low, high }: Interval): string => `${(100 * low).toFixed(1)}–${percent(high)}`;
  const { intervals, calibration, top2 } = data;
  return [
    { value: percent(scores.accuracy), label: `accuracy (${between(interval)})` },
    {
      value: percent(scores.uar),
      label: `unweighted average recall${intervals ? ` (${between(intervals.uar)})` : ''}`,
    },
    { value: scores.macro.f1.toFixed(3), label: 'macro F1' },
    ...(macroAuc === undefined ? [] : [{ value: macroAuc.toFixed(3), label: 'mean area under ROC' }]),
    ...(top2 === undefined ? [] : [{ value: percent(top2), label: 'right among the first two' }]),
    ...(calibration === undefined ? [] : [{ value: calibration.error.toFixed(3), label: 'calibration error' }]),
    { value: group(scores.macro.support), label: `test clips of ${plural(data.data.test.speakers.length, 'speaker')}` },
  ];
}
