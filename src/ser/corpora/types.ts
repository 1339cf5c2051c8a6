/** The seven classes, in the order of every probability vector and confusion matrix (alphabetical). */
export const EMOTIONS = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'] as const;

/** One of the seven classes that the four corpora share (SAVEE, TESS and RAVDESS have surprise, CREMA-D has not). */
export type Emotion = (typeof EMOTIONS)[number];

/** What a clip may be labelled: RAVDESS alone also has `calm`, which is left out unless asked for. */
export type ClipEmotion = Emotion | 'calm';

/** What a file's name and folder say about it. */
export interface ClipLabel {
  /** `RAVDESS`, `TESS`, `CREMA-D`, `SAVEE`, … */
  corpus: string;
  /** Corpus and speaker, unique over all corpora: `RAVDESS/19`, `TESS/OAF`, `CREMA-D/1001`, `SAVEE/DC`. */
  speaker: string;
  emotion: ClipEmotion;
  /** Where the corpus says it. */
  gender?: 'female' | 'male';
  /** How strongly the emotion was acted, where the corpus says it. */
  intensity?: 'low' | 'normal' | 'medium' | 'high' | 'strong';
  /** What was said: a sentence, a word, or the corpus' own code for the sentence. */
  statement?: string;
}

/** A labelled clip whose audio has been checked. */
export interface Clip extends ClipLabel {
  /** Absolute path. */
  path: string;
  seconds: number;
  /** Hz, as stored. */
  sampleRate: number;
  /** Channels as stored. */
  channels: number;
  /** SHA-256 of the file's bytes, in hexadecimal. */
  hash: string;
  /** Path of the first clip (in the scan's order) with the very same bytes: a split must keep the two on one side. */
  duplicateOf?: string;
}

/** A file left out, and why. */
export interface Rejected {
  file: string;
  reason: string;
}

/**
 * What a corpus makes of a file: a label; a reason for which a file that is plainly the corpus' own cannot be used; or null for
 * a file that is not the corpus' own.
 */
export type Parsed = ClipLabel | { reason: string } | null;

/** A corpus that can be recognised by its file names. */
export interface Corpus {
  name: string;
  /** An example of its file names, for the message that nothing was found. */
  example: string;
  /**
   * Reads a label off a path; only the last folder and the file name count, so that any folder above may be scanned.
   * @param path with `/` between folders.
   */
  parse(path: string): Parsed;
}

/** What {@link scanCorpora} found. */
export interface CorpusScan {
  /** Usable clips by corpus, speaker and file name: the same order on every machine, wherever the folders lie. */
  clips: Clip[];
  /** Sound clips left out because they are labelled `calm`; empty with `keepCalm`. */
  calm: Clip[];
  /** WAV files left out, by path, with the reason. */
  rejected: Rejected[];
  /** Groups of byte-identical files among `clips` (paths, two or more each). */
  duplicates: string[][];
  /** The classes that occur, in the order of EMOTIONS (then `calm`). */
  classes: ClipEmotion[];
}
