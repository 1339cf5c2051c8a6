import { unzipSync, zipSync, type Zippable } from 'fflate';
import { writeFileAtomic } from './atomic.js';
import { FileFormatError } from './errors.js';
import { load, type Source } from './files.js';
import type { NdArray } from './ndarray.js';
import { decodeNpy, encodeNpy } from './npy.js';

/**
 * Reads a .npz file (a ZIP archive of .npy files, as `numpy.savez` and `savez_compressed` write).
 * @returns the arrays by name, without `.npy`, in the archive's order.
 * @throws FileFormatError if it is no ZIP archive, is damaged, or holds anything but .npy files that {@link decodeNpy} reads;
 *   FileAccessError if the path cannot be read.
 */
export function readNpz(source: Source): Map<string, NdArray> {
  const { bytes, name } = load(source, 'NPZ bytes');
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FileFormatError(`${name}: not a .npz file, or a damaged one (${why}).`, { cause: error });
  }
  const arrays = new Map<string, NdArray>();
  for (const [entry, content] of Object.entries(entries)) {
    if (!entry.endsWith('.npy')) {
      throw new FileFormatError(
        `${name}: holds ${JSON.stringify(entry)}, which is no .npy file; expected an archive of arrays.`,
      );
    }
    arrays.set(entry.slice(0, -4), decodeNpy(content, `${name}: ${entry}`));
  }
  return arrays;
}

/** Writes arrays as .npz, whole or not at all; `compress` as `savez_compressed` does (default false). */
export function writeNpz(
  path: string,
  arrays: Iterable<readonly [string, NdArray]>,
  { compress = false }: { compress?: boolean } = {},
): void {
  const entries: Zippable = {};
  for (const [name, array] of arrays) entries[`${name}.npy`] = encodeNpy(array);
  // A fixed date (the earliest that ZIP knows): the same arrays give the same bytes.
  writeFileAtomic(path, zipSync(entries, { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1) }));
}
