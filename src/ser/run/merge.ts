/** `formant merge`: the folds of a cross-validation as one result. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describeFsError, writeFileAtomic } from '../../io/index.js';
import { scoresOf } from '../metrics/index.js';
import { readConfig, runFiles, type RunConfig } from './config.js';
import { RunError } from './errors.js';
import { poolPredictions, type Pooled } from './merge-predictions.js';
import { reportOfFolds } from './merge-report.js';
import type { RunResult, TestResult } from './types.js';

export interface MergedFold {
  readonly run: string;
  readonly fold: number;
  readonly clips: number;
  readonly speakers: readonly string[];
  readonly accuracy: number;
  readonly uar: number;
  readonly macroF1: number;
  readonly bestEpoch: number;
}

/** Mean and standard deviation (of the sample, n − 1) over folds. */
export interface Spread {
  readonly mean: number;
  readonly sd: number;
}

/** The JSON of `merge`. */
export interface MergedResult {
  readonly model: RunResult['model'];
  readonly features: RunResult['features'];
  readonly protocol: RunResult['protocol'];
  readonly normalize: RunResult['normalize'];
  readonly seed: number;
  readonly classes: readonly string[];
  readonly shuffledLabels?: true;
  readonly folds: readonly MergedFold[];
  /** Of the folds' own scores. */
  readonly over: { readonly accuracy: Spread; readonly uar: Spread; readonly macroF1: Spread };
  /** Of all folds' test clips together; what takes probabilities, and intervals, where each run has its predictions.csv. */
  readonly test: TestResult;
  /** The page that was written. */
  readonly report?: string;
}

interface Part {
  readonly run: string;
  readonly config: RunConfig;
  readonly result: RunResult;
  readonly fold: { readonly index: number; readonly count: number };
}

/**
 * Joins the results of all folds of one experiment.
 * @param options.out folder for merged.json and report.html; absent: nothing is written
 * @throws RunError where a run is not tested yet or has no fold, where settings differ, where a fold is missing or there twice
 */
export async function mergeRuns(
  runs: readonly string[],
  options: { readonly out?: string } = {},
): Promise<MergedResult> {
  const parts = runs.map(readPart).sort((a, b) => a.fold.index - b.fold.index);
  checkSettings(parts);
  checkFolds(parts);
  const [{ result: first }] = parts;
  const confusion = first.classes.map((_, truth) =>
    first.classes.map((_, said) => parts.reduce((sum, { result }) => sum + result.test.confusion[truth][said], 0)),
  );
  const { accuracy, uar, macro } = scoresOf(confusion);
  const pooled = poolPredictions(parts);
  const folds = parts.map(({ run, fold, result: { test, bestEpoch } }): MergedFold => {
    const { clips, speakers, accuracy, uar, macroF1 } = test;
    return { run: path.resolve(run), fold: fold.index, clips, speakers, accuracy, uar, macroF1, bestEpoch };
  });
  const merged: MergedResult = {
    model: first.model,
    features: first.features,
    protocol: first.protocol,
    normalize: first.normalize,
    seed: first.seed,
    classes: first.classes,
    ...(first.shuffledLabels && { shuffledLabels: true as const }),
    folds,
    over: {
      accuracy: spread(folds.map((fold) => fold.accuracy)),
      uar: spread(folds.map((fold) => fold.uar)),
      macroF1: spread(folds.map((fold) => fold.macroF1)),
    },
    test: {
      clips: folds.reduce((sum, { clips }) => sum + clips, 0),
      speakers: [...new Set(folds.flatMap(({ speakers }) => speakers))].sort(),
      accuracy,
      uar,
      macroF1: macro.f1,
      confusion,
      ...pooled?.summary,
    },
  };
  return options.out === undefined ? merged : write(options.out, merged, parts, pooled);
}

