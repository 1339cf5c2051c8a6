import { describe, expect, test } from 'vitest';
import type { RunFunctions } from '../../../src/ser/cli/services.js';
import type { LivePrediction } from '../../../src/ser/run/predict-live.js';
import type { Prediction } from '../../../src/ser/run/types.js';
import { formant } from './harness.js';

const answer = (file: string): Prediction =>
  file.startsWith('bad')
    ? { file, error: 'it holds no samples' }
    : { file, emotion: 'sad', probabilities: { angry: 0.25, sad: 0.75 } };

/** Answers at once, and notes in which groups it was asked. */
function oracle() {
  const asked: (readonly string[])[] = [];
  const predictFiles: RunFunctions['predictFiles'] = async function* (run, files) {
    expect(run).toBe('r');
    asked.push(files);
    for (const file of files) yield answer(file);
  };
  return { asked, runs: { predictFiles } };
}

async function* lines(...texts: string[]): AsyncGenerator<string, void, undefined> {
  for (const text of texts) yield text;
}

describe('formant predict', () => {
  test('--json gives an array in the order of the files', async () => {
    const told = await formant(['predict', '--run', 'r', 'b.wav', 'a.wav', '--json'], { runs: oracle().runs });
    expect(told.code).toBe(0);
    expect(told.json()).toEqual([answer('b.wav'), answer('a.wav')]);
  });

  test('a file that cannot be read is told, the rest is answered, and the exit code is 1', async () => {
    const args = ['predict', '--run', 'r', 'bad.wav', 'a.wav'];
    const told = await formant([...args, '--json'], { runs: oracle().runs });
    expect(told.code).toBe(1);
    expect(told.json()).toEqual([{ file: 'bad.wav', error: 'it holds no samples' }, answer('a.wav')]);
    const text = await formant(args, { runs: oracle().runs });
    expect(text).toMatchObject({
      code: 1,
      stdout: 'bad.wav  cannot be read: it holds no samples\na.wav  sad 0.75  (angry 0.25)\n',
    });
  });

  test.each([[[]], [['--json']]])('--names reads names from stdin and prints JSON Lines %j', async (more) => {
    const { asked, runs } = oracle();
    const told = await formant(['predict', '--run', 'r', '--names', ...more], {
      runs,
      stdin: lines('a.wav', '', ' b.wav '),
    });
    expect(told).toMatchObject({ code: 0, closed: 1 });
    expect(told.stdout).toBe([answer('a.wav'), answer('b.wav')].map((each) => `${JSON.stringify(each)}\n`).join(''));
    expect(asked.flat()).toEqual(['a.wav', 'b.wav']);
  });

  test('--names answers each name before the next is asked', async () => {
    const { asked, runs } = oracle();
    const seen: number[] = [];
    async function* conversation(): AsyncGenerator<string, void, undefined> {
      yield 'a.wav';
      while (asked.length < 1) await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(asked.length);
      yield 'bad.wav';
    }
    const told = await formant(['predict', '--run', 'r', '--names'], { runs, stdin: conversation() });
    expect(seen).toEqual([1]);
    expect(asked).toEqual([['a.wav'], ['bad.wav']]);
    expect(told.code).toBe(1);
  });

  test('--names without any name does nothing', async () => {
    const { asked, runs } = oracle();
    expect(await formant(['predict', '--run', 'r', '--names'], { runs })).toMatchObject({ code: 0, stdout: '' });
    expect(asked).toEqual([]);
  });

  test('--names fails as the reading of stdin fails', async () => {
    // eslint-disable-next-line require-yield
    async function* broken(): AsyncGenerator<string, void, undefined> {
      throw new Error('the pipe burst');
    }
    const told = await formant(['predict', '--run', 'r', '--names'], { runs: oracle().runs, stdin: broken() });
    expect(told.code).toBe(1);
    expect(told.stderr).toContain('the pipe burst');
  });

  test('a folder stands for its clips', async () => {
    const { asked, runs } = oracle();
    const findClips: RunFunctions['findClips'] = async (paths) =>
      paths.flatMap((each) => [`${each}/a.wav`, `${each}/b.wav`]);
    const told = await formant(['predict', '--run', 'r', 'x', '--json'], { runs: { ...runs, findClips } });
    expect(told).toMatchObject({ code: 0 });
    expect(asked).toEqual([['x/a.wav', 'x/b.wav']]);
  });

  test.each([
    ['-', 'a.wav'],
    ['--names', 'a.wav'],
    [],
    ['a.wav', '--hop', '2', '--rate', '8000'],
    ['-', '--format', 'mp3'],
    ['-', '--silence', '3'],
  ])('refuses %s %s %s', async (...args) => {
    const told = await formant(['predict', '--run', 'r', ...args]);
    expect(told.code).toBe(2);
    expect(told.stdout).toBe('');
  });
});

