/**
 * A folder of features that survives any interruption. Each clip has a .npy file, written whole or not at all, and named after the clip's file
 * name and bytes. Finished clips are noted in journal.jsonl, a line each; index.json, written at the end, takes the journal's place. What neither of
 * them knows, or what is not on the disk as they say, is computed again.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  describeFsError,
  encodeNpy,
  FileAccessError,
  ndarray,
  readAhead,
  removeLeftovers,
  replaceFile,
  writeFileAtomic,
} from '../../io/index.js';
import { compareText, type Clip, type Rejected } from '../corpora/index.js';
import { FEATURE_SETTINGS, FEATURE_VERSION, type FeatureItem } from '../features/index.js';
import type { FeatureName } from '../models/index.js';
import { RunError } from './errors.js';

/** A clip in index.json and in the journal. */
export interface FeatureEntry {
  /** Name of the .npy file, (frames, width). */
  readonly features: string;
  /** The clip, an absolute path. */
  readonly file: string;
  readonly emotion: string;
  readonly speaker: string;
  readonly corpus: string;
  /** SHA-256 of the clip's file. */
  readonly hash: string;
  /** Hz, as stored. */
  readonly sampleRate: number;
  /** Samples a channel, as stored. */
  readonly samples: number;
  readonly seconds: number;
  readonly frames: number;
  /** SHA-256 of the .npy file. */
  readonly checksum: string;
}

/** A clip's features, ready to be kept. */
export interface Computed {
  readonly clips: readonly Clip[];
  readonly item: FeatureItem;
  readonly sampleRate: number;
  readonly samples: number;
  readonly seconds: number;
}

/** Clips of the same name and bytes share a file. */
export const featureFile = ({ path: file, hash }: Clip): string =>
  `${path.basename(file, path.extname(file))}-${hash.slice(0, 12)}.npy`;

const FORMAT = 'formant-features';
const INDEX = 'index.json';
const JOURNAL = 'journal.jsonl';

export class FeatureFolder {
  readonly #folder: string;
  readonly #header: object;
  /** By the clip's path. */
  readonly #entries = new Map<string, FeatureEntry>();
  /** All .npy files that were ever heard of: those that nothing refers to in the end are removed. */
  readonly #files = new Set<string>();

