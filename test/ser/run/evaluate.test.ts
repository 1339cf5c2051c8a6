/** What evaluation tells and writes: the whole summary, predictions, a report beside other runs; and what it refuses. */
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/io/index.js';
import {
  evaluateRun,
  exportRun,
  predictFiles,
  resumeRun,
  trainRun,
  type RunResult,
} from '../../../src/ser/run/index.js';
import { writeSynthCorpus } from '../../../src/ser/synth/index.js';
import { EMOTIONS, closesDevice, contents, copyRun, temporaryFolder, tinyCorpus, tinyRun } from './support.js';

closesDevice();
const folder = temporaryFolder();
const run = join(folder, 'run');
const leaky = join(folder, 'leaky');
let data: string;
let result: RunResult;
let others: RunResult;
beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
  result = await trainRun(tinyRun(data, run, { epochs: 2, testSpeakers: ['SYNTH/S02', 'SYNTH/S03'] }));
  others = await trainRun(tinyRun(data, leaky, { epochs: 1, protocol: 'paper' }));
});

let number = 0;
const copy = (): string => copyRun(run, join(folder, `copy-${number++}`));

describe('the result', () => {
  test('has classes, averages, intervals, calibration and parts of the test, in result.json too', () => {
    const { test: tested } = result;
    expect(tested.perClass?.map(({ emotion }) => emotion)).toEqual(EMOTIONS);
    const recalls = tested.perClass?.map(({ recall }) => recall) ?? [];
    expect(recalls.reduce((a, b) => a + b) / 3).toBeCloseTo(tested.uar, 12);
    expect(tested.weighted?.recall).toBeCloseTo(tested.accuracy, 12);
    expect(tested.macro?.f1).toBe(tested.macroF1);
    expect(tested.calibration?.bins.reduce((sum, { clips }) => sum + clips, 0)).toBe(18);
    expect(tested.intervals?.over).toBe('clips');
    expect(tested.bySpeaker?.map(({ name, clips }) => [name, clips])).toEqual([
      ['SYNTH/S02', 9],
      ['SYNTH/S03', 9],
    ]);
    expect(tested.byGender?.map(({ name }) => name)).toEqual(['female', 'male']);
    expect(result.baseline?.macroF1).toBeLessThanOrEqual(1);
    expect(JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))).toEqual(result);
  });

  test('of every clip is in predictions.csv, altered copies by their number', () => {
    const [header, ...rows] = readFileSync(join(run, 'predictions.csv'), 'utf8').trimEnd().split('\n');
    expect(header).toBe('file,variant,corpus,speaker,gender,truth,predicted,p_angry,p_neutral,p_sad');
    expect(rows).toHaveLength(18);
    const cells = rows.map((row) => row.split(','));
    expect(cells.filter(([, , , , , truth, said]) => truth === said).length / 18).toBeCloseTo(result.test.accuracy, 12);
    for (const row of cells) {
      expect(row[0]).toContain(`_${row[5]}_`);
      const [best] = EMOTIONS.map((name, c) => ({ name, p: Number(row[7 + c]) })).sort((a, b) => b.p - a.p);
      expect(row[6]).toBe(best.name);
    }
    const copies = readFileSync(join(leaky, 'predictions.csv'), 'utf8').trimEnd().split('\n').slice(1);
    expect(copies).toHaveLength(others.test.clips);
    expect(new Set(copies.map((row) => row.split(',')[1])).size).toBeGreaterThan(1);
  });
});

describe('the report', () => {
  test('shows other runs beside, by their protocol, with pictures of the mistakes', async () => {
    const report = join(folder, 'beside.html');
    await evaluateRun({ run, beside: [leaky], report });
    const html = readFileSync(report, 'utf8');
    const text = html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
    expect(text).toContain(`mlp on paper (leaky) paper ${others.test.accuracy.toFixed(3)}`);
    expect(text).toMatch(/nearest centroid on the mean spectrum the same clips 0\.\d{3} 0\.\d{3}/);
    expect(text).toMatch(/test SYNTH 6 6 6 18/);
    const wrong = Math.round(18 * (1 - result.test.accuracy));
    expect(html.split('src="data:image/png;base64,').length - 1).toBe(Math.min(6, wrong));
  });

  test('of other corpora is written where it is asked for, and nothing in the run folder', async () => {
    const angry = join(folder, 'angry');
    await writeSynthCorpus(angry, {
      speakers: 1,
      emotions: ['angry'],
      clipsPerEmotion: 1,
      seconds: [0.4, 0.5],
      seed: 4,
    });
    const before = contents(run);
    const report = join(folder, 'other.html');
    const other = await evaluateRun({ run, data: [angry], report });
    // One clip of one class: nothing to rank, no interval but a point.
    expect(other.test).toMatchObject({ clips: 1, macro: { auc: null }, intervals: { over: 'clips' } });
    expect(JSON.stringify(other)).not.toContain('NaN');
    const html = readFileSync(report, 'utf8');
    expect(html).toContain('Tested on other corpora');
    expect(html).not.toMatch(/NaN|undefined/);
    expect(contents(run)).toEqual(before);
  });

  test('has no picture of a clip that is gone', async () => {
    const { worstMistakes } = await import('../../../src/ser/run/mistakes.js');
    const path = join(data, 'S01', 'nowhere.wav');
    const clip = { path, corpus: 'SYNTH', speaker: 'SYNTH/S01', emotion: 'sad' } as never;
    const [mistake] = await worstMistakes(
      [{ clip, variant: 2, label: 0, probabilities: [0.2, 0.8] }],
      ['sad', 'angry'],
    );
    expect(mistake).toEqual({
      file: 'SYNTH/S01/nowhere.wav',
      truth: 'sad',
      said: 'angry',
      confidence: 0.8,
      truthProbability: 0.2,
      altered: 'SpecAugment',
    });
  });
});

