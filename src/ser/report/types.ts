import type { GroupScores, ReliabilityBin, ScoreIntervals } from '../metrics/index.js';

export interface ReportEpoch {
  /** 1, 2, … */
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy?: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  readonly validationUar?: number;
  readonly learningRate?: number;
}

export interface ReportSide {
  readonly clips: number;
  readonly speakers: readonly string[];
}

/** Clips of one corpus on one side of the split. */
export interface ReportCounts {
  /** `training`, `validation`, `test`. */
  readonly side: string;
  readonly corpus: string;
  /** One number a class. */
  readonly counts: readonly number[];
}

/** Something to compare with: nearest centroid, chance, another run, the paper. */
export interface ReportMark {
  readonly name: string;
  /** How it was tested, where that is another way than the run's own; plain words. */
  readonly protocol?: string;
  /** 0–1. */
  readonly accuracy: number;
  readonly uar?: number;
  readonly macroF1?: number;
  readonly weightedF1?: number;
}

/** Parts of the test clips scored by themselves: corpora, genders, speakers. */
export interface ReportGroups {
  /** `corpus`, `gender`, `speaker`. */
  readonly by: string;
  readonly groups: readonly GroupScores[];
}

/** One-vs-rest ROC of a class. */
export interface ReportRoc {
  readonly name: string;
  readonly auc: number;
  readonly points: readonly { readonly falsePositiveRate: number; readonly truePositiveRate: number }[];
}

/** A clip that was taken for another class. */
export interface ReportMistake {
  readonly file: string;
  readonly truth: string;
  readonly said: string;
  /** Probabilities of the class that was said, and of the true one. */
  readonly confidence: number;
  readonly truthProbability: number;
  /** What was done to the clip, where it is an altered copy. */
  readonly altered?: string;
  /** Log-mel picture as a data URI, and the seconds that it spans; absent where the file is gone. */
  readonly picture?: string;
  readonly seconds?: number;
}

/** All that report.html shows. Fractions are 0–1; absent fields leave their part of the page out. */
export interface ReportData {
  readonly title?: string;
  /** When the run was evaluated; any text. */
  readonly date?: string;
  readonly run: {
    readonly name: string;
    readonly model: string;
    readonly features: string;
    readonly protocol: string;
    /** `speaker` or `global`, in words if you like. */
    readonly normalize: string;
    readonly seed: number;
    readonly parameters: number;
    /** Epochs that ran, and the one whose weights were tested. */
    readonly epochs: number;
    readonly bestEpoch?: number;
    /** Training time. */
    readonly seconds: number;
    /** E.g. `SwiftShader (software)`. */
    readonly adapter?: string;
    /** Any other settings, shown as they are. */
    readonly settings?: Readonly<Record<string, string | number | boolean>>;
  };
  readonly data: {
    /** Absent where the run is tested on other corpora than its own. */
    readonly train?: ReportSide;
    readonly validation?: ReportSide;
    readonly test: ReportSide;
    readonly counts?: readonly ReportCounts[];
    /** Seconds of audio in all. */
    readonly seconds?: number;
    /** Byte-identical clips found. */
    readonly duplicates?: number;
    readonly rejected: readonly { readonly file: string; readonly reason: string }[];
  };
  /** Class names in the order of the confusion matrix. */
  readonly classes: readonly string[];
  /** (C, C) counts on the test clips, rows the truth. */
  readonly confusion: readonly (readonly number[])[];
  /** 95 % intervals of the scores; where absent, Wilson's over clips for the accuracy alone. */
  readonly intervals?: ScoreIntervals;
  readonly history: readonly ReportEpoch[];
  /** Simple classifiers on the same test clips. */
  readonly baselines?: readonly ReportMark[];
  /** Other runs, tested as `protocol` says. */
  readonly others?: readonly ReportMark[];
  readonly groups?: readonly ReportGroups[];
  readonly roc?: readonly ReportRoc[];
  readonly top2?: number;
  readonly calibration?: { readonly error: number; readonly bins: readonly ReliabilityBin[] };
  /** The mistakes that the model was surest of. */
  readonly mistakes?: readonly ReportMistake[];
  /** Whole sentences that a reader of the figures must know; a split's `notes` belong here. */
  readonly notes: readonly string[];
}
