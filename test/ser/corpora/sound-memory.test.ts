/** What scans remember of clips' sound: the same answer with less work, and never another one, whatever becomes of the folder. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeWav } from '../../../src/io/index.js';
import { scanCorpora } from '../../../src/ser/corpora/index.js';
import { SoundMemory } from '../../../src/ser/corpora/sound-memory.js';
import * as soundprints from '../../../src/ser/corpora/soundprint.js';
import { publish } from './published.js';

const base = mkdtempSync(path.join(tmpdir(), 'formant-memory-'));
afterAll(() => rmSync(base, { recursive: true }));
const corpus = path.join(base, 'corpus');
let cache: string;
let number = 0;
beforeEach(() => {
  cache = path.join(base, `cache${number++}`);
  vi.restoreAllMocks();
});

/** A hum under a contour: two of one loudness contour, but another pitch, are candidates that are no copies. */
const hum = (pitch: number, gain: number): Uint8Array =>
  encodeWav(
    Float32Array.from({ length: 16000 }, (_, i) => {
      const t = i / 16000;
      return gain * Math.abs(Math.sin(2 * Math.PI * 1.9 * t)) * Math.sin(2 * Math.PI * (pitch + 5 * t) * t);
    }),
    16000,
  );
const name = (repetition: number): string => `Actor_01/03-01-05-01-01-0${repetition}-01.wav`;

beforeAll(() => {
  mkdirSync(corpus);
  const silence = encodeWav(new Float32Array(16000), 16000);
  publish(corpus, [
    [name(1), hum(120, 0.5)],
    [name(2), hum(120, 0.25)],
    [name(3), hum(181, 0.5)],
    [name(4), silence],
  ]);
});

const scan = (): ReturnType<typeof scanCorpora> => scanCorpora([corpus], { cache });
const folderOf = (root: string): string => path.join(root, `soundprints-${soundprints.SOUNDPRINT_VERSION}`);
const filesOf = (root: string): string[] => (existsSync(folderOf(root)) ? readdirSync(folderOf(root)) : []);

test('a second scan finds the same without listening', async () => {
  const plain = await scanCorpora([corpus]);
  expect(plain.nearDuplicates).toEqual([[path.join(corpus, name(1)), path.join(corpus, name(2))]]);
  expect(await scan()).toEqual(plain);
  const [listened, compared] = [vi.spyOn(soundprints, 'soundprint'), vi.spyOn(soundprints, 'sameRecording')];
  expect(await scan()).toEqual(plain);
  expect(listened).not.toHaveBeenCalled();
  expect(compared).not.toHaveBeenCalled();
  expect(filesOf(cache)).toHaveLength(1);
});

test('a print comes back to the bit, and so does that there is none', async () => {
  const samples = Float32Array.from({ length: 8000 }, (_, i) => Math.sin(i) * Math.sin(i / 900));
  const print = soundprints.soundprint(samples, 7919);
  expect(print).not.toBeNull();
  const first = new SoundMemory(cache);
  first.print('a', () => print);
  first.print('b', () => null);
  first.same('b', 'a', () => true);
  first.same('a', 'c', () => false);
  await first.save();
  const never = (): never => expect.fail('It is known.');
  const second = new SoundMemory(cache);
  expect(second.print('a', never)).toEqual(print);
  expect(second.print('b', never)).toBeNull();
  expect(second.same('a', 'b', never)).toBe(true);
  expect(second.same('c', 'a', never)).toBe(false);
  // Nothing new: no other file.
  await second.save();
  expect(filesOf(cache)).toHaveLength(1);
});

test('scans side by side keep what each found', async () => {
  const [one, two] = [new SoundMemory(cache), new SoundMemory(cache)];
  one.same('a', 'b', () => true);
  two.same('a', 'c', () => true);
  await Promise.all([one.save(), two.save()]);
  const both = new SoundMemory(cache);
  expect([both.same('a', 'b', () => false), both.same('a', 'c', () => false)]).toEqual([true, true]);
});

describe('damage costs time, never a result:', () => {
  const DAMAGES: readonly [string, (file: string) => void][] = [
    [
      'a bit flipped',
      (file) =>
        writeFileSync(
          file,
          readFileSync(file).map((b, i) => (i === 900 ? b ^ 4 : b)),
        ),
    ],
    ['cut short', (file) => writeFileSync(file, readFileSync(file).subarray(0, 500))],
    ['emptied, as after a power cut', (file) => writeFileSync(file, '')],
    [
      'of another name',
      (file) => renameSync(file, file.replace(/.{16}\.safetensors$/, '0123456789abcdef.safetensors')),
    ],
    ['a folder', (file) => (rmSync(file), mkdirSync(file))],
    ['gone', (file) => rmSync(file)],
  ];
  test.each(DAMAGES)('%s', async (_what, damage) => {
    const whole = await scan();
    damage(path.join(folderOf(cache), filesOf(cache)[0]));
    const listened = vi.spyOn(soundprints, 'soundprint');
    expect(await scan()).toEqual(whole);
    expect(listened).toHaveBeenCalledTimes(4);
  });

  test('a folder that cannot be made', async () => {
    writeFileSync(cache, '');
    expect(await scan()).toEqual(await scanCorpora([corpus]));
    expect(readFileSync(cache, 'utf8')).toBe('');
  });
});

test('without a folder, and without looking for near-duplicates, nothing is kept', async () => {
  await scanCorpora([corpus], { cache, nearDuplicates: false });
  expect(existsSync(cache)).toBe(false);
});
