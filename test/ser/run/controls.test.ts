/** The control with shuffled labels: what is dealt, to whom, and where it is said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scanCorpora, type Clip } from '../../../src/ser/corpora/index.js';
import { evaluateRun, trainRun } from '../../../src/ser/run/index.js';
import { shuffleLabels } from '../../../src/ser/run/shuffle-labels.js';
import { closesDevice, temporaryFolder, tinyCorpus, tinyRun } from './support.js';

closesDevice();
const folder = temporaryFolder();
let data: string;
let clips: readonly Clip[];
beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
  ({ clips } = await scanCorpora([data]));
});

const emotions = (of: readonly Clip[]): string[] => of.map((clip) => clip.emotion);

describe('shuffled labels', () => {
  test('are the same labels in another order, by the seed alone', () => {
    const shuffled = emotions(shuffleLabels(clips, 1));
    expect([...shuffled].sort()).toEqual(emotions(clips).sort());
    expect(shuffled).not.toEqual(emotions(clips));
    expect(emotions(shuffleLabels(clips, 1))).toEqual(shuffled);
    expect(emotions(shuffleLabels(clips, 2))).not.toEqual(shuffled);
  });

  test('say nothing about the old ones: of 3 classes about a third stay', () => {
    let same = 0;
    for (let seed = 0; seed < 100; seed++) {
      const shuffled = emotions(shuffleLabels(clips, seed));
      same += emotions(clips).filter((emotion, i) => emotion === shuffled[i]).length;
    }
    // 4500 draws: the standard deviation of the share is 0.007.
    expect(Math.abs(same / (100 * clips.length) - 1 / 3)).toBeLessThan(0.025);
  });

  test('are one label for files with the same bytes', () => {
    const twins = [...clips, ...clips.map((clip) => ({ ...clip, path: `${clip.path}.copy`, duplicateOf: clip.path }))];
    const shuffled = emotions(shuffleLabels(twins, 3));
    expect(shuffled.slice(clips.length)).toEqual(shuffled.slice(0, clips.length));
  });

  test('are one label for one recording in other bytes', () => {
    const twins = [
      ...clips,
      ...clips.map((clip) => ({ ...clip, path: `${clip.path}.48k`, hash: `${clip.hash}-48k`, duplicateOf: clip.path })),
    ];
    const shuffled = emotions(shuffleLabels(twins, 3));
    expect(shuffled.slice(clips.length)).toEqual(shuffled.slice(0, clips.length));
  });

  test('are told in config, result and report, and evaluate tests on them too', async () => {
    const run = join(folder, 'run');
    const result = await trainRun(tinyRun(data, run, { epochs: 1, shuffleLabels: true }));
    expect(result.shuffledLabels).toBe(true);
    expect(JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'))).toMatchObject({ shuffleLabels: true });
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('This is a control');
    expect((await evaluateRun({ run })).test).toEqual(result.test);
    const plain = await trainRun(tinyRun(data, join(folder, 'plain'), { epochs: 1 }));
    expect(plain).not.toHaveProperty('shuffledLabels');
    expect(plain.test.confusion).not.toEqual(result.test.confusion);
    expect(readFileSync(join(folder, 'plain', 'report.html'), 'utf8')).not.toContain('This is a control');
  });
});
