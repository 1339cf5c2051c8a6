import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { cacheOption, withCacheOptions, type CacheFlags } from '../cache-options.js';
import { FEATURES } from '../choices.js';
import { UsageError } from '../errors.js';
import type { AddCommand } from '../program.js';
import { bytes, plural } from '../table.js';

interface Flags extends CacheFlags {
  readonly clear?: true;
}

export const cache: AddCommand = (program, pick) =>
  withCacheOptions(
    program.command('cache').description('show what is kept of the features of earlier runs, or remove it'),
  )
    .option('--clear', 'remove it; the next run computes its features again')
    .action((flags: Flags) =>
      pick(({ io }) => {
        const { cache: folder } = cacheOption(flags, io.env);
        if (folder === undefined)
          throw new UsageError('There is no folder for caches (HOME is not set); name one with --cache <dir>.');
        const found = contents(folder);
        if (flags.clear) for (const own of found.folders) rmSync(own, { recursive: true, force: true });
        const what = `${plural(found.files, 'file')}, ${bytes(found.bytes)}`;
        return Promise.resolve({
          json: { folder, files: found.files, bytes: found.bytes, cleared: flags.clear ?? false },
          text: flags.clear ? `Removed ${what} from ${folder}` : `${folder}: ${what}`,
        });
      }),
    );

/** Only folders that the cache itself makes: a slip in `--cache` must not cost anybody's files. */
const OWN = new RegExp(`^(${[...FEATURES, 'soundprints'].join('|')})-[0-9a-f]{16}$`);

function contents(root: string): { folders: string[]; files: number; bytes: number } {
  const folders = list(root)
    .filter((name) => OWN.test(name))
    .map((name) => path.join(root, name));
  const files = folders.flatMap((folder) => list(folder).map((name) => path.join(folder, name)));
  const sizes = files.map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return { folders, files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
