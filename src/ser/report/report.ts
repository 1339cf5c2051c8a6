import { Eta } from 'eta';
import { FormantError } from '../../device/errors.js';
import { scoresOf, wilsonInterval, type ClassScores } from '../metrics/index.js';
import { comparisonChart, confusionChart, curveChart, rocChart } from './charts.js';
import { TEMPLATE } from './template.js';
import type { ReportData } from './types.js';

/** Figures that do not fit together: no report is better than a wrong one. */
export class ReportError extends FormantError {}

const REJECTED_SHOWN = 200;

/**
 * Renders a run's evaluation as one self-contained HTML page: no script, nothing loaded from elsewhere, every text escaped.
 * All scores are computed from the confusion matrix here, so that the page cannot contradict itself.
 * @throws ReportError if the confusion matrix does not fit the classes or the interval does not hold the accuracy;
 *   MetricError if there is no test clip.
 */
export async function renderReport(data: ReportData): Promise<string> {
  const { classes, confusion, run, history } = data;
  if (confusion.length !== classes.length || confusion.some((row) => row.length !== classes.length)) {
    throw new ReportError(
      `The confusion matrix has ${confusion.length} rows for ${classes.length} classes; expected one row and column a class.`,
    );
  }
  const scores = scoresOf(confusion);
  const clips = scores.macro.support;
  const interval = data.interval ?? wilsonInterval(Math.round(scores.accuracy * clips), clips);
  if (!(interval.low <= scores.accuracy + 1e-9 && interval.high >= scores.accuracy - 1e-9)) {
    throw new ReportError(
      `The interval ${interval.low} … ${interval.high} does not hold the accuracy ${scores.accuracy} of the confusion matrix; ` +
        'give the interval of the same clips.',
    );
  }
  const method = data.intervalMethod ?? (data.interval ? 'as given' : 'Wilson, over clips');
  const chance = Math.max(...scores.perClass.map(({ support }) => support)) / clips;
  const baselines = [...(data.baselines ?? []), { name: 'always the largest class', accuracy: chance }];
  const trainsAccuracy = history.some((row) => row.trainAccuracy !== undefined || row.validationAccuracy !== undefined);

  const [comparison, heat, loss, accuracy, roc] = await Promise.all([
    comparisonChart({ name: run.model, accuracy: scores.accuracy, ...interval }, baselines),
    confusionChart(confusion, classes),
    history.length > 0 ? curveChart(history, 'loss', run.bestEpoch) : '',
    trainsAccuracy ? curveChart(history, 'accuracy', run.bestEpoch) : '',
    data.roc && data.roc.length > 0 ? rocChart(data.roc) : '',
  ]);

  const title = data.title ?? `Speech emotion recognition: ${run.name}`;
  const tiles = [
    {
      value: percent(scores.accuracy),
      label: `accuracy (${(100 * interval.low).toFixed(1)}–${percent(interval.high)})`,
    },
    { value: percent(scores.uar), label: 'unweighted average recall' },
    { value: scores.macro.f1.toFixed(3), label: 'macro F1' },
    ...(data.top2 === undefined ? [] : [{ value: percent(data.top2), label: 'right among the first two' }]),
    ...(data.calibrationError === undefined
      ? []
      : [{ value: data.calibrationError.toFixed(3), label: 'calibration error' }]),
    { value: group(clips), label: `test clips of ${plural(data.data.test.speakers.length, 'speaker')}` },
  ];
  return new Eta({ autoEscape: true, autoTrim: false }).renderString(TEMPLATE, {
    title,
    subtitle: [
      `${run.model} on ${run.features}, protocol ${run.protocol}, normalised ${run.normalize}`,
      ...(data.date ? [data.date] : []),
    ].join(' · '),
    tiles,
    notes: data.notes,
    intervalText: `The line is the 95 % interval of the accuracy: ${percent(interval.low)} to ${percent(interval.high)} (${method}).`,
    charts: { comparison, confusion: heat, loss, accuracy, roc },
    rows: classes.map((name, c) => classRow(name, scores.perClass[c])),
    averages: [classRow('macro average', scores.macro), classRow('weighted average', scores.weighted)],
    groups: (data.groups ?? []).map((row) => ({
      name: row.name,
      clips: group(row.clips),
      accuracy: percent(row.accuracy),
      percent: (100 * row.accuracy).toFixed(1),
    })),
    settings: [
      ['model', run.model],
      ['features', run.features],
      ['protocol', run.protocol],
      ['normalisation', run.normalize],
      ['parameters', group(run.parameters)],
      ['epochs', run.bestEpoch === undefined ? `${run.epochs}` : `${run.epochs} (best: ${run.bestEpoch})`],
      ['seed', `${run.seed}`],
      ['training time', duration(run.seconds)],
      ...(run.adapter ? [['adapter', run.adapter]] : []),
      ...Object.entries(run.settings ?? {}).map(([name, value]) => [name, String(value)]),
    ],
    data: [
      ['training', side(data.data.train)],
      ['validation', side(data.data.validation)],
      ['test', side(data.data.test)],
      ...(data.data.seconds === undefined ? [] : [['audio', duration(data.data.seconds)]]),
      ...(data.data.duplicates === undefined ? [] : [['duplicates', group(data.data.duplicates)]]),
      ['files left out', group(data.data.rejected.length)],
    ],
    rejected: data.data.rejected.slice(0, REJECTED_SHOWN),
    moreRejected: Math.max(0, data.data.rejected.length - REJECTED_SHOWN),
  });
}

function classRow(name: string, scores: ClassScores) {
  return {
    name,
    precision: scores.precision.toFixed(3),
    recall: scores.recall.toFixed(3),
    f1: scores.f1.toFixed(3),
    percent: (100 * scores.f1).toFixed(1),
    support: group(scores.support),
  };
}

function side({ clips, speakers }: ReportData['data']['train']): string {
  const shown = speakers.slice(0, 12).join(', ');
  const names = speakers.length > 12 ? `${shown} and ${speakers.length - 12} more` : shown;
  return `${plural(clips, 'clip')} of ${plural(speakers.length, 'speaker')}${speakers.length > 0 ? `: ${names}` : ''}`;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)}%`;
}

function plural(count: number, word: string): string {
  return `${group(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** 917703 → 917,703. */
function group(count: number): string {
  return count.toLocaleString('en-GB');
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
