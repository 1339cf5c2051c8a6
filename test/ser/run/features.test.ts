/** `formant features`: nothing is computed twice, nothing is lost, and nothing damaged passes, whatever happens in between. */
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeWav, readNpy, readWav } from '../../../src/io/index.js';
import { extractFeatures, FEATURE_SETTINGS } from '../../../src/ser/features/index.js';
import type { FeatureEntry } from '../../../src/ser/run/feature-folder.js';
import { writeFeatures, type FeatureTotals, type FeaturesOptions, type Hooks } from '../../../src/ser/run/index.js';
import { TrainingScripts, type Crash, type Ended } from './child.js';
import { closesDevice, contents, temporaryFolder, tinyCorpus } from './support.js';

closesDevice();
const folder = temporaryFolder();
const whole = join(folder, 'whole');
/** Of one length to the quarter of a second: three batches of 16, 16 and 13. */
const CLIPS = 45;

let scripts: TrainingScripts;
let data: string;
let totals: FeatureTotals;
beforeAll(async () => {
  scripts = await TrainingScripts.make();
  data = await tinyCorpus(join(folder, 'corpus'));
  totals = await writeFeatures({ data: [data], out: whole });
});
afterAll(() => scripts.remove());

interface Index {
  readonly features: string;
  readonly settings: unknown;
  readonly clips: readonly FeatureEntry[];
  readonly rejected: readonly { file: string; reason: string }[];
}
const indexOf = (out: string): Index => JSON.parse(readFileSync(join(out, 'index.json'), 'utf8')) as Index;
const npyFiles = (out: string): string[] => readdirSync(out).filter((name) => name.endsWith('.npy'));
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const copy = (name: string): string => {
  cpSync(data, join(folder, name), { recursive: true });
  return join(folder, name);
};
const clipsIn = (corpus: string): string[] =>
  readdirSync(corpus, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.wav'))
    .sort()
    .map((name) => join(corpus, name));
/** Half as loud: other bytes under the same name. */
const alter = (clip: string): void =>
  writeFileSync(
    clip,
    encodeWav(
      readWav(clip).samples.map((s) => s / 2),
      16000,
    ),
  );

describe('a folder of features', () => {
  test('has a file for every clip, and an index that tells of them', async () => {
    expect(totals).toMatchObject({ clips: CLIPS, reused: 0, rejected: [] });
    expect(totals.clipsPerSecond).toBeCloseTo(CLIPS / totals.seconds, 6);
    const spent = Object.values(totals.times).reduce((sum, seconds) => sum + seconds, 0);
    expect(spent).toBeLessThanOrEqual(totals.seconds * 1.001);
    const { features, settings, clips, rejected } = indexOf(whole);
    expect({ features, settings, rejected }).toEqual({
      features: 'frames',
      settings: FEATURE_SETTINGS.frames,
      rejected: [],
    });
    expect(clips.map(({ file }) => file)).toEqual(clipsIn(data));
    const items = await extractFeatures(
      clips.map(({ file }) => ({ path: file, variant: 0 })),
      'frames',
      { seed: 0 },
    );
    for (const [i, clip] of clips.entries()) {
      const { samples, sampleRate, seconds } = readWav(clip.file);
      expect(clip).toMatchObject({ samples: samples.length, sampleRate, seconds, hash: sha256(clip.file) });
      expect(clip).toMatchObject({ speaker: `SYNTH/${basename(dirname(clip.file))}`, corpus: 'SYNTH' });
      const file = join(whole, clip.features);
      expect(clip.checksum).toBe(sha256(file));
      const { shape, data: values } = readNpy(file);
      expect(shape).toEqual([clip.frames, items[i].width]);
      expect(values).toEqual(items[i].data);
    }
    expect(readdirSync(whole).sort()).toEqual([...clips.map(({ features: name }) => name), 'index.json'].sort());
  });

  test('of a second call is only checked', async () => {
    const before = contents(whole);
    const seen: string[] = [];
    const again = await writeFeatures(
      { data: [data], out: whole },
      { onProgress: ({ stage, done, total }) => void (stage === 'features' && seen.push(`${done}/${total}`)) },
    );
    expect(again).toMatchObject({ clips: CLIPS, reused: CLIPS, times: { decode: 0, device: 0 } });
    expect(again.clipsPerSecond).toBeGreaterThan(0);
    expect(seen.at(-1)).toBe(`${CLIPS}/${CLIPS}`);
    expect(contents(whole)).toEqual(before);
  });
});

describe('killed', () => {
  const out = join(folder, 'killed');
  const job = (crash?: Crash) => ({ features: { data: [data], out }, crash });
  const killed = (ended: Ended): void => expect(ended, ended.stderr).toMatchObject({ code: null, signal: 'SIGKILL' });
  const reached = (ended: Ended): number => Number(/clip (\d+)\n$/.exec(ended.stdout)?.[1] ?? 0);

  test('at six points, one after the other, it computes each batch once and ends with the same bytes', async () => {
    // In the midst of the first file.
    killed(await scripts.run(job({ at: 'half', file: '.npy' })));
    expect(npyFiles(out)).toHaveLength(0);
    expect(existsSync(join(out, 'index.json'))).toBe(false);

    // The first batch is written, and not yet noted: it counts for nothing.
    killed(await scripts.run(job({ at: 'renamed', file: '.npy', times: 16 })));
    expect(npyFiles(out).length).toBeGreaterThanOrEqual(16);

    // Noted this time, and the next one is not.
    killed(await scripts.run(job({ at: 'appended', file: 'journal.jsonl' })));
    // A journal whose last line was cut short.
    const journal = join(out, 'journal.jsonl');
    const lines = readFileSync(journal, 'utf8').split('\n');
    expect(lines).toHaveLength(1 + 16 + 1);
    writeFileSync(journal, lines.slice(0, -1).join('\n').slice(0, -40));

    // From outside, at any time after the second batch was noted.
    const ended = await scripts.run(job(), (line, kill) => void (line === 'clip 31' && kill()));
    killed(ended);
    expect(ended.stdout.split('\n')[14]).toBe('clip 15');
    expect(reached(ended)).toBeGreaterThanOrEqual(31);

    // All is computed; the index is half written.
    killed(await scripts.run(job({ at: 'half', file: 'index.json' })));
    expect(existsSync(join(out, 'index.json'))).toBe(false);
    // The index is there, and the journal still is, too.
    killed(await scripts.run(job({ at: 'renamed', file: 'index.json' })));
    expect(existsSync(journal)).toBe(true);

    const last = await scripts.run(job());
    expect(last, last.stderr).toMatchObject({ code: 0 });
    expect(last.stdout).toContain('clips 45 reused 45\n');
    expect(contents(out)).toEqual(contents(whole));
  }, 200_000);

  test('or interrupted by Ctrl-C: what is done stays, and the next call computes the rest', async () => {
    const own = join(folder, 'interrupted');
    const controller = new AbortController();
    const hooks: Hooks = {
      signal: controller.signal,
      onProgress: ({ stage, done }) => void (stage === 'features' && done >= 16 && controller.abort()),
    };
    expect(await writeFeatures({ data: [data], out: own }, hooks)).toMatchObject({ clips: 16, reused: 0 });
    expect(indexOf(own).clips).toHaveLength(16);
    expect(npyFiles(own)).toHaveLength(16);
    expect(await writeFeatures({ data: [data], out: own })).toMatchObject({ clips: CLIPS, reused: 16 });
    expect(contents(own)).toEqual(contents(whole));
  });
});

describe('what has changed is computed again, and nothing else', () => {
  test('a clip of other bytes, a damaged file, a missing one, a new clip, a clip that is gone', async () => {
    const corpus = copy('changing');
    const out = join(folder, 'changing-features');
    const options: FeaturesOptions = { data: [corpus], out };
    await writeFeatures(options);
    const [first, second, third, fourth] = clipsIn(corpus);
    const entryOf = (clip: string): FeatureEntry => indexOf(out).clips.find(({ file }) => file === clip)!;

    const old = entryOf(first);
    alter(first);
    expect(await writeFeatures(options)).toMatchObject({ clips: CLIPS, reused: CLIPS - 1 });
    expect(entryOf(first).hash).toBe(sha256(first));
    expect(entryOf(first).hash).not.toBe(old.hash);
    expect(npyFiles(out)).toHaveLength(CLIPS);
    expect(npyFiles(out)).not.toContain(old.features);

    const damaged = join(out, entryOf(second).features);
    const sound = readFileSync(damaged);
    const spoiled = Buffer.from(sound);
    spoiled[spoiled.length - 5] ^= 1;
    writeFileSync(damaged, spoiled);
    rmSync(join(out, entryOf(third).features));
    expect(await writeFeatures(options)).toMatchObject({ clips: CLIPS, reused: CLIPS - 2 });
    expect(readFileSync(damaged)).toEqual(sound);

    copyFileSync(fourth, fourth.replace(/\d+\.wav$/, '77.wav'));
    rmSync(fourth);
    expect(await writeFeatures(options)).toMatchObject({ clips: CLIPS, reused: CLIPS - 1 });
    expect(indexOf(out).clips.map(({ file }) => file)).toEqual(clipsIn(corpus));
    expect(npyFiles(out)).toHaveLength(CLIPS);
  });

  test('another folder of clips is added to what is there', async () => {
    const out = join(folder, 'two');
    const [one, other] = [join(data, 'S01'), join(data, 'S02')];
    expect(await writeFeatures({ data: [one], out })).toMatchObject({ clips: 9, reused: 0 });
    expect(await writeFeatures({ data: [other], out })).toMatchObject({ clips: 9, reused: 0 });
    expect(indexOf(out).clips.map(({ file }) => file)).toEqual([...clipsIn(one), ...clipsIn(other)]);
    expect(await writeFeatures({ data: [data], out })).toMatchObject({ clips: CLIPS, reused: 18 });
    expect(contents(out)).toEqual(contents(whole));
  });
});

describe('clips that cannot be used', () => {
  test('are listed with the reason, and computed once they are mended', async () => {
    const corpus = copy('corrupt');
    const out = join(folder, 'corrupt-features');
    const [first, second] = clipsIn(corpus);
    const sound = readFileSync(first);
    writeFileSync(first, sound.subarray(0, 2000));
    writeFileSync(second, '');
    const found = await writeFeatures({ data: [corpus], out });
    expect(found).toMatchObject({ clips: CLIPS - 2, reused: 0 });
    expect(found.rejected.map(({ file, reason }) => `${basename(file)}: ${reason}`)).toEqual([
      expect.stringMatching(/^S01_angry_01\.wav: .*truncated/),
      expect.stringMatching(/^S01_angry_02\.wav: the file is empty/),
    ]);
    expect(indexOf(out).rejected).toEqual(found.rejected);
    await expect(writeFeatures({ data: [corpus], out, strict: true })).rejects.toThrow(/2 WAV files cannot be used/);
    writeFileSync(first, sound);
    expect(await writeFeatures({ data: [corpus], out })).toMatchObject({ clips: CLIPS - 1, reused: CLIPS - 2 });

    // Spoiled after it was computed.
    writeFileSync(first, '');
    expect(await writeFeatures({ data: [corpus], out })).toMatchObject({ clips: CLIPS - 2, reused: CLIPS - 2 });
    expect(npyFiles(out)).toHaveLength(CLIPS - 2);
  });

  test('also where they go bad or missing between the scan and the reading', async () => {
    const corpus = copy('vanishing');
    const [first, second] = clipsIn(corpus);
    const spoil: Hooks = {
      onProgress({ stage, done, total }) {
        if (stage !== 'scan' || done < total) return;
        alter(first);
        rmSync(second, { force: true });
      },
    };
    const out = join(folder, 'vanishing-features');
    const found = await writeFeatures({ data: [corpus], out }, spoil);
    expect(found).toMatchObject({ clips: CLIPS - 2, reused: 0 });
    expect(found.rejected).toEqual([
      { file: first, reason: expect.stringMatching(/^the file has changed since it was found/) as string },
      { file: second, reason: expect.stringMatching(/there is no such file/) as string },
    ]);
    expect(indexOf(out).clips).toHaveLength(CLIPS - 2);

    const strict = join(folder, 'vanishing-strict');
    await expect(writeFeatures({ data: [corpus], out: strict, strict: true }, spoil)).rejects.toThrow(
      /S01_angry_01\.wav cannot be used: the file has changed/,
    );
  });
});

describe('a folder that is taken', () => {
  test('by features of another kind is refused, and left as it is', async () => {
    const before = contents(whole);
    await expect(writeFeatures({ data: [data], out: whole, features: 'paper' })).rejects.toThrow(
      /holds features with features "frames", .*; asked for are features "paper"/,
    );
    expect(contents(whole)).toEqual(before);
  });

  test('by features with other settings, or of an earlier version, is refused', async () => {
    for (const [name, change] of [
      ['settings', { settings: { ...FEATURE_SETTINGS.frames, hopLength: 128 } }],
      ['version', { version: 0 }],
    ] as const) {
      const own = join(folder, `other-${name}`);
      cpSync(whole, own, { recursive: true });
      writeFileSync(join(own, 'index.json'), JSON.stringify({ ...indexOf(own), ...change }));
      await expect(writeFeatures({ data: [data], out: own })).rejects.toThrow(
        new RegExp(`holds features with ${name}.*Choose another --out, or delete the folder`),
      );
      expect(npyFiles(own)).toHaveLength(CLIPS);
    }
  });

  test('by a call that was killed under other settings is refused', async () => {
    const own = join(folder, 'other-journal');
    mkdirSync(own);
    const header = { format: 'formant-features', version: 1, features: 'paper', settings: FEATURE_SETTINGS.paper };
    writeFileSync(join(own, 'journal.jsonl'), `${JSON.stringify(header)}\n`);
    await expect(writeFeatures({ data: [data], out: own })).rejects.toThrow(/features "paper"/);
  });

  test('by an index of something else is refused', async () => {
    const own = join(folder, 'alien');
    mkdirSync(own);
    for (const text of ['{"clips":[]}', '[1]', 'no JSON at all']) {
      writeFileSync(join(own, 'index.json'), text);
      await expect(writeFeatures({ data: [data], out: own })).rejects.toThrow(/is not an index of this program/);
      expect(readFileSync(join(own, 'index.json'), 'utf8')).toBe(text);
    }
  });

  test('by an index that names files elsewhere: those are never touched', async () => {
    const own = join(folder, 'wicked');
    cpSync(whole, own, { recursive: true });
    const victim = join(folder, 'victim.npy');
    writeFileSync(victim, 'precious');
    const index = indexOf(own);
    const wicked = { ...index.clips[0], file: join(folder, 'gone.wav'), features: '../victim.npy' };
    writeFileSync(join(own, 'index.json'), JSON.stringify({ ...index, clips: [...index.clips, wicked] }));
    expect(await writeFeatures({ data: [data], out: own })).toMatchObject({ reused: CLIPS });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(indexOf(own).clips).toHaveLength(CLIPS);
  });
});

test.each(['paper', 'mel-image'] as const)('%s are written the same way', async (features) => {
  const out = join(folder, features);
  const speaker = join(data, 'S01');
  expect(await writeFeatures({ data: [speaker], out, features })).toMatchObject({ clips: 9, reused: 0 });
  expect(await writeFeatures({ data: [speaker], out, features })).toMatchObject({ clips: 9, reused: 9 });
  for (const clip of indexOf(out).clips) {
    expect(readNpy(join(out, clip.features)).shape).toEqual(features === 'paper' ? [1, 350] : [128, 128]);
  }
});
