/** A file from the network, whole and checked, or not at all; a second call goes on where the first was cut. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { describeFsError } from '../../io/index.js';
import { DiskSpaceError, DownloadError, TransientError } from './errors.js';
import { bodyOf, request, withRetries, type RequestOptions } from './request.js';
import { isNoSpace, megabytes, requireSpace, type FreeBytes } from './space.js';

export interface Checksum {
  readonly algorithm: 'md5' | 'sha256';
  /** In hexadecimal. */
  readonly hex: string;
}

export interface FetchOptions extends RequestOptions {
  /** Bytes, as published. */
  readonly size?: number;
  readonly checksum?: Checksum;
  /** Bytes on disk, and of the whole where that is known. */
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** Further bytes that will be needed where the file lies, as for unpacking. Default 0. */
  readonly reserve?: number;
  /** What the disk does; tests put a full one here. */
  readonly disk?: Disk;
}

export interface Disk {
  readonly free?: FreeBytes;
  /** Opens a file to write: from its beginning, or to go on at its end. */
  readonly open?: (
    file: string,
    flags: 'w' | 'a',
  ) => Promise<Pick<import('node:fs/promises').FileHandle, 'write' | 'sync' | 'close'>>;
}

/**
 * Fetches `url` to `target`. The bytes gather in `<target>.part`, which is renamed once its size and checksum are right; after a cut, also of an
 * earlier process, the transfer goes on by an HTTP range, or from the beginning where a server knows no ranges.
 * @throws DownloadError, DiskSpaceError; `.part` is kept unless its checksum is wrong
 */
export async function fetchFile(url: string, target: string, options: FetchOptions = {}): Promise<void> {
  const part = `${target}.part`;
  if ((await sizeOf(target)) > 0 && (await problemOf(target, options)) === null) return;
  for (let tries = 0; ; tries++) {
    const before = await sizeOf(part);
    let here = before;
    let mark = before;
    const gained = (): boolean => {
      const much = here - mark >= 2 ** 20;
      mark = here;
      return much;
    };
    await withRetries(() => transfer(url, part, options, (done) => (here = done)), options, gained);
    const problem = await problemOf(part, options);
    if (problem === null) break;
    await rm(part, { force: true });
    // Old bytes and new ones may be of two versions of the file; what one call fetched is simply wrong.
    if (before === 0 || tries > 0) {
      throw new DownloadError(
        `${url}: ${problem}; it was thrown away. The file on the server is damaged or another one than expected.`,
      );
    }
    options.onRetry?.(`${problem} after a resumed transfer; fetching it anew`);
  }
  await rename(part, target);
}

/** One connection's worth of bytes. @throws TransientError where the rest is to be asked for again */
async function transfer(
  url: string,
  part: string,
  options: FetchOptions,
  onBytes: (done: number) => void,
): Promise<void> {
  const offset = await sizeOf(part);
  if (offset > 0 && offset === options.size) return;
  const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
  await request(
    url,
    headers,
    [416],
    async (response, alive) => {
      const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
      if (response.status === 416) {
        if (Number(range?.[2]) === offset) return; // there was nothing left
        await rm(part, { force: true });
        throw new TransientError(`${url} has changed since the transfer began; starting anew`, 0);
      }
      const start = response.status === 206 ? Number(range?.[1]) : 0;
      if (start !== 0 && start !== offset) {
        throw new DownloadError(`${url} sent bytes from ${start} on where those from ${offset} on were asked for.`);
      }
      const total = totalOf(response, range?.[2], start);
      if (total !== undefined && options.size !== undefined && total !== options.size) {
        throw new DownloadError(
          `${url} is of ${total} bytes, but the published file has ${options.size}: it is another file. Give the right address with --url.`,
        );
      }
      await requireSpace(part, (total ?? options.size ?? 0) - start + (options.reserve ?? 0), options.disk?.free);
      const done = await append(
        response,
        part,
        start,
        alive,
        (bytes) => {
          onBytes(bytes);
          options.onProgress?.(bytes, total ?? options.size);
        },
        options.disk,
      );
      if (total !== undefined && done < total) {
        throw new TransientError(`the line was cut after ${megabytes(done)} of ${megabytes(total)}`);
      }
    },
    options,
  );
}

async function append(
  response: Response,
  part: string,
  start: number,
  alive: () => void,
  onBytes: (done: number) => void,
  disk: Disk = {},
): Promise<number> {
  const onDisk = (error: unknown): never => {
    if (isNoSpace(error)) {
      throw new DiskSpaceError(
        `The disk is full: ${part} holds what has come so far and is kept. Free some space and give the same command again.`,
        { cause: error },
      );
    }
    throw new DownloadError(`Cannot write ${part}: ${describeFsError(error)}.`, { cause: error });
  };
  const file = await (disk.open ?? open)(part, start > 0 ? 'a' : 'w').catch(onDisk);
  let done = start;
  try {
    for await (const chunk of bodyOf(response)) {
      alive();
      // A write may take a part only.
      for (let from = 0; from < chunk.length;) {
        from += (await file.write(chunk, from, chunk.length - from).catch(onDisk)).bytesWritten;
      }
      done += chunk.length;
      onBytes(done);
    }
    await file.sync().catch(onDisk);
  } finally {
    await file.close();
  }
  return done;
}

function totalOf(response: Response, fromRange: string | undefined, start: number): number | undefined {
  if (fromRange !== undefined && fromRange !== '*') return Number(fromRange);
  const length = response.headers.get('content-length');
  return length === null || response.headers.has('content-encoding') ? undefined : start + Number(length);
}

/** What is wrong with a file that should be complete; null if nothing. */
async function problemOf(file: string, { size, checksum }: FetchOptions): Promise<string | null> {
  const there = await sizeOf(file);
  if (size !== undefined && there !== size) return `${there} bytes came, ${size} were published`;
  if (!checksum) return null;
  const hash = createHash(checksum.algorithm);
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  const found = hash.digest('hex');
  return found === checksum.hex.toLowerCase()
    ? null
    : `its ${checksum.algorithm} is ${found}, the published one ${checksum.hex}`;
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0;
