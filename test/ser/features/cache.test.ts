/** Features of earlier runs: found again to the bit, by what they were made from alone; damage and races cost time, never a result. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWav } from '../../../src/io/index.js';
import { extractFeatures, FeatureCache, type CacheOptions, type Source } from '../../../src/ser/features/index.js';
import { Random } from '../../../src/ser/random.js';
import { shutdown } from '../../../src/tensor/index.js';

afterAll(shutdown);
const folder = mkdtempSync(join(tmpdir(), 'formant-cache-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CLIPS = 20;
let sources: Source[];
beforeAll(() => {
  sources = Array.from({ length: CLIPS }, (_, i) => {
    const random = new Random(i, 'clip');
    const path = join(folder, `${i}.wav`);
    writeWav(
      path,
      Float32Array.from({ length: 2000 + 100 * i }, () => 0.1 * random.normal()),
      16000,
    );
    return { path, variant: i % 4, hash: createHash('sha256').update(readFileSync(path)).digest('hex') };
  });
});

let caches = 0;
const freshRoot = (): string => join(folder, `cache-${caches++}`);
const open = (root: string, more: Partial<CacheOptions> = {}): FeatureCache =>
  new FeatureCache({ root, features: 'frames', seed: 3, device: 'test', ...more });
const filesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.npy'))
    .map((name) => join(root, name));
const extract = (cache?: FeatureCache, given = sources) => extractFeatures(given, 'frames', { seed: 3, cache });

test('a second run finds everything, equal to the bit, and in any order', async () => {
  const root = freshRoot();
  const first = await extract(open(root));
  expect(first).toEqual(await extract());
  expect(filesOf(root)).toHaveLength(CLIPS);
  const found = await open(root).load(sources);
  expect([...found.keys()]).toEqual(sources.map((_, i) => i));
  const progress: string[] = [];
  const again = await extractFeatures([...sources].reverse(), 'frames', {
    seed: 3,
    cache: open(root),
    onProgress: (done, total) => void progress.push(`${done}/${total}`),
  });
  expect(again.reverse()).toEqual(first);
  expect(progress).toEqual([`${CLIPS}/${CLIPS}`]);
});

test('what is missing is computed, to the very bits that it would have had', async () => {
  const root = freshRoot();
  await extract(open(root), sources.slice(0, 13));
  expect(filesOf(root)).toHaveLength(13);
  expect(await extract(open(root))).toEqual(await extract());
  expect(filesOf(root)).toHaveLength(CLIPS);
});

test('entries belong to bytes, alteration, seed of the alteration, kind of features and device; not to where the file lies', async () => {
  const root = freshRoot();
  await extract(open(root));
  const count = async (given: readonly Source[], more: Partial<CacheOptions> = {}): Promise<number> =>
    (await open(root, more).load(given)).size;
  expect(await count(sources.map((s) => ({ ...s, hash: s.hash?.replace(/^./, (c) => (c === '0' ? '1' : '0')) })))).toBe(
    0,
  );
  expect(await count(sources.map((s) => ({ ...s, hash: undefined })))).toBe(0);
  expect(await count(sources.map((s) => ({ ...s, variant: (s.variant + 1) % 4 })))).toBe(0);
  // Plain clips have no seed, altered ones have.
  expect(await count(sources, { seed: 4 })).toBe(CLIPS / 4);
  expect(await count(sources, { features: 'paper' })).toBe(0);
  expect(await count(sources, { device: 'another' })).toBe(0);
  const moved = join(folder, 'moved');
  mkdirSync(moved);
  for (const { path } of sources) cpSync(path, path.replace(folder, moved));
  expect(await count(sources.map((s) => ({ ...s, path: s.path.replace(folder, moved) })))).toBe(CLIPS);
  // An altered copy draws from its file's name.
  expect(await count(sources.map((s) => ({ ...s, path: s.path.replace('.wav', 'x.wav') })))).toBe(CLIPS / 4);
});

describe('damage', () => {
  const DAMAGES: readonly [string, (file: string) => void][] = [
    [
      'a bit flipped',
      (file) =>
        writeFileSync(
          file,
          readFileSync(file).map((b, i, all) => (i === all.length - 3 ? b ^ 4 : b)),
        ),
    ],
    ['cut short', (file) => writeFileSync(file, readFileSync(file).subarray(0, 500))],
    ['emptied, as after a power cut', (file) => writeFileSync(file, '')],
    ['gone', (file) => rmSync(file)],
    ['a folder', (file) => (rmSync(file), mkdirSync(file))],
  ];
  test.each(DAMAGES)('%s: computed again, and mended', async (what, damage) => {
    const root = freshRoot();
    const whole = await extract(open(root));
    const cache = open(root);
    const [victim] = filesOf(root);
    const bytes = readFileSync(victim);
    damage(victim);
    expect(await extract(cache)).toEqual(whole);
    if (what !== 'a folder') expect(readFileSync(victim)).toEqual(bytes);
  });
});

test('two runs at once fill one cache', async () => {
  const root = freshRoot();
  const [one, two] = await Promise.all([extract(open(root)), extract(open(root), [...sources].reverse())]);
  expect(two.reverse()).toEqual(one);
  expect(filesOf(root)).toHaveLength(CLIPS);
  expect((await open(root).load(sources)).size).toBe(CLIPS);
});

test('a cache that cannot be written is told of once, and the run goes on', async () => {
  const notices: string[] = [];
  const onNotice = (text: string): void => void notices.push(text);
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const whole = await extract();
  expect(await extract(open(file, { onNotice }))).toEqual(whole);
  expect(notices).toEqual([expect.stringMatching(/^Features are not kept for later runs: .*a-file cannot be used/)]);
  expect(readFileSync(file, 'utf8')).toBe('');

  // It goes away while the run is under way.
  const root = freshRoot();
  const cache = open(root, { onNotice });
  rmSync(root, { recursive: true });
  expect(await extract(cache)).toEqual(whole);
  expect(notices).toHaveLength(2);
});

test.skipIf(process.getuid?.() === 0)('a cache that may only be read is read', async () => {
  const root = freshRoot();
  const whole = await extract(open(root));
  for (const name of readdirSync(root)) chmodSync(join(root, name), 0o555);
  expect((await open(root).load(sources)).size).toBe(CLIPS);
  expect(await extract(open(root))).toEqual(whole);
});
