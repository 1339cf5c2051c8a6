/** Real speech, where a machine has the corpora: `FORMANT_CORPORA` names the folder that holds RAVDESS/ and TESS/. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { melSpectrogram, mfccFromDb, powerToDb, resample } from '../../src/dsp/index.js';
import { readWav } from '../../src/io/index.js';
import { readAll, tensor } from '../../src/tensor/index.js';
import { expectClose } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { closesDevice, largest, timeFirst } from './support.js';

closesDevice();

const corpora = process.env.FORMANT_CORPORA;
const clips = fixtureCases('librosa/real').filter(
  (c) => corpora !== undefined && existsSync(path.join(corpora, c.attrs.string('path'))),
);

describe.skipIf(clips.length === 0)('real clips', () => {
  test.each(clips.map((c) => [c.attrs.string('path'), c] as const))(
    '%s: mel power and MFCC equal librosa’s',
    async (file, c) => {
      const bytes = readFileSync(path.join(corpora ?? '', file));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(c.attrs.string('sha256'));
      const wav = readWav(bytes);
      // SciPy's own filter, since that is what the reference was resampled with.
      const samples = resample(wav.samples, wav.sampleRate, 16000, { zeros: 10, rolloff: 1, beta: 5 });
      expect(samples.length).toBe(c.attrs.number('samples'));
      const mel = melSpectrogram(tensor(samples), { sr: 16000, nFft: 512, hopLength: 256 });
      const [power, cepstra] = await readAll([mel, mfccFromDb(powerToDb(mel), { nMfcc: 13 })]);
      const expected = timeFirst(c.array('mel')).data;
      expectClose(power.subarray(0, expected.length), expected, { rtol: 1e-4, atol: 1e-9 * largest(expected) });
      expectClose(cepstra.subarray(0, 40 * 13), timeFirst(c.array('mfcc')).data, { rtol: 1e-6, atol: 1e-3 });
    },
  );
});
