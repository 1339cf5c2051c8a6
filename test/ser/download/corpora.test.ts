import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DiskSpaceError,
  DownloadError,
  downloadCremad,
  downloadRavdess,
  unzip,
} from '../../../src/ser/download/index.js';
import { clip } from '../corpora/published.js';
import { cutAfter, serve } from './server.js';

const base = mkdtempSync(path.join(tmpdir(), 'formant-download-'));
afterAll(() => rmSync(base, { recursive: true }));
let out: string;
let number = 0;
beforeEach(() => (out = path.join(base, `case${number++}`)));

const quick = { backoffMs: 1, retries: 2, stallMs: 2000 };
const list = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true, withFileTypes: true }) as { name: string; isFile(): boolean }[])
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

describe('RAVDESS', () => {
  const clips: Record<string, Uint8Array> = {};
  for (const actor of ['01', '02']) {
    for (const emotion of ['01', '05']) {
      clips[`Actor_${actor}/03-01-${emotion}-01-01-01-${actor}.wav`] = clip(4000);
    }
  }
  const zip = zipSync(clips, { level: 6 });
  const archive = {
    url: '',
    file: 'Audio_Speech_Actors_01-24.zip',
    size: zip.length,
    checksum: { algorithm: 'md5' as const, hex: createHash('md5').update(zip).digest('hex') },
    clips: 4,
    unpacked: 100_000,
  };

  it('is fetched in spite of a cut, unpacked, and not fetched twice', async () => {
    let cut = true;
    const { url, log } = await serve({ '/r.zip': zip }, (request, response, body) => {
      if (!cut) return;
      cut = false;
      return cutAfter(2000, request, response, body);
    });
    const stages: string[] = [];
    const options = {
      out,
      url: `${url}/r.zip`,
      transfer: quick,
      onProgress: ({ stage, done, total }: { stage: string; done: number; total: number }) =>
        stages.push(`${stage} ${done}/${total}`),
    };
    const found = await downloadRavdess(options, archive);
    expect(found).toEqual({ folder: path.join(out, 'RAVDESS'), clips: 4, fetched: 4, missing: [] });
    expect(log).toEqual(['/r.zip', '/r.zip bytes=2000-']);
    for (const [name, bytes] of Object.entries(clips)) {
      expect(readFileSync(path.join(out, 'RAVDESS', name)).equals(bytes)).toBe(true);
    }
    expect(readdirSync(out)).toEqual(['RAVDESS']);
    expect(stages).toContain('download 1/1');
    expect(stages.at(-1)).toBe('unpack 1/1');
    expect(await downloadRavdess(options, archive)).toMatchObject({ clips: 4, fetched: 0 });
    expect(log).toHaveLength(2);
  });

  it('keeps the archive if asked, and unpacks again from it what is missing', async () => {
    const { url, log } = await serve({ '/r.zip': zip });
    const options = { out, url: `${url}/r.zip`, transfer: quick, keepArchive: true };
    await downloadRavdess(options, archive);
    expect(existsSync(path.join(out, archive.file))).toBe(true);
    rmSync(path.join(out, 'RAVDESS', 'Actor_02'), { recursive: true });
    expect(await downloadRavdess(options, archive)).toMatchObject({ clips: 4 });
    expect(log).toHaveLength(1);
  });

  it('with a wrong checksum leaves nothing that could be taken for the corpus', async () => {
    const { url } = await serve({ '/r.zip': zip });
    const wrong = { ...archive, checksum: { algorithm: 'md5' as const, hex: '0'.repeat(32) } };
    await expect(downloadRavdess({ out, url: `${url}/r.zip`, transfer: quick }, wrong)).rejects.toThrow(
      /published one 0000/,
    );
    expect(readdirSync(out)).toEqual([]);
  });

  it('wants room for the archive and for what is in it', async () => {
    const { url } = await serve({ '/r.zip': zip });
    const transfer = { ...quick, disk: { free: () => Promise.resolve(2 ** 24 + zip.length + 50_000) } };
    await expect(downloadRavdess({ out, url: `${url}/r.zip`, transfer }, archive)).rejects.toThrow(DiskSpaceError);
  });
});

