import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { DiskSpaceError } from './errors.js';

/** Left free on the disk whatever happens, for the system's sake. */
const RESERVE = 16 * 2 ** 20;

/** Free bytes where a folder lies. */
export type FreeBytes = (folder: string) => Promise<number>;

export const freeBytes: FreeBytes = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** @throws DiskSpaceError if fewer bytes are free than are needed. */
export async function requireSpace(file: string, needed: number, free: FreeBytes = freeBytes): Promise<void> {
  const folder = path.dirname(file);
  const there = await free(folder);
  if (there < needed + RESERVE) {
    throw new DiskSpaceError(
      `Not enough space in ${folder}: ${megabytes(needed + RESERVE)} are needed and ${megabytes(there)} are free; free some, or choose another --out.`,
    );
  }
}

export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString('en-US')} MB`;

/** True for the errors of a disk without room: full, or the user's share of it. */
export const isNoSpace = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(error.code));
