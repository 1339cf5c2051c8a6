import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeFsError } from '../../io/index.js';
import { CorpusError } from './errors.js';
import { compareText } from './order.js';
import type { Rejected } from './types.js';

/**
 * Lists the .wav files in folders and all folders below. Every real folder is looked into once, and its files go by its real
 * path, so that overlapping folders and links change nothing; a file that is itself a link (as in data sets kept by git-annex)
 * keeps its own name, for the name is the label. Hidden files and `__MACOSX` folders (left behind in archives made on a Mac)
 * are passed over.
 * @returns absolute paths, sorted, and the folders and files that could not be looked into.
 * @throws CorpusError if a given folder is missing or no folder.
 */
export async function listWavFiles(folders: readonly string[]): Promise<{ files: string[]; rejected: Rejected[] }> {
  const files: string[] = [];
  const rejected: Rejected[] = [];
  const visited = new Set<string>();

  async function visit(given: string): Promise<void> {
    const folder = await realpath(given);
    if (visited.has(folder)) return;
    visited.add(folder);
    for (const name of await readdir(folder)) {
      if (name.startsWith('.') || name === '__MACOSX') continue;
      const full = path.join(folder, name);
      try {
        const kind = await stat(full);
        if (kind.isDirectory()) await visit(full);
        else if (/\.wav$/i.test(name)) files.push(full);
      } catch (error) {
        rejected.push({ file: full, reason: `cannot be looked into: ${describeFsError(error)}` });
      }
    }
  }

  for (const folder of folders) {
    const refuse = (error: unknown): never => {
      throw new CorpusError(`Cannot scan ${folder}: ${describeFsError(error)}.`, { cause: error });
    };
    const kind = await stat(folder).catch(refuse);
    if (!kind.isDirectory()) {
      throw new CorpusError(`Cannot scan ${folder}: it is a file; give the folder that holds the corpus.`);
    }
    await visit(folder).catch(refuse);
  }
  return { files: files.sort(compareText), rejected };
}
