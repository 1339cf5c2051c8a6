/**
 * Features of earlier runs, so that the next one on the same clips starts at once. An entry is a .npy file; its name tells what it was made
 * from (bytes of the clip, alteration, seed) and the digest of its own bytes, its folder the settings and the device. So runs side by side need no
 * lock: they write other files or the very same ones, whole or not at all; and what is damaged is found out and made again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { FormantError } from '../../device/errors.js';
import {
  decodeNpy,
  describeFsError,
  encodeNpy,
  FileFormatError,
  ndarray,
  readAhead,
  removeLeftovers,
  replaceFile,
} from '../../io/index.js';
import type { FeatureName } from '../models/index.js';
import { FEATURE_SETTINGS, FEATURE_VERSION, featureWidth } from './settings.js';
import type { FeatureItem } from './shape.js';
import type { Source } from './stream.js';

export interface CacheOptions {
  /** Where the caches of all settings are. */
  readonly root: string;
  readonly features: FeatureName;
  /** Of altered copies. */
  readonly seed: number;
  /** What computes: two devices round differently, and a run's weights must not depend on which one ran before. */
  readonly device: string;
  /** Told once, when the cache cannot be used any more: the run goes on without. */
  readonly onNotice?: (text: string) => void;
}

const hex = (data: string | Uint8Array, digits: number): string =>
  createHash('sha256').update(data).digest('hex').slice(0, digits);

export class FeatureCache {
  readonly #options: CacheOptions;
  readonly #folder: string;
  /** Files by what they were made from; more than one where runs have raced with results of different rounding. */
  readonly #files = new Map<string, string[]>();
  #usable = true;

  constructor(options: CacheOptions) {
    const { root, features, device } = options;
    const settings = JSON.stringify({ version: FEATURE_VERSION, settings: FEATURE_SETTINGS[features], device });
    this.#options = options;
    this.#folder = path.join(root, `${features}-${hex(settings, 16)}`);
    this.#try(() => {
      mkdirSync(this.#folder, { recursive: true });
      removeLeftovers(this.#folder);
      for (const name of readdirSync(this.#folder).sort()) {
        const [key, digest, ending] = name.split('.');
        if (ending !== 'npy' || digest === undefined) continue;
        const known = this.#files.get(key);
        if (known) known.push(name);
        else this.#files.set(key, [name]);
      }
    });
  }

  /** What is there of the sources, by their places in the list. Damaged files are removed. */
  async load(sources: readonly Source[]): Promise<Map<number, FeatureItem>> {
    const found = new Map<number, FeatureItem>();
    const wanted = sources.flatMap((source, index) =>
      (this.#files.get(this.#key(source) ?? '') ?? []).slice(0, 1).map((name) => ({ index, name })),
    );
    let next = 0;
    for await (const read of readAhead(wanted.map(({ name }) => path.join(this.#folder, name)))) {
      const { index, name } = wanted[next++];
      const item = 'bytes' in read ? this.#decode(name, read.bytes) : undefined;
      if (item) found.set(index, item);
      else this.#try(() => rmSync(read.path, { force: true }));
    }
    return found;
  }

  /** Keeps features of a source whose hash is known; those of others are let go. Never fails: see `onNotice`. */
  async keep(source: Source, item: FeatureItem): Promise<void> {
    const key = this.#key(source);
    if (key === undefined || !this.#usable) return;
    const bytes = encodeNpy(ndarray([item.frames, item.width], item.data));
    try {
      await replaceFile(path.join(this.#folder, `${key}.${hex(bytes, 16)}.npy`), bytes);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #key({ path: file, variant, hash }: Source): string | undefined {
    if (hash === undefined) return undefined;
    // An altered copy draws its numbers from the seed and the file's name.
    return variant === 0 ? hash : `${hash}-${variant}-${this.#options.seed}-${hex(path.basename(file), 16)}`;
  }

  #decode(name: string, bytes: Uint8Array): FeatureItem | undefined {
    if (hex(bytes, 16) !== name.split('.')[1]) return undefined;
    try {
      const { shape, dtype, data } = decodeNpy(bytes, name);
      const [frames, width] = shape;
      const fits = dtype === 'float32' && shape.length === 2 && width === featureWidth(this.#options.features);
      return fits && frames > 0 ? { data, frames, width } : undefined;
    } catch (error) {
      if (error instanceof FileFormatError) return undefined;
      throw error;
    }
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #giveUp(error: unknown): void {
    if (!this.#usable) return;
    this.#usable = false;
    const why = error instanceof FormantError ? error.message.replace(/\.$/, '') : describeFsError(error);
    this.#options.onNotice?.(
      `Features are not kept for later runs: ${this.#options.root} cannot be used (${why}). Choose another --cache, or --no-cache.`,
    );
  }
}
