/** Cross-validation end to end: folds trained one by one, joined, and refused where they do not fit together. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { mergeRuns, trainRun, type MergedResult, type RunResult } from '../../../src/ser/run/index.js';
import { runFiles } from '../../../src/ser/run/config.js';
import { formant } from '../cli/harness.js';
import { closesDevice, copyRun, temporaryFolder, tinyCorpus, tinyRun } from './support.js';

closesDevice();
const folder = temporaryFolder();
const COUNT = 3;
let data: string;
let results: RunResult[];
const foldsOf = (protocol: string): string[] =>
  Array.from({ length: COUNT }, (_, i) => join(folder, `${protocol}-${i + 1}`));
const loso = foldsOf('loso');

async function trainFolds(protocol: 'loso' | 'random'): Promise<RunResult[]> {
  const found: RunResult[] = [];
  for (const [i, run] of foldsOf(protocol).entries()) {
    const fold = { index: i + 1, count: COUNT };
    found.push(await trainRun(tinyRun(data, run, { protocol, fold, epochs: 1 })));
  }
  return found;
}

beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
  results = await trainFolds('loso');
});

/** A copy of a fold with other settings or results. */
function altered(run: string, name: string, config: object, result: object = {}): string {
  const copy = copyRun(run, join(folder, name));
  const change = (file: string, over: object): void =>
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...over }));
  change(runFiles(copy).config, config);
  change(runFiles(copy).result, result);
  return copy;
}

describe('the folds of leave-one-speaker-out', () => {
  test('joined in any order test every clip once, and give what the confusions say together', async () => {
    const merged = await mergeRuns([loso[2], loso[0], loso[1]]);
    expect(merged.folds.map(({ fold }) => fold)).toEqual([1, 2, 3]);
    expect(merged.test.clips).toBe(45);
    expect(merged.test.speakers).toHaveLength(5);
    const rights = results.map(({ test: t }) => t.confusion.reduce((sum, row, c) => sum + row[c], 0));
    expect(merged.test.accuracy).toBeCloseTo(rights.reduce((a, b) => a + b, 0) / 45, 12);
    const recalls = merged.classes.map((_, c) => {
      const row = merged.test.confusion[c];
      expect(row).toEqual(
        results[0].test.confusion[c].map((_, k) => results.reduce((n, r) => n + r.test.confusion[c][k], 0)),
      );
      return row[c] / row.reduce((a, b) => a + b, 0);
    });
    expect(merged.test.uar).toBeCloseTo(recalls.reduce((a, b) => a + b, 0) / 3, 12);
    const [a, b, c] = results.map(({ test: t }) => t.uar);
    const mean = (a + b + c) / 3;
    expect(merged.over.uar.mean).toBeCloseTo(mean, 12);
    expect(merged.over.uar.sd).toBeCloseTo(Math.sqrt(((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 2), 12);
  });

  test('are written as JSON and as a page, by the command as well', async () => {
    const out = join(folder, 'merged');
    const told = await formant(['merge', ...loso, '--out', out, '--json']);
    expect(told).toMatchObject({ code: 0, stderr: '' });
    const merged = told.json() as MergedResult;
    expect(JSON.parse(readFileSync(join(out, 'merged.json'), 'utf8'))).toEqual(merged);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('3 folds');
    expect(page).toContain('fold 2 of 3');
    expect(page).toContain(`accuracy ${(100 * merged.over.accuracy.mean).toFixed(1)} % ±`);
    const text = await formant(['merge', ...loso]);
    expect(text.stdout).toContain('3/3');
    expect(text.stdout).toMatch(/UAR +[\d.]+ %; [\d.]+ % ± [\d.]+ % over the folds/);
  });
});

describe('the probabilities of all folds', () => {
  /** The lines of a fold's predictions, without the head. */
  const lines = (run: string): string[] =>
    readFileSync(runFiles(run).predictions, 'utf8').trimEnd().split('\n').slice(1);

  /** A copy of a fold with other predictions. */
  function withPredictions(run: string, name: string, change: (text: string) => string): string {
    const copy = copyRun(run, join(folder, name));
    const file = runFiles(copy).predictions;
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    return copy;
  }

  test('give ranking, calibration and intervals over speakers, of every clip once', async () => {
    const out = join(folder, 'pooled');
    const { classes, test: t } = await mergeRuns(loso, { out });
    const rows = loso.flatMap(lines).map((line) => line.split(','));
    expect(rows).toHaveLength(45);
    // The area under a ROC curve is the share of pairs in the right order (Mann and Whitney), ties counting half.
    classes.forEach((name, c) => {
      const scores = (own: boolean): number[] =>
        rows.filter((row) => (row[5] === name) === own).map((row) => Number(row[7 + c]));
      const pairs = scores(true).flatMap((a) => scores(false).map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
      const area = pairs.reduce((sum: number, share) => sum + share, 0) / pairs.length;
      expect(t.perClass?.[c]).toMatchObject({ emotion: name, auc: expect.closeTo(area, 12) as number });
    });
    expect(t.intervals?.over).toBe('speakers');
    expect(t.intervals?.uar.low).toBeLessThanOrEqual(t.uar);
    expect(t.intervals?.uar.high).toBeGreaterThanOrEqual(t.uar);
    expect(t.bySpeaker?.map(({ clips }) => clips)).toEqual([9, 9, 9, 9, 9]);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toMatch(/ROC/);
    expect(page).toMatch(/calibration/i);
    expect(page).not.toContain('no predictions.csv');
  });

  test('are left out where a fold has none, and the page says so', async () => {
    const old = copyRun(loso[2], join(folder, 'first-version'));
    rmSync(runFiles(old).predictions);
    const out = join(folder, 'pooled-not');
    const merged = await mergeRuns([loso[0], loso[1], old], { out });
    expect(merged.test.clips).toBe(45);
    expect(merged.test).not.toHaveProperty('perClass');
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('A fold has no predictions.csv');
  });

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'cut short within a line',
      (text) => text.slice(0, -20),
      /no valid CSV|does not say truth, speaker and a probability/,
    ],
    ['cut short between lines', (text) => text.split('\n').slice(0, -3).join('\n'), /confusion matrices differ/],
    ['of other classes', (text) => text.replace('p_angry', 'p_calm'), /row 1 does not say truth/],
  ])('are refused where they are %s', async (name, change, message) => {
    const bad = withPredictions(loso[0], `bad-${name}`, change);
    await expect(mergeRuns([bad, ...loso.slice(1)])).rejects.toThrow(message);
  });
});

