/** The report of a tested run. Loaded only when one is written: the charts' library is large, and nothing else needs it. */
import path from 'node:path';
import { writeFileAtomic } from '../../io/index.js';
import type { Clip, Rejected } from '../corpora/index.js';
import type { TestSummary } from '../metrics/index.js';
import { renderReport, type ReportCounts, type ReportMark, type ReportSide } from '../report/index.js';
import type { EpochLog } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { worstMistakes } from './mistakes.js';
import type { Said } from './predictions.js';
import { scoredParts } from './report-parts.js';
import type { RunResult } from './types.js';

export interface ReportInput {
  readonly config: RunConfig;
  readonly result: RunResult;
  readonly summary: TestSummary;
  /** The test clips and what the model said. */
  readonly said: readonly Said[];
  /** Absent where other corpora than the run's own were tested. */
  readonly training?: { readonly train: readonly Clip[]; readonly validation: readonly Clip[] };
  readonly history: readonly EpochLog[];
  readonly seconds: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejected[];
  readonly notes: readonly string[];
  readonly others: readonly ReportMark[];
}

/** Renders the page and writes it, whole or not at all. */
export async function writeReport(file: string, input: ReportInput): Promise<void> {
  const { config, result, summary, said, training, history } = input;
  const { classes, test } = result;
  const clips = said.map(({ clip }) => clip);
  const sides = { training: training?.train, validation: training?.validation, test: clips };
  const page = await renderReport({
    title: 'Speech emotion recognition',
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    run: {
      name: path.basename(result.run),
      model: config.model,
      features: config.features,
      protocol: config.protocol,
      normalize: config.normalize === 'speaker' ? 'each speaker’s own statistics' : 'statistics of the training clips',
      seed: config.seed,
      parameters: result.parameters,
      epochs: result.epochs,
      bestEpoch: result.bestEpoch,
      seconds: result.seconds,
      adapter: result.adapter,
      settings: settingsOf(config),
    },
    data: {
      train: training && sideOf(training.train),
      validation: training && sideOf(training.validation),
      test: sideOf(clips),
      counts: Object.entries(sides).flatMap(([side, own]) => (own ? countsOf(side, own, classes) : [])),
      seconds: input.seconds,
      duplicates: input.duplicates,
      rejected: input.rejected,
    },
    classes,
    confusion: test.confusion,
    history: history.map(({ loss, lr, ...rest }) => ({ ...rest, trainLoss: loss, learningRate: lr })),
    baselines: result.baseline ? [{ name: 'nearest centroid on the mean spectrum', ...result.baseline }] : [],
    others: input.others,
    ...scoredParts(
      said.map(({ label }) => label),
      said.map(({ probabilities }) => probabilities),
      summary,
    ),
    mistakes: await worstMistakes(said, classes),
    notes: [
      ...input.notes,
      config.normalize === 'speaker'
        ? 'Features are normalised by each speaker’s own clips, the test speakers’ included (without their labels): a new voice needs some clips first.'
        : 'Features are normalised by the training clips; nothing is known of a test speaker.',
    ],
  });
  writeFileAtomic(file, page);
}

/** Every setting that is a word, a number or a switch, under its name in config.json, but for those shown anyway. */
function settingsOf(config: RunConfig): Record<string, string | number | boolean> {
  const shown = [
    'format',
    'version',
    'model',
    'features',
    'protocol',
    'normalize',
    'seed',
    'epochs',
    'adapter',
    'strict',
  ];
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]: [string, unknown]) => {
      if (shown.includes(name)) return [];
      const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      if (['string', 'number', 'boolean'].includes(typeof value)) return [[words, value as string | number | boolean]];
      return name === 'augment' ? [[words, augmentation(value)]] : [];
    }),
  );
}

function augmentation(value: unknown): string {
  const parts = Object.entries(value ?? {}).filter(([, strength]) => typeof strength !== 'number' || strength > 0);
  return parts.length === 0 ? 'none' : parts.map(([name, strength]) => `${name} ${String(strength)}`).join(', ');
}

const sideOf = (clips: readonly Clip[]): ReportSide => ({
  clips: clips.length,
  speakers: [...new Set(clips.map((c) => c.speaker))].sort(),
});

function countsOf(side: string, clips: readonly Clip[], classes: readonly string[]): ReportCounts[] {
  return [...new Set(clips.map(({ corpus }) => corpus))].sort().map((corpus) => ({
    side,
    corpus,
    counts: classes.map((name) => clips.filter((clip) => clip.corpus === corpus && clip.emotion === name).length),
  }));
}
