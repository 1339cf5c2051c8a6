/** Reading many files: the next ones are on their way while the caller works on this one. */
// A namespace import, as in files.ts: bundlers for browsers put an empty stub in its place.
import * as fs from 'node:fs';
import { FileAccessError } from './errors.js';
import { describeFsError } from './files.js';

/** A file's bytes, or why there are none. */
export type FileRead =
  { readonly path: string; readonly bytes: Uint8Array } | { readonly path: string; readonly error: FileAccessError };

/**
 * The files' bytes in the order of `paths`. At most `ahead` files are read or wait to be taken, so that memory is bounded by those. A file
 * that cannot be read is given with its error, and the rest goes on.
 * @param ahead how many, default 16
 */
export async function* readAhead(paths: Iterable<string>, ahead = 16): AsyncGenerator<FileRead, void, undefined> {
  const waiting: Promise<FileRead>[] = [];
  for (const path of paths) {
    waiting.push(read(path));
    if (waiting.length >= ahead) yield await waiting.shift()!;
  }
  while (waiting.length > 0) yield await waiting.shift()!;
}

/** Never rejects: a file that nobody comes to take must not end the process. */
function read(path: string): Promise<FileRead> {
  return new Promise((resolve) => {
    fs.readFile(path, (error, bytes) => {
      if (!error) resolve({ path, bytes });
      else
        resolve({
          path,
          error: new FileAccessError(`Cannot read ${path}: ${describeFsError(error)}.`, { cause: error }),
        });
    });
  });
}
