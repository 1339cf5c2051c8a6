/** The training accuracy of an epoch: what counts, and that it is told, also after an interruption. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeSafetensors, writeSafetensors } from '../../../src/io/index.js';
import { HitCount } from '../../../src/ser/run/hit-count.js';
import { resumeRun, trainRun } from '../../../src/ser/run/index.js';
import { commit, counters, init, readAll, tensor } from '../../../src/tensor/index.js';
import {
  BATCH,
  STEPS_PER_EPOCH,
  closesDevice,
  log,
  temporaryFolder,
  tinyCorpus,
  tinyRun,
  trainAndAbort,
} from './support.js';

closesDevice();
const folder = temporaryFolder();

type Line = { readonly epoch: number; readonly trainAccuracy?: number };
const accuracies = (run: string): (number | undefined)[] => log(run).map((line: Line) => line.trainAccuracy);

test('rows count whose greatest logit is at the label, or at the greatest share of mixed labels', async () => {
  await init();
  using count = new HitCount();
  const logits = tensor(Float32Array.of(0, 2, 1, /**/ 3, -1, 0, /**/ -5, -6, -4, /**/ 1, 1, 0), [4, 3]);
  count.add(logits, tensor(Int32Array.of(1, 2, 2, 0)));
  commit();
  expect(Array.from((await readAll([count.value]))[0])).toEqual([3]);
  // A row that pads the batch has label −1.
  count.add(logits, tensor(Int32Array.of(-1, -1, 2, 1)));
  commit();
  count.add(logits, tensor(Float32Array.of(0.4, 0.6, 0, 0.3, 0, 0.7, 0, 0, 1, 0.6, 0.4, 0), [4, 3]));
  commit();
  expect(Array.from((await readAll([count.value]))[0])).toEqual([3 + 1 + 3]);
  count.set(2);
  expect(Array.from((await readAll([count.value]))[0])).toEqual([2]);
});

test('a run tells it of every epoch, in the log and to TensorBoard, and it rises', async () => {
  const data = await tinyCorpus(join(folder, 'corpus'));
  const run = join(folder, 'run');
  await trainRun(tinyRun(data, run, { dropout: 0, augment: false, epochs: 8, learningRate: 1e-2 }));
  const found = accuracies(run);
  expect(found).toHaveLength(8);
  for (const share of found) expect(((share ?? NaN) * BATCH * STEPS_PER_EPOCH) % 1).toBe(0);
  expect(found.at(-1)).toBeGreaterThan(0.8);
  expect(found.at(-1)).toBeGreaterThan(found[0] ?? 1);
  const events = readdirSync(run).find((name) => name.startsWith('events.out.tfevents.')) ?? '';
  expect(readFileSync(join(run, events), 'latin1').split('training/accuracy')).toHaveLength(8 + 1);

  const mixed = join(folder, 'mixed');
  await trainRun(tinyRun(data, mixed, { mixup: 0.4, epochs: 1 }));
  expect(accuracies(mixed)[0]).toBeGreaterThanOrEqual(0);
});

test('a settled step with it is one submit, and makes no buffer and no bind group', async () => {
  const data = await tinyCorpus(join(folder, 'corpus-3'));
  const seen: { step: number; counts: ReturnType<typeof counters> }[] = [];
  await trainRun(tinyRun(data, join(folder, 'counted'), { epochs: 3 }), {
    onProgress: ({ stage, done, epoch }) =>
      stage === 'train' && !epoch && seen.push({ step: done, counts: counters() }),
  });
  // Between two steps of the last epoch, where nothing is read.
  const [before, after] = seen.slice(-2).map(({ counts }) => counts);
  expect(seen.at(-1)?.step).toBe(3 * STEPS_PER_EPOCH);
  expect(after.submits - before.submits).toBe(1);
  expect(after.buffersCreated - before.buffersCreated).toBe(0);
  expect(after.bindGroupsCreated - before.bindGroupsCreated).toBe(0);
});

test('an epoch whose beginning an older checkpoint did not count has none; the next one has', async () => {
  const data = await tinyCorpus(join(folder, 'corpus-2'));
  const run = join(folder, 'older');
  await trainAndAbort(tinyRun(data, run, { epochs: 2 }), 1);
  const file = join(run, 'checkpoint.safetensors');
  const { tensors, metadata } = decodeSafetensors(readFileSync(file));
  const state = JSON.parse(metadata.state) as { progress: { correct?: number } };
  expect(state.progress.correct).toBeTypeOf('number');
  delete state.progress.correct;
  writeSafetensors(file, tensors, { ...metadata, state: JSON.stringify(state) });
  await resumeRun({ run });
  const [first, second] = accuracies(run);
  expect(first).toBeUndefined();
  expect(second).toBeTypeOf('number');
});
