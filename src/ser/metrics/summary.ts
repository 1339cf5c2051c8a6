/** Everything that is said of a test: what goes into result.json, and what the report shows. */
import { calibrationErrorOf, reliability, type ReliabilityBin } from './calibration.js';
import { confusionMatrix } from './confusion.js';
import { bootstrapIntervals, type Interval } from './interval.js';
import { argmax, aucPerClass, macroAuc, topKAccuracy, type Probabilities } from './ranking.js';
import { scoresOf, type ClassScores, type Scores } from './scores.js';

/** What is known of a test clip besides its class. */
export interface TestedClip {
  readonly corpus: string;
  readonly speaker: string;
  readonly gender?: string;
}

/** 95 % bootstrap intervals. */
export interface ScoreIntervals {
  /** What was drawn with replacement: whole speakers where there are at least four, else clips. */
  readonly over: 'speakers' | 'clips';
  readonly accuracy: Interval;
  readonly uar: Interval;
  readonly macroF1: Interval;
}

/** A part of the test clips, scored by itself. */
export interface GroupScores {
  readonly name: string;
  readonly clips: number;
  readonly accuracy: number;
  /** Over the classes that occur in the group. */
  readonly uar: number;
  readonly macroF1: number;
  readonly intervals: ScoreIntervals;
}

export interface ClassReport extends ClassScores {
  readonly emotion: string;
  /** Area under the ROC curve against the rest; null where the class has no test clip, or all of them. */
  readonly auc: number | null;
}

/** The scores of a test, as JSON has them. */
export interface TestSummary {
  readonly perClass: readonly ClassReport[];
  /** Plain mean over the classes that occur; `auc` over those that have one. */
  readonly macro: ClassScores & { readonly auc: number | null };
  /** Mean weighted by the classes' clips. */
  readonly weighted: ClassScores;
  /** The true class is among the two most probable ones; null for two classes, where it always is. */
  readonly top2: number | null;
  readonly calibration: { readonly error: number; readonly bins: readonly ReliabilityBin[] };
  readonly intervals: ScoreIntervals;
  readonly byCorpus: readonly GroupScores[];
  /** Clips whose corpus does not tell the gender are under `unknown`. */
  readonly byGender: readonly GroupScores[];
  readonly bySpeaker: readonly GroupScores[];
}

/** From so many speakers on, intervals are drawn over speakers: over fewer, the percentiles of a bootstrap say little. */
const FEWEST_SPEAKERS = 4;

const SCORES = {
  accuracy: (scores: Scores) => scores.accuracy,
  uar: (scores: Scores) => scores.uar,
  macroF1: (scores: Scores) => scores.macro.f1,
};

/**
 * Scores of a test from the probabilities of its clips.
 * @param labels class indices (N,). @param probabilities (N, C). @param classes their C names.
 * @param options.seed of the bootstrap
 * @param options.rounds of the bootstrap; default 1000
 * @throws MetricError if there is no clip, or lengths differ
 */
export function summarizeTest(
  clips: readonly TestedClip[],
  labels: readonly number[],
  probabilities: Probabilities,
  classes: readonly string[],
  options: { seed?: number; rounds?: number } = {},
): TestSummary {
  const { seed = 0, rounds = 1000 } = options;
  const predicted = probabilities.map(argmax);
  const aucs = aucPerClass(labels, probabilities, classes.length);
  const scores = scoresOf(confusionMatrix(labels, predicted, classes.length));
  const bins = reliability(labels, probabilities);

  const part = (name: string, own: readonly number[]): GroupScores => {
    const truth = own.map((i) => labels[i]);
    const said = own.map((i) => predicted[i]);
    const { accuracy, uar, macro } = scoresOf(confusionMatrix(truth, said, classes.length));
    const speakers = own.map((i) => clips[i].speaker);
    const intervals = intervalsOf(truth, said, speakers, classes.length, { seed, rounds });
    return { name, clips: own.length, accuracy, uar, macroF1: macro.f1, intervals };
  };
  const by = (key: (clip: TestedClip) => string): GroupScores[] => {
    const names = clips.map(key);
    return [...new Set(names)].sort().map((name) =>
      part(
        name,
        [...names.keys()].filter((i) => names[i] === name),
      ),
    );
  };
  return {
    perClass: classes.map((emotion, c) => ({ emotion, ...scores.perClass[c], auc: aucs[c] })),
    macro: { ...scores.macro, auc: macroAuc(aucs) },
    weighted: scores.weighted,
    top2: classes.length > 2 ? topKAccuracy(labels, probabilities, 2) : null,
    calibration: { error: calibrationErrorOf(bins), bins },
    intervals: part('all', [...clips.keys()]).intervals,
    byCorpus: by(({ corpus }) => corpus),
    byGender: by(({ gender }) => gender ?? 'unknown'),
    bySpeaker: by(({ speaker }) => speaker),
  };
}

function intervalsOf(
  truth: readonly number[],
  predicted: readonly number[],
  speakers: readonly string[],
  classes: number,
  options: { seed: number; rounds: number },
): ScoreIntervals {
  const over = new Set(speakers).size >= FEWEST_SPEAKERS ? 'speakers' : 'clips';
  const groups = over === 'speakers' ? speakers : undefined;
  return { over, ...bootstrapIntervals(truth, predicted, classes, SCORES, { ...options, groups }) };
}
