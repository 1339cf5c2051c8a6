import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { FormantError } from '../../device/errors.js';
import { describeFsError, inspectWav, readWav } from '../../io/index.js';
import { cremad } from './cremad.js';
import { dropCopies, markDuplicates } from './duplicates.js';
import { emodb } from './emodb.js';
import { CorpusError } from './errors.js';
import { labelByFolders } from './folders.js';
import { canonicalLabel, className, isKnownLabel, makeFusion, orderClasses } from './fusion.js';
import { readManifest } from './manifest.js';
import { notesOf } from './notes.js';
import { compareText } from './order.js';
import { ravdess } from './ravdess.js';
import { savee } from './savee.js';
import { SoundMemory } from './sound-memory.js';
import { soundprint, type Soundprint } from './soundprint.js';
import { synth } from './synth.js';
import { tess } from './tess.js';
import type { Clip, ClipLabel, Corpus, CorpusScan, CorpusSettings, Parsed, Rejected } from './types.js';
import { listWavFiles } from './walk.js';

/** The corpora that are recognised. */
export const CORPORA: readonly Corpus[] = [ravdess, tess, cremad, savee, emodb, synth];

export interface ScanOptions extends CorpusSettings {
  /** Throw if any file is rejected, instead of going on with the rest. Default false. */
  strict?: boolean;
  /** Look for one recording in other bytes, too: decodes every clip. Default true. */
  nearDuplicates?: boolean;
  /** Folder of caches: what the sound of a clip is like is looked up there, and kept there for later scans. By itself none. */
  cache?: string;
  /** Corpora to recognise. Default {@link CORPORA}. */
  corpora?: readonly Corpus[];
  /** Called after every file. */
  onProgress?: (progress: { done: number; total: number; file: string }) => void;
}

/** A file with its label, or why it has none. */
interface Found {
  readonly file: string;
  readonly label: ClipLabel | { reason: string };
}

/**
 * Finds and checks the clips in folders and manifests. A folder may be one corpus, a part of one (`RAVDESS/Actor_01`), or hold several, at any
 * depth: a corpus is known by its file names, and other files, with `layout: 'folders'`, by their folders. Every file's audio is checked
 * (see `inspectWav`), its bytes are hashed and its sound is compared with that of the others.
 * @throws CorpusError if a folder is missing or no folder, a manifest or a map is wrong, no usable clip is found, or, with `strict`, a
 *   file is rejected.
 */
export async function scanCorpora(folders: readonly string[], options: ScanOptions = {}): Promise<CorpusScan> {
  const { strict = false, corpora = CORPORA, manifests = [], nearDuplicates = true, onProgress } = options;
  if (folders.length === 0 && manifests.length === 0)
    throw new CorpusError('No folder to scan was given; name at least one that holds a corpus.');
  const fuse = makeFusion(options);
  const listing = await listWavFiles(folders);
  const { rejected } = listing;
  const found = await withManifests(
    listing.files.map(({ file, root }) => ({ file, label: labelOf(file, root, corpora, options.layout ?? 'auto') })),
    manifests,
  );

  const sound: Clip[] = [];
  const prints = new Map<string, Soundprint | null>();
  const memory = new SoundMemory(nearDuplicates ? options.cache : undefined);
  for (const [index, { file, label }] of found.entries()) {
    const result =
      'reason' in label ? label : await examine(file, label, nearDuplicates ? { prints, memory } : undefined);
    if ('reason' in result) rejected.push({ file, reason: result.reason });
    else sound.push(result);
    onProgress?.({ done: index + 1, total: found.length, file });
  }
  rejected.sort((a, b) => compareText(a.file, b.file));
  sound.sort(compareClips);
  if (strict && rejected.length > 0)
    throw new CorpusError(`${describeRejected(rejected)} Mend or remove them, or scan without strict.`);
  checkLabels(sound, options.map ?? {});

  const distinct = dropCopies(sound);
  const clips: Clip[] = [];
  const leftOut: Clip[] = [];
  for (const clip of distinct.clips) {
    const name = fuse(clip.label);
    if (name === null) leftOut.push(clip);
    else clips.push({ ...clip, emotion: name });
  }
  if (clips.length === 0) throw nothingFound([...folders, ...manifests], corpora, rejected, leftOut);
  const scan: Omit<CorpusScan, 'notes'> = {
    clips,
    leftOut,
    rejected,
    copies: distinct.copies,
    ...markDuplicates(clips, prints, memory),
    classes: orderClasses(clips.map((clip) => clip.emotion)),
  };
  await memory.save();
  return { ...scan, notes: [...listing.notes, ...notesOf(scan)] };
}