function readPart(run: string): Part {
  const config = readConfig(run);
  if (!config.fold) {
    throw new RunError(
      `${run} is no fold: it was trained without --fold i/n. Only folds of one experiment can be merged.`,
    );
  }
  const file = runFiles(run).result;
  let result: RunResult;
  try {
    result = JSON.parse(readFileSync(file, 'utf8')) as RunResult;
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is no JSON' : describeFsError(error);
    throw new RunError(
      `${run} has no result yet: ${file} cannot be read (${reason}). Go on with it by --resume ${run}.`,
      {
        cause: error,
      },
    );
  }
  if (!result.finished) throw new RunError(`${run} is not finished; go on with it by --resume ${run}, and merge then.`);
  return { run, config, result, fold: config.fold };
}

/** Folds may run on other machines: on other adapters. */
const MAY_DIFFER: readonly (keyof RunConfig)[] = ['fold', 'adapter'];

function checkSettings(parts: readonly Part[]): void {
  if (parts.length === 0) throw new RunError('There are no runs to merge; name the folders of all folds.');
  const [first, ...others] = parts;
  for (const other of others) {
    const names = new Set([...Object.keys(first.config), ...Object.keys(other.config)] as (keyof RunConfig)[]);
    const differs = [...names].filter(
      (name) => !MAY_DIFFER.includes(name) && JSON.stringify(first.config[name]) !== JSON.stringify(other.config[name]),
    );
    if (differs.length > 0) {
      const told = differs.map((name) => `${name} ${said(first.config[name])} and ${said(other.config[name])}`);
      throw new RunError(
        `${first.run} and ${other.run} are not folds of one experiment: they differ in ${told.join('; ')}. Train all folds with the same settings.`,
      );
    }
    if (other.fold.count !== first.fold.count || first.result.classes.join() !== other.result.classes.join()) {
      throw new RunError(
        `${first.run} is fold ${foldText(first)} of classes ${first.result.classes.join(', ')}, ${other.run} fold ${foldText(other)} of ` +
          `classes ${other.result.classes.join(', ')}: not of one experiment.`,
      );
    }
  }
}

const foldText = ({ fold }: Part): string => `${fold.index}/${fold.count}`;
const said = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

function checkFolds(parts: readonly Part[]): void {
  const { count } = parts[0].fold;
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const runsOf = (index: number): Part[] => parts.filter(({ fold }) => fold.index === index);
  const twice = numbers.find((index) => runsOf(index).length > 1);
  if (twice !== undefined) {
    throw new RunError(
      `Fold ${twice}/${count} is there ${runsOf(twice).length} times: ${runsOf(twice)
        .map(({ run }) => run)
        .join(', ')}. Name one run for each fold.`,
    );
  }
  const missing = numbers.filter((index) => runsOf(index).length === 0);
  if (missing.length > 0) {
    const list = missing.map((index) => `${index}/${count}`).join(', ');
    throw new RunError(`Missing: fold ${list}. Train what is missing, and name all ${count} runs.`);
  }
  if (parts[0].config.protocol === 'loso') {
    const speakers = parts.flatMap(({ result }) => result.test.speakers);
    const again = speakers.find((speaker, i) => speakers.indexOf(speaker) !== i);
    if (again) {
      throw new RunError(
        `Speaker ${again} is tested in two folds: the corpora were not the same in all of them. Train the folds again on the same clips.`,
      );
    }
  }
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

async function write(
  out: string,
  merged: MergedResult,
  parts: readonly Part[],
  pooled: Pooled | undefined,
): Promise<MergedResult> {
  const report = path.resolve(out, 'report.html');
  const all = { ...merged, report };
  // The charts' library is large; nothing else needs it.
  const { renderReport } = await import('../report/index.js');
  const page = await renderReport(
    reportOfFolds(
      merged,
      parts.map(({ result }) => result),
      pooled,
    ),
  );
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw new RunError(`The folder ${out} cannot be made: ${describeFsError(error)}. Choose another --out folder.`, {
      cause: error,
    });
  }
  writeFileAtomic(path.join(out, 'merged.json'), `${JSON.stringify(all, null, 2)}\n`);
  writeFileAtomic(report, page);
  return all;
}
