import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { FileAccessError } from '../../io/errors.js';
import { describeFsError } from '../../io/files.js';

/**
 * Makes sure, before any long work, that results can be written to a folder. Folders are made one by one: Node 20's recursive `mkdir`
 * never returns where the system denies a folder with "no such file", as under /proc.
 * @throws FileAccessError
 */
export function makeFolder(folder: string): void {
  try {
    makeMissing(path.resolve(folder));
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new FileAccessError(`Cannot write to the folder ${folder}: ${reason(error)}. Choose another --out.`, {
      cause: error,
    });
  }
}

function makeMissing(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw new FileAccessError('it is a file, and a folder was expected');
  const parent = path.dirname(folder);
  if (parent !== folder) makeMissing(parent);
  mkdirSync(folder);
}

const reason = (error: unknown): string =>
  error instanceof FileAccessError ? error.message : describeFsError(error).replace(/; (check|choose) .*$/, '');
