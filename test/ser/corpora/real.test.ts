import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { scanCorpora, summarizeScan } from '../../../src/ser/corpora/index.js';

// Real corpora, where a machine has them beside the project.
const corpora = path.resolve('..', 'shared', 'corpora');

describe.skipIf(!existsSync(path.join(corpora, 'RAVDESS')))('RAVDESS', () => {
  it('1,320 clips of 22 speakers, 60 each, of which 8 calm; every file can be read', async () => {
    const scan = await scanCorpora([path.join(corpora, 'RAVDESS')], { keepCalm: true });
    const summary = summarizeScan(scan);
    expect(scan.rejected).toEqual([]);
    expect(summary.clips).toBe(1320);
    expect(summary.speakers).toHaveLength(22);
    for (const speaker of summary.speakers) {
      const own = scan.clips.filter((clip) => clip.speaker === speaker);
      expect(own).toHaveLength(60);
      expect(own.filter((clip) => clip.emotion === 'calm')).toHaveLength(8);
      expect(own.filter((clip) => clip.emotion === 'neutral')).toHaveLength(4);
    }
    expect(new Set(scan.clips.map((clip) => clip.sampleRate))).toEqual(new Set([16000]));
  });
});

describe.skipIf(!existsSync(path.join(corpora, 'TESS')))('TESS', () => {
  it('560 clips of two speakers, 40 of each emotion; every file can be read', async () => {
    const scan = await scanCorpora([path.join(corpora, 'TESS')], { strict: true });
    const summary = summarizeScan(scan);
    expect(summary.speakers).toEqual(['TESS/OAF', 'TESS/YAF']);
    expect(Object.values(summary.emotions)).toEqual([80, 80, 80, 80, 80, 80, 80]);
    expect(summary.clips).toBe(560);
  });
});

describe.skipIf(!existsSync(path.join(corpora, 'originals')))('clips as published', () => {
  it('AIFF under .wav, 96 kHz, stereo, a misnamed speaker and a duplicate: all read, and told apart', async () => {
    const scan = await scanCorpora([path.join(corpora, 'originals')], { keepCalm: true, strict: true });
    expect(scan.clips).toHaveLength(12);
    expect(scan.duplicates.map((group) => group.map((file) => path.basename(file)))).toEqual([
      ['03-01-03-01-02-01-07.wav', '03-01-03-01-02-02-07.wav'],
    ]);
    const clip = (name: string) => scan.clips.find(({ path: file }) => path.basename(file) === name);
    expect(clip('OA_bite_neutral.wav')).toMatchObject({ speaker: 'TESS/OAF', emotion: 'neutral', sampleRate: 24414 });
    expect(clip('OAF_food_fear.wav')).toMatchObject({ sampleRate: 96000, emotion: 'fear' });
    expect(clip('YAF_germ_angry.wav')).toMatchObject({
      sampleRate: 24414,
      speaker: 'TESS/YAF',
      seconds: 53847 / 24414,
    });
    expect(clip('03-01-06-01-01-02-20.wav')).toMatchObject({ channels: 2, sampleRate: 48000, gender: 'female' });
  });
});

describe.skipIf(!existsSync(path.join(corpora, 'originals')))('originals beside resampled copies', () => {
  it('every pair of 48 kHz and 16 kHz is found, and no other', async () => {
    const actors = ['Actor_01', 'Actor_05', 'Actor_07', 'Actor_20'].map((name) => path.join(corpora, 'RAVDESS', name));
    const scan = await scanCorpora([...actors, path.join(corpora, 'originals', 'RAVDESS')], { keepCalm: true });
    const names = scan.nearDuplicates.map((group) => [...new Set(group.map((file) => path.basename(file)))]);
    expect(names).toEqual([
      ['03-01-01-01-01-01-01.wav'],
      ['03-01-02-01-01-02-01.wav'],
      ['03-01-08-01-02-02-01.wav'],
      ['03-01-02-01-02-02-05.wav'],
      ['03-01-03-01-02-01-07.wav', '03-01-03-01-02-02-07.wav'],
      ['03-01-03-01-02-01-20.wav'],
      ['03-01-06-01-01-02-20.wav'],
    ]);
    expect(scan.nearDuplicates.map(({ length }) => length)).toEqual([2, 2, 2, 2, 4, 2, 2]);
  });
});
