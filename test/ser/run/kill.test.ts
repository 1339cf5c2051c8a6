/** SIGKILL at any point: a run goes on from its last checkpoint to the weights of the uninterrupted run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainRun } from '../../../src/ser/run/index.js';
import { Random } from '../../../src/ser/synth/index.js';
import { TrainingScripts, type Crash, type Ended, type Job } from './child.js';
import {
  STEPS_PER_EPOCH,
  closesDevice,
  log,
  temporaryFolder,
  timeless,
  tinyCorpus,
  tinyRun,
  traces,
} from './support.js';

closesDevice();
const folder = temporaryFolder();
const whole = join(folder, 'whole');
const run = join(folder, 'killed');
const EPOCHS = 4;

let scripts: TrainingScripts;
let data: string;
beforeAll(async () => {
  scripts = await TrainingScripts.make();
  data = await tinyCorpus(join(folder, 'corpus'));
  await trainRun(tinyRun(data, whole, { epochs: EPOCHS }));
});
afterAll(() => scripts.remove());

const expectKilled = (ended: Ended): void =>
  expect(ended, ended.stderr).toMatchObject({ code: null, signal: 'SIGKILL' });

/** Kills some milliseconds after a line. */
async function killAfter(job: Job, wanted: string, milliseconds: number): Promise<void> {
  const ended = await scripts.run(job, (line, kill) => void (line === wanted && setTimeout(kill, milliseconds)));
  expectKilled(ended);
  expect(ended.stdout).toContain(`${wanted}\n`);
}

async function crashes(crash: Crash): Promise<void> {
  expectKilled(await scripts.run({ resume: run, crash }));
}

const hidden = (): string[] => readdirSync(run).filter((name) => name.endsWith('.tmp'));
const checkpointed = (): boolean => existsSync(join(run, 'checkpoint.safetensors'));
const random = new Random(11, 'kills');

test('killed at eight points, one after the other, a run still ends with the same weights, log and result', async () => {
  // In the first epoch, with nothing saved: the run begins again.
  await killAfter({ train: tinyRun(data, run, { epochs: EPOCHS }) }, 'step 2', 0);
  expect(checkpointed()).toBe(false);

  // Its first line is in the log, and there is no checkpoint that knows of it.
  await crashes({ at: 'appended', file: 'log.jsonl' });
  expect(log(run)).toHaveLength(1);
  expect(checkpointed()).toBe(false);

  // Half of the first checkpoint is on the disk.
  await crashes({ at: 'half', file: 'checkpoint.safetensors' });
  expect(checkpointed()).toBe(false);
  expect(hidden()).toHaveLength(1);

  // The second checkpoint is whole, but not yet in the first one's place.
  await crashes({ at: 'rename', file: 'checkpoint.safetensors', times: 2 });
  expect(log(run)).toHaveLength(2);
  expect(hidden()).toHaveLength(1);

  // The checkpoint is of epoch 2, and the weights that others read are not yet.
  await crashes({ at: 'renamed', file: 'checkpoint.safetensors' });
  expect(log(run)).toHaveLength(2);
  expect(hidden()).toHaveLength(0);

  // While resuming writes those weights.
  await crashes({ at: 'half', file: 'model.safetensors' });

  // Somewhere in the third epoch.
  await killAfter({ resume: run }, `step ${2 * STEPS_PER_EPOCH + 1}`, random.integer(30));

  // All is trained; the result is half written.
  await crashes({ at: 'half', file: 'result.json' });
  expect(existsSync(join(run, 'result.json'))).toBe(false);

  const last = await scripts.run({ resume: run });
  expect(last, last.stderr).toMatchObject({ code: 0 });
  expect(last.stdout).toBe('done\n');
  expect(traces(run)).toEqual(traces(whole));
  expect(log(run).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  // The name of TensorBoard's file tells when it was begun; however often that was, one is left.
  const names = (of: string): string[] => readdirSync(of).map((name) => name.replace(/tfevents\.\d+/, 'tfevents'));
  expect(names(run).sort()).toEqual(names(whole).sort());
  const result = (of: string): unknown =>
    timeless({ ...(JSON.parse(readFileSync(join(of, 'result.json'), 'utf8')) as object), run: '' });
  expect(result(run)).toEqual(result(whole));
}, 300_000);
