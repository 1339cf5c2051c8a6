import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CorpusError,
  scanCorpora,
  summarizeScan,
  type Corpus,
  type CorpusScan,
} from '../../../src/ser/corpora/index.js';
import { chunk, int16, wav } from '../../io/wav.bytes.js';
import { clip, publish } from './published.js';

const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'formant-scan-')));
afterAll(() => rmSync(base, { recursive: true }));

let root: string;
let number = 0;
beforeEach(() => {
  root = path.join(base, `case${number++}`);
  mkdirSync(root);
});

/** What was kept, shortened to `speaker emotion path`. */
const kept = (scan: CorpusScan): string[] =>
  scan.clips.map(({ speaker, emotion, path: file }) => `${speaker} ${emotion} ${path.relative(root, file)}`);

const FOUR = [
  'RAVDESS/Actor_02/03-01-01-01-01-01-02.wav',
  'RAVDESS/Actor_01/03-01-05-01-01-01-01.wav',
  'TESS/YAF_pleasant_surprised/YAF_dog_ps.wav',
  'TESS/OAF_Fear/OAF_back_fear.wav',
  'CREMA-D/AudioWAV/1001_DFA_DIS_XX.wav',
  'SAVEE/ALL/DC_sa01.wav',
  'SAVEE/AudioData/JK/h03.wav',
];
const FOUR_KEPT = [
  'CREMA-D/1001 disgust CREMA-D/AudioWAV/1001_DFA_DIS_XX.wav',
  'RAVDESS/01 angry RAVDESS/Actor_01/03-01-05-01-01-01-01.wav',
  'RAVDESS/02 neutral RAVDESS/Actor_02/03-01-01-01-01-01-02.wav',
  'SAVEE/DC sad SAVEE/ALL/DC_sa01.wav',
  'SAVEE/JK happy SAVEE/AudioData/JK/h03.wav',
  'TESS/OAF fear TESS/OAF_Fear/OAF_back_fear.wav',
  'TESS/YAF surprise TESS/YAF_pleasant_surprised/YAF_dog_ps.wav',
];

