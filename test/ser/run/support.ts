/** Tiny corpora and runs, and what is compared between runs. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { decodeSafetensors } from '../../../src/io/index.js';
import { trainRun, type Hooks, type RunResult, type TrainOptions } from '../../../src/ser/run/index.js';
import { writeSynthCorpus } from '../../../src/ser/synth/index.js';
import { shutdown } from '../../../src/tensor/index.js';

/** Closes the device after the last test of the file; call it once, at the top level. (The feature tables stay on it until then.) */
export function closesDevice(): void {
  afterAll(shutdown);
}

/** A folder that is gone after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'formant-run-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const EMOTIONS = ['angry', 'neutral', 'sad'] as const;
/** Training clips of the tiny corpus under protocol `speaker`: three of its five speakers train. */
export const TRAINING_CLIPS = 27;
export const BATCH = 8;
export const STEPS_PER_EPOCH = Math.floor(TRAINING_CLIPS / BATCH);

/** 45 clips of half a second: five speakers, three emotions. */
export async function tinyCorpus(folder: string): Promise<string> {
  await writeSynthCorpus(folder, {
    speakers: 5,
    emotions: EMOTIONS,
    clipsPerEmotion: 3,
    seconds: [0.4, 0.5],
    sampleRate: 16000,
    seed: 7,
  });
  return folder;
}

/** A small run that has everything in it that must be carried over an interruption: dropout, augmentation, moments, running statistics. */
export const tinyRun = (data: string, out: string, over: Partial<TrainOptions> = {}): TrainOptions => ({
  data: [data],
  out,
  model: 'mlp',
  size: 'small',
  epochs: 3,
  batchSize: BATCH,
  seed: 5,
  ...over,
});

/** Trains until `steps` steps are done, then aborts. */
export async function trainAndAbort(options: TrainOptions, steps: number, hooks: Hooks = {}): Promise<RunResult> {
  const controller = new AbortController();
  return trainRun(options, {
    ...hooks,
    signal: controller.signal,
    onProgress: (progress) => {
      hooks.onProgress?.(progress);
      if (progress.stage === 'train' && progress.done === steps) controller.abort();
    },
  });
}

/** Everything in a run that must be the same for the same seed: files byte for byte, without the times that it took. */
export function traces(run: string): Record<string, unknown> {
  const checkpoint = decodeSafetensors(readFileSync(join(run, 'checkpoint.safetensors')));
  return {
    model: readFileSync(join(run, 'model.safetensors')).toString('base64'),
    tensors: Object.fromEntries(
      [...checkpoint.tensors].map(([name, { shape, data }]) => [
        name,
        { shape, bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') },
      ]),
    ),
    state: timeless(JSON.parse(checkpoint.metadata.state)),
    log: log(run),
  };
}

/** Lines of the log, without their seconds. */
export const log = (run: string): { epoch: number }[] =>
  readFileSync(join(run, 'log.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => timeless(JSON.parse(line)) as { epoch: number });

/** A value without any `seconds` in it, nor speeds. */
export function timeless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timeless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'seconds' && key !== 'clipsPerSecond')
      .map(([key, inner]) => [key, timeless(inner)]),
  );
}

/** Every file of a folder with its bytes. */
export function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(folder.length + 1), readFileSync(file).toString('base64')]),
  );
}

export function copyRun(from: string, to: string): string {
  cpSync(from, to, { recursive: true });
  return to;
}
