import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeFsError } from '../../io/index.js';
import { CorpusError } from './errors.js';
import { compareText } from './order.js';
import type { Rejected } from './types.js';

/**
 * Lists the .wav files in folders and all folders below, each real file once, however often folders overlap or links lead to
 * it. Hidden files and `__MACOSX` folders (what archives made on a Mac leave behind) are passed over.
 * @returns absolute paths, sorted, and the folders and files that could not be looked into.
 * @throws CorpusError if a given folder is missing or no folder.
 */
export async function listWavFiles(folders: readonly string[]): Promise<{ files: string[]; rejected: Rejected[] }> {
  const found = new Map<string, string>(); // real path → path as met
  const rejected: Rejected[] = [];
  const visited = new Set<string>();

  async function visit(folder: string): Promise<void> {
    const real = await realpath(folder);
    if (visited.has(real)) return;
    visited.add(real);
    const names = (await readdir(folder)).sort(compareText);
    for (const name of names) {
      if (name.startsWith('.') || name === '__MACOSX') continue;
      const full = path.join(folder, name);
      try {
        const kind = await stat(full);
        if (kind.isDirectory()) await visit(full);
        else if (/\.wav$/i.test(name)) found.set(await realpath(full), full);
      } catch (error) {
        rejected.push({ file: full, reason: `cannot be looked into: ${describeFsError(error)}` });
      }
    }
  }

  // Outer folders first, so that a file reached by two ways goes by the same path whatever the order of the arguments.
  for (const folder of folders.map((given) => path.resolve(given)).sort(compareText)) {
    const kind = await stat(folder).catch((error: unknown) => {
      throw new CorpusError(`Cannot scan ${folder}: ${describeFsError(error)}.`, { cause: error });
    });
    if (!kind.isDirectory()) {
      throw new CorpusError(`Cannot scan ${folder}: it is a file; give the folder that holds the corpus.`);
    }
    await visit(folder).catch((error: unknown) => {
      throw new CorpusError(`Cannot scan ${folder}: ${describeFsError(error)}.`, { cause: error });
    });
  }
  return { files: [...found.values()].sort(compareText), rejected };
}
