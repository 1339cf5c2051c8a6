/** Resuming what is damaged, finished, not yet begun, or no longer the same. */
import { readFileSync, rmSync, truncateSync, writeFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FormantError } from '../../../src/device/errors.js';
import { readSafetensors, writeSafetensors } from '../../../src/io/index.js';
import { evaluateRun, predictFiles, resumeRun, trainRun, type RunResult } from '../../../src/ser/run/index.js';
import {
  closesDevice,
  contents,
  copyRun,
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
let data: string;
let result: RunResult;
beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
  result = await trainRun(tinyRun(data, whole));
});

let number = 0;
const copy = (): string => copyRun(whole, join(folder, `copy-${number++}`));
const checkpointOf = (run: string): string => join(run, 'checkpoint.safetensors');

/** Writes a checkpoint's tensors back with other metadata. */
function relabel(file: string, change: (metadata: Record<string, string>) => Record<string, string>): void {
  const { tensors, metadata } = readSafetensors(file);
  writeSafetensors(file, tensors, change(metadata));
}

describe('a damaged checkpoint', () => {
  test.each<[string, (file: string, run: string) => void, RegExp]>([
    ['cut short', (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2)), /checkpoint\.safetensors/],
    ['empty', (file) => truncateSync(file, 0), /checkpoint\.safetensors/],
    ['text', (file) => writeFileSync(file, 'not found\n'), /checkpoint\.safetensors/],
    [
      'of another version',
      (file) => relabel(file, (m) => ({ ...m, version: '99' })),
      /not a formant-checkpoint of version 1 .*"formant-checkpoint", version 99/,
    ],
    [
      'another kind of file',
      (file, run) => copyFileSync(join(run, 'model.safetensors'), file),
      /not a formant-checkpoint .*"formant-model"/,
    ],
    ['with settings that are no JSON', (file) => relabel(file, (m) => ({ ...m, state: m.state.slice(1) })), /damaged/],
    ['without weights', (file) => writeSafetensors(file, [], readSafetensors(file).metadata), /missing|has no/i],
  ])('(%s) is told, and nothing in the run folder is touched', async (_, damage, message) => {
    const run = copy();
    damage(checkpointOf(run), run);
    const before = contents(run);
    const resumed = resumeRun({ run });
    await expect(resumed).rejects.toThrow(FormantError);
    await expect(resumed).rejects.toThrow(message);
    expect(contents(run)).toEqual(before);
  });
});

describe('config.json', () => {
  test.each<[string, string, RegExp]>([
    ['of something else', '{"name":"x"}', /does not describe a Formant run/],
    ['that is no JSON', '{"format":', /damaged: it is no JSON/],
    ['of a later version', '{"format":"formant-run","version":2}', /version 2; this program reads version 1/],
  ])('%s is told', async (_, text, message) => {
    const run = copy();
    writeFileSync(join(run, 'config.json'), text);
    await expect(resumeRun({ run })).rejects.toThrow(message);
    await expect(evaluateRun({ run })).rejects.toThrow(message);
    await expect(predictFiles(run, []).next()).rejects.toThrow(message);
  });

  test('missing: the folder is no run', async () => {
    await expect(resumeRun({ run: join(folder, 'nowhere') })).rejects.toThrow(
      /nowhere is no run folder: .*no such file/,
    );
  });
});

describe('resuming', () => {
  test('a finished run only evaluates it', async () => {
    const run = copy();
    let steps = 0;
    const again = await resumeRun({ run }, { onProgress: ({ stage }) => void (stage === 'train' && steps++) });
    expect(steps).toBe(0);
    expect(timeless({ ...again, run: '' })).toEqual(timeless({ ...result, run: '' }));
    expect(again.seconds).toBeGreaterThanOrEqual(result.seconds - 5);
    expect(traces(run)).toEqual(traces(whole));
  });

  test('a run without a checkpoint begins again, says so, and comes to the same weights', async () => {
    const run = copy();
    rmSync(checkpointOf(run));
    const notices: string[] = [];
    await resumeRun({ run }, { onNotice: (text) => void notices.push(text) });
    expect(notices).toEqual([expect.stringMatching(/before its first checkpoint; it begins again/)]);
    expect(traces(run)).toEqual(traces(whole));
  });

  test('mends a log with doubled, half and missing lines', async () => {
    const run = copy();
    const text = readFileSync(join(run, 'log.jsonl'), 'utf8');
    for (const damaged of [text + text, text.slice(0, -40), '']) {
      writeFileSync(join(run, 'log.jsonl'), damaged);
      await resumeRun({ run });
      expect(log(run)).toEqual(log(whole));
    }
  });

  test('removes what a killed process was writing', async () => {
    const run = copy();
    writeFileSync(join(run, `.checkpoint.safetensors.${process.pid}.0.tmp`), 'half a checkpoint');
    await resumeRun({ run });
    // The name of TensorBoard's file tells when it was begun.
    const names = (of: string) => Object.keys(contents(of)).map((name) => name.replace(/tfevents\.\d+/, 'tfevents'));
    expect(names(run).sort()).toEqual(names(whole).sort());
  });

  test('on another adapter says that the weights will differ', async () => {
    const run = copy();
    const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as object;
    writeFileSync(join(run, 'config.json'), JSON.stringify({ ...config, adapter: 'Another Card 3000' }));
    const notices: string[] = [];
    await resumeRun({ run }, { onNotice: (text) => void notices.push(text) });
    expect(notices).toEqual([
      expect.stringMatching(/begun on "Another Card 3000" and goes on on ".+": .*not be bit-identical/),
    ]);
  });

  test('to another number of epochs is refused, to the same is not', async () => {
    await expect(resumeRun({ run: whole, epochs: 9 })).rejects.toThrow(/laid out for 3 epochs.*cannot be resumed to 9/);
    expect((await resumeRun({ run: copy(), epochs: 3 })).finished).toBe(true);
  });
});

test('corpora that are no longer the same are told, in resuming and in evaluating: the split would be another', async () => {
  const changed = copyRun(data, join(folder, 'changed'));
  const run = join(folder, 'of-changed');
  await trainRun(tinyRun(changed, run, { epochs: 1 }));
  const file = join(changed, 'S01', 'S01_sad_01.wav');
  const bytes = readFileSync(file);
  rmSync(file);
  await expect(resumeRun({ run })).rejects.toThrow(/The corpora are not those that .* was trained on/);
  await expect(evaluateRun({ run })).rejects.toThrow(/The corpora are not those/);
  writeFileSync(file, bytes);
  expect((await evaluateRun({ run })).finished).toBe(true);
});
