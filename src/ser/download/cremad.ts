import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { writeFileAtomic } from '../../io/index.js';
import { DownloadError } from './errors.js';
import { fetchFile } from './fetch-file.js';
import { fetchBytes, type RequestOptions } from './request.js';
import { requireSpace } from './space.js';
import type { DownloadOptions, Downloaded } from './types.js';

/**
 * The repository keeps its audio with git-lfs: under `files` lie pointers of three lines with the size and SHA-256 of each clip, under `media`
 * the clips themselves.
 */
const REPOSITORY = {
  files: 'https://raw.githubusercontent.com/CheyneyComputerScience/CREMA-D/master',
  media: 'https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master',
  /** Bytes of all clips, by their pointers. */
  bytes: 605_899_936,
};
export type CremadRepository = typeof REPOSITORY;

/** Connections at a time. */
const LANES = 4;
/** Bytes that no clip and no list of clips has. */
const MOST = 16 * 2 ** 20;

/**
 * Fetches the clips of CREMA-D one by one into `<out>/CREMA-D/AudioWAV`, each checked against the SHA-256 that the repository publishes for it.
 * A clip that is there is whole (it was renamed to its name at the end), so another call fetches only what is missing.
 * @throws DownloadError, DiskSpaceError
 */
export async function downloadCremad(
  options: DownloadOptions,
  repository: CremadRepository = REPOSITORY,
): Promise<Downloaded> {
  const { out, onProgress, signal } = options;
  const files = (options.url ?? repository.files).replace(/\/+$/, '');
  const folder = path.join(out, 'CREMA-D', 'AudioWAV');
  await mkdir(folder, { recursive: true });
  const patience: RequestOptions = { ...options.transfer, signal, onRetry: options.onNotice };
  const names = readNames(await fetchBytes(`${files}/SentenceFilenames.csv`, MOST, patience));
  const wanted = names.filter((name) => !existsSync(path.join(folder, name)));
  const share = wanted.length / names.length;
  if (wanted.length > 0) {
    await requireSpace(path.join(folder, 'x'), Math.ceil(repository.bytes * share), options.transfer?.disk?.free);
  }
  const missing: string[] = [];
  let done = names.length - wanted.length;
  const queue = wanted.values();
  let broken = false;
  const lane = async (): Promise<void> => {
    for (const name of queue) {
      if (broken) return;
      const url = `${files}/AudioWAV/${name}`;
      try {
        await fetchClip(url, `${repository.media}/AudioWAV/${name}`, path.join(folder, name), {
          ...options.transfer,
          ...patience,
        });
      } catch (error) {
        if (!(error instanceof DownloadError) || !/ answered 404/.test(error.message)) {
          broken = true;
          throw error;
        }
        missing.push(name);
      }
      onProgress?.({ stage: 'download', done: ++done, total: names.length, unit: 'clips' });
    }
  };
  await allOrFirstError(Array.from({ length: LANES }, lane));
  const clips = names.length - missing.length;
  return { folder: path.dirname(folder), clips, fetched: wanted.length - missing.length, missing: missing.sort() };
}

/** One clip: by its pointer, or as it is where a mirror serves the audio itself. */
async function fetchClip(
  url: string,
  media: string,
  target: string,
  options: Parameters<typeof fetchFile>[2],
): Promise<void> {
  const bytes = await fetchBytes(url, MOST, options ?? {});
  const text = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  const pointer = /^version https:\/\/git-lfs[^\n]*\noid sha256:([0-9a-f]{64})\nsize (\d+)\n/.exec(text);
  if (pointer) {
    const [, hex, size] = pointer;
    await fetchFile(media, target, { ...options, size: Number(size), checksum: { algorithm: 'sha256', hex } });
  } else if (text.startsWith('RIFF')) {
    writeFileAtomic(target, bytes);
  } else {
    throw new DownloadError(`${url} is neither a WAV file nor a git-lfs pointer to one; is it the right address?`);
  }
}

/** File names out of the repository's list of stimuli. */
function readNames(csv: Uint8Array): string[] {
  const rows: { Filename?: string }[] = parse(Buffer.from(csv), { columns: true, bom: true, skip_empty_lines: true });
  const stems = rows
    .map(({ Filename }) => Filename ?? '')
    .filter((stem) => /^\d{4}_[A-Z]{3}_[A-Z]{3}_[A-Z]{1,2}$/.test(stem));
  if (stems.length === 0)
    throw new DownloadError('SentenceFilenames.csv of CREMA-D names no clips; is it the right address?');
  return [...new Set(stems)].sort().map((stem) => `${stem}.wav`);
}

/** Waits for all, and throws the first error only when nobody is writing any more. */
async function allOrFirstError(jobs: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(jobs)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
