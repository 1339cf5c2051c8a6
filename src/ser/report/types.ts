import type { Interval } from '../metrics/index.js';

export interface ReportEpoch {
  /** 1, 2, … */
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy?: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
}

export interface ReportSide {
  readonly clips: number;
  readonly speakers: readonly string[];
}

/** A mark to compare with: nearest centroid, chance, another run. */
export interface ReportBaseline {
  readonly name: string;
  /** 0–1. */
  readonly accuracy: number;
}

/** A part of the test clips scored by itself: a speaker, a corpus. */
export interface ReportGroup {
  readonly name: string;
  readonly clips: number;
  readonly accuracy: number;
}

/** One-vs-rest ROC of a class. */
export interface ReportRoc {
  readonly name: string;
  readonly auc: number;
  readonly points: readonly { readonly falsePositiveRate: number; readonly truePositiveRate: number }[];
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
    readonly train: ReportSide;
    readonly validation: ReportSide;
    readonly test: ReportSide;
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
  /** 95 % interval of the accuracy; Wilson's over clips where absent. */
  readonly interval?: Interval;
  /** What the interval was drawn over, e.g. `bootstrap over speakers`. */
  readonly intervalMethod?: string;
  readonly history: readonly ReportEpoch[];
  readonly baselines?: readonly ReportBaseline[];
  readonly groups?: readonly ReportGroup[];
  readonly roc?: readonly ReportRoc[];
  readonly top2?: number;
  /** Expected calibration error. */
  readonly calibrationError?: number;
  /** Whole sentences that a reader of the figures must know; a split's `notes` belong here. */
  readonly notes: readonly string[];
}