describe('CREMA-D', () => {
  const names = ['1001_DFA_ANG_XX', '1001_IEO_HAP_HI', '1002_DFA_NEU_XX', '1003_TIE_SAD_XX', '1091_WSI_FEA_XX'];
  const audio = names.map(() => clip(1000));
  const csv = Buffer.from(`"Stimulus_Number","Filename"\n${names.map((name, i) => `${i + 1},"${name}"`).join('\n')}\n`);
  const pointer = (bytes: Uint8Array): Uint8Array =>
    Buffer.from(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${createHash('sha256').update(bytes).digest('hex')}\nsize ${bytes.length}\n`,
    );
  const files = (): Record<string, Uint8Array> => ({
    '/files/SentenceFilenames.csv': csv,
    ...Object.fromEntries(names.map((name, i) => [`/files/AudioWAV/${name}.wav`, pointer(audio[i])])),
    ...Object.fromEntries(names.map((name, i) => [`/media/AudioWAV/${name}.wav`, audio[i]])),
  });
  const at = (url: string) => ({ files: `${url}/files`, media: `${url}/media`, bytes: 10_000 });
  const folder = (): string => path.join(out, 'CREMA-D', 'AudioWAV');

  it('comes clip by clip, checked by the pointers; another call fetches what is missing', async () => {
    let busy = 3;
    const { url, log } = await serve(files(), (request, response, body) => {
      if (request.url === '/media/AudioWAV/1002_DFA_NEU_XX.wav' && busy-- === 3)
        return cutAfter(500, request, response, body);
    });
    const done: number[] = [];
    const options = { out, transfer: quick, onProgress: (p: { done: number }) => void done.push(p.done) };
    const found = await downloadCremad(options, at(url));
    expect(found).toEqual({ folder: path.join(out, 'CREMA-D'), clips: 5, fetched: 5, missing: [] });
    names.forEach((name, i) => expect(readFileSync(path.join(folder(), `${name}.wav`)).equals(audio[i])).toBe(true));
    expect(done).toEqual([1, 2, 3, 4, 5]);
    rmSync(path.join(folder(), `${names[4]}.wav`));
    log.length = 0;
    expect(await downloadCremad(options, at(url))).toMatchObject({ clips: 5, fetched: 1 });
    expect(log).toEqual(
      ['SentenceFilenames.csv', `AudioWAV/${names[4]}.wav`]
        .map((n) => `/files/${n}`)
        .concat(`/media/AudioWAV/${names[4]}.wav`),
    );
  });

  it('refuses a clip of other bytes than its pointer says, and leaves no such clip', async () => {
    const wrong = { ...files(), [`/media/AudioWAV/${names[1]}.wav`]: audio[0] };
    const { url } = await serve(wrong);
    await expect(downloadCremad({ out, transfer: quick }, at(url))).rejects.toThrow(
      /1001_IEO_HAP_HI\.wav: its sha256 is/,
    );
    expect(list(folder())).not.toContain(`${names[1]}.wav`);
    expect(list(folder()).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('goes on without a clip that is not there, and names it', async () => {
    const some = files();
    delete some[`/files/AudioWAV/${names[2]}.wav`];
    const { url } = await serve(some);
    expect(await downloadCremad({ out, transfer: quick }, at(url))).toMatchObject({
      clips: 4,
      missing: [`${names[2]}.wav`],
    });
  });

  it('takes the audio itself from a mirror without git-lfs', async () => {
    const plain = Object.fromEntries(names.map((name, i) => [`/m/AudioWAV/${name}.wav`, audio[i]]));
    const { url } = await serve({ '/m/SentenceFilenames.csv': csv, ...plain });
    expect(await downloadCremad({ out, url: `${url}/m/`, transfer: quick }, at('http://127.0.0.1:9'))).toMatchObject({
      clips: 5,
    });
    expect(list(folder())).toEqual(names.map((name) => `${name}.wav`));
  });

  it('knows a wrong address', async () => {
    const { url } = await serve({ '/files/SentenceFilenames.csv': Buffer.from('a,b\n1,2\n') });
    await expect(downloadCremad({ out, transfer: quick }, at(url))).rejects.toThrow(/names no clips/);
    const gone = downloadCremad({ out, transfer: quick }, at(`${url}/nowhere`));
    await expect(gone).rejects.toThrow(/answered 404/);
  });
});

describe('unzip', () => {
  const archive = (bytes: Uint8Array): string => {
    const file = path.join(base, `${number}.zip`);
    writeFileSync(file, bytes);
    return file;
  };

  it.each(['../evil.wav', 'a/../../evil.wav', '/evil.wav', 'C:\\evil.wav', '..\\evil.wav'])(
    'never leaves its folder: %s',
    async (name) => {
      const file = archive(zipSync({ 'good.wav': clip(), [name]: clip() }));
      await expect(unzip(file, path.join(out, 'in'))).rejects.toThrow(/leads out of its folder/);
      expect(list(base).filter((each) => each.startsWith('evil'))).toEqual([]);
    },
  );

  it('unpacks stored and deflated files, and makes folders', async () => {
    const [a, b] = [clip(3000), clip(3000)];
    const file = archive(
      zipSync({ folder: { 'a.wav': [a, { level: 0 }], 'b.wav': [b, { level: 9 }] }, 'empty.txt': new Uint8Array(0) }),
    );
    expect(await unzip(file, out)).toBe(3);
    expect(readFileSync(path.join(out, 'folder', 'a.wav')).equals(a)).toBe(true);
    expect(readFileSync(path.join(out, 'folder', 'b.wav')).equals(b)).toBe(true);
  });

  it('says that an archive is cut or is none, and leaves no half file under its name', async () => {
    const zip = zipSync({ 'a.wav': clip(3000), 'b.wav': clip(3000) }, { level: 0 });
    await expect(unzip(archive(zip.subarray(0, 9000)), out)).rejects.toThrow(/is damaged|ends in the middle/);
    expect(list(out)).toEqual(['a.wav']);
    await expect(unzip(archive(Buffer.from('<html>')), out)).rejects.toThrow(DownloadError);
  });
});