describe('what is no experiment is refused:', () => {
  test.each<[string, () => readonly string[], RegExp]>([
    ['a fold missing', () => loso.slice(0, 2), /Missing: fold 3\/3\. Train what is missing, and name all 3 runs/],
    [
      'a fold twice',
      () => [...loso, copyRun(loso[1], join(folder, 'again'))],
      /Fold 2\/3 is there 2 times: .*loso-2, .*again/,
    ],
    [
      'another seed',
      () => [loso[0], loso[1], altered(loso[2], 'seed', { seed: 6 })],
      /not folds of one experiment: they differ in seed 5 and 6/,
    ],
    [
      'a setting that one has not',
      () => [loso[0], loso[1], altered(loso[2], 'labels', { shuffleLabels: true })],
      /differ in shuffleLabels nothing and true/,
    ],
    [
      'a speaker tested twice',
      () => [loso[0], loso[1], altered(loso[2], 'speaker', {}, { test: results[1].test })],
      /is tested in two folds: the corpora were not the same/,
    ],
    [
      'an unfinished fold',
      () => [altered(loso[0], 'open', {}, { finished: false }), ...loso.slice(1)],
      /is not finished/,
    ],
    ['no fold at all', () => [altered(loso[0], 'whole', { fold: undefined })], /trained without --fold i\/n/],
    ['no run at all', () => [join(folder, 'corpus')], /is no run folder/],
  ])('%s', async (_, runs, message) => {
    const out = join(folder, 'refused');
    await expect(mergeRuns(runs(), { out })).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });

  test('folds on different adapters are one experiment', async () => {
    const merged = await mergeRuns([loso[0], loso[1], altered(loso[2], 'adapter', { adapter: 'another card' })]);
    expect(merged.test.clips).toBe(45);
  });
});

test('random splits have folds, too', async () => {
  await trainFolds('random');
  const merged = await mergeRuns(foldsOf('random'));
  expect(merged).toMatchObject({ protocol: 'random', test: { clips: 45 } });
  expect(merged.folds.map(({ clips }) => clips)).toEqual([15, 15, 15]);
});
