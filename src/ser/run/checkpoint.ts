/**
 * A checkpoint is one file, written to a temporary name and renamed: weights, running statistics, moments, the best weights so far, and as
 * metadata everything else that the next step depends on. Reading it back gives the run as it was, bit for bit.
 */
import { existsSync } from 'node:fs';
import { ndarray, readSafetensors, toFloat32, writeSafetensors, type NdArray } from '../../io/index.js';
import type { OptimizerState, SchedulerState, StateDict, WeightAverageState } from '../../nn/index.js';
import type { RandomState } from '../../tensor/index.js';
import type { Normalizer, Stats } from '../features/index.js';
import { FEATURE_SETTINGS, FEATURE_VERSION, featureWidth } from '../features/settings.js';
import type { FeatureName, ModelSettings } from '../models/index.js';
import { RunError } from './errors.js';

/** One line of the log. */
export interface EpochLog {
  readonly epoch: number;
  readonly loss: number;
  /** Of the clips as they were trained on: altered, with dropout; where clips are mixed, of the one with the greater share. Absent in older logs. */
  readonly trainAccuracy?: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  readonly validationUar: number;
  readonly lr: number;
  readonly seconds: number;
  /** Absent in logs of the first version. */
  readonly clipsPerSecond?: number;
}

/** The scalars of a run in progress. */
export interface Progress {
  /** Finished epochs. */
  readonly epoch: number;
  /** Steps taken in the epoch under way, and their losses so far. */
  readonly step: number;
  readonly losses: readonly number[];
  /** Training clips recognised in these steps; older checkpoints do not say. */
  readonly correct?: number;
  readonly history: readonly EpochLog[];
  readonly best: { readonly epoch: number; readonly uar: number; readonly loss: number };
  /** Seconds of training so far, over all sessions. */
  readonly seconds: number;
  readonly finished: boolean;
}

export interface Checkpoint {
  readonly weights: StateDict;
  readonly bestWeights: StateDict;
  readonly optimizer: OptimizerState;
  readonly scheduler: SchedulerState;
  readonly random: RandomState;
  readonly progress: Progress;
  /** The moving average of the weights, where the run keeps one. */
  readonly average?: WeightAverageState;
  /** The `fingerprint` of the clips that it was trained on; the first checkpoints ever written have none. */
  readonly data?: string;
}

const VERSION = '1';

const entries = (prefix: string, state: StateDict): [string, NdArray][] =>
  Object.entries(state).map(([name, { shape, data }]) => [`${prefix}.${name}`, ndarray([...shape], data)]);

function stateOf(tensors: ReadonlyMap<string, NdArray>, prefix: string): StateDict {
  const state: StateDict = {};
  for (const [name, array] of tensors) {
    if (name.startsWith(`${prefix}.`))
      state[name.slice(prefix.length + 1)] = { shape: array.shape, data: toFloat32(array) };
  }
  return state;
}

export function saveCheckpoint(file: string, checkpoint: Checkpoint): void {
  const { weights, bestWeights, optimizer, scheduler, random, progress, average, data } = checkpoint;
  const { arrays, ...optimizerScalars } = optimizer;
  writeSafetensors(
    file,
    [
      ...entries('model', weights),
      ...entries('best', bestWeights),
      ...entries('optimizer', arrays),
      ...(average ? entries('average', average.weights) : []),
    ],
    {
      format: 'formant-checkpoint',
      version: VERSION,
      state: JSON.stringify({
        optimizer: optimizerScalars,
        scheduler,
        random,
        progress,
        ...(average && { average: { updates: average.updates } }),
        data,
      }),
    },
  );
}

/** @throws RunError if there is none, FileFormatError if it is damaged */
export function loadCheckpoint(file: string): Checkpoint {
  if (!existsSync(file)) {
    throw new RunError(
      `The run has no checkpoint yet (${file}): it stopped in its first epoch. Go on with it by --resume.`,
    );
  }
  const { tensors, metadata } = readSafetensors(file);
  const state = parse(file, metadata, 'formant-checkpoint') as Omit<
    Checkpoint,
    'weights' | 'bestWeights' | 'optimizer' | 'average'
  > & {
    optimizer: Omit<OptimizerState, 'arrays'>;
    average?: Omit<WeightAverageState, 'weights'>;
  };
  return {
    weights: stateOf(tensors, 'model'),
    bestWeights: stateOf(tensors, 'best'),
    optimizer: { ...state.optimizer, arrays: stateOf(tensors, 'optimizer') },
    scheduler: state.scheduler,
    random: state.random,
    progress: state.progress,
    ...(state.average && { average: { ...state.average, weights: stateOf(tensors, 'average') } }),
    data: state.data,
  };
}

