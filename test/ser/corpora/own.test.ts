/** Corpora of one's own: folders, manifests, maps of labels. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CORPORA,
  CorpusError,
  emodb,
  makeFusion,
  orderClasses,
  readManifest,
  readMap,
  scanCorpora,
  type CorpusScan,
} from '../../../src/ser/corpora/index.js';
import { publish } from './published.js';

const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'formant-own-')));
afterAll(() => rmSync(base, { recursive: true }));
let root: string;
let number = 0;
beforeEach(() => {
  root = path.join(base, `mine${number++}`);
  mkdirSync(root);
});
const write = (name: string, text: string): string => {
  writeFileSync(path.join(root, name), text);
  return path.join(root, name);
};
const told = (scan: CorpusScan): string[] => scan.clips.map((clip) => `${clip.corpus} ${clip.speaker} ${clip.emotion}`);

describe('EmoDB', () => {
  it('reads speaker, sentence and the German letters', () => {
    expect(emodb.parse('wav/03a01Fa.wav')).toEqual({
      corpus: 'EmoDB',
      speaker: 'EmoDB/03',
      emotion: 'happy',
      gender: 'male',
      age: 31,
      statement: 'a01',
    });
    const letters = ['W', 'L', 'E', 'A', 'F', 'T', 'N'].map((letter) => emodb.parse(`16b10${letter}b.wav`));
    expect(letters).toMatchObject(
      ['angry', 'boredom', 'disgust', 'fear', 'happy', 'sad', 'neutral'].map((emotion) => ({
        emotion,
        gender: 'female',
      })),
    );
    expect(emodb.parse('08b02Tc.WAV')).toMatchObject({ speaker: 'EmoDB/08', age: 34 });
  });

  it('rejects what does not exist, and claims no other name', () => {
    expect(emodb.parse('03a01Xa.wav')).toMatchObject({ reason: expect.stringMatching(/emotion X/) as string });
    expect(emodb.parse('17a01Fa.wav')).toMatchObject({ reason: expect.stringMatching(/speaker 17/) as string });
    expect(emodb.parse('a01.wav')).toBeNull();
    expect(CORPORA.filter((corpus) => corpus.parse('wav/03a01Fa.wav') !== null)).toEqual([emodb]);
  });

  it('leaves boredom out, unless a map keeps it', async () => {
    publish(root, ['wav/03a01Fa.wav', 'wav/08a01Lb.wav', 'wav/09a01Nb.wav']);
    const scan = await scanCorpora([root]);
    expect(scan.classes).toEqual(['happy', 'neutral']);
    expect(scan.leftOut).toMatchObject([{ label: 'boredom' }]);
    const kept = await scanCorpora([root], { map: { bored: 'boredom' } });
    expect(kept.classes).toEqual(['happy', 'neutral', 'boredom']);
    const neutral = await scanCorpora([root], { map: { boredom: 'neutral', happy: '-' } });
    expect(neutral.clips.map(({ label, emotion }) => [label, emotion])).toEqual([
      ['boredom', 'neutral'],
      ['neutral', 'neutral'],
    ]);
  });
});

describe('maps', () => {
  it('are read from the command line and from JSON', () => {
    expect(readMap('Calm=neutral, bored = - ,anger=Cross')).toEqual({ calm: 'neutral', boredom: '-', angry: 'cross' });
    expect(readMap(write('map.json', '{"calm": "neutral"}'))).toEqual({ calm: 'neutral' });
  });

  it.each([
    ['calm', /"calm" is no label=class/],
    ['calm=a=b', /no label=class/],
    ['calm=', /no label=class/],
    ['calm=sad,calm=happy', /names calm twice/],
    ['/nowhere/map.json', /Cannot read the map .*no such file/],
  ])('%s is an error', (text, sentence) => {
    expect(() => readMap(text)).toThrow(sentence);
  });

  it('in damaged files are errors that name the file', () => {
    expect(() => readMap(write('bad.json', '{calm'))).toThrow(/bad\.json is no JSON/);
    expect(() => readMap(write('list.json', '[1]'))).toThrow(/list\.json is no map/);
    expect(() => readMap(write('number.json', '{"calm": 3}'))).toThrow(/maps calm to 3/);
    expect(() => readMap(write('comma.json', '{"calm": "a,b"}'))).toThrow(/cannot be the name of a class/);
  });

  it('go over the default fusion', () => {
    const fuse = makeFusion({ map: { calm: 'neutral', sad: '-' } });
    expect(['calm', 'sad', 'boredom', 'angry', 'giggly'].map(fuse)).toEqual(['neutral', null, null, 'angry', 'giggly']);
    expect(makeFusion({ keepCalm: true })('calm')).toBe('calm');
    expect(() => makeFusion({ keepCalm: true, map: { calm: 'sad' } })).toThrow(/Calm is to be kept and also/);
  });

  it('order classes: the seven, calm, the others by name', () => {
    expect(orderClasses(['zest', 'calm', 'sad', 'angry', 'boredom', 'sad'])).toEqual([
      'angry',
      'sad',
      'calm',
      'boredom',
      'zest',
    ]);
  });

  it('name no label that is not there', async () => {
    publish(root, ['03a01Fa.wav']);
    await expect(scanCorpora([root], { map: { clam: 'sad' } })).rejects.toThrow(/names "clam".*labels are happy/);
  });
});

describe('the layout by folders', () => {
  it('<emotion>/<file> and <speaker>/<emotion>/<file>, other forms of the seven words among them', async () => {
    publish(root, [
      'Anger/1.wav',
      'giggly/x.wav',
      'ann/Sadness/1.wav',
      'bob/pleasant_surprise/1.wav',
      'deep/ann/bored/2.wav',
    ]);
    const name = path.basename(root);
    const scan = await scanCorpora([root], { layout: 'folders' });
    expect(told(scan).sort()).toEqual([
      `${name} ${name}/ann sad`,
      `${name} ${name}/bob surprise`,
      `${name} ${name}/unknown angry`,
      `${name} ${name}/unknown giggly`,
    ]);
    expect(scan.leftOut).toMatchObject([{ speaker: `${name}/ann`, label: 'boredom' }]);
    expect(scan.classes).toEqual(['angry', 'sad', 'surprise', 'giggly']);
    // Without the layout they have no label.
    await expect(scanCorpora([root])).rejects.toThrow(/no known corpus.*layout by folders or a manifest|need a layout/);
  });

  it('leaves known corpora to their names, and refuses what contradicts them', async () => {
    publish(root, ['angry/OAF_back_angry.wav', 'sad/YAF_back_happy.wav', 'loose.wav', 'happy/ann/1.wav']);
    const scan = await scanCorpora([root], { layout: 'folders' });
    expect(told(scan)).toEqual(['TESS TESS/OAF angry']);
    expect(scan.rejected.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/"ann" is no known emotion, but "happy" above it is/),
      expect.stringMatching(/lies in no folder/),
      expect.stringMatching(/name says happy, but its folder sad/),
    ]);
  });
});

describe('manifests', () => {
  it('label clips, with all that is known of them', async () => {
    publish(root, ['a.wav', 'sub/b.wav', 'c.wav']);
    const manifest = write(
      'ours.csv',
      '\ufefffile,Emotion,speaker,gender,age,corpus,intensity,statement,split,room\r\n' +
        'a.wav,Anger,ann,F,34,LAB,high,"Kids, talking",train,1\r\n\r\nsub/b.wav,giggly,LAB/bob,male,,LAB,,,test,2\r\nc.wav,calm,,,,,,,,\r\n',
    );
    const { clips, classes, leftOut } = await scanCorpora([], { manifests: [manifest] });
    expect(clips).toMatchObject([
      {
        speaker: 'LAB/ann',
        emotion: 'angry',
        gender: 'female',
        age: 34,
        intensity: 'high',
        statement: 'Kids, talking',
        split: 'train',
      },
      { speaker: 'LAB/bob', emotion: 'giggly', gender: 'male', split: 'test' },
    ]);
    expect(clips[1]).not.toHaveProperty('age');
    expect(classes).toEqual(['angry', 'giggly']);
    expect(leftOut).toMatchObject([{ corpus: 'ours', speaker: 'ours/unknown', label: 'calm' }]);
    // In a folder that is scanned as well, the manifest's word counts.
    expect((await scanCorpora([root], { manifests: [manifest] })).clips).toEqual(clips);
  });

  it('of semicolons, too', () => {
    const rows = readManifest(write('m.csv', 'emotion;file\nsad;a, b.wav\n'));
    expect(rows).toMatchObject([{ file: path.join(root, 'a, b.wav'), label: { emotion: 'sad', corpus: 'm' } }]);
  });

  it.each([
    ['', /is empty/],
    ['name,emotion\n', /line 1: there is no column file, only name, emotion/],
    ['file,emotion,file\n', /line 1: the column file is there twice/],
    ['file,emotion\na.wav\n', /line 2: 1 values for 2 columns/],
    ['file,emotion\na.wav,sad\n\nb.wav,\n', /line 4: the emotion is missing/],
    ['file,emotion\n,sad\n', /line 2: the file is missing/],
    ['file,emotion\na.wav,sad\na.wav,sad\n', /line 3: a\.wav was named before, in line 2/],
    ['file,emotion,gender\na.wav,sad,x\n', /line 2: the gender "x" is not known; expected female, male/],
    ['file,emotion,intensity\na.wav,sad,loud\n', /line 2: the intensity "loud"/],
    ['file,emotion,split\na.wav,sad,dev\n', /line 2: the split "dev".*train, validation, test/],
    ['file,emotion,age\na.wav,sad,old\n', /line 2: the age "old"/],
    ['file,emotion,statement\na.wav,sad,"two\nlines"\nb.wav,,x\n', /line 4: the emotion is missing/],
    ['file,emotion\na.wav,"sad\n', /no valid CSV/],
  ])('%j is an error that names the line', (text, sentence) => {
    const file = write('m.csv', text);
    expect(() => readManifest(file)).toThrow(CorpusError);
    expect(() => readManifest(file)).toThrow(sentence);
  });

  it('a missing or bad clip is rejected, with its line', async () => {
    publish(root, ['a.wav', ['bad.wav', Buffer.from('no sound')]]);
    const manifest = write('m.csv', 'file,emotion\na.wav,sad\nb.wav,sad\nbad.wav,sad\n');
    const { clips, rejected } = await scanCorpora([], { manifests: [manifest] });
    expect(clips).toHaveLength(1);
    expect(rejected).toMatchObject([
      { file: path.join(root, 'b.wav'), reason: expect.stringMatching(/no such file.*m\.csv, line 3/) as string },
      { file: path.join(root, 'bad.wav') },
    ]);
    await expect(scanCorpora([], { manifests: ['/nowhere.csv'] })).rejects.toThrow(/Cannot read the manifest/);
  });
});