function labelOf(
  file: string,
  root: string,
  corpora: readonly Corpus[],
  layout: 'auto' | 'folders',
): ClipLabel | { reason: string } {
  const named = labelByName(file, corpora);
  if (layout === 'auto') return named ?? { reason: 'its name is of no known corpus, so it has no label' };
  const filed = labelByFolders(root, file);
  if (named === null) return filed;
  if ('reason' in named || 'reason' in filed) return named;
  // Sorted by emotion, and a clip in the wrong heap.
  return isKnownLabel(filed.emotion) && filed.emotion !== named.emotion
    ? { reason: `its name says ${named.emotion}, but its folder ${filed.emotion}: the label is not certain` }
    : named;
}

/** What a file's name says, by the corpora that are known. */
export function labelByName(file: string, corpora: readonly Corpus[] = CORPORA): Parsed {
  const slashed = file.split(path.sep).join('/');
  for (const corpus of corpora) {
    const parsed = corpus.parse(slashed);
    if (parsed !== null) return parsed;
  }
  return null;
}

/** Adds the manifests' files; where a folder holds one of them, too, the manifest's word counts. */
async function withManifests(files: readonly Found[], manifests: readonly string[]): Promise<Found[]> {
  const all = new Map(files.map((found) => [found.file, found]));
  const told = new Map<string, string>();
  for (const { file, label, where } of manifests.flatMap(readManifest)) {
    const before = told.get(file);
    if (before !== undefined) throw new CorpusError(`${where}: ${file} was labelled before, in ${before}.`);
    told.set(file, where);
    const there = await stat(file).then(
      (kind) => (kind.isFile() ? '' : 'it is no file'),
      (error: unknown) => describeFsError(error),
    );
    all.set(file, { file, label: there === '' ? label : { reason: `${there} (${where})` } });
  }
  return [...all.values()];
}

/** Checks one file. Its soundprint goes into `sound.prints`. */
async function examine(
  file: string,
  label: ClipLabel,
  sound: { readonly prints: Map<string, Soundprint | null>; readonly memory: SoundMemory } | undefined,
): Promise<Clip | { reason: string }> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    return { reason: `cannot be read: ${describeFsError(error)}` };
  }
  try {
    const { seconds, sampleRate, channels } = inspectWav(bytes);
    const emotion = className(canonicalLabel(label.emotion), file);
    const hash = createHash('sha256').update(bytes).digest('hex');
    sound?.prints.set(
      file,
      sound.memory.print(hash, () => soundprint(readWav(bytes).samples, sampleRate)),
    );
    return { ...label, emotion, label: emotion, path: file, seconds, sampleRate, channels, hash };
  } catch (error) {
    if (error instanceof FormantError) return { reason: error.message.replace(/^WAV bytes: /, '') };
    throw error;
  }
}

/** Corpus, speaker, file name; the full path only decides between copies of one clip in several folders. */
function compareClips(a: Clip, b: Clip): number {
  return (
    compareText(a.corpus, b.corpus) ||
    compareText(a.speaker, b.speaker) ||
    compareText(path.basename(a.path), path.basename(b.path)) ||
    compareText(a.path, b.path)
  );
}

/** @throws CorpusError where a map names a label that neither is there nor could be: a slip of the pen. */
function checkLabels(clips: readonly Clip[], map: Readonly<Record<string, string>>): void {
  const labels = orderClasses(clips.map((clip) => clip.label));
  const strange = Object.keys(map).find((label) => !labels.includes(label) && !isKnownLabel(canonicalLabel(label)));
  if (strange === undefined || clips.length === 0) return;
  throw new CorpusError(`The map names "${strange}", but no clip is labelled so; the labels are ${labels.join(', ')}.`);
}

function describeRejected(rejected: readonly Rejected[]): string {
  const first = rejected.slice(0, 5).map(({ file, reason }) => `${file} (${reason})`);
  const more = rejected.length > 5 ? `; and ${rejected.length - 5} more` : '';
  return `${rejected.length} WAV file${rejected.length === 1 ? '' : 's'} cannot be used: ${first.join('; ')}${more}.`;
}

function nothingFound(
  places: readonly string[],
  corpora: readonly Corpus[],
  rejected: readonly Rejected[],
  leftOut: readonly Clip[],
): CorpusError {
  const wanted = corpora.map(({ name, example }) => `${name} (${example})`).join(', ');
  const labels = orderClasses(leftOut.map((clip) => clip.label)).join(', ');
  const seen = [
    leftOut.length > 0 ? `Only ${leftOut.length} ${labels} clips are there, which are left out.` : '',
    rejected.length > 0 ? describeRejected(rejected) : '',
    leftOut.length === 0 && rejected.length === 0 ? 'There is no .wav file.' : '',
  ].filter((part) => part !== '');
  return new CorpusError(
    `No usable clip in ${places.join(', ')}. Looked for files named as in ${wanted}; other names need a layout by folders or a manifest. ` +
      seen.join(' '),
  );
}
