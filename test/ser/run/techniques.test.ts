/** Ways of training: each changes something, is kept with the run, and survives an interruption bit for bit. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scanCorpora } from '../../../src/ser/corpora/index.js';
import { resumeRun, trainRun, type TrainOptions } from '../../../src/ser/run/index.js';
import { loadCheckpoint, loadModel } from '../../../src/ser/run/checkpoint.js';
import { readConfig, resolveConfig } from '../../../src/ser/run/config.js';
import type { TechniqueOptions } from '../../../src/ser/run/techniques.js';
import {
  STEPS_PER_EPOCH,
  closesDevice,
  temporaryFolder,
  tinyCorpus,
  tinyRun,
  traces,
  trainAndAbort,
} from './support.js';

closesDevice();
const folder = temporaryFolder();
let data: string;
beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
});

const frames = { features: 'frames' } as const;
const weightsOf = (run: string): string => readFileSync(join(run, 'model.safetensors')).toString('base64');

/** Sets of techniques that together hold every one. */
const SETS: Readonly<Record<string, TechniqueOptions>> = {
  'rmsprop, cosine, mixup, class weights, average': {
    optimizer: 'rmsprop',
    schedule: 'cosine',
    mixup: 0.4,
    classWeights: true,
    average: 0.9,
    augment: 'noise:0.1,stretch:0.2',
  },
  'sgd, one-cycle, balanced': {
    optimizer: 'sgd',
    schedule: 'one-cycle',
    balanced: true,
    augment: 'shift:3,bands:4,mask:10x5',
    weightDecay: 1e-3,
  },
  'adam, constant, no clipping': { optimizer: 'adam', schedule: 'constant', clipGrad: 0, augment: false, dropout: 0.2 },
};

describe.each(Object.entries(SETS))('%s', (name, techniques) => {
  test('come to the same weights through an interruption, and are kept in the configuration', async () => {
    const whole = join(folder, `whole ${name}`);
    await trainRun(tinyRun(data, whole, { ...frames, ...techniques, epochs: 2 }));
    const run = join(folder, `aborted ${name}`);
    await trainAndAbort(tinyRun(data, run, { ...frames, ...techniques, epochs: 2 }), STEPS_PER_EPOCH + 1);
    await resumeRun({ run });
    expect(traces(run)).toEqual(traces(whole));
    const { augment, clipGrad, ...rest } = techniques;
    expect(readConfig(run)).toMatchObject({ ...rest, clipGradNorm: clipGrad ?? 5 });
    expect(readConfig(run).augment).toEqual(
      resolveConfig({ data: [], out: '', model: 'mlp', augment, features: 'frames' }, '').augment,
    );
  });
});

test('every technique by itself changes what comes out', async () => {
  const plain: TechniqueOptions = { augment: false };
  const single: TechniqueOptions[] = [
    plain,
    { ...plain, optimizer: 'rmsprop' },
    { ...plain, optimizer: 'sgd' },
    { ...plain, schedule: 'cosine' },
    { ...plain, schedule: 'constant' },
    { ...plain, weightDecay: 0.5 },
    { ...plain, labelSmoothing: 0.3 },
    { ...plain, clipGrad: 0.01 },
    { ...plain, dropout: 0.7 },
    { ...plain, balanced: true },
    { ...plain, mixup: 0.4 },
    { ...plain, average: 0.9 },
    ...['noise', 'gain', 'mask', 'shift', 'bands', 'stretch'].map((augment) => ({ augment })),
  ];
  const seen = new Map<string, number>();
  for (const [i, techniques] of single.entries()) {
    const run = join(folder, `single-${i}`);
    await trainRun(tinyRun(data, run, { ...frames, ...techniques, epochs: 1 }));
    const weights = weightsOf(run);
    expect(seen.get(weights), JSON.stringify(techniques)).toBeUndefined();
    seen.set(weights, i);
  }
});

test('the averaged weights are the ones that are tested and kept; the checkpoint goes on from the others', async () => {
  const run = join(folder, 'averaged');
  await trainRun(tinyRun(data, run, { average: 0.9, epochs: 1 }));
  const { weights, average, bestWeights } = loadCheckpoint(join(run, 'checkpoint.safetensors'));
  expect(average?.updates).toBe(STEPS_PER_EPOCH);
  expect(bestWeights).toEqual(average?.weights);
  expect(loadModel(join(run, 'model.safetensors')).weights).toEqual(average?.weights);
  expect(weights).not.toEqual(average?.weights);
});

describe('what makes no sense is refused:', () => {
  test.each<[string, TechniqueOptions, RegExp]>([
    ['masks for the paper’s statistics', { augment: 'mask' }, /--augment noise is what they take, not mask/],
    ['a dropout of 1', { dropout: 1 }, /dropout must be from 0 to below 1; got 1/],
    ['a negative mixup', { mixup: -1 }, /mixup must be a number from 0 up; got -1/],
    ['an unknown optimizer', { optimizer: 'lion' as never }, /optimizer "lion" is not known; choose one of adam/],
  ])('%s', (_, techniques, message) => {
    const options = { data: [], out: '', model: 'mlp', features: 'paper', ...techniques } as const;
    expect(() => resolveConfig(options, '')).toThrow(message);
  });
});

