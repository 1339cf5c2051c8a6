/** From a trained model to figures and report. */
import path from 'node:path';
import { writeFileAtomic } from '../../io/index.js';
import { device } from '../../tensor/index.js';
import type { Clip } from '../corpora/index.js';
import { aucPerClass, expectedCalibrationError, rocCurve, topKAccuracy } from '../metrics/index.js';
import type { ReportData, ReportSide } from '../report/index.js';
import type { FeatureItem } from '../features/index.js';
import type { SerModel } from '../models/index.js';
import type { EpochLog } from './checkpoint.js';
import { runFiles, type RunConfig } from './config.js';
import type { Dataset } from './dataset.js';
import { score, scoresOn } from './score.js';
import type { Trainer } from './trainer.js';
import type { Hooks, RunResult, TestResult } from './types.js';

export interface Tested {
  readonly test: TestResult;
  readonly probabilities: readonly Float32Array[];
}

/** Scores a model on clips. */
export async function testModel(
  model: SerModel,
  side: { items: readonly FeatureItem[]; labels: readonly number[]; clips: readonly Clip[] },
  classes: readonly string[],
  options: { features: RunConfig['features']; frames: number; batchSize: number },
  hooks: Hooks,
): Promise<Tested> {
  const { probabilities } = await score(model, side.items, side.labels, {
    ...options,
    onProgress: (done, total) => hooks.onProgress?.({ stage: 'evaluate', done, total }),
  });
  const { confusion, accuracy, uar, macro } = scoresOn(probabilities, side.labels, classes.length);
  const speakers = [...new Set(side.clips.map((c) => c.speaker))].sort();
  return { test: { clips: side.items.length, speakers, accuracy, uar, macroF1: macro.f1, confusion }, probabilities };
}

/** Tests the trainer's model (its best weights) on the run's held-out clips and writes the report. */
export async function finish(
  run: string,
  config: RunConfig,
  data: Dataset,
  trainer: Trainer,
  hooks: Hooks,
): Promise<RunResult> {
  const { progress } = trainer;
  const tested = await testModel(
    trainer.model,
    data.test,
    data.classes,
    { features: config.features, frames: trainer.sequenceFrames, batchSize: config.batchSize },
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
    baseline: { accuracy: data.baseline },
    rejected: data.scan.rejected,
    finished: progress.finished,
  };
  await writeReport(run, config, data, progress.history, result, tested);
  return result;
}

const sideOf = (clips: readonly Clip[]): ReportSide => ({
  clips: clips.length,
  speakers: [...new Set(clips.map((c) => c.speaker))].sort(),
});

async function writeReport(
  run: string,
  config: RunConfig,
  data: Dataset,
  history: readonly EpochLog[],
  result: RunResult,
  { probabilities }: Tested,
): Promise<void> {
  // The charts' library is large; nothing else needs it.
  const { renderReport } = await import('../report/index.js');
  const { scan, split, train, validation, test, classes } = data;
  const aucs = aucPerClass(test.labels, probabilities, classes.length);
  const report: ReportData = {
    title: 'Speech emotion recognition',
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    run: {
      name: path.basename(path.resolve(run)),
      model: config.model,
      features: config.features,
      protocol: config.protocol,
      normalize: config.normalize === 'speaker' ? "each speaker's own statistics" : 'statistics of the training clips',
      seed: config.seed,
      parameters: result.parameters,
      epochs: result.epochs,
      bestEpoch: result.bestEpoch,
      seconds: result.seconds,
      adapter: result.adapter,
      settings: {
        batch: config.batchSize,
        'learning rate': config.learningRate,
        schedule: config.schedule,
        dropout: config.dropout,
        'label smoothing': config.labelSmoothing,
        size: config.size,
        ...(config.shuffleLabels && { labels: 'shuffled (a control)' }),
      },
    },
    data: {
      train: sideOf(train.clips),
      validation: sideOf(validation.clips),
      test: sideOf(test.clips),
      seconds: scan.clips.reduce((sum, c) => sum + c.seconds, 0),
      duplicates: scan.duplicates.reduce((n, group) => n + group.length - 1, 0),
      rejected: scan.rejected,
    },
    classes,
    confusion: result.test.confusion,
    history: history.map((h) => ({
      epoch: h.epoch,
      trainLoss: h.loss,
      validationLoss: h.validationLoss,
      validationAccuracy: h.validationAccuracy,
    })),
    baselines: [{ name: 'nearest centroid on the mean spectrum', accuracy: data.baseline }],
    groups: groupsOf(test.clips, test.labels, probabilities),
    roc: classes.flatMap((name, c) => {
      const positive = test.labels.map((label) => label === c);
      const auc = aucs[c];
      if (auc === null || !Number.isFinite(auc)) return [];
      return [
        {
          name,
          auc,
          points: rocCurve(
            positive,
            probabilities.map((p) => p[c]),
          ),
        },
      ];
    }),
    top2: classes.length > 2 ? topKAccuracy(test.labels, probabilities, 2) : undefined,
    calibrationError: expectedCalibrationError(test.labels, probabilities),
    notes: [
      ...split.notes,
      config.normalize === 'speaker'
        ? "Features are normalised by each speaker's own clips, the test speakers' included (without their labels): a new voice needs some clips first."
        : 'Features are normalised by the training clips; nothing is known of a test speaker.',
    ],
  };
  writeFileAtomic(runFiles(run).report, await renderReport(report));
}

function groupsOf(clips: readonly Clip[], labels: readonly number[], probabilities: readonly Float32Array[]) {
  const names = [...new Set(clips.map((c) => c.speaker))].sort();
  return names.map((name) => {
    const own = clips.map((_, i) => i).filter((i) => clips[i].speaker === name);
    const hits = own.filter((i) => probabilities[i].indexOf(Math.max(...probabilities[i])) === labels[i]);
    return { name, clips: own.length, accuracy: hits.length / own.length };
  });
}
