/** One seed, one set of weights: again, and over an interruption. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { resumeRun, trainRun, type RunResult } from '../../../src/ser/run/index.js';
import { memory, programStats } from '../../../src/tensor/index.js';
import {
  STEPS_PER_EPOCH,
  closesDevice,
  contents,
  log,
  temporaryFolder,
  timeless,
  tinyCorpus,
  tinyRun,
  traces,
  trainAndAbort,
} from './support.js';

closesDevice();
const folder = temporaryFolder();
const bilstm = { model: 'cnn-bilstm' } as const;

let data: string;
let first: string;
let result: RunResult;
beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
  first = join(folder, 'first');
  result = await trainRun(tinyRun(data, first, bilstm));
});

describe('the same seed', () => {
  test('gives bit-identical weights, moments, log and figures; only times differ', async () => {
    const second = join(folder, 'second');
    const again = await trainRun(tinyRun(data, second, bilstm));
    expect(traces(second)).toEqual(traces(first));
    expect(timeless({ ...again, run: '' })).toEqual(timeless({ ...result, run: '' }));
    expect(log(first).map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });

  test('while another seed gives other weights', async () => {
    const other = join(folder, 'other');
    await trainRun(tinyRun(data, other, { ...bilstm, seed: 6, epochs: 1 }));
    expect(contents(other)['model.safetensors']).not.toBe(contents(first)['model.safetensors']);
  });
});

test('a run leaves no device memory behind, also where it fails', async () => {
  // Programs belong to the parameters that they read; each keeps its buffer of inputs until newer ones push it out of the bounded cache.
  const held = (): number => memory().buffers - programStats().programs;
  await trainRun(tinyRun(data, join(folder, 'memory-1'), { ...bilstm, epochs: 1 }));
  const before = held();
  await trainRun(tinyRun(data, join(folder, 'memory-2'), { ...bilstm, epochs: 1 }));
  expect(held()).toBe(before);
  const broken = trainRun(tinyRun(data, join(folder, 'memory-3'), { ...bilstm, learningRate: 1e30 }));
  await expect(broken).rejects.toThrow(/loss became/);
  expect(held()).toBe(before);
});

describe('a run aborted and resumed', () => {
  test.each([
    ['in the midst of its first epoch', STEPS_PER_EPOCH - 1],
    ['at the last step of its second epoch', 2 * STEPS_PER_EPOCH],
    ['in the midst of its last epoch', 2 * STEPS_PER_EPOCH + 1],
  ])('%s ends with the same weights', async (_, steps) => {
    const run = join(folder, `aborted-${steps}`);
    const stopped = await trainAndAbort(tinyRun(data, run, bilstm), steps);
    expect(stopped).toMatchObject({ finished: false, epochs: Math.floor(steps / STEPS_PER_EPOCH) });
    const resumed = await resumeRun({ run });
    expect(traces(run)).toEqual(traces(first));
    expect(timeless({ ...resumed, run: '' })).toEqual(timeless({ ...result, run: '' }));
  });

  test('twice in one epoch ends with the same weights under the plateau schedule of the paper, too', async () => {
    const options = { recipe: 'paper', features: 'frames', epochs: 2 } as const;
    const whole = join(folder, 'paper');
    await trainRun(tinyRun(data, whole, options));
    const run = join(folder, 'paper-aborted');
    await trainAndAbort(tinyRun(data, run, options), 1);
    const controller = new AbortController();
    const stopped = await resumeRun(
      { run },
      {
        signal: controller.signal,
        onProgress: ({ stage, done }) => stage === 'train' && done === 2 && controller.abort(),
      },
    );
    expect(stopped).toMatchObject({ finished: false, epochs: 0, bestEpoch: 0 });
    await resumeRun({ run });
    expect(traces(run)).toEqual(traces(whole));
  });

  test('before its first step has lost nothing', async () => {
    const run = join(folder, 'at-once');
    const stopped = await trainRun(tinyRun(data, run, bilstm), { signal: AbortSignal.abort() });
    expect(stopped).toMatchObject({ finished: false, epochs: 0 });
    await resumeRun({ run });
    expect(traces(run)).toEqual(traces(first));
  });
});

test('progress comes for every step, and after every epoch with its figures', async () => {
  const seen: number[] = [];
  const epochs: number[] = [];
  const stages = new Set<string>();
  await trainRun(tinyRun(data, join(folder, 'progress'), { epochs: 2 }), {
    onProgress: ({ stage, done, total, epoch }) => {
      stages.add(stage);
      expect(done).toBeLessThanOrEqual(total);
      if (stage !== 'train') return;
      expect(total).toBe(2 * STEPS_PER_EPOCH);
      if (epoch) epochs.push(epoch.epoch);
      else seen.push(done);
    },
  });
  expect([...stages]).toEqual(['scan', 'features', 'train', 'evaluate']);
  expect(seen).toEqual(Array.from({ length: 2 * STEPS_PER_EPOCH }, (_, i) => i + 1));
  expect(epochs).toEqual([1, 2]);
});
