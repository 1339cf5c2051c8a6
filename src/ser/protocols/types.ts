import type { Clip } from '../corpora/types.js';

/** A clip as it is, or an altered copy of it. */
export interface Item {
  /** Index into the list of clips. */
  readonly clip: number;
  /** 0 is the original; 1, 2, … are augmented copies (see `PAPER_VARIANTS`). */
  readonly variant: number;
}

/** The three sides of an experiment. Early stopping and schedulers may look at `validation`, and at nothing else. */
export interface Split {
  readonly train: readonly Item[];
  readonly validation: readonly Item[];
  readonly test: readonly Item[];
  /** What a reader of the results must know, in whole sentences. */
  readonly notes: readonly string[];
}

/** What a protocol looks at. */
export type SplitClip = Pick<Clip, 'corpus' | 'speaker' | 'emotion'> &
  Partial<Pick<Clip, 'gender' | 'hash' | 'duplicateOf' | 'path' | 'split'>>;

export interface SplitOptions {
  /** Seeds every choice that is left to chance. Default 0. */
  readonly seed?: number;
  /** `speaker`: the unseen speakers, as `RAVDESS/19`. Default: a seeded choice of a fifth of each corpus, balanced by gender. */
  readonly testSpeakers?: readonly string[];
  /** `speaker`, `cross-corpus`, `loso`: the validation speakers. Default: a seeded choice of a tenth of the remaining ones. */
  readonly validationSpeakers?: readonly string[];
  /** `cross-corpus`: corpora to test on; the default where there are none is an error. */
  readonly testCorpora?: readonly string[];
  /** `cross-corpus`: corpora to train on. Default: all others. */
  readonly trainCorpora?: readonly string[];
  /**
   * `loso`, `random`: which fold, 1 … count. In `loso`, as many folds as speakers is leave-one-speaker-out, fewer leave out several at once;
   * `random` has no folds unless it is told one.
   */
  readonly fold?: Fold;
  /** `paper`: copies of each clip, the original among them. Default 4. */
  readonly variants?: number;
}

export interface Fold {
  /** 1 … count. */
  readonly index: number;
  readonly count: number;
}

export const PROTOCOLS = ['speaker', 'random', 'paper', 'cross-corpus', 'loso', 'given'] as const;
export type ProtocolName = (typeof PROTOCOLS)[number];
