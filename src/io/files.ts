// The only place, with atomic.ts, that touches the file system. A namespace import (not named ones) lets bundlers build the
// pure decoders for browsers, where `node:fs` is an empty stub.
import * as fs from 'node:fs';
import { FileAccessError } from './errors.js';

/** Where bytes come from: a path on disk, or the bytes themselves. */
export type Source = string | Uint8Array;

/** What went wrong with a file, in words that people know. */
export function describeFsError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known: Record<string, string> = {
    ENOENT: 'there is no such file or folder; check the path',
    EACCES: 'permission denied; check who owns it',
    EPERM: 'the operation is not permitted; check who owns it',
    EISDIR: 'it is a folder, and a file was expected',
    ENOTDIR: 'part of the path is a file, and a folder was expected',
    ENOSPC: 'the disk is full; free some space',
    EROFS: 'the file system is read-only; choose another folder',
  };
  return known[code] ?? (error instanceof Error ? error.message : String(error));
}

/**
 * Reads a whole file.
 * @throws FileAccessError if it cannot be read.
 */
export function readBytes(path: string): Uint8Array {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    throw new FileAccessError(`Cannot read ${path}: ${describeFsError(error)}.`, { cause: error });
  }
}

/** The bytes of a source and the name under which messages speak of them. */
export function load(source: Source, what: string): { bytes: Uint8Array; name: string } {
  if (typeof source === 'string') return { bytes: readBytes(source), name: source };
  return { bytes: source, name: what };
}