describe('formant predict -', () => {
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Uint8Array.of(1, 2, 3);
  }
  const probabilities = { angry: 0.25, sad: 0.75 };
  const answers: LivePrediction[] = [
    { time: 3, silence: false, emotion: 'sad', probabilities },
    { time: 4, silence: true },
  ];

  test('hands bytes and options on, and prints a line as each answer comes', async () => {
    const heard: unknown[] = [];
    const predictLive: RunFunctions['predictLive'] = async function* (run, chunks, options) {
      for await (const chunk of chunks) heard.push([run, [...chunk], options]);
      yield* answers;
    };
    const args = ['predict', '--run', 'r', '-'];
    const told = await formant(args, { runs: { predictLive }, bytes: bytes() });
    expect(told).toMatchObject({ code: 0, closed: 1, stdout: '   3.0 s  sad 0.75  (angry 0.25)\n   4.0 s  silence\n' });
    const more = '--json --format f32le --rate 44100 --window 2 --hop 0.5 --silence -40'.split(' ');
    const { stdout } = await formant([...args, ...more], { runs: { predictLive }, bytes: bytes() });
    expect(stdout).toBe(answers.map((each) => `${JSON.stringify(each)}\n`).join(''));
    expect(heard).toEqual([
      ['r', [1, 2, 3], {}],
      ['r', [1, 2, 3], { format: 'f32le', rate: 44100, window: 2, hop: 0.5, silence: -40 }],
    ]);
  });
});

describe('the other commands', () => {
  test('features passes its folders on and gives the agreed fields', async () => {
    const times = { scan: 0.1, check: 0, read: 0.1, decode: 0.1, device: 1, write: 0.2 };
    const rejected = [{ file: 'x.wav', reason: 'is empty' }];
    const totals = { clips: 3, reused: 0, rejected, seconds: 1.5, clipsPerSecond: 2, times };
    const asked: unknown[] = [];
    const writeFeatures: RunFunctions['writeFeatures'] = async (options) => {
      asked.push(options);
      return { ...totals, reused: asked.length > 2 ? 2 : 0 };
    };
    const args = ['features', 'a', 'b', '--out', '.', '--features', 'paper'];
    const told = await formant([...args, '--json'], { runs: { writeFeatures } });
    expect(told.json()).toMatchObject(totals);
    expect(asked).toEqual([{ data: ['a', 'b'], out: '.', features: 'paper' }]);
    const { stdout } = await formant(args, { runs: { writeFeatures } });
    expect(stdout).toBe('Wrote paper features of 3 clips to . in 1.5 s (2.0 clips/s)\n  rejected: x.wav: is empty\n');
    expect((await formant(args, { runs: { writeFeatures } })).stdout).toContain(
      '(2.0 clips/s); 2 of them were there already\n',
    );
  });

  test('export gives what was written', async () => {
    const exportRun: RunFunctions['exportRun'] = async ({ out }) => ({ file: out, tensors: 4, bytes: 2048 });
    const args = ['export', '--run', 'r', '--out', 'w.safetensors'];
    expect((await formant([...args, '--json'], { runs: { exportRun } })).json()).toEqual({
      file: 'w.safetensors',
      tensors: 4,
      bytes: 2048,
      format: 'safetensors',
    });
    expect((await formant(args, { runs: { exportRun } })).stdout).toBe('Wrote 4 tensors (2.0 KiB) to w.safetensors\n');
  });

  test('bench step gives the counts of a step', async () => {
    const asked: unknown[] = [];
    const benchStep: RunFunctions['benchStep'] = async ({ model = 'mlp', batch = 0, steps } = {}) => {
      asked.push(steps);
      return {
        model,
        batch,
        adapter: 'a fast card',
        firstStepMs: 900,
        medianMs: 12.34,
        dispatches: 99,
        submits: 1,
        buffersCreated: 0,
        bindGroupsCreated: 0,
        peakBytes: 3 * 1024 ** 2,
      };
    };
    const args = ['bench', 'step', '--model', 'cnn2d', '--batch', '4', '--steps', '5'];
    const told = await formant([...args, '--json'], { runs: { benchStep } });
    expect(told.json()).toMatchObject({ model: 'cnn2d', batch: 4, submits: 1, dispatches: 99 });
    const { stdout } = await formant(args, { runs: { benchStep } });
    expect(stdout).toMatch(/12\.3 ms/);
    expect(stdout).toMatch(/1 submits?, 99 dispatches/);
    expect(stdout).toMatch(/3\.0 MiB/);
    expect(asked).toEqual([5, 5]);
  });
});
