/** The seven classes, in the order of every probability vector and confusion matrix (alphabetical). */
export const EMOTIONS = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'] as const;

/** One of the seven classes that the four corpora share (SAVEE, TESS and RAVDESS have surprise, CREMA-D has not). */
export type Emotion = (typeof EMOTIONS)[number];

export const GENDERS = ['female', 'male'] as const;
export type Gender = (typeof GENDERS)[number];
export const INTENSITIES = ['low', 'normal', 'medium', 'high', 'strong'] as const;
export type Intensity = (typeof INTENSITIES)[number];
export const MANIFEST_SPLITS = ['train', 'validation', 'test'] as const;
export type ManifestSplit = (typeof MANIFEST_SPLITS)[number];

/** What a file's name and folder, or a manifest's row, say about it. */
export interface ClipLabel {
  /** `RAVDESS`, `TESS`, `CREMA-D`, `SAVEE`, … */
  corpus: string;
  /** Corpus and speaker, unique over all corpora: `RAVDESS/19`, `TESS/OAF`, `CREMA-D/1001`, `SAVEE/DC`. */
  speaker: string;
  /** What its maker calls it, in our spelling: one of {@link EMOTIONS}, `calm` (RAVDESS), `boredom` (EmoDB), or a name of one's own. */
  emotion: string;
  /** Where the corpus says it. */
  gender?: Gender;
  /** The speaker's age in years, where the corpus says it. */
  age?: number;
  /** How strongly the emotion was acted, where the corpus says it. */
  intensity?: Intensity;
  /** What was said: a sentence, a word, or the corpus' own code for the sentence. */
  statement?: string;
  /** The clip's name within its corpus, where the published layouts give its file several. */
  name?: string;
  /** The side of a split that a manifest names. */
  split?: ManifestSplit;
}

/** A labelled clip whose audio has been checked. `emotion` is its class after fusion, `label` what it was before. */
export interface Clip extends ClipLabel {
  label: string;
  /** Absolute path. */
  path: string;
  seconds: number;
  /** Hz, as stored. */
  sampleRate: number;
  /** Channels as stored. */
  channels: number;
  /** SHA-256 of the file's bytes, in hexadecimal. */
  hash: string;
  /**
   * Path of the first clip (in the scan's order) of the same recording, be it the same bytes or the same sound at another rate or loudness: a
   * split must keep the two on one side.
   */
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

/** How labels are read and become classes: what a run keeps, so that it finds the same clips again. */
export interface CorpusSettings {
  /** `folders`: a file whose name is of no known corpus is labelled by its folders, `<emotion>/<file>` or `<speaker>/<emotion>/<file>`. */
  readonly layout?: 'auto' | 'folders';
  /** CSV files that name and label clips, beside those found in folders. */
  readonly manifests?: readonly string[];
  /** Keep `calm` as an eighth class. Default false. */
  readonly keepCalm?: boolean;
  /** Label → class, over the default fusion; `-` leaves a label out. */
  readonly map?: Readonly<Record<string, string>>;
}

/** What {@link scanCorpora} found. */
export interface CorpusScan {
  /** Usable clips by corpus, speaker and file name: the same order on every machine, wherever the folders lie. */
  clips: Clip[];
  /** Sound clips whose label is of no class (`calm`, `boredom`, what the map leaves out). */
  leftOut: Clip[];
  /** WAV files that cannot be used, by path, with the reason. */
  rejected: Rejected[];
  /** Clips found a second time under the same published name, bytes and all; each counts once. */
  copies: { file: string; of: string }[];
  /** Groups of byte-identical files among `clips` (paths, two or more each). */
  duplicates: string[][];
  /** Groups of clips that are the same recording in other bytes (another rate, loudness or header). */
  nearDuplicates: string[][];
  /** The classes that occur, in the order of EMOTIONS, then `calm`, then the others by name. */
  classes: string[];
  /** What a reader should know of the folders given, in whole sentences. */
  notes: string[];
}