describe('what is found', () => {
  it('all four corpora in one folder, in a fixed order', async () => {
    publish(root, FOUR);
    const scan = await scanCorpora([root]);
    expect(kept(scan)).toEqual(FOUR_KEPT);
    expect(scan).toMatchObject({
      rejected: [],
      duplicates: [],
      nearDuplicates: [],
      copies: [],
      leftOut: [],
      notes: [],
    });
    expect(scan.classes).toEqual(['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise']);
  });

  it('the same whatever the order of the folders, and each file once where they overlap or are linked', async () => {
    publish(root, FOUR);
    symlinkSync(path.join(root, 'SAVEE'), path.join(root, 'TESS', 'zz_link'));
    symlinkSync(root, path.join(root, 'RAVDESS', 'loop'));
    const parts = ['TESS', 'CREMA-D', 'SAVEE', 'RAVDESS'].map((name) => path.join(root, name));
    const forward = await scanCorpora(parts);
    const backward = await scanCorpora([...parts].reverse());
    const overlapping = await scanCorpora([...parts, root, path.join(root, 'SAVEE/ALL')]);
    expect(forward.clips).toHaveLength(7);
    expect(backward).toEqual(forward);
    expect({ ...overlapping, notes: [] }).toEqual(forward);
    expect(overlapping.notes).toHaveLength(5);
    expect(overlapping.notes[0]).toMatch(/TESS lies within .*case\d+, which is given too; its clips count once/);
    const twice = await scanCorpora([parts[0], parts[0]]);
    expect(twice.notes).toEqual([`${parts[0]} is given twice; its clips count once.`]);
    expect(overlapping).toMatchObject({ rejected: [], duplicates: [] });
  });

  it('a corpus from within: one actor, one emotion, one speaker', async () => {
    publish(root, FOUR);
    for (const [folder, speaker] of [
      ['RAVDESS/Actor_01', 'RAVDESS/01'],
      ['TESS/OAF_Fear', 'TESS/OAF'],
      ['SAVEE/AudioData/JK', 'SAVEE/JK'],
      ['CREMA-D/AudioWAV', 'CREMA-D/1001'],
    ]) {
      const { clips } = await scanCorpora([path.join(root, folder)]);
      expect(clips.map((c) => c.speaker)).toEqual([speaker]);
    }
  });

  it('duration, rate, channels and the hash of the bytes', async () => {
    const stereo = wav(int16(...new Array<number>(48).fill(7)), { channels: 2, sampleRate: 8000 });
    publish(root, [['RAVDESS/03-01-05-01-01-01-01.wav', stereo]]);
    const { clips } = await scanCorpora([root]);
    expect(clips).toMatchObject([
      { corpus: 'RAVDESS', gender: 'male', sampleRate: 8000, channels: 2, seconds: 24 / 8000 },
    ]);
    expect(clips[0].hash).toBe(createHash('sha256').update(stereo).digest('hex'));
    expect(readFileSync(clips[0].path).equals(stereo)).toBe(true);
  });

  it('passes over other files, hidden ones and what a Mac leaves in archives', async () => {
    publish(root, [
      ...FOUR,
      ['README.md', Buffer.from('x')],
      ['RAVDESS/Actor_01/._03-01-01-01-01-01-01.wav', Buffer.from('x')],
      ['__MACOSX/RAVDESS/03-01-01-01-01-01-01.wav', Buffer.from('x')],
    ]);
    const scan = await scanCorpora([root]);
    expect(kept(scan)).toEqual(FOUR_KEPT);
    expect(scan.rejected).toEqual([]);
  });

  it('reports its progress file by file', async () => {
    publish(root, FOUR);
    const seen: string[] = [];
    await scanCorpora([root], { onProgress: ({ done, total }) => seen.push(`${done}/${total}`) });
    expect(seen).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7']);
  });

  it("a corpus of one's own", async () => {
    publish(root, ['mine/ann-sad.wav', ...FOUR]);
    const mine: Corpus = {
      name: 'MINE',
      example: 'ann-sad.wav',
      parse: (file) => (file.endsWith('/ann-sad.wav') ? { corpus: 'MINE', speaker: 'MINE/ann', emotion: 'sad' } : null),
    };
    const scan = await scanCorpora([path.join(root, 'mine')], { corpora: [mine] });
    expect(kept(scan)).toEqual(['MINE/ann sad mine/ann-sad.wav']);
  });
});

describe('calm', () => {
  const files = ['Actor_01/03-01-02-01-01-01-01.wav', 'Actor_01/03-01-05-01-01-01-01.wav'];

  it('is set aside, but not rejected', async () => {
    publish(root, files);
    const scan = await scanCorpora([root]);
    expect(kept(scan)).toEqual(['RAVDESS/01 angry Actor_01/03-01-05-01-01-01-01.wav']);
    expect(scan.leftOut).toMatchObject([{ speaker: 'RAVDESS/01', emotion: 'calm' }]);
    expect(scan.rejected).toEqual([]);
    expect(scan.classes).toEqual(['angry']);
  });

  it('is a class of its own with keepCalm', async () => {
    publish(root, files);
    const scan = await scanCorpora([root], { keepCalm: true });
    expect(scan.clips).toHaveLength(2);
    expect(scan.leftOut).toEqual([]);
    expect(scan.classes).toEqual(['angry', 'calm']);
  });

  it('alone is an error that says so', async () => {
    publish(root, files.slice(0, 1));
    await expect(scanCorpora([root])).rejects.toThrow(/Only 1 calm clip/);
  });
});

