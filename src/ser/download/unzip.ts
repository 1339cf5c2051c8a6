/** Unpacks a ZIP archive piece by piece, so that memory stays small however large it is. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Unzip, UnzipInflate } from 'fflate';
import { describeFsError } from '../../io/index.js';
import { DiskSpaceError, DownloadError } from './errors.js';
import { isNoSpace } from './space.js';

export interface UnzipOptions {
  /** Bytes of the archive read. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes an archive's files below a folder, each under its own name only once it is whole.
 * @returns the number of files.
 * @throws DownloadError for no ZIP, a damaged one, or an entry that would lie outside the folder; DiskSpaceError
 */
export async function unzip(
  archive: string,
  folder: string,
  { onProgress, signal }: UnzipOptions = {},
): Promise<number> {
  const root = path.resolve(folder);
  const writing = new Set<Entry>();
  let files = 0;
  const unzipper = new Unzip((file) => {
    const target = placeOf(file.name, root, archive);
    if (target === null) return; // a folder: made with its first file
    const entry = new Entry(target);
    writing.add(entry);
    file.ondata = (error, data, final) => {
      if (error) throw new DownloadError(`${archive}: ${file.name} is damaged (${error.message}).`, { cause: error });
      entry.write(data);
      if (!final) return;
      entry.finish();
      writing.delete(entry);
      files++;
    };
    file.start();
  });
  unzipper.register(UnzipInflate);
  let done = 0;
  try {
    for await (const chunk of createReadStream(archive, { highWaterMark: 2 ** 18 })) {
      signal?.throwIfAborted();
      unzipper.push(chunk as Buffer);
      onProgress?.((done += (chunk as Buffer).length));
    }
    unzipper.push(new Uint8Array(0), true);
    if (writing.size > 0) throw new DownloadError(`${archive} ends in the middle of a file; fetch it again.`);
    if (files === 0) throw new DownloadError(`${archive} is no ZIP archive, or an empty one.`);
    return files;
  } catch (error) {
    throw inWords(error, archive, folder);
  } finally {
    for (const entry of writing) entry.discard();
  }
}

/** Where an entry goes; null for a folder. @throws DownloadError for a name that leads out of `root` */
function placeOf(name: string, root: string, archive: string): string | null {
  const slashed = name.replace(/\\/g, '/');
  const target = path.resolve(root, slashed);
  const leadsOut = /^\/|^[a-z]:/i.test(slashed) || slashed.split('/').includes('..') || slashed.includes('\0');
  if (leadsOut || (target !== root && !target.startsWith(root + path.sep))) {
    throw new DownloadError(
      `${archive} holds ${JSON.stringify(name)}, which leads out of its folder; it was not unpacked further.`,
    );
  }
  return slashed.endsWith('/') || target === root ? null : target;
}

/** A file on its way out of the archive. */
class Entry {
  readonly #target: string;
  readonly #part: string;
  #handle: number | undefined;

  constructor(target: string) {
    this.#target = target;
    this.#part = `${target}.part`;
    mkdirSync(path.dirname(target), { recursive: true });
    this.#handle = openSync(this.#part, 'w');
  }

  write(data: Uint8Array): void {
    for (let from = 0; from < data.length;) from += writeSync(this.#handle ?? -1, data, from);
  }

  finish(): void {
    this.#close();
    renameSync(this.#part, this.#target);
  }

  discard(): void {
    this.#close();
    rmSync(this.#part, { force: true });
  }

  #close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}

function inWords(error: unknown, archive: string, folder: string): unknown {
  if (isNoSpace(error)) {
    return new DiskSpaceError(
      `The disk became full while ${archive} was unpacked into ${folder}; the archive is kept. Free some space and give the same command again.`,
      { cause: error },
    );
  }
  if (error instanceof Error && 'code' in error && 'path' in error) {
    return new DownloadError(`Cannot unpack ${archive}: ${String(error.path)}: ${describeFsError(error)}.`, {
      cause: error,
    });
  }
  // fflate's own errors carry a number as their code.
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
    return new DownloadError(`${archive} is damaged: ${error.message}; fetch it again.`, { cause: error });
  }
  return error;
}
