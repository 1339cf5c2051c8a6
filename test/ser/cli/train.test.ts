import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Interruption } from '../../../src/ser/cli/io.js';
import { RunError } from '../../../src/ser/run/errors.js';
import type { Hooks, Progress, RunResult, TrainOptions } from '../../../src/ser/run/types.js';
import { formant, sampleResult, temporaryFolder } from './harness.js';

const folder = temporaryFolder();
const out = join(folder, 'run');

/** Stands in for training: notes what it was told. */
function recorder(act: (hooks: Hooks) => Promise<RunResult> | RunResult = () => sampleResult()) {
  const calls: TrainOptions[] = [];
  const trainRun = async (options: TrainOptions, hooks: Hooks = {}): Promise<RunResult> => {
    calls.push(options);
    return act(hooks);
  };
  return { calls, runs: { trainRun } };
}

const epoch = (n: number): Progress => ({
  stage: 'train',
  done: n,
  total: 2,
  epoch: {
    epoch: n,
    epochs: 2,
    loss: 1.5 / n,
    validationLoss: 1.25,
    validationAccuracy: 0.5,
    validationUar: 0.25,
    clipsPerSecond: 99.6,
    secondsLeft: 65,
  },
});

describe('formant train', () => {
  test('passes every option on, and only those given', async () => {
    const { calls, runs } = recorder();
    expect((await formant(['train', '--out', out], { runs })).code).toBe(0);
    expect(calls[0]).toEqual({ data: [], out });

    await formant(
      (
        'train --data a b --data c --out ' +
        out +
        ' --model mlp --features paper --size small --protocol speaker ' +
        '--test-speakers RAVDESS/19,RAVDESS/20 --test-speakers TESS/OAF --epochs 3 --batch-size 8 --learning-rate 1e-3 ' +
        '--patience 0 --seed 0 --normalize speaker --recipe paper --strict --json'
      ).split(' '),
      { runs },
    );
    expect(calls[1]).toEqual({
      data: ['a', 'b', 'c'],
      out,
      model: 'mlp',
      features: 'paper',
      size: 'small',
      protocol: 'speaker',
      testSpeakers: ['RAVDESS/19', 'RAVDESS/20', 'TESS/OAF'],
      epochs: 3,
      batchSize: 8,
      learningRate: 0.001,
      patience: 0,
      seed: 0,
      normalize: 'speaker',
      recipe: 'paper',
      strict: true,
    });

    await formant(['train', '--out', out, '--protocol', 'loso', '--fold', '2/5'], { runs });
    expect(calls[2]).toEqual({ data: [], out, protocol: 'loso', fold: { index: 2, count: 5 } });

    const across = '--protocol cross-corpus --test-corpora TESS,SAVEE --validation-speakers RAVDESS/01';
    await formant(['train', '--out', out, ...across.split(' ')], { runs });
    expect(calls[3]).toEqual({
      data: [],
      out,
      protocol: 'cross-corpus',
      testCorpora: ['TESS', 'SAVEE'],
      validationSpeakers: ['RAVDESS/01'],
    });
  });

  test('passes ways of training on, and refuses what they cannot be', async () => {
    const { calls, runs } = recorder();
    const flags =
      '--optimizer sgd --schedule cosine --weight-decay 0 --clip-grad 1 --dropout 0 --label-smoothing 0.05 --class-weights --balanced ' +
      '--mixup 0.2 --average 0.999 --choose loss --augment gain,mask:24x16';
    expect((await formant(['train', '--out', out, ...flags.split(' ')], { runs })).code).toBe(0);
    expect(calls[0]).toEqual({
      data: [],
      out,
      optimizer: 'sgd',
      schedule: 'cosine',
      weightDecay: 0,
      clipGrad: 1,
      dropout: 0,
      labelSmoothing: 0.05,
      classWeights: true,
      balanced: true,
      mixup: 0.2,
      average: 0.999,
      choose: 'loss',
      augment: 'gain,mask:24x16',
    });
    expect((await formant(['train', '--out', out, '--no-augment'], { runs })).code).toBe(0);
    expect(calls[1]).toEqual({ data: [], out, augment: false });
    for (const [option, value, message] of [
      ['--dropout', '1', 'Expected a number from 0 to below 1.'],
      ['--mixup', '-1', 'Expected a number from 0 up.'],
      ['--average', '', 'Expected a number'],
      ['--augment', 'gain,echo', 'no augmentation "echo"'],
      ['--optimizer', 'lion', 'Allowed choices are adam, adamw, rmsprop, sgd'],
    ]) {
      const told = await formant(['train', '--out', out, option, value], { runs });
      expect(told.code).toBe(2);
      expect(told.stderr).toContain(message);
    }
    const resumed = await formant(['train', '--resume', out, '--no-augment', '--class-weights'], { runs });
    expect(resumed.code).toBe(2);
    expect(resumed.stderr).toContain('--augment, --class-weights cannot be given with it');
  });

  test('--json gives the result and nothing else on stdout, with progress on stderr', async () => {
    const { runs } = recorder(({ onProgress, onNotice }) => {
      onProgress?.({ stage: 'scan', done: 3, total: 3 });
      onNotice?.('Two files look alike.');
      [1, 2].forEach((n) => onProgress?.(epoch(n)));
      return sampleResult();
    });
    const told = await formant(['train', '--out', out, '--json'], { runs });
    expect(told).toMatchObject({ code: 0, closed: 1 });
    expect(told.json()).toEqual(sampleResult());
    expect(told.stderr.split('\n')).toEqual([
      'Scanning: 3 of 3',
      'formant: Two files look alike.',
      expect.stringMatching(
        /^Training: epoch 1\/2 {2}loss 1\.500 .*accuracy 0\.500 UAR 0\.250 {2}100 clips\/s {2}1 min 5 s left$/,
      ),
      expect.stringMatching(/^Training: epoch 2\/2 {2}loss 0\.750/),
      '',
    ]);
  });

  test('prints recalls, scores and the confusion matrix', async () => {
    const { stdout } = await formant(['train', '--out', out], { runs: recorder().runs });
    expect(stdout).toMatch(/angry +66\.7 % +3\n/);
    expect(stdout).toMatch(/sad +75\.0 % +4\n/);
    expect(stdout).toMatch(/truth \\ said +angry +sad\n.*\nangry +2 +1\nsad +1 +3\n/);
    expect(stdout).toMatch(/accuracy +71\.4 %/);
    expect(stdout).toMatch(/UAR +70\.8 %/);
    expect(stdout).toMatch(/nearest centroid +40\.0 %/);
    expect(stdout).toMatch(/tested on +7 clips of 2 speakers: SYNTH\/S01, SYNTH\/S02/);
    expect(stdout).toMatch(/12,345 parameters/);
  });

  test('does not divide by the clips of a class that was not tested', async () => {
    const test = {
      ...sampleResult().test,
      confusion: [
        [0, 0],
        [1, 3],
      ],
    };
    const { stdout } = await formant(['train', '--out', out], { runs: recorder(() => sampleResult({ test })).runs });
    expect(stdout).toMatch(/angry +- +0\n/);
  });

  test('draws a bar on a terminal', async () => {
    const { runs } = recorder(({ onProgress }) => {
      onProgress?.({ stage: 'features', done: 1, total: 4 });
      onProgress?.({ stage: 'features', done: 4, total: 4 });
      [1, 2].forEach((n) => onProgress?.(epoch(n)));
      return sampleResult();
    });
    const { stderr } = await formant(['train', '--out', out], { runs, terminal: true });
    expect(stderr).toMatch(/Features +\[=+-*\] 4\/4/);
    expect(stderr).toMatch(/Training +\[=+-*\] 2\/2 {2}epoch 2\/2/);
  });

  test.each<[Interruption, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s aborts, and what was saved is said; exit %i', async (signal, code) => {
    let interrupt: (signal: Interruption) => void = () => {};
    const { runs } = recorder(async (hooks) => {
      expect(hooks.signal?.aborted).toBe(false);
      interrupt(signal);
      expect(hooks.signal?.aborted).toBe(true);
      return sampleResult({ finished: false, epochs: 3 });
    });
    const setting = { runs, onStart: (given: typeof interrupt) => void (interrupt = given) };
    const told = await formant(['train', '--out', out], setting);
    expect(told).toMatchObject({ code, closed: 1 });
    expect(told.stdout).toBe(
      'Stopped after 3 epochs; everything is saved. Go on with: formant train --resume /runs/one\n',
    );
    expect(told.stderr).toContain('a second Ctrl-C quits at once');
    expect((await formant(['train', '--out', out, '--json'], setting)).json()).toMatchObject({ finished: false });
  });

  test('an interruption that came too late leaves a finished run finished', async () => {
    let interrupt: (signal: Interruption) => void = () => {};
    const { runs } = recorder(() => {
      interrupt('SIGINT');
      return sampleResult();
    });
    const told = await formant(['train', '--out', out], { runs, onStart: (given) => void (interrupt = given) });
    expect(told.code).toBe(0);
  });

  test('an interruption before anything was saved is no failure of the work', async () => {
    let interrupt: (signal: Interruption) => void = () => {};
    const { runs } = recorder((hooks) => {
      interrupt('SIGINT');
      hooks.signal?.throwIfAborted();
      return sampleResult();
    });
    const told = await formant(['train', '--out', out], { runs, onStart: (given) => void (interrupt = given) });
    expect(told).toMatchObject({ code: 130, stdout: '' });
    expect(told.stderr).toContain('Interrupted before there was a result.');
  });

  test('an interruption while clips are read breaks that off at once', async () => {
    let interrupt: (signal: Interruption) => void = () => {};
    const reached: number[] = [];
    const { runs } = recorder(({ onProgress }) => {
      for (let done = 1; done <= 100; done++) {
        reached.push(done);
        if (done === 3) interrupt('SIGINT');
        onProgress?.({ stage: 'features', done, total: 100 });
      }
      return sampleResult();
    });
    const told = await formant(['train', '--out', out], { runs, onStart: (given) => void (interrupt = given) });
    expect(told.code).toBe(130);
    expect(reached).toEqual([1, 2, 3]);
  });

  test('a failed run is told by its type', async () => {
    const { runs } = recorder(() => Promise.reject(new RunError('The run folder is taken. Choose another --out.')));
    const told = await formant(['train', '--out', out, '--json'], { runs });
    expect(told).toMatchObject({ code: 1, stderr: '', closed: 1 });
    expect(told.json()).toEqual({
      error: { type: 'RunError', message: 'The run folder is taken. Choose another --out.' },
    });
  });

  test('--resume goes on with a run', async () => {
    const asked: unknown[] = [];
    const resumeRun = async (options: unknown): Promise<RunResult> => {
      asked.push(options);
      return sampleResult();
    };
    expect((await formant(['train', '--resume', out], { runs: { resumeRun } })).code).toBe(0);
    expect(asked).toEqual([{ run: out }]);
  });
});

