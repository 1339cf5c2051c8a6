/**
 * What earlier scans found of clips' sound, by the hashes of their bytes: soundprints, and whether two alike are one recording. A scan adds
 * what it found itself as one file, whose name is the digest of its bytes, in a folder that belongs to the version of the comparison. So scans
 * side by side need no lock, none loses what another found, and a damaged file is told from a whole one and left aside.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FormantError } from '../../device/errors.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  ndarray,
  removeLeftovers,
  replaceFile,
  toFloat32,
  type NdArray,
} from '../../io/index.js';
import { SOUNDPRINT_VERSION, type Soundprint } from './soundprint.js';

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Files hold verdicts under this name, as text among the metadata. */
const VERDICTS = 'verdicts';

const pair = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

export class SoundMemory {
  readonly #folder: string | undefined;
  readonly #prints = new Map<string, Soundprint | null>();
  readonly #verdicts = new Map<string, boolean>();
  /** Hashes and pairs that no file holds yet. */
  readonly #newPrints = new Set<string>();
  readonly #newVerdicts = new Set<string>();

  /** @param root folder of caches; without one, nothing is known and nothing kept */
  constructor(root: string | undefined) {
    this.#folder = root === undefined ? undefined : path.join(root, `soundprints-${SOUNDPRINT_VERSION}`);
    if (this.#folder !== undefined) this.#read(this.#folder);
  }

  /** The soundprint of a clip, made with `make` where it is not known. */
  print(hash: string, make: () => Soundprint | null): Soundprint | null {
    const known = this.#prints.get(hash);
    if (known !== undefined) return known;
    const made = make();
    this.#prints.set(hash, made);
    this.#newPrints.add(hash);
    return made;
  }

  /** True if two clips are one recording, found out with `compare` where it is not known. */
  same(a: string, b: string, compare: () => boolean): boolean {
    const key = pair(a, b);
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const found = compare();
    this.#verdicts.set(key, found);
    this.#newVerdicts.add(key);
    return found;
  }

  /** Writes what is new. Never fails: where nothing can be kept, the next scan takes its time again. */
  async save(): Promise<void> {
    if (this.#folder === undefined || this.#newPrints.size + this.#newVerdicts.size === 0) return;
    const bytes = encodeSafetensors(
      [...this.#newPrints].map((hash): [string, NdArray] => {
        const contour = this.#prints.get(hash)?.contour ?? new Float32Array(0);
        return [hash, ndarray([contour.length], contour)];
      }),
      {
        // Numbers as JSON has them come back to the bit.
        ...Object.fromEntries(
          [...this.#newPrints].flatMap((hash) => {
            const print = this.#prints.get(hash);
            return print ? [[hash, JSON.stringify([print.seconds, print.spread])]] : [];
          }),
        ),
        [VERDICTS]: JSON.stringify([...this.#newVerdicts].map((key) => [key, this.#verdicts.get(key)])),
      },
    );
    try {
      mkdirSync(this.#folder, { recursive: true });
      removeLeftovers(this.#folder);
      await replaceFile(path.join(this.#folder, `${digest(bytes)}.safetensors`), bytes);
      this.#newPrints.clear();
      this.#newVerdicts.clear();
    } catch (error) {
      // The cache of features, in the same place, says what is wrong with it.
      if (!(error instanceof FormantError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  #read(folder: string): void {
    for (const name of namesIn(folder)) {
      const bytes = bytesOf(path.join(folder, name));
      // Bytes that have their digest are those that this class wrote.
      if (bytes === undefined || name !== `${digest(bytes)}.safetensors`) continue;
      const { tensors, metadata } = decodeSafetensors(bytes, name);
      for (const [hash, contour] of tensors) {
        if (!(hash in metadata)) this.#prints.set(hash, null);
        else {
          const [seconds, spread] = JSON.parse(metadata[hash]) as [number, number];
          this.#prints.set(hash, { seconds, spread, contour: toFloat32(contour) });
        }
      }
      for (const [key, same] of JSON.parse(metadata[VERDICTS]) as [string, boolean][]) this.#verdicts.set(key, same);
    }
  }
}

/** Nothing where there is no folder, or none that may be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function bytesOf(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
