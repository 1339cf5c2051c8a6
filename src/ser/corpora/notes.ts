/** What a reader should know of the clips found, in whole sentences. */
import path from 'node:path';
import { compareText } from './order.js';
import type { Clip, CorpusScan } from './types.js';

export function notesOf(scan: Omit<CorpusScan, 'notes'>): string[] {
  return [...copyNotes(scan), ...labelNotes(scan), ...overlapNotes(scan)];
}

function copyNotes({ copies }: Pick<CorpusScan, 'copies'>): string[] {
  if (copies.length === 0) return [];
  const [{ file, of }] = copies;
  return [
    copies.length === 1
      ? `${file} is the very file of ${of}; it counts once.`
      : `${copies.length} files are the very files of others (${file} of ${of}, for one); they count once.`,
  ];
}

/** One recording under two classes cannot be right. */
function labelNotes({ clips, duplicates, nearDuplicates }: Omit<CorpusScan, 'notes'>): string[] {
  const byPath = new Map(clips.map((clip) => [clip.path, clip]));
  const notes = new Map<string, string>();
  for (const group of [...nearDuplicates, ...duplicates]) {
    const members = group.flatMap((file) => byPath.get(file) ?? []);
    const told = members.map((clip) => `${path.basename(clip.path)} ${clip.emotion}`);
    const first = members[0]?.duplicateOf ?? group[0];
    if (new Set(members.map((clip) => clip.emotion)).size > 1 && !notes.has(first)) {
      notes.set(first, `One recording has several classes: ${told.join(', ')}; at most one is right.`);
    }
  }
  return [...notes.values()];
}

/** A corpus that is for the most part there twice, in other bytes. */
function overlapNotes({ clips }: Pick<CorpusScan, 'clips'>): string[] {
  const notes: string[] = [];
  for (const corpus of [...new Set(clips.map((clip) => clip.corpus))].sort(compareText)) {
    const own = clips.filter((clip) => clip.corpus === corpus);
    const again = own.filter((clip: Clip) => clip.duplicateOf !== undefined).length;
    if (own.length >= 10 && again >= 0.4 * own.length) {
      notes.push(
        `${again} of the ${own.length} clips of ${corpus} repeat the sound of others: the corpus seems to be there twice; leave one out.`,
      );
    }
  }
  return notes;
}
