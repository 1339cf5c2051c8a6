/** Programs out of archives that come with npm packages: unpacked once, into a cache folder of the user's. Node only. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder `name` in the user's folder for caches, or else in the temporary one.
 * @param name tells versions apart @param mark a file that is there when all is
 * @param fill writes everything into `aside`, which will become `folder`
 * @returns undefined where neither can be written to
 */
export function unpackOnce(
  name: string,
  mark: string,
  fill: (aside: string, folder: string) => void,
): string | undefined {
  for (const cache of [cacheFolder(), join(tmpdir(), 'formant')]) {
    try {
      const folder = join(cache, name);
      const marked = join(folder, mark);
      if (!existsSync(marked)) {
        mkdirSync(cache, { recursive: true });
        // Unpacked aside and renamed: another process never sees half of it.
        const aside = mkdtempSync(join(cache, 'unpacking-'));
        fill(aside, folder);
        try {
          renameSync(aside, folder);
        } catch (error) {
          rmSync(aside, { recursive: true, force: true });
          if (!existsSync(marked)) throw error; // else another process was first
        }
      }
      // Code is loaded from there: never from a folder that somebody else has planted in the shared temporary one.
      if (statSync(marked).uid === process.getuid?.()) return folder;
    } catch (error) {
      // A home that cannot be written to is common in containers: try the next folder.
      if (!isFileError(error)) throw error;
    }
  }
  return undefined;
}

function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base && base.length > 0 ? base : join(homedir(), '.cache'), 'formant');
}

/** The plain files of a tar archive, by name: 512-byte headers, each followed by the data padded to 512. */
export function readTar(tar: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (from: number, length: number): string => {
    const field = tar.subarray(from, from + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = text(at, 100).replace(/^\.\//, '');
    const size = parseInt(text(at + 124, 12).trim(), 8) || 0;
    const type = text(at + 156, 1);
    if (type === '0' || type === '') files.set(name, tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
