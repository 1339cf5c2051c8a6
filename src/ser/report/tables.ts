/** The rows of the report's tables, as text. */
import { scoresOf, type ClassScores, type Confusion, type GroupScores, type Scores } from '../metrics/index.js';
import type { Bar } from './charts/comparison.js';
import { duration, group, percent, plural, score } from './format.js';
import { PAPER } from './paper.js';
import type { ReportData, ReportMark, ReportSide } from './types.js';

export interface ComparisonRow extends Bar {
  readonly protocol: string;
  readonly cells: readonly string[];
}

/** Table VIII: the model, other runs, simple classifiers, chance, the paper. */
export function comparisonRows(data: ReportData, scores: Scores): ComparisonRow[] {
  const { run, confusion, classes } = data;
  const row = (kind: Bar['kind'], mark: ReportMark): ComparisonRow => ({
    kind,
    name: mark.name,
    accuracy: mark.accuracy,
    protocol: mark.protocol ?? (kind === 'mark' ? 'the same clips' : run.protocol),
    cells: [mark.accuracy, mark.uar, mark.macroF1, mark.weightedF1].map(score),
  });
  return [
    row('own', markOf(`${run.model} (this run)`, scores)),
    ...(data.others ?? []).map((mark) => row('run', mark)),
    ...(data.baselines ?? []).map((mark) => row('mark', mark)),
    row('mark', markOf('always the largest class', scoresOf(alwaysLargest(confusion)))),
    row('mark', { name: `a guess among ${classes.length}`, accuracy: 1 / classes.length, uar: 1 / classes.length }),
    row('paper', { name: 'the paper’s CNN-BiLSTM', protocol: 'paper, most likely', ...PAPER }),
  ];
}

const markOf = (name: string, { accuracy, uar, macro, weighted }: Scores): ReportMark => ({
  name,
  accuracy,
  uar,
  macroF1: macro.f1,
  weightedF1: weighted.f1,
});

function alwaysLargest(confusion: Confusion): Confusion {
  const supports = confusion.map((row) => row.reduce((a, n) => a + n, 0));
  const largest = supports.indexOf(Math.max(...supports));
  return supports.map((n) => supports.map((_, c) => (c === largest ? n : 0)));
}

/** Table VII. */
export function classTable(
  { classes }: ReportData,
  scores: Scores,
  aucs: ReadonlyMap<string, number>,
  macroAuc: number | undefined,
) {
  const row = (name: string, { precision, recall, f1, support }: ClassScores, auc: number | undefined) => ({
    name,
    precision: score(precision),
    recall: score(recall),
    f1: score(f1),
    percent: (100 * f1).toFixed(1),
    auc: score(auc),
    support: group(support),
  });
  return {
    rows: classes.map((name, c) => row(name, scores.perClass[c], aucs.get(name))),
    averages: [row('macro average', scores.macro, macroAuc), row('weighted average', scores.weighted, undefined)],
    areas: aucs.size > 0,
  };
}

/** Groups with their intervals, for a bar from 0 to 1. */
export function groupTables({ groups = [] }: ReportData) {
  return groups
    .filter(({ groups: own }) => own.length > 0)
    .map(({ by, groups: own }) => ({ by, over: intervalsOver(own), rows: own.map(groupRow) }));
}

function groupRow({ name, clips, accuracy, uar, macroF1, intervals }: GroupScores) {
  const { low, high } = intervals.accuracy;
  return {
    name,
    clips: group(clips),
    accuracy: percent(accuracy),
    interval: `${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)}%`,
    uar: percent(uar),
    macroF1: score(macroF1),
    left: (100 * low).toFixed(1),
    width: (100 * (high - low)).toFixed(1),
    at: (100 * accuracy).toFixed(1),
  };
}

function intervalsOver(groups: readonly GroupScores[]): string {
  const over = new Set(groups.map(({ intervals }) => intervals.over));
  return over.size > 1 ? 'speakers where there are four or more, else over clips' : [...over][0];
}

export function mistakeCards({ mistakes = [] }: ReportData) {
  return mistakes.map(({ confidence, truthProbability, seconds, ...rest }) => ({
    ...rest,
    confidence: percent(confidence),
    truthProbability: percent(truthProbability),
    seconds: seconds === undefined ? '' : `${seconds.toFixed(1)} s`,
  }));
}

/** Clips by side, corpus and class, with the sums of each side where it has several corpora. */
export function countTable({ classes, data: { counts = [] } }: ReportData) {
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, n) => a + n, 0);
  const rows = [...new Set(counts.map(({ side }) => side))].flatMap((side) => {
    const own = counts.filter((row) => row.side === side);
    const all = classes.map((_, c) => sum(own.map((row) => row.counts[c])));
    return own.length > 1 ? [...own, { side, corpus: 'all', counts: all }] : own;
  });
  return rows.map((row) => ({
    side: row.side,
    corpus: row.corpus,
    counts: row.counts.map(group),
    total: group(sum(row.counts)),
    sum: row.corpus === 'all',
  }));
}

export function runFacts(run: ReportData['run']): [string, string][] {
  return [
    ['model', run.model],
    ['features', run.features],
    ['protocol', run.protocol],
    ['normalisation', run.normalize],
    ['parameters', `${group(run.parameters)} (the paper’s: ${group(PAPER.parameters)})`],
    ['epochs', run.bestEpoch === undefined ? `${run.epochs}` : `${run.epochs} (best: ${run.bestEpoch})`],
    ['seed', `${run.seed}`],
    ['training time', duration(run.seconds)],
    ...(run.adapter ? [['adapter', run.adapter] satisfies [string, string]] : []),
    ...Object.entries(run.settings ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
  ];
}

export function dataFacts({ train, validation, test, ...data }: ReportData['data']): [string, string][] {
  const sides = { training: train, validation, test };
  return [
    ...Object.entries(sides).flatMap(([name, side]): [string, string][] => (side ? [[name, sideText(side)]] : [])),
    ...(data.seconds === undefined ? [] : [['audio', duration(data.seconds)] satisfies [string, string]]),
    ...(data.duplicates === undefined ? [] : [['duplicates', group(data.duplicates)] satisfies [string, string]]),
    ['files left out', group(data.rejected.length)],
  ];
}

function sideText({ clips, speakers }: ReportSide): string {
  const shown = speakers.slice(0, 12).join(', ');
  const names = speakers.length > 12 ? `${shown} and ${speakers.length - 12} more` : shown;
  return `${plural(clips, 'clip')} of ${plural(speakers.length, 'speaker')}${speakers.length > 0 ? `: ${names}` : ''}`;
}
