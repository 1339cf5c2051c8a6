/** The built package, from outside: the program, the example of the README, and what other programs may import. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const CLI = join(ROOT, 'dist/cli.js');
const run = promisify(execFile);

/** `npm ci` has built; whoever changes a source afterwards gets it built again here. */
beforeAll(async () => {
  const built = statSync(CLI, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
  const newest = Math.max(
    ...sources.filter((entry) => entry.isFile()).map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
  if (newest <= built) return;
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
  });
});

const node = (...args: string[]) => run(process.execPath, args, { cwd: ROOT });

describe('dist/cli.js', () => {
  test('prints its help and ends', async () => {
    const { stdout, stderr } = await node(CLI, '--help');
    expect(stdout).toMatch(/^Usage: formant /);
    expect(stderr).toBe('');
  });

  test('wrong usage: exit code 2 and nothing on stdout', async () => {
    await expect(node(CLI, 'train', '--epochs', 'x')).rejects.toMatchObject({ code: 2, stdout: '' });
  });

  test('info --json tells the adapter, and the process ends by itself', async () => {
    const { stdout } = await node(CLI, 'info', '--json');
    const info = JSON.parse(stdout) as { adapter: { kind: string; description: string }; limits: object };
    expect(['hardware', 'software']).toContain(info.adapter.kind);
    expect(info.adapter.description).not.toBe('');
    expect(info.limits).toMatchObject({ maxStorageBindings: expect.any(Number) as number });
  });

  test('a reader that goes away is no error', async () => {
    // `true` reads nothing of the help.
    const { stdout, stderr } = await run('sh', ['-c', `"${process.execPath}" "${CLI}" help train | true; echo done`]);
    expect({ stdout, stderr }).toEqual({ stdout: 'done\n', stderr: '' });
  });

  test('an interruption ends a prediction that waits for names', async () => {
    const child = spawn(process.execPath, [CLI, 'predict', '--run', 'none', '--names'], { cwd: ROOT });
    const ended = new Promise((done) => child.on('exit', (_code, by) => done(by)));
    await new Promise((done) => setTimeout(done, 1500));
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
  });
});

describe('the example', () => {
  test('runs, and learns', async () => {
    const { stdout } = await node(join(ROOT, 'examples/train.mjs'));
    const losses = [...stdout.matchAll(/^step \d+ {2}loss (\d+\.\d+)$/gm)].map((match) => Number(match[1]));
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(0.01);
    expect(stdout).toMatch(/^256 of 256 points are told right$/m);
  });

  test('is the one that the README shows, in some 20 lines', () => {
    const file = readFileSync(join(ROOT, 'examples/train.mjs'), 'utf8').split('\n').slice(1).join('\n');
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const [shown] = [...readme.matchAll(/```js\n([^]*?)```/g)].map((match) => match[1]);
    expect(shown).toBe(file);
    expect(shown.split('\n').filter((line) => line !== '').length).toBeLessThan(25);
  });
});

describe('imports by the name of the package', () => {
  test.each([
    [
      'formant',
      [
        'Tensor',
        'tensor',
        'init',
        'shutdown',
        'Conv1d',
        'BatchNorm1d',
        'LSTM',
        'CrossEntropyLoss',
        'Adam',
        'ReduceLROnPlateau',
        'FormantError',
      ],
    ],
    ['formant/dsp', ['stft', 'melSpectrogram', 'mfcc', 'specAugment']],
    ['formant/io', ['readWav', 'readNpy', 'readSafetensors', 'writeSafetensors']],
    ['formant/ser', ['scanCorpora', 'synthesize', 'makeSplit', 'scoresOf', 'trainRun', 'renderReport']],
  ])('%s', async (name, wanted) => {
    const script = `import * as m from '${name}'; console.log(JSON.stringify(Object.keys(m)));`;
    const { stdout } = await node('--input-type=module', '-e', script);
    expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(wanted));
  });
});