describe('duplicates', () => {
  it('of one corpus or two are kept, marked and listed', async () => {
    const [a, b] = [clip(), clip()];
    publish(root, [
      ['RAVDESS/03-01-03-01-02-01-07.wav', a],
      ['RAVDESS/03-01-03-01-02-02-07.wav', a],
      ['TESS/OAF_back_happy.wav', a],
      ['SAVEE/DC_a01.wav', b],
      ['SAVEE/DC_a02.wav', b],
      ...FOUR,
    ]);
    const scan = await scanCorpora([root]);
    const full = (file: string): string => path.join(root, file);
    expect(scan.clips).toHaveLength(12);
    expect(scan.duplicates).toEqual([
      ['RAVDESS/03-01-03-01-02-01-07.wav', 'RAVDESS/03-01-03-01-02-02-07.wav', 'TESS/OAF_back_happy.wav'].map(full),
      ['SAVEE/DC_a01.wav', 'SAVEE/DC_a02.wav'].map(full),
    ]);
    const marked = scan.clips.filter((c) => c.duplicateOf).map((c) => [c.path, c.duplicateOf]);
    expect(marked).toEqual([
      [full('RAVDESS/03-01-03-01-02-02-07.wav'), full('RAVDESS/03-01-03-01-02-01-07.wav')],
      [full('SAVEE/DC_a02.wav'), full('SAVEE/DC_a01.wav')],
      [full('TESS/OAF_back_happy.wav'), full('RAVDESS/03-01-03-01-02-01-07.wav')],
    ]);
    expect(summarizeScan(scan).duplicates).toBe(3);
    expect(scan.notes).toEqual([]);
  });

  it('are only counted as copies where name and bytes are the same: a doubled folder, both layouts of SAVEE', async () => {
    const bytes = FOUR.map(() => clip());
    const doubled = FOUR.flatMap((name, i): [string, Uint8Array][] => [
      [name, bytes[i]],
      [`audio_speech_actors_01-24/${name}`, bytes[i]],
    ]);
    const savee = clip();
    publish(root, [...doubled, ['SAVEE/ALL/KL_f03.wav', savee], ['SAVEE/AudioData/KL/f03.wav', savee]]);
    const scan = await scanCorpora([root]);
    expect(scan.clips).toHaveLength(8);
    expect(scan.duplicates).toEqual([]);
    expect(scan.copies).toHaveLength(8);
    expect(scan.copies).toContainEqual({
      file: path.join(root, 'SAVEE/AudioData/KL/f03.wav'),
      of: path.join(root, 'SAVEE/ALL/KL_f03.wav'),
    });
    expect(scan.notes).toEqual([expect.stringMatching(/^8 files are the very files of others .* count once\.$/)]);
    expect(summarizeScan(scan)).toMatchObject({ clips: 8, copies: 8, duplicates: 0 });
  });
});

describe('mixed-up corpora', () => {
  it('one recording under two emotions is told', async () => {
    const [a, own] = [clip(), clip()];
    publish(root, [
      ['OAF_back_happy.wav', a],
      ['YAF_back_sad.wav', a],
      ['OAF_bar_sad.wav', own],
    ]);
    const { notes } = await scanCorpora([root]);
    expect(notes).toEqual([
      'One recording has several classes: OAF_back_happy.wav happy, YAF_back_sad.wav sad; at most one is right.',
    ]);
  });
});