function parse(file: string, metadata: Readonly<Record<string, string>>, format: string): unknown {
  if (metadata.format !== format || metadata.version !== VERSION) {
    throw new RunError(
      `${file} is not a ${format} of version ${VERSION} (it says "${metadata.format ?? '—'}", version ${metadata.version ?? '—'}).`,
    );
  }
  try {
    return JSON.parse(metadata.state);
  } catch (error) {
    throw new RunError(`${file} is damaged: its settings are no JSON.`, { cause: error });
  }
}

/** A trained model with all that using it takes. */
export interface ModelFile {
  readonly settings: ModelSettings;
  readonly classes: readonly string[];
  /** Frames that sequences are padded to. */
  readonly frames: number;
  readonly normalizer: Normalizer;
  readonly weights: StateDict;
  readonly bestEpoch: number;
}

/** How this program makes features, as it is kept with a model. */
const featuresNow = (features: FeatureName): Readonly<Record<string, number>> => ({
  version: FEATURE_VERSION,
  ...FEATURE_SETTINGS[features],
});

/** @throws RunError if a model was trained on features that this program makes in another way: it would answer, and be wrong */
function checkFeatures(
  file: string,
  { features, width }: ModelSettings,
  heard: Readonly<Record<string, number>> | undefined,
): void {
  const now = { ...featuresNow(features), width: featureWidth(features) };
  const then: Readonly<Record<string, number>> = { ...now, ...heard, width };
  const differs = Object.keys(now).filter((name) => then[name] !== now[name as keyof typeof now]);
  if (differs.length > 0) {
    const told = differs.map((name) => `${name} ${then[name]} (now ${now[name as keyof typeof now]})`).join(', ');
    throw new RunError(
      `${file} was trained on "${features}" features made in another way: ${told}. Train the run again, or use the version of Formant that trained it.`,
    );
  }
}

export function saveModel(file: string, model: ModelFile): void {
  const { weights, normalizer, ...rest } = model;
  const stats: [string, NdArray][] = [['global', normalizer.global] as const, ...normalizer.speakers].flatMap(
    ([name, { mean, deviation }]): [string, NdArray][] => [
      [`normalize.${name}.mean`, ndarray([mean.length], mean)],
      [`normalize.${name}.deviation`, ndarray([deviation.length], deviation)],
    ],
  );
  writeSafetensors(file, [...entries('model', weights), ...stats], {
    format: 'formant-model',
    version: VERSION,
    state: JSON.stringify({
      ...rest,
      heard: featuresNow(rest.settings.features),
      normalize: normalizer.kind,
      speakers: [...normalizer.speakers.keys()],
    }),
  });
}

export function loadModel(file: string): ModelFile {
  if (!existsSync(file)) throw new RunError(`There is no trained model in this run yet (${file}); train it first.`);
  const { tensors, metadata } = readSafetensors(file);
  const { normalize, speakers, heard, ...rest } = parse(file, metadata, 'formant-model') as Omit<
    ModelFile,
    'weights' | 'normalizer'
  > & {
    normalize: Normalizer['kind'];
    speakers: readonly string[];
    /** Models of the first version have none. */
    heard?: Readonly<Record<string, number>>;
  };
  checkFeatures(file, rest.settings, heard);
  const stats = (name: string): Stats => {
    const [mean, deviation] = ['mean', 'deviation'].map((part) => tensors.get(`normalize.${name}.${part}`));
    if (!mean || !deviation) throw new RunError(`${file} is damaged: the normalisation of "${name}" is missing.`);
    return { mean: toFloat32(mean), deviation: toFloat32(deviation) };
  };
  return {
    ...rest,
    normalizer: { kind: normalize, global: stats('global'), speakers: new Map(speakers.map((s) => [s, stats(s)])) },
    weights: stateOf(tensors, 'model'),
  };
}
