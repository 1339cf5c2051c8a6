import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeFsError } from '../../io/index.js';
import { CorpusError } from './errors.js';
import { compareText } from './order.js';
import type { Rejected } from './types.js';

export interface Listing {
  /** By path, with the outermost of the given folders that each lies in. */
  readonly files: { readonly file: string; readonly root: string }[];
  /** Folders and files that could not be looked into. */
  readonly rejected: Rejected[];
  /** Folders given twice, or within another one. */
  readonly notes: string[];
}

/**
 * Lists the .wav files in folders and all folders below. Every real folder is looked into once, and its files go by its real
 * path, so that overlapping folders and links change nothing; a file that is itself a link (as in data sets kept by git-annex)
 * keeps its own name, for the name is the label. Hidden files and `__MACOSX` folders (left behind in archives made on a Mac)
 * are passed over.
 * @throws CorpusError if a given folder is missing or no folder.
 */
export async function listWavFiles(folders: readonly string[]): Promise<Listing> {
  const files: { file: string; root: string }[] = [];
  const rejected: Rejected[] = [];
  const visited = new Set<string>();

  async function visit(given: string, root: string): Promise<void> {
    const folder = await realpath(given);
    if (visited.has(folder)) return;
    visited.add(folder);
    for (const name of await readdir(folder)) {
      if (name.startsWith('.') || name === '__MACOSX') continue;
      const full = path.join(folder, name);
      try {
        const kind = await stat(full);
        if (kind.isDirectory()) await visit(full, root);
        else if (/\.wav$/i.test(name)) files.push({ file: full, root });
      } catch (error) {
        rejected.push({ file: full, reason: `cannot be looked into: ${describeFsError(error)}` });
      }
    }
  }

  const { roots, notes } = await outermost(folders);
  for (const { given, real } of roots) await visit(real, real).catch((error: unknown) => refuse(given, error));
  return { files: files.sort((a, b) => compareText(a.file, b.file)), rejected, notes };
}

/** The given folders that lie in no other given one, and what to say of the rest. */
async function outermost(
  folders: readonly string[],
): Promise<{ roots: { given: string; real: string }[]; notes: string[] }> {
  const all: { given: string; real: string }[] = [];
  const notes: string[] = [];
  for (const given of folders) {
    const kind = await stat(given).catch((error: unknown) => refuse(given, error));
    if (!kind.isDirectory()) {
      throw new CorpusError(`Cannot scan ${given}: it is a file; give the folder that holds the corpus.`);
    }
    const real = await realpath(given).catch((error: unknown) => refuse(given, error));
    if (all.some((other) => other.real === real)) notes.push(`${given} is given twice; its clips count once.`);
    else all.push({ given, real });
  }
  const roots = all.filter(({ given, real }) => {
    const outer = all.find((other) => other.real !== real && isWithin(other.real, real));
    if (outer) notes.push(`${given} lies within ${outer.given}, which is given too; its clips count once.`);
    return !outer;
  });
  return { roots, notes };
}

function isWithin(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

function refuse(folder: string, error: unknown): never {
  throw new CorpusError(`Cannot scan ${folder}: ${describeFsError(error)}.`, { cause: error });
}
