/** Clips that are there more than once: copies of a file, the same bytes under two names, one recording in other bytes. */
import path from 'node:path';
import { readWav } from '../../io/index.js';
import type { SoundMemory } from './sound-memory.js';
import { candidatePairs, lowRate, sameRecording, type Soundprint } from './soundprint.js';
import type { Clip } from './types.js';
import { Groups } from './union.js';

/**
 * Takes out clips that were found before under the same published name, bytes and all: a corpus in two places, the doubled folder of an
 * archive, or both layouts of SAVEE.
 */
export function dropCopies(clips: readonly Clip[]): { clips: Clip[]; copies: { file: string; of: string }[] } {
  const first = new Map<string, string>();
  const copies: { file: string; of: string }[] = [];
  const kept = clips.filter((clip) => {
    const name = clip.name ?? path.basename(clip.path).toLowerCase();
    const key = JSON.stringify([clip.corpus, clip.speaker, clip.label, name, clip.hash]);
    const of = first.get(key);
    if (of === undefined) first.set(key, clip.path);
    else copies.push({ file: clip.path, of });
    return of === undefined;
  });
  return { clips: kept, copies };
}

/**
 * Sets `duplicateOf` on every clip of a recording but the first, and lists the groups: of the same bytes, and of one recording in other
 * bytes.
 * @param prints the clips' soundprints, by path; without them only bytes are compared.
 * @param memory what earlier scans found of the same pairs.
 */
export function markDuplicates(
  clips: readonly Clip[],
  prints: ReadonlyMap<string, Soundprint | null>,
  memory: SoundMemory,
): { duplicates: string[][]; nearDuplicates: string[][] } {
  const byHash = new Map<string, number[]>();
  clips.forEach((clip, i) => byHash.set(clip.hash, [...(byHash.get(clip.hash) ?? []), i]));
  const groups = new Groups(clips.length);
  for (const [first, ...others] of byHash.values()) for (const other of others) groups.join(first, other);

  // One clip speaks for all with its bytes.
  const heads = [...byHash.values()].map(([first]) => first);
  const wave = lowRateOf(clips);
  const near = new Set<number>();
  for (const [a, b] of candidatePairs(heads.map((i) => prints.get(clips[i].path) ?? null))) {
    const [one, two] = [heads[a], heads[b]];
    if (groups.of(one) === groups.of(two)) continue;
    if (!memory.same(clips[one].hash, clips[two].hash, () => sameRecording(wave(one), wave(two)))) continue;
    groups.join(one, two);
    near.add(one);
  }

  clips.forEach((clip, i) => {
    if (groups.of(i) !== i) clip.duplicateOf = clips[groups.of(i)].path;
  });
  const paths = (members: readonly number[]): string[] => members.map((i) => clips[i].path);
  const nearRoots = [...new Set([...near].map((i) => groups.of(i)))].sort((a, b) => a - b);
  return {
    duplicates: [...byHash.values()].filter(({ length }) => length > 1).map(paths),
    nearDuplicates: nearRoots.map((root) => paths(clips.map((_, i) => i).filter((i) => groups.of(i) === root))),
  };
}

/** Waveforms of clips; the latest few are kept, for candidates of one clip follow each other. */
function lowRateOf(clips: readonly Clip[]): (index: number) => Float32Array {
  const recent = new Map<number, Float32Array>();
  return (index) => {
    let wave = recent.get(index);
    if (!wave) {
      const { samples, sampleRate } = readWav(clips[index].path);
      wave = lowRate(samples, sampleRate);
      recent.set(index, wave);
      if (recent.size > 64) recent.delete([...recent.keys()][0]);
    }
    return wave;
  };
}