describe('formant demo', () => {
  test('trains on the synthetic corpus in a folder of its own', async () => {
    const { calls, runs } = recorder();
    const told = await formant(['demo', '--out', out, '--seed', '7', '--epochs', '2'], { runs });
    expect(told.code).toBe(0);
    expect(calls).toEqual([expect.objectContaining({ data: [], out, seed: 7, epochs: 2 })]);
    expect(told.stdout).toMatch(/^Formant demo: /);
    expect(told.stdout).toMatch(/accuracy +71\.4 %/);
    expect(told.stdout).toMatch(/Try next: .*predict --run/);
    expect((await formant(['demo', '--out', out, '--json'], { runs })).json()).toEqual(sampleResult());
  });
});

describe('formant evaluate', () => {
  test('passes folders on and gives the result', async () => {
    const asked: unknown[] = [];
    const evaluateRun = async (options: unknown): Promise<RunResult> => {
      asked.push(options);
      return sampleResult();
    };
    const told = await formant(['evaluate', '--run', 'r', '--data', 'a', '--data', 'b', 'c', '--json'], {
      runs: { evaluateRun },
    });
    expect(told.json()).toEqual(sampleResult());
    await formant(['evaluate', '--run', 'r', '--strict'], { runs: { evaluateRun } });
    expect(asked).toEqual([
      { run: 'r', data: ['a', 'b', 'c'] },
      { run: 'r', strict: true },
    ]);
  });
});