test('the paper’s recipe is Table VI, and stays so', () => {
  expect(resolveConfig({ data: [], out: '', recipe: 'paper' }, 'x')).toMatchObject({
    features: 'paper',
    epochs: 150,
    batchSize: 32,
    learningRate: 1e-3,
    patience: 15,
    optimizer: 'adam',
    weightDecay: 0,
    schedule: 'plateau',
    labelSmoothing: 0,
    dropout: 0.4,
    augment: { noise: 0.1 },
    classWeights: false,
    balanced: false,
    mixup: 0,
    average: 0,
  });
});

test('a run of the first version, which knew fewer settings, is read as what it was', async () => {
  const run = join(folder, 'old');
  await trainAndAbort(tinyRun(data, run), 1);
  const {
    optimizer: _1,
    weightDecay: _2,
    classWeights: _3,
    balanced: _4,
    mixup: _5,
    average: _6,
    ...old
  } = readConfig(run);
  const now = readConfig(run);
  writeFileSync(join(run, 'config.json'), JSON.stringify({ ...old, augment: true }));
  expect(readConfig(run)).toEqual(now);
});

test('a model that normalises within the speaker sees batches of one voice, and comes to the same weights through an interruption', async () => {
  const options = {
    model: 'cnn-bilstm-frames',
    features: 'frames',
    normalize: 'speaker',
    mixup: 0.3,
    epochs: 2,
    batchSize: 5,
  } as const;
  const steps = async (run: string, over: Partial<TrainOptions>): Promise<number> => {
    let total = 0;
    await trainRun(tinyRun(data, run, { ...options, ...over }), {
      onProgress: (progress) => (total = progress.stage === 'train' ? progress.total : total),
    });
    return total / options.epochs;
  };
  // Three speakers of nine clips: two batches of five each, where 27 clips in any order make five.
  const whole = join(folder, 'whole by speaker');
  expect(await steps(whole, {})).toBe(6);
  expect(await steps(join(folder, 'across speakers'), { normalize: 'global' })).toBe(5);
  expect(await steps(join(folder, 'another model'), { model: 'cnn-bilstm' })).toBe(5);
  const run = join(folder, 'aborted by speaker');
  await trainAndAbort(tinyRun(data, run, options), 7);
  await resumeRun({ run });
  expect(traces(run)).toEqual(traces(whole));
});

test.each(['uar', 'loss', 'last'] as const)('the epoch is chosen by %s', async (choose) => {
  const run = join(folder, `chosen by ${choose}`);
  const epochs = 6;
  const { bestEpoch } = await trainRun(tinyRun(data, run, { ...frames, learningRate: 0.02, epochs, choose }));
  const { progress } = loadCheckpoint(join(run, 'checkpoint.safetensors'));
  const history = progress.history.map(({ validationUar: uar, validationLoss: loss }, i) => ({
    epoch: i + 1,
    uar,
    loss,
  }));
  const first = {
    uar: [...history].sort((a, b) => b.uar - a.uar || a.loss - b.loss)[0].epoch,
    loss: [...history].sort((a, b) => a.loss - b.loss)[0].epoch,
    last: epochs,
  };
  expect(bestEpoch).toBe(first[choose]);
  expect(loadModel(join(run, 'model.safetensors')).bestEpoch).toBe(bestEpoch);
  expect(readConfig(run).choose).toBe(choose);
});

test('the last epoch is not waited for', () => {
  const options = { data: [], out: '', model: 'mlp', choose: 'last', patience: 3 } as const;
  expect(() => resolveConfig(options, '')).toThrow(/use --patience 0/);
});

test('nobody with clips enough to normalise within is told', async () => {
  const alone = tinyRun(data, join(folder, 'alone'), {
    model: 'cnn-bilstm-frames',
    features: 'frames',
    normalize: 'speaker',
    protocol: 'random',
    batchSize: 2,
    epochs: 1,
  });
  const manifest = join(folder, 'strangers.csv');
  const { clips } = await scanCorpora([data]);
  // Every clip a voice of its own.
  const rows = clips.map((clip, i) => `${clip.path},${clip.emotion},voice${i}`);
  writeFileSync(manifest, ['file,emotion,speaker', ...rows, ''].join('\n'));
  await expect(trainRun({ ...alone, data: [], corpus: { manifests: [manifest] } })).rejects.toThrow(
    /No training speaker has 4 clips or more, .*--normalize global/,
  );
});

test('the recipe of functionals is what the results say, unless another model is asked for', () => {
  const resolved = (options: Partial<TrainOptions>) =>
    resolveConfig({ data: [], out: '', recipe: 'functionals', ...options }, '');
  expect(resolved({})).toMatchObject({
    model: 'mlp',
    features: 'functionals',
    epochs: 60,
    learningRate: 1e-3,
    dropout: 0.5,
    augment: { noise: 0.3 },
    average: 0.99,
    choose: 'last',
    optimizer: 'adamw',
    labelSmoothing: 0.1,
    normalize: 'global',
  });
  expect(resolved({ model: 'bilstm' })).toMatchObject({ model: 'bilstm', features: 'frames', epochs: 60 });
});
