/** From a trained model to figures and report. */
import path from 'node:path';
import { device } from '../../tensor/index.js';
import type { Clip } from '../corpora/index.js';
import {
  fitCentroids,
  confusionMatrix,
  nearestCentroid,
  scoresOf,
  summarizeTest,
  type TestSummary,
} from '../metrics/index.js';
import { meanSpectrum, type FeatureItem } from '../features/index.js';
import type { ReportMark } from '../report/index.js';
import type { FeatureName, SerModel } from '../models/index.js';
import { runFiles, type RunConfig } from './config.js';
import type { Dataset } from './dataset.js';
import { writePredictions, type Said } from './predictions.js';
import { score, scoresOn } from './score.js';
import type { Trainer } from './trainer.js';
import type { Hooks, Normalization, RunResult, TestResult } from './types.js';

export interface Tested {
  readonly test: TestResult;
  readonly summary: TestSummary;
  readonly said: readonly Said[];
}

/** What is tested on. */
export interface TestSide {
  readonly items: readonly FeatureItem[];
  readonly labels: readonly number[];
  readonly clips: readonly Clip[];
  /** Which altered copy of its clip each item is; absent: they are the clips themselves. */
  readonly variants?: readonly number[];
}

/** Scores a model on clips. @param options.seed of the intervals' bootstrap */
export async function testModel(
  model: SerModel,
  side: TestSide,
  classes: readonly string[],
  options: { features: FeatureName; frames: number; batchSize: number; seed: number; normalize: Normalization },
  hooks: Hooks,
): Promise<Tested> {
  const { items, labels, clips, variants } = side;
  const { probabilities } = await score(model, items, labels, {
    ...options,
    speakers: options.normalize === 'speaker' ? clips.map(({ speaker }) => speaker) : undefined,
    onProgress: (done, total) => hooks.onProgress?.({ stage: 'evaluate', done, total }),
  });
  const { confusion, accuracy, uar, macro } = scoresOn(probabilities, labels, classes.length);
  const summary = summarizeTest(clips, labels, probabilities, classes, { seed: options.seed });
  const speakers = [...new Set(clips.map((c) => c.speaker))].sort();
  const test = { clips: items.length, speakers, accuracy, uar, macroF1: macro.f1, confusion, ...summary };
  const said = clips.map((clip, i) => ({
    clip,
    variant: variants?.[i] ?? 0,
    label: labels[i],
    probabilities: probabilities[i],
  }));
  return { test, summary, said };
}

/**
 * Tests the trainer's model (its best weights) on the run's held-out clips and writes report and predictions.
 * @param options.others what the report compares with. @param options.report where it goes, default the run folder
 */
export async function finish(
  run: string,
  config: RunConfig,
  data: Dataset,
  trainer: Trainer,
  hooks: Hooks,
  options: { others?: readonly ReportMark[]; report?: string } = {},
): Promise<RunResult> {
  const { progress } = trainer;
  const tested = await testModel(
    trainer.model,
    { ...data.test, variants: data.split.test.map(({ variant }) => variant) },
    data.classes,
    {
      features: config.features,
      frames: trainer.sequenceFrames,
      batchSize: config.batchSize,
      seed: config.seed,
      normalize: config.normalize,
    },
    hooks,
  );
  const result: RunResult = {
    run: path.resolve(run),
    model: config.model,
    features: config.features,
    protocol: config.protocol,
    seed: config.seed,
    parameters: trainer.model.parameters().reduce((n, p) => n + p.size, 0),
    epochs: progress.epoch,
    bestEpoch: progress.best.epoch,
    seconds: progress.seconds,
    adapter: device().info.description,
    normalize: config.normalize,
    classes: data.classes,
    ...(config.shuffleLabels && { shuffledLabels: true as const }),
    test: tested.test,
    baseline: nearestCentroidScores(data, config.features),
    rejected: data.scan.rejected,
    finished: progress.finished,
  };
  const { clips, duplicates } = data.scan;
  writePredictions(runFiles(run).predictions, data.classes, tested.said);
  const { writeReport } = await import('./report.js');
  await writeReport(options.report ?? runFiles(run).report, {
    ...tested,
    config,
    result,
    training: { train: data.train.clips, validation: data.validation.clips },
    history: progress.history,
    seconds: clips.reduce((sum, clip) => sum + clip.seconds, 0),
    duplicates: duplicates.reduce((n, group) => n + group.length - 1, 0),
    rejected: result.rejected,
    notes: data.split.notes,
    others: options.others ?? [],
  });
  return result;
}

/**
 * What the simplest classifier makes of the same clips: nearest centroid on the mean spectrum, of the same normalised features that the model
 * gets, for normalisation helps it as much as the model.
 */
function nearestCentroidScores({ train, test, classes }: Dataset, features: FeatureName): RunResult['baseline'] {
  const spectra = (items: readonly FeatureItem[]) => items.map((item) => meanSpectrum(item, features));
  const centroids = fitCentroids(spectra(train.items), train.labels, classes.length);
  const predicted = spectra(test.items).map((spectrum) => nearestCentroid(centroids, spectrum));
  const { accuracy, uar, macro, weighted } = scoresOf(confusionMatrix(test.labels, predicted, classes.length));
  return { accuracy, uar, macroF1: macro.f1, weightedF1: weighted.f1 };
}
