/** Where features of earlier runs are kept, and how they are removed. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunFunctions } from '../../../src/ser/cli/services.js';
import { RunError } from '../../../src/ser/run/errors.js';
import { formant, temporaryFolder } from './harness.js';

const folder = temporaryFolder();

describe('the folder that train is told', () => {
  const asked: unknown[] = [];
  // What it is asked is all that matters here.
  const trainRun: RunFunctions['trainRun'] = ({ cache }) => {
    asked.push(cache);
    return Promise.reject(new RunError('Enough.'));
  };
  test.each<[string, readonly string[], Record<string, string>, string | undefined]>([
    ['the one given', ['--cache', 'here'], { HOME: '/home/a' }, resolve('here')],
    ['none with --no-cache', ['--no-cache'], { HOME: '/home/a' }, undefined],
    ['XDG_CACHE_HOME', [], { HOME: '/home/a', XDG_CACHE_HOME: '/caches' }, '/caches/formant/features'],
    [
      'the home folder where that is relative',
      [],
      { HOME: '/home/a', XDG_CACHE_HOME: 'x' },
      '/home/a/.cache/formant/features',
    ],
    ['the home folder', [], { HOME: '/home/a' }, '/home/a/.cache/formant/features'],
    ['none where there is no home', [], {}, undefined],
  ])('is %s', async (_, args, env, expected) => {
    const told = await formant(['train', '--out', folder, ...args], { runs: { trainRun }, env });
    expect(told.stderr).toContain('Enough.');
    expect(asked.pop()).toBe(expected);
  });
});

test('cache tells what is there, and clears no more than its own', async () => {
  const root = join(folder, 'cache');
  const own = join(root, 'frames-0123456789abcdef');
  const other = join(root, 'photos');
  for (const made of [own, other]) {
    mkdirSync(made, { recursive: true });
    writeFileSync(join(made, 'a.npy'), new Uint8Array(1000));
  }
  const args = ['cache', '--cache', root, '--json'];
  expect((await formant(args)).json()).toEqual({ folder: root, files: 1, bytes: 1000, cleared: false });
  expect(existsSync(own)).toBe(true);
  expect((await formant([...args, '--clear'])).json()).toEqual({ folder: root, files: 1, bytes: 1000, cleared: true });
  expect(readdirSync(root)).toEqual(['photos']);
  expect(readdirSync(other)).toEqual(['a.npy']);
  const missing = await formant(['cache', '--cache', join(folder, 'none')]);
  expect(missing).toMatchObject({ code: 0, stdout: `${join(folder, 'none')}: 0 files, 0 B\n` });
  expect(await formant(['cache'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/--cache <dir>/) as string });
});
