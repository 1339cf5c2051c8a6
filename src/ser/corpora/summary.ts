import { orderClasses } from './fusion.js';
import type { Clip, CorpusScan } from './types.js';

/** Counts over a set of clips. */
export interface Counts {
  clips: number;
  /** Names as `RAVDESS/19`, in order. */
  speakers: string[];
  /** Speakers by gender; `unknown` where nobody says it. */
  genders: Partial<Record<'female' | 'male' | 'unknown', number>>;
  seconds: number;
  /** Clips of each class that occurs, in the scan's class order. */
  emotions: Partial<Record<string, number>>;
}

export interface ScanSummary extends Counts {
  /** The same counts for each corpus, by name. */
  corpora: Record<string, Counts>;
  /** Clips of each label before fusion, by corpus; those left out are among them. */
  labels: Record<string, Record<string, number>>;
  /** Sound clips left out, by label. */
  leftOut: Record<string, number>;
  /** Calm clips left out. */
  calm: number;
  /** Files that are the very files of others; not counted as clips. */
  copies: number;
  /** Clips that repeat the bytes of an earlier one. */
  duplicates: number;
  /** Clips that repeat the sound of an earlier one in other bytes. */
  nearDuplicates: number;
  rejected: number;
}

/** Clips per corpus and emotion, speakers and seconds of a scan. */
export function summarizeScan(scan: CorpusScan): ScanSummary {
  const corpora: Record<string, Counts> = {};
  for (const name of [...new Set(scan.clips.map((clip) => clip.corpus))]) {
    corpora[name] = count(
      scan.clips.filter((clip) => clip.corpus === name),
      scan.classes,
    );
  }
  const all = [...scan.clips, ...scan.leftOut];
  const labels: Record<string, Record<string, number>> = {};
  for (const name of [...new Set(all.map((clip) => clip.corpus))].sort()) {
    labels[name] = countLabels(all.filter((clip) => clip.corpus === name));
  }
  const repeated = scan.clips.filter((clip) => clip.duplicateOf !== undefined).length;
  const duplicates = scan.duplicates.reduce((sum, group) => sum + group.length - 1, 0);
  return {
    ...count(scan.clips, scan.classes),
    corpora,
    labels,
    leftOut: countLabels(scan.leftOut),
    calm: scan.leftOut.filter((clip) => clip.label === 'calm').length,
    copies: scan.copies.length,
    duplicates,
    nearDuplicates: repeated - duplicates,
    rejected: scan.rejected.length,
  };
}

function count(clips: readonly Clip[], classes: readonly string[]): Counts {
  const emotions: Partial<Record<string, number>> = {};
  for (const emotion of classes) {
    const n = clips.filter((clip) => clip.emotion === emotion).length;
    if (n > 0) emotions[emotion] = n;
  }
  const speakers = new Map(clips.map((clip) => [clip.speaker, clip.gender ?? ('unknown' as const)]));
  const genders: Counts['genders'] = {};
  for (const gender of speakers.values()) genders[gender] = (genders[gender] ?? 0) + 1;
  return {
    clips: clips.length,
    speakers: [...speakers.keys()],
    genders,
    seconds: clips.reduce((sum, clip) => sum + clip.seconds, 0),
    emotions,
  };
}

function countLabels(clips: readonly Clip[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const label of orderClasses(clips.map((clip) => clip.label))) {
    counts[label] = clips.filter((clip) => clip.label === label).length;
  }
  return counts;
}
