/** What a run is told, what it tells back, and what it says on the way. */
import type { TestSummary } from '../metrics/index.js';
import type { ProtocolName, Fold } from '../protocols/index.js';
import type { CorpusSettings } from '../corpora/index.js';
import type { FeatureName, ModelName, ModelSize } from '../models/index.js';
import type { RecipeName, TechniqueOptions } from './techniques.js';

export { FEATURES, MODELS, SIZES, type FeatureName, type ModelName, type ModelSize } from '../models/index.js';
export type Normalization = 'speaker' | 'global';

export interface TrainOptions extends TechniqueOptions {
  /** Corpus folders; none, and no manifest: the synthetic corpus is made in the run folder. */
  readonly data: readonly string[];
  /** How labels are read and become classes; default: known corpora, seven classes. */
  readonly corpus?: CorpusSettings;
  readonly out: string;
  readonly model?: ModelName;
  readonly features?: FeatureName;
  /** Default `base`. */
  readonly size?: ModelSize;
  readonly protocol?: ProtocolName;
  readonly testSpeakers?: readonly string[];
  /** Protocol `cross-corpus`: the corpora that are only tested on. */
  readonly testCorpora?: readonly string[];
  /** Who chooses the epoch, in protocols that divide speakers; default: a seeded choice. */
  readonly validationSpeakers?: readonly string[];
  readonly fold?: Fold;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly normalize?: Normalization;
  /** Epochs without a better validation score before training stops; 0: never. */
  readonly patience?: number;
  /**
   * Defaults of everything else. `paper` is Table VI (batch 32, 150 epochs, Adam at 1e-3, early stopping); `quick` trains a small model in a
   * minute or two, as the demonstration does; `functionals` an `mlp` on statistics of clips.
   */
  readonly recipe?: RecipeName;
  /** Unreadable files are an error instead of a line in the report. */
  readonly strict?: boolean;
  /** A control: the clips' labels are shuffled before anything else; an honest protocol gives chance. */
  readonly shuffleLabels?: boolean;
  /** Folder where features of earlier runs are taken from and new ones kept; absent: none are. */
  readonly cache?: string;
}

export interface ResumeOptions {
  readonly run: string;
  /** Train to this many epochs instead of the number that the run was started with. */
  readonly epochs?: number;
  /** Folder where features of earlier runs are taken from and new ones kept; absent: none are. */
  readonly cache?: string;
}

export interface EvaluateOptions {
  readonly run: string;
  /** Other corpora to test on; none: the run's own held-out clips. */
  readonly data?: readonly string[];
  /** Of `data`; the map and `keepCalm` are the run's own where they are not given. */
  readonly corpus?: CorpusSettings;
  readonly strict?: boolean;
  /** Where the report goes; default: the run folder's report.html, and none for `data`. */
  readonly report?: string;
  /** Folders of other runs, whose results the report shows beside this one's. */
  readonly beside?: readonly string[];
  /** Folder where features of earlier runs are taken from and new ones kept; absent: none are. */
  readonly cache?: string;
}

/** What a file without probabilities (an older result.json) lacks is absent. */
export interface TestResult extends Partial<TestSummary> {
  readonly clips: number;
  readonly speakers: readonly string[];
  readonly accuracy: number;
  /** Unweighted average recall. */
  readonly uar: number;
  readonly macroF1: number;
  /** Rows are the truth, in the order of `classes`. */
  readonly confusion: readonly (readonly number[])[];
}

/** The JSON of `train` and `evaluate` (DESIGN §4). */
export interface RunResult {
  readonly run: string;
  readonly model: ModelName;
  readonly features: FeatureName;
  readonly protocol: ProtocolName;
  readonly seed: number;
  readonly parameters: number;
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly seconds: number;
  readonly adapter: string;
  readonly normalize: Normalization;
  readonly classes: readonly string[];
  /** A control: the labels were shuffled. */
  readonly shuffledLabels?: true;
  readonly test: TestResult;
  /** Nearest centroid on the mean spectrum, same split: what the task is worth without a sequence model. */
  readonly baseline?: {
    readonly accuracy: number;
    readonly uar?: number;
    readonly macroF1?: number;
    readonly weightedF1?: number;
  };
  readonly rejected: readonly { readonly file: string; readonly reason: string }[];
  /** False where training was interrupted; `--resume` goes on. */
  readonly finished: boolean;
}

export type Prediction =
  | { readonly file: string; readonly emotion: string; readonly probabilities: Readonly<Record<string, number>> }
  | { readonly file: string; readonly error: string };

/** One step of long work. */
export interface Progress {
  readonly stage: 'download' | 'unpack' | 'synthesize' | 'scan' | 'features' | 'train' | 'evaluate';
  readonly done: number;
  readonly total: number;
  /** What is counted, where the stage does not say it: `MB`. */
  readonly unit?: string;
  /** Stage `train`: after an epoch. */
  readonly epoch?: {
    readonly epoch: number;
    readonly epochs: number;
    readonly loss: number;
    readonly validationLoss: number;
    readonly validationAccuracy: number;
    readonly validationUar: number;
    readonly clipsPerSecond: number;
    readonly secondsLeft: number;
  };
}

export interface Hooks {
  readonly onProgress?: (progress: Progress) => void;
  /** A sentence that the user should see. */
  readonly onNotice?: (text: string) => void;
  /** Aborting saves a checkpoint at the next step's end and returns with `finished: false`. */
  readonly signal?: AbortSignal;
}
