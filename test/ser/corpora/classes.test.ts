/** Class names of one's own, all the way: training, resuming settings, testing, predicting. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { evaluateRun, predictFiles, trainRun, type Prediction } from '../../../src/ser/run/index.js';
import { writeSynthCorpus } from '../../../src/ser/synth/index.js';
import { shutdown } from '../../../src/tensor/index.js';

const base = mkdtempSync(path.join(tmpdir(), 'formant-classes-'));
const mine = path.join(base, 'mine');
const run = path.join(base, 'run');
afterAll(shutdown);
afterAll(() => rmSync(base, { recursive: true }));

// Three voices, filed as <speaker>/<emotion>/<number>.wav under names that no corpus knows.
const NAMES = { angry: 'cross', neutral: 'bored', sad: 'sadness' } as const;
beforeAll(async () => {
  const speech = path.join(base, 'speech');
  await writeSynthCorpus(speech, {
    speakers: 4,
    emotions: ['angry', 'neutral', 'sad'],
    clipsPerEmotion: 3,
    seconds: [0.4, 0.5],
    sampleRate: 16000,
    seed: 7,
  });
  for (const speaker of readdirSync(speech).filter((name) => /^S\d\d$/.test(name))) {
    for (const file of readdirSync(path.join(speech, speaker))) {
      const [, emotion, number] = file.split('_');
      const folder = path.join(mine, speaker, NAMES[emotion as keyof typeof NAMES]);
      mkdirSync(folder, { recursive: true });
      cpSync(path.join(speech, speaker, file), path.join(folder, number));
    }
  }
});

it('train, evaluate and predict with them', async () => {
  const corpus = { layout: 'folders', map: { boredom: 'idle' } } as const;
  const trained = await trainRun({
    data: [mine],
    out: run,
    corpus,
    model: 'mlp',
    size: 'small',
    epochs: 1,
    batchSize: 8,
  });
  expect(trained.classes).toEqual(['sad', 'cross', 'idle']);
  expect(trained.test.confusion.map((row) => row.reduce((sum, n) => sum + n, 0))).toEqual([3, 3, 3]);
  const report = readFileSync(path.join(run, 'report.html'), 'utf8');
  expect(report).toContain('idle');
  expect(report).toContain('cross');
  const config = JSON.parse(readFileSync(path.join(run, 'config.json'), 'utf8')) as { corpus: unknown };
  expect(config.corpus).toEqual(corpus);

  // The run's own settings find the same clips again; other data take the run's map.
  expect((await evaluateRun({ run })).test.confusion).toEqual(trained.test.confusion);
  const one = await evaluateRun({ run, data: [path.join(mine, 'S01', '..')], corpus: { layout: 'folders' } });
  expect(one.test.clips).toBe(36);
  expect(one.classes).toEqual(trained.classes);

  const said: Prediction[] = [];
  for await (const prediction of predictFiles(run, [path.join(mine, 'S01', 'bored', '01.wav')])) said.push(prediction);
  expect(said).toMatchObject([
    {
      emotion: expect.stringMatching(/^(sad|cross|idle)$/) as string,
      probabilities: { idle: expect.any(Number) as number },
    },
  ]);
});