describe('is refused, with a reason,', () => {
  test('beside a run that has no result', async () => {
    const report = join(folder, 'never.html');
    await expect(evaluateRun({ run, beside: [join(folder, 'nowhere')], report })).rejects.toThrow(
      /nowhere has no result to show beside: .*no such file.*Evaluate that run first/,
    );
    const odd = copy();
    writeFileSync(join(odd, 'result.json'), '{"test":');
    await expect(evaluateRun({ run, beside: [odd], report })).rejects.toThrow(/it is no JSON/);
    writeFileSync(join(odd, 'result.json'), 'null');
    await expect(evaluateRun({ run, beside: [odd], report })).rejects.toThrow(/holds no test result/);
    expect(existsSync(report)).toBe(false);
  });

  test('a config.json of other features or another model than the weights have', async () => {
    const own = copy();
    const config = JSON.parse(readFileSync(join(own, 'config.json'), 'utf8')) as object;
    writeFileSync(join(own, 'config.json'), JSON.stringify({ ...config, features: 'frames' }));
    await expect(evaluateRun({ run: own })).rejects.toThrow(
      /does not fit the trained weights beside it: features "frames" where the weights have "paper"/,
    );
  });

  test('a model trained on features that were made in another way', async () => {
    const own = copy();
    const file = join(own, 'model.safetensors');
    const { tensors, metadata } = readSafetensors(file);
    const state = JSON.parse(metadata.state) as { heard: Record<string, number> };
    const spoil = (change: Record<string, unknown>): void =>
      writeSafetensors(file, tensors, { ...metadata, state: JSON.stringify({ ...state, ...change }) });
    spoil({ heard: { ...state.heard, hopLength: 160 } });
    const message = /trained on "paper" features made in another way: hopLength 160 \(now 256\)\. Train the run again/;
    await expect(evaluateRun({ run: own })).rejects.toThrow(message);
    await expect(evaluateRun({ run: own, data: [data] })).rejects.toThrow(message);
    await expect(predictFiles(own, []).next()).rejects.toThrow(message);
    await expect(exportRun({ run: own, format: 'safetensors', out: join(folder, 'x') })).rejects.toThrow(message);
    // Models of the first version do not tell.
    spoil({ heard: undefined });
    expect((await evaluateRun({ run: own })).test.accuracy).toBe(result.test.accuracy);
  });

  test('weights of a model that was built in another way', async () => {
    const own = copy();
    for (const name of ['model', 'checkpoint']) {
      const file = join(own, `${name}.safetensors`);
      const { tensors, metadata } = readSafetensors(file);
      const renamed = [...tensors].map(([key, tensor]) => [key.replace('fc1.', 'dense.'), tensor] as const);
      writeSafetensors(file, renamed, metadata);
    }
    const message = /The weights in .* cannot be used: .* of another version.*missing: .*fc1.*Train it anew/;
    await expect(evaluateRun({ run: own, data: [data] })).rejects.toThrow(message);
    await expect(predictFiles(own, []).next()).rejects.toThrow(message);
    await expect(evaluateRun({ run: own })).rejects.toThrow(message);
    await expect(resumeRun({ run: own })).rejects.toThrow(message);
  });

  test.each<[string, (file: string) => void]>([
    ['cut short', (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ['empty', (file) => truncateSync(file, 0)],
    ['gone', (file) => rmSync(file)],
  ])('a checkpoint that is %s', async (_, damage) => {
    const own = copy();
    damage(join(own, 'checkpoint.safetensors'));
    await expect(evaluateRun({ run: own })).rejects.toThrow(/checkpoint\.safetensors/);
  });

  test('a model that is cut short, on other corpora', async () => {
    const own = copy();
    const file = join(own, 'model.safetensors');
    truncateSync(file, Math.floor(readFileSync(file).length / 2));
    await expect(evaluateRun({ run: own, data: [data] })).rejects.toThrow(/model\.safetensors/);
  });
});
