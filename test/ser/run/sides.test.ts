/** Who is on which side of a run, as it is asked for: corpora that are only tested, and named validation speakers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scanCorpora } from '../../../src/ser/corpora/index.js';
import { readConfig } from '../../../src/ser/run/config.js';
import { evaluateRun, trainRun } from '../../../src/ser/run/index.js';
import { closesDevice, temporaryFolder, tinyCorpus, tinyRun } from './support.js';

closesDevice();
const folder = temporaryFolder();
let manifests: string[];
let data: string;
beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
  const { clips } = await scanCorpora([data]);
  // Two corpora of the one: three speakers to train and choose, two to test.
  manifests = ['NEAR', 'FAR'].map((corpus) => {
    const own = clips.filter(({ speaker }) => /S0[123]$/.test(speaker) === (corpus === 'NEAR'));
    const rows = own.map((clip) => [clip.path, clip.emotion, clip.speaker.split('/')[1], corpus].join(','));
    const file = join(folder, `${corpus}.csv`);
    writeFileSync(file, ['file,emotion,speaker,corpus', ...rows, ''].join('\n'));
    return file;
  });
});

describe('protocol cross-corpus', () => {
  test('trains on one corpus and tests on the other, as evaluate does again', async () => {
    const run = join(folder, 'across');
    const sides = { protocol: 'cross-corpus', testCorpora: ['FAR'], validationSpeakers: ['NEAR/S02'] } as const;
    const result = await trainRun({ ...tinyRun('', run, { epochs: 1, ...sides }), data: [], corpus: { manifests } });
    expect(result.test).toMatchObject({ clips: 18, speakers: ['FAR/S04', 'FAR/S05'] });
    expect(readConfig(run)).toMatchObject(sides);
    expect((await evaluateRun({ run })).test).toEqual(result.test);
  });

  test('asks for the corpora to test on, and knows those that are not there', async () => {
    const options = {
      ...tinyRun('', join(folder, 'none'), { protocol: 'cross-corpus' }),
      data: [],
      corpus: { manifests },
    };
    await expect(trainRun(options)).rejects.toThrow(/needs the corpora to test on; name some of FAR, NEAR/);
    await expect(trainRun({ ...options, testCorpora: ['MOON'] })).rejects.toThrow(
      /Corpus MOON is not among .*FAR, NEAR/,
    );
  });
});

test('a validation speaker that is not there is told', async () => {
  const options = tinyRun(data, join(folder, 'unknown'), { validationSpeakers: ['SYNTH/S77'] });
  await expect(trainRun(options)).rejects.toThrow(/Validation speaker SYNTH\/S77 is not among/);
});
