import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { EMOTIONS } from '../../../src/ser/corpora/types.js';
import { formant, temporaryFolder } from './harness.js';

const folder = temporaryFolder();
const speech = join(folder, 'speech');

beforeAll(async () => {
  const told = await formant([
    'synth',
    '--out',
    speech,
    '--speakers',
    '2',
    '--clips',
    '1',
    '--seconds',
    '0.5-0.6',
    '--json',
  ]);
  expect(told.json()).toMatchObject({ clips: 14, speakers: ['S01', 'S02'], classes: EMOTIONS, seed: 1 });
  const clip = join(speech, 'S01', 'S01_angry_01.wav');
  // The same bytes twice, a calm clip, and a text under a clip's name.
  copyFileSync(clip, join(speech, 'S01', 'S01_angry_02.wav'));
  mkdirSync(join(speech, 'Actor_01'));
  copyFileSync(clip, join(speech, 'Actor_01', '03-01-02-01-01-01-01.wav'));
  writeFileSync(join(speech, 'S02', 'S02_sad_02.wav'), 'not a sound');
});

describe('formant corpus', () => {
  test('gives the agreed fields as JSON, calm apart', async () => {
    const told = await formant(['corpus', speech, '--json']);
    expect(told.code).toBe(0);
    expect(told.json()).toMatchObject({
      clips: 15,
      speakers: ['SYNTH/S01', 'SYNTH/S02'],
      classes: EMOTIONS,
      emotions: { angry: 3, sad: 2 },
      calm: 1,
      duplicates: 1,
      rejected: [{ file: join(speech, 'S02', 'S02_sad_02.wav'), reason: expect.stringMatching(/./) as string }],
    });
    const { seconds } = told.json() as { seconds: number };
    expect(seconds).toBeGreaterThan(15 * 0.45);
    expect(seconds).toBeLessThan(15 * 0.65);
  });

  test('prints a table of corpora and emotions, and names what is left out', async () => {
    const { code, stdout } = await formant(['corpus', speech]);
    expect(code).toBe(0);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    const [header, , row] = rows.slice(rows.findIndex(([first]) => first.startsWith('Table IV')) + 1);
    expect(header).toEqual(['corpus', ...EMOTIONS, 'clips', 'speakers', 'seconds']);
    expect(row.slice(0, -1)).toEqual(['SYNTH', '3', '2', '2', '2', '2', '2', '2', '15', '2']);
    expect(rows.slice(0, 4).map((cells) => cells.slice(0, 6))).toEqual([
      ['Table III: corpora'],
      ['corpus', 'clips', 'speakers', 'women', 'men', 'emotions'],
      expect.anything(),
      ['RAVDESS', '1', '0', '0', '0', '1'],
    ]);
    expect(stdout).toMatch(/left out +1 calm/);
    expect(stdout).toMatch(/same bytes: .*S01_angry_01.wav = .*S01_angry_02.wav/);
    expect(stdout).toMatch(/rejected: .*S02_sad_02.wav: ./);
  });

  test.each([
    ['a folder that is missing', ['corpus', join(folder, 'nowhere')], /nowhere.*no such file or folder/],
    ['a rejected file with --strict', ['corpus', speech, '--strict'], /1 WAV file cannot be used: .*S02_sad_02/],
  ])('fails with 1 on %s', async (_name, args, sentence) => {
    const { code, stdout, stderr } = await formant(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(sentence);
    const json = await formant([...args, '--json']);
    expect(json.code).toBe(1);
    expect(json.json()).toMatchObject({
      error: { type: 'CorpusError', message: expect.stringMatching(sentence) as string },
    });
  });

  test('fails with 1 on a folder without clips, and says what names it looks for', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await formant(['corpus', empty]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/No usable clip in .*empty.*RAVDESS.*There is no \.wav file/);
  });

  test('draws the four figures', async () => {
    const plot = join(folder, 'figures');
    const told = await formant(['corpus', speech, '--plot', plot, '--json']);
    const { figures } = told.json() as { figures: string[] };
    expect(figures.map((file) => file.slice(plot.length + 1, plot.length + 9))).toEqual([
      'figure-2',
      'figure-3',
      'figure-4',
      'figure-5',
    ]);
    const [labels, classes, speakers, lengths] = figures.map((file) => readFileSync(file, 'utf8'));
    for (const svg of [labels, classes, speakers, lengths]) expect(svg).toMatch(/^<svg [^]*<\/svg>$/);
    expect(labels).toContain('>calm<');
    expect(labels).toContain('>RAVDESS<');
    expect(classes).not.toContain('>calm<');
    expect(classes).toContain('>surprise<');
    expect(speakers).toContain('>female<');
    expect(speakers).not.toContain('>unknown<');
    expect(lengths).toContain('>seconds<');
  });

  test('takes labels from folders, a manifest and a map', async () => {
    const own = join(folder, 'own');
    const clip = join(speech, 'S01', 'S01_sad_01.wav');
    mkdirSync(join(own, 'ann', 'giggly'), { recursive: true });
    copyFileSync(clip, join(own, 'ann', 'giggly', '1.wav'));
    writeFileSync(join(own, 'm.csv'), `file,emotion\n${clip},sad\n`);
    const layout = ['--layout', 'folders', '--manifest', join(own, 'm.csv'), '--map', 'giggly=happy'];
    const told = await formant(['corpus', own, ...layout, '--json']);
    expect(told.json()).toMatchObject({
      clips: 2,
      classes: ['happy', 'sad'],
      speakers: ['m/unknown', 'own/ann'],
      notes: [expect.stringMatching(/several classes/)],
    });
    const calm = await formant(['corpus', speech, '--keep-calm', '--json']);
    expect(calm.json()).toMatchObject({ clips: 16, classes: [...EMOTIONS, 'calm'], calm: 0 });
  });

  test('stops at Ctrl-C with 130', async () => {
    const told = await formant(['corpus', speech], {
      onStart: (interrupt) =>
        queueMicrotask(function soon(n = 0) {
          // The command listens only once its modules are loaded.
          interrupt('SIGINT');
          if (n < 1000) setTimeout(() => soon(n + 1), 0);
        } as () => void),
    });
    expect(told.code).toBe(130);
    expect(told.stdout).toBe('');
    expect(told.stderr).toContain('stopping cleanly');
  });
});