describe('bad files', () => {
  const good = clip();
  const bad: [string, Uint8Array, RegExp][] = [
    ['Actor_01/03-01-05-01-01-01-01.wav', new Uint8Array(0), /^the file is empty/],
    ['Actor_01/03-01-05-01-01-02-01.wav', good.subarray(0, 100), /truncated/],
    ['Actor_01/03-01-05-01-02-01-01.wav', Buffer.from('not found\n'), /a text file/],
    ['Actor_01/03-01-05-01-02-02-01.wav', wav(int16(1), { before: [chunk('LIST', [1, 2], 70000)] }), /"LIST" claims/],
    ['Actor_01/03-02-05-01-01-01-01.wav', good, /song/],
    ['hello.wav', good, /no known corpus/],
  ];

  it('are listed with their reasons, by path, and the rest goes on', async () => {
    publish(root, [
      ...bad.map(([name, bytes]): [string, Uint8Array] => [name, bytes]),
      'Actor_01/03-01-06-01-01-01-01.wav',
    ]);
    const scan = await scanCorpora([root]);
    expect(scan.clips).toHaveLength(1);
    expect(scan.rejected.map(({ file }) => path.relative(root, file))).toEqual(bad.map(([name]) => name));
    scan.rejected.forEach(({ reason }, i) => expect(reason).toMatch(bad[i][2]));
    expect(summarizeScan(scan).rejected).toBe(bad.length);
  });

  it('are an error with strict, which names the first of them', async () => {
    publish(root, [
      ...bad.map(([name, bytes]): [string, Uint8Array] => [name, bytes]),
      'Actor_01/03-01-06-01-01-01-01.wav',
    ]);
    const scan = scanCorpora([root], { strict: true });
    await expect(scan).rejects.toThrow(CorpusError);
    await expect(scan).rejects.toThrow(
      /^6 WAV files cannot be used: .*Actor_01\/03-01-05-01-01-01-01\.wav \(the file is empty.*and 1 more/,
    );
  });

  it('do not trouble strict where there are none', async () => {
    publish(root, FOUR);
    expect((await scanCorpora([root], { strict: true })).clips).toHaveLength(7);
  });

  it('a link to nowhere is listed', async () => {
    publish(root, FOUR);
    symlinkSync(path.join(root, 'nowhere.wav'), path.join(root, 'RAVDESS/03-01-08-01-01-01-03.wav'));
    const scan = await scanCorpora([root]);
    expect(scan.clips).toHaveLength(7);
    expect(scan.rejected).toMatchObject([{ reason: expect.stringMatching(/no such file/) as string }]);
  });
});

describe('wrong folders', () => {
  it('none given', async () => {
    await expect(scanCorpora([])).rejects.toThrow(/No folder to scan was given/);
  });

  it('a missing one, named', async () => {
    const missing = path.join(root, 'missing');
    await expect(scanCorpora([missing])).rejects.toThrow(CorpusError);
    await expect(scanCorpora([missing])).rejects.toThrow(`Cannot scan ${missing}: there is no such file or folder`);
  });

  it('a file', async () => {
    publish(root, ['hello.wav']);
    await expect(scanCorpora([path.join(root, 'hello.wav')])).rejects.toThrow(/it is a file; give the folder/);
  });

  it('an empty one: says what was looked for', async () => {
    await expect(scanCorpora([root])).rejects.toThrow(
      /No usable clip in .*RAVDESS \(03-01-.*TESS .*CREMA-D .*SAVEE .*no \.wav file/,
    );
  });

  it('one with bad files only: says why they were refused', async () => {
    publish(root, ['hello.wav']);
    await expect(scanCorpora([root])).rejects.toThrow(
      /1 WAV file cannot be used: .*hello\.wav \(its name is of no known corpus/,
    );
  });
});

describe('summarizeScan', () => {
  it('counts clips by corpus and emotion, speakers and seconds', async () => {
    publish(root, [...FOUR, 'RAVDESS/Actor_01/03-01-02-01-01-01-01.wav', 'RAVDESS/Actor_01/03-01-05-01-01-02-01.wav']);
    const summary = summarizeScan(await scanCorpora([root]));
    expect(summary).toMatchObject({ clips: 8, calm: 1, duplicates: 0, rejected: 0 });
    expect(summary.seconds).toBeCloseTo((8 * 64) / 16000, 12);
    expect(summary.emotions).toEqual({ angry: 2, disgust: 1, fear: 1, happy: 1, neutral: 1, sad: 1, surprise: 1 });
    expect(Object.keys(summary.corpora)).toEqual(['CREMA-D', 'RAVDESS', 'SAVEE', 'TESS']);
    expect(summary.corpora.RAVDESS).toMatchObject({
      clips: 3,
      speakers: ['RAVDESS/01', 'RAVDESS/02'],
      emotions: { angry: 2, neutral: 1 },
    });
  });
});
