import type { Clip, ClipEmotion, CorpusScan } from './types.js';

/** Counts over a set of clips. */
export interface Counts {
  clips: number;
  /** Names as `RAVDESS/19`, in order. */
  speakers: string[];
  seconds: number;
  /** Clips of each class that occurs, in the scan's class order. */
  emotions: Partial<Record<ClipEmotion, number>>;
}

export interface ScanSummary extends Counts {
  /** The same counts for each corpus, by name. */
  corpora: Record<string, Counts>;
  /** Calm clips left out. */
  calm: number;
  /** Clips that repeat the bytes of an earlier one. */
  duplicates: number;
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
  return {
    ...count(scan.clips, scan.classes),
    corpora,
    calm: scan.calm.length,
    duplicates: scan.clips.filter((clip) => clip.duplicateOf !== undefined).length,
    rejected: scan.rejected.length,
  };
}

function count(clips: readonly Clip[], classes: readonly ClipEmotion[]): Counts {
  const emotions: Partial<Record<ClipEmotion, number>> = {};
  for (const emotion of classes) {
    const n = clips.filter((clip) => clip.emotion === emotion).length;
    if (n > 0) emotions[emotion] = n;
  }
  return {
    clips: clips.length,
    speakers: [...new Set(clips.map((clip) => clip.speaker))],
    seconds: clips.reduce((sum, clip) => sum + clip.seconds, 0),
    emotions,
  };
}