  /**
   * Opens a folder, made where it is missing.
   * @throws RunError where it holds features of another kind or with other settings, or something else's index; FileAccessError
   */
  constructor(folder: string, features: FeatureName) {
    this.#folder = folder;
    this.#header = { format: FORMAT, version: FEATURE_VERSION, features, settings: FEATURE_SETTINGS[features] };
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw new RunError(`The folder ${folder} cannot be made: ${describeFsError(error)}. Choose another --out.`, {
        cause: error,
      });
    }
    removeLeftovers(folder);
    this.#readIndex();
    this.#readJournal();
  }

  /** The clips whose features are not here yet, or not whole, or of other bytes than the clip's file has now. */
  async missing(clips: readonly Clip[], onChecked: (clip: Clip) => void): Promise<Clip[]> {
    const missing: Clip[] = [];
    const known = clips.filter((clip) => {
      const entry = this.#entries.get(clip.path);
      const fits = entry?.hash === clip.hash && entry.features === featureFile(clip);
      if (!fits) missing.push(clip);
      return fits;
    });
    let next = 0;
    for await (const read of readAhead(known.map((clip) => path.join(this.#folder, featureFile(clip))))) {
      const clip = known[next++];
      const entry = this.#entries.get(clip.path)!;
      if ('error' in read || sha256(read.bytes) !== entry.checksum) missing.push(clip);
      else {
        // The label may come from elsewhere than the bytes.
        const { emotion, speaker, corpus } = clip;
        this.#entries.set(clip.path, { ...entry, emotion, speaker, corpus });
        onChecked(clip);
      }
    }
    return missing;
  }

  /** Writes features, then notes them: what is noted is there. @throws FileAccessError, with what was noted before untouched */
  async keep(results: readonly Computed[]): Promise<void> {
    const entries = await Promise.all(results.map((result) => this.#write(result)));
    const lines = entries.flat().map((entry) => `${JSON.stringify(entry)}\n`);
    this.#append(lines.join(''));
    for (const entry of entries.flat()) this.#note(entry);
  }

  /**
   * Writes the index of everything that the folder holds, of this call and of earlier ones. Clips whose file is gone or was rejected are left
   * out, and files of features that no clip has any more are removed.
   */
  finish(rejected: readonly Rejected[]): void {
    for (const { file } of rejected) this.#entries.delete(file);
    for (const file of this.#entries.keys()) if (!existsSync(file)) this.#entries.delete(file);
    const clips = [...this.#entries.values()].sort(
      (a, b) => compareText(a.corpus, b.corpus) || compareText(a.speaker, b.speaker) || compareText(a.file, b.file),
    );
    const used = new Set(clips.map(({ features }) => features));
    writeFileAtomic(
      path.join(this.#folder, INDEX),
      `${JSON.stringify({ ...this.#header, clips, rejected }, null, 1)}\n`,
    );
    for (const name of this.#files) if (!used.has(name)) rmSync(path.join(this.#folder, name), { force: true });
    rmSync(path.join(this.#folder, JOURNAL), { force: true });
  }

  async #write({ clips, item, sampleRate, samples, seconds }: Computed): Promise<FeatureEntry[]> {
    const bytes = encodeNpy(ndarray([item.frames, item.width], item.data));
    const features = featureFile(clips[0]);
    await replaceFile(path.join(this.#folder, features), bytes);
    const checksum = sha256(bytes);
    return clips.map(({ path: file, emotion, speaker, corpus, hash }) => ({
      ...{ features, file, emotion, speaker, corpus, hash },
      ...{ sampleRate, samples, seconds, frames: item.frames, checksum },
    }));
  }

  #note(entry: FeatureEntry): void {
    this.#entries.set(entry.file, entry);
    this.#files.add(entry.features);
  }

  #readIndex(): void {
    const file = path.join(this.#folder, INDEX);
    const text = readIfThere(file);
    if (text === undefined) return;
    const index = parse(text);
    this.#checkHeader(index, file);
    const { clips } = index as { clips?: unknown };
    for (const entry of Array.isArray(clips) ? clips : []) if (isEntry(entry)) this.#note(entry);
  }

  /** The last line may be cut short: its clip is computed again. */
  #readJournal(): void {
    const file = path.join(this.#folder, JOURNAL);
    const text = readIfThere(file) ?? '';
    const [first, ...lines] = text.split('\n');
    const header = parse(first);
    // A header cut short is followed by nothing.
    if (header === undefined && lines.every((line) => line === '')) {
      rmSync(file, { force: true });
      this.#append(`${JSON.stringify(this.#header)}\n`);
      return;
    }
    this.#checkHeader(header, file);
    for (const line of lines) {
      const entry = parse(line);
      if (isEntry(entry)) this.#note(entry);
    }
    if (!text.endsWith('\n')) this.#append('\n');
  }

  #append(text: string): void {
    const file = path.join(this.#folder, JOURNAL);
    try {
      appendFileSync(file, text);
    } catch (error) {
      throw new FileAccessError(`Cannot write ${file}: ${describeFsError(error)}.`, { cause: error });
    }
  }

  #checkHeader(found: unknown, file: string): void {
    const wanted = Object.entries(this.#header) as [string, unknown][];
    const given = (found ?? {}) as Record<string, unknown>;
    if (given.format !== FORMAT) {
      throw new RunError(`${file} is not an index of this program's features. Choose another --out for them.`);
    }
    const other = wanted.filter(([name, value]) => !sameJson(given[name], value));
    if (other.length === 0) return;
    const tell = (from: Record<string, unknown>): string =>
      other.map(([name]) => `${name} ${JSON.stringify(from[name])}`).join(', ');
    throw new RunError(
      `${this.#folder} holds features with ${tell(given)}; asked for are ${tell(Object.fromEntries(wanted))}. ` +
        'Choose another --out, or delete the folder.',
    );
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileAccessError(`Cannot read ${file}: ${describeFsError(error)}.`, { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Equal whatever the order of keys: the index may have been through other hands. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b) as [string, unknown][]];
  const values = new Map<string, unknown>(left);
  return left.length === right.length && right.every(([key, value]) => sameJson(values.get(key), value));
}

const isEntry = (value: unknown): value is FeatureEntry => {
  if (typeof value !== 'object' || value === null) return false;
  const { features, file, hash, checksum } = value as Partial<Record<keyof FeatureEntry, unknown>>;
  const texts = [features, file, hash, checksum].every((text) => typeof text === 'string');
  // A name with a folder in it would have files elsewhere removed.
  return texts && path.basename(String(features)) === features && String(features).endsWith('.npy');
};
