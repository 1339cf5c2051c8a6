/** A disk without room: told in words, nothing lost, and the run goes on to the same weights once there is some. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resumeRun, trainRun } from '../../../src/ser/run/index.js';
import { loadCheckpoint } from '../../../src/ser/run/checkpoint.js';
import { TrainingScripts, type Crash } from './child.js';
import { closesDevice, log, temporaryFolder, tinyCorpus, tinyRun, traces } from './support.js';

closesDevice();
const folder = temporaryFolder();
const whole = join(folder, 'whole');
let scripts: TrainingScripts;
let data: string;
beforeAll(async () => {
  scripts = await TrainingScripts.make();
  data = await tinyCorpus(join(folder, 'corpus'));
  await trainRun(tinyRun(data, whole));
});
afterAll(() => scripts.remove());

describe('a disk that becomes full', () => {
  test.each<[string, Crash, number]>([
    ['in the midst of the second checkpoint', { at: 'full', file: 'checkpoint.safetensors', times: 2 }, 1],
    ['at a line of the log', { at: 'full', file: 'log.jsonl', times: 3 }, 2],
    ['at an event for TensorBoard', { at: 'full', file: 'tfevents', times: 3 }, 1],
    ['at the report', { at: 'full', file: 'report.html' }, 3],
  ])('%s', async (name, crash, epochs) => {
    const run = join(folder, name);
    const ended = await scripts.run({ train: tinyRun(data, run), crash });
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(/(Cannot write|cannot be written).*the disk is full; free some space/);
    expect(readdirSync(run).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    expect(loadCheckpoint(join(run, 'checkpoint.safetensors')).progress.epoch).toBe(epochs);
    await resumeRun({ run });
    expect(traces(run)).toEqual(traces(whole));
    expect(log(run)).toHaveLength(3);
  });
});

test('TensorBoard’s file tells of every epoch once, also after an interruption, and there is but one', async () => {
  const run = join(folder, 'events');
  await scripts.run({ train: tinyRun(data, run), crash: { at: 'appended', file: 'log.jsonl', times: 2 } });
  const eventsOf = (): string[] => readdirSync(run).filter((file) => file.includes('tfevents'));
  const [before] = eventsOf();
  await resumeRun({ run });
  expect(eventsOf()).toHaveLength(1);
  expect(eventsOf()[0] > before).toBe(true);
  const text = readFileSync(join(run, eventsOf()[0])).toString('latin1');
  expect(text.split('brain.Event:2')).toHaveLength(2);
  for (const tag of [
    'loss/train',
    'loss/validation',
    'validation/accuracy',
    'validation/UAR',
    'training/learning rate',
  ]) {
    expect(text.split(tag), tag).toHaveLength(1 + 3);
  }
});
