/** Runs the command line in this process, with everything it would do to the process recorded. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Interruption } from '../../../src/ser/cli/io.js';
import { main } from '../../../src/ser/cli/main.js';
import { services, type RunFunctions, type Services } from '../../../src/ser/cli/services.js';
import type { RunResult } from '../../../src/ser/run/types.js';

export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** How often the device was closed. */
  readonly closed: number;
  /** stdout as the one JSON document that it must be. */
  json(): unknown;
}

export interface Setting {
  /** Functions to run in place of the real ones; one that is missing must not be called. */
  readonly runs?: Partial<RunFunctions>;
  readonly stdin?: AsyncIterable<string>;
  readonly bytes?: AsyncIterable<Uint8Array>;
  readonly terminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Is given what interrupts the command, as Ctrl-C would. */
  readonly onStart?: (interrupt: (signal: Interruption) => void) => void;
}

export async function formant(args: readonly string[], setting: Setting = {}): Promise<Told> {
  let stdout = '';
  let stderr = '';
  let closed = 0;
  let listener: ((signal: Interruption) => void) | undefined;
  setting.onStart?.((signal) => listener?.(signal));
  const recorder: Services = setting.runs
    ? { runs: () => Promise.resolve(withMissing(setting.runs ?? {})), close: () => Promise.resolve(void closed++) }
    : { ...services, close: async () => (closed++, services.close()) };
  const code = await main(
    args,
    {
      stdout: { write: (text) => (stdout += text) },
      stderr: terminal((text) => (stderr += text), setting.terminal ?? false),
      env: setting.env ?? {},
      lines: () => setting.stdin ?? nothing(),
      bytes: () => setting.bytes ?? nothing(),
      onInterrupt(heard) {
        listener = heard;
        return () => (listener = undefined);
      },
    },
    recorder,
  );
  return {
    code,
    stdout,
    stderr,
    closed,
    json() {
      if (!/^[^\n]+\n$/.test(stdout)) throw new Error(`stdout is not one line: ${JSON.stringify(stdout)}`);
      return JSON.parse(stdout) as unknown;
    },
  };
}

/** Enough of a terminal for a progress bar. */
const terminal = (write: (text: string) => unknown, isTTY: boolean) => ({
  write,
  isTTY,
  columns: 200,
  rows: 50,
  cursorTo: () => true,
  clearLine: () => true,
  on: () => undefined,
});

async function* nothing(): AsyncGenerator<never, void, undefined> {}

function withMissing(given: Partial<RunFunctions>): RunFunctions {
  const missing = (name: string) => (): never => {
    throw new Error(`${name} was not to be called`);
  };
  return {
    trainRun: missing('trainRun'),
    resumeRun: missing('resumeRun'),
    mergeRuns: missing('mergeRuns'),
    evaluateRun: missing('evaluateRun'),
    predictFiles: missing('predictFiles'),
    predictLive: missing('predictLive'),
    findClips: async (paths) => [...paths],
    exportRun: missing('exportRun'),
    writeFeatures: missing('writeFeatures'),
    benchStep: missing('benchStep'),
    ...given,
  };
}

/** A folder that is gone after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'formant-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A run's result to be printed: 2 of 3 angry and 3 of 4 sad are told right. */
export const sampleResult = (over: Partial<RunResult> = {}): RunResult => ({
  run: '/runs/one',
  model: 'cnn-bilstm',
  features: 'frames',
  protocol: 'speaker',
  seed: 5,
  parameters: 12345,
  epochs: 7,
  bestEpoch: 4,
  seconds: 75,
  adapter: 'a fast card',
  normalize: 'global',
  classes: ['angry', 'sad'],
  test: {
    clips: 7,
    speakers: ['SYNTH/S01', 'SYNTH/S02'],
    accuracy: 5 / 7,
    uar: (2 / 3 + 3 / 4) / 2,
    macroF1: 0.7083,
    confusion: [
      [2, 1],
      [1, 3],
    ],
  },
  baseline: { accuracy: 0.4 },
  rejected: [],
  finished: true,
  ...over,
});
