import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { DownloadError } from './errors.js';
import { fetchFile } from './fetch-file.js';
import type { DownloadOptions, Downloaded } from './types.js';
import { unzip } from './unzip.js';

/** The archive as Zenodo publishes it. */
const ARCHIVE = {
  url: 'https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip?download=1',
  file: 'Audio_Speech_Actors_01-24.zip',
  size: 208_468_073,
  checksum: { algorithm: 'md5', hex: 'bc696df654c87fed845eb13823edef8a' } as const,
  clips: 1440,
  /** Of the clips, rounded up. */
  unpacked: 620_000_000,
};
export type RavdessArchive = Omit<typeof ARCHIVE, 'checksum'> & { checksum: { algorithm: 'md5'; hex: string } };

/**
 * Fetches the speech archive of RAVDESS from its Zenodo record and unpacks it to `<out>/RAVDESS/Actor_01 … Actor_24`. What is there already is
 * not fetched again.
 * @throws DownloadError, DiskSpaceError
 */
export async function downloadRavdess(
  options: DownloadOptions,
  archive: RavdessArchive = ARCHIVE,
): Promise<Downloaded> {
  const { out, url = archive.url, keepArchive = false, onProgress, signal } = options;
  const folder = path.join(out, 'RAVDESS');
  if ((await clipsIn(folder)) >= archive.clips) return { folder, clips: archive.clips, fetched: 0, missing: [] };
  await mkdir(out, { recursive: true });
  const file = path.join(out, archive.file);
  await fetchFile(url, file, {
    ...options.transfer,
    signal,
    size: archive.size,
    checksum: archive.checksum,
    reserve: archive.unpacked,
    onProgress: (done, total) => onProgress?.({ stage: 'download', ...inMegabytes(done, total ?? archive.size) }),
    onRetry: options.onNotice,
  });
  await unzip(file, folder, {
    signal,
    onProgress: (done) => onProgress?.({ stage: 'unpack', ...inMegabytes(done, archive.size) }),
  });
  const clips = await clipsIn(folder);
  if (clips < archive.clips) {
    throw new DownloadError(
      `${file} was unpacked, but ${folder} holds ${clips} clips instead of ${archive.clips}; remove both and try again.`,
    );
  }
  if (!keepArchive) await rm(file, { force: true });
  return { folder, clips, fetched: archive.clips, missing: [] };
}

const inMegabytes = (done: number, total: number): { done: number; total: number; unit: string } => ({
  done: done >= total ? Math.ceil(total / 1e6) : Math.floor(done / 1e6),
  total: Math.ceil(total / 1e6),
  unit: 'MB',
});

async function clipsIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => /\.wav$/i.test(name)).length;
}
