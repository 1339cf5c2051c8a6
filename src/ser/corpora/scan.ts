import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FormantError } from '../../device/errors.js';
import { describeFsError, inspectWav } from '../../io/index.js';
import { cremad } from './cremad.js';
import { CorpusError } from './errors.js';
import { compareText } from './order.js';
import { ravdess } from './ravdess.js';
import { savee } from './savee.js';
import { synth } from './synth.js';
import { tess } from './tess.js';
import {
  EMOTIONS,
  type Clip,
  type ClipEmotion,
  type Corpus,
  type CorpusScan,
  type Parsed,
  type Rejected,
} from './types.js';
import { listWavFiles } from './walk.js';

/** The corpora that are recognised. */
export const CORPORA: readonly Corpus[] = [ravdess, tess, cremad, savee, synth];

export interface ScanOptions {
  /** Throw if any file is rejected, instead of going on with the rest. Default false. */
  strict?: boolean;
  /** Keep RAVDESS' calm clips among `clips`, as an eighth class. Default false. */
  keepCalm?: boolean;
  /** Corpora to recognise. Default {@link CORPORA}. */
  corpora?: readonly Corpus[];
  /** Called after every file. */
  onProgress?: (progress: { done: number; total: number; file: string }) => void;
}

/**
 * Finds and checks the clips in folders. A folder may be one corpus, a part of one (`RAVDESS/Actor_01`), or hold several, at any
 * depth: a corpus is known by its file names. Every file's audio is checked (see `inspectWav`) and its bytes are hashed.
 * @throws CorpusError if a folder is missing or no folder, if no usable clip is found, or, with `strict`, if a file is rejected.
 */
export async function scanCorpora(folders: readonly string[], options: ScanOptions = {}): Promise<CorpusScan> {
  const { strict = false, keepCalm = false, corpora = CORPORA, onProgress } = options;
  if (folders.length === 0)
    throw new CorpusError('No folder to scan was given; name at least one that holds a corpus.');
  const { files, rejected } = await listWavFiles(folders);
  const sound: Clip[] = [];
  for (const [index, file] of files.entries()) {
    const result = await examine(file, corpora);
    if ('reason' in result) rejected.push({ file, reason: result.reason });
    else sound.push(result);
    onProgress?.({ done: index + 1, total: files.length, file });
  }
  rejected.sort((a, b) => compareText(a.file, b.file));
  sound.sort(compareClips);
  if (strict && rejected.length > 0)
    throw new CorpusError(`${describeRejected(rejected)} Mend or remove them, or scan without strict.`);

  const clips = keepCalm ? sound : sound.filter((clip) => clip.emotion !== 'calm');
  if (clips.length === 0) throw nothingFound(folders, corpora, rejected, sound.length);
  return {
    clips,
    calm: keepCalm ? [] : sound.filter((clip) => clip.emotion === 'calm'),
    rejected,
    duplicates: markDuplicates(clips),
    classes: ([...EMOTIONS, 'calm'] as ClipEmotion[]).filter((emotion) =>
      clips.some((clip) => clip.emotion === emotion),
    ),
  };
}

/** Labels and checks one file. */
async function examine(file: string, corpora: readonly Corpus[]): Promise<Clip | { reason: string }> {
  const label = recognise(file, corpora);
  if (label === null) return { reason: 'its name is of no known corpus, so it has no label' };
  if ('reason' in label) return label;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    return { reason: `cannot be read: ${describeFsError(error)}` };
  }
  try {
    const { seconds, sampleRate, channels } = inspectWav(bytes);
    return {
      ...label,
      path: file,
      seconds,
      sampleRate,
      channels,
      hash: createHash('sha256').update(bytes).digest('hex'),
    };
  } catch (error) {
    if (error instanceof FormantError) return { reason: error.message.replace(/^WAV bytes: /, '') };
    throw error;
  }
}

function recognise(file: string, corpora: readonly Corpus[]): Parsed {
  const slashed = file.split(path.sep).join('/');
  for (const corpus of corpora) {
    const parsed = corpus.parse(slashed);
    if (parsed !== null) return parsed;
  }
  return null;
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

/** Sets `duplicateOf` on every later clip with the bytes of an earlier one, and lists the groups. */
function markDuplicates(clips: Clip[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const clip of clips) {
    const group = groups.get(clip.hash);
    if (group) {
      clip.duplicateOf = group[0];
      group.push(clip.path);
    } else {
      groups.set(clip.hash, [clip.path]);
    }
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function describeRejected(rejected: readonly Rejected[]): string {
  const first = rejected.slice(0, 5).map(({ file, reason }) => `${file} (${reason})`);
  const more = rejected.length > 5 ? `; and ${rejected.length - 5} more` : '';
  return `${rejected.length} WAV file${rejected.length === 1 ? '' : 's'} cannot be used: ${first.join('; ')}${more}.`;
}

function nothingFound(
  folders: readonly string[],
  corpora: readonly Corpus[],
  rejected: readonly Rejected[],
  calm: number,
): CorpusError {
  const where = folders.join(', ');
  const wanted = corpora.map(({ name, example }) => `${name} (${example})`).join(', ');
  const seen = [
    calm > 0 ? `Only ${calm} calm clips are there, which are left out by default.` : '',
    rejected.length > 0 ? describeRejected(rejected) : '',
    calm === 0 && rejected.length === 0 ? 'There is no .wav file.' : '',
  ].filter((part) => part !== '');
  return new CorpusError(`No usable clip in ${where}. Looked for files named as in ${wanted}. ${seen.join(' ')}`);
}
