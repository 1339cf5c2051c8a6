/** `formant features`: features of whole corpora as .npy files and an index. */
import { init } from '../../tensor/index.js';
import { CorpusError, scanCorpora, type Clip, type CorpusSettings, type Rejected } from '../corpora/index.js';
import { streamFeatures, type ExtractedItem, type StreamTimes } from '../features/index.js';
import { FEATURES, type FeatureName } from '../models/index.js';
import { RunError } from './errors.js';
import { FeatureFolder, featureFile, type Computed } from './feature-folder.js';
import type { Hooks } from './types.js';

export interface FeaturesOptions {
  readonly data: readonly string[];
  readonly out: string;
  readonly features?: FeatureName;
  readonly strict?: boolean;
  readonly corpus?: CorpusSettings;
}

export interface FeatureTotals {
  /** Clips of this call whose features are in the folder now. */
  readonly clips: number;
  /** Of these, the ones that were there before. */
  readonly reused: number;
  readonly rejected: readonly Rejected[];
  readonly seconds: number;
  /** Of the clips that were computed, and where all were there before, of the check. */
  readonly clipsPerSecond: number;
  /** Where the host's seconds went. Reading, the device and writing overlap, so that what is waited for is less than what is done. */
  readonly times: Readonly<Record<'scan' | 'check' | keyof StreamTimes | 'write', number>>;
}

/**
 * Writes a .npy file (frames, width) for every clip, and index.json with file, label, hash, rate, samples, seconds and frames of each, and the
 * settings. Clips whose features are there already are checked and not computed again, so that a killed call goes on where it was; a clip
 * whose bytes have changed is computed anew. Memory does not grow with the number of clips.
 * @throws RunError where the folder holds features with other settings; CorpusError for clips that cannot be used, with `strict`
 */
export async function writeFeatures(options: FeaturesOptions, hooks: Hooks = {}): Promise<FeatureTotals> {
  const features = options.features ?? 'frames';
  if (!FEATURES.includes(features))
    throw new RunError(`Features "${features}" are not known; choose ${FEATURES.join(', ')}.`);
  const start = performance.now();
  const folder = new FeatureFolder(options.out, features);
  const scan = await scanCorpora(options.data, {
    ...options.corpus,
    strict: options.strict,
    nearDuplicates: false,
    onProgress: ({ done, total }) => hooks.onProgress?.({ stage: 'scan', done, total }),
  });
  const scanned = performance.now();
  const { clips } = scan;
  const rejected = [...scan.rejected];
  let done = 0;
  const progress = (more: number): void => {
    done += more;
    hooks.onProgress?.({ stage: 'features', done, total: clips.length });
  };
  const missing = await folder.missing(clips, () => progress(1));
  const checked = performance.now();
  const reused = done;
  const times = { read: 0, decode: 0, device: 0 };
  let write = 0;
  if (missing.length > 0 && !hooks.signal?.aborted) {
    await init();
    const work = groupByFile(missing);
    const sources = work.map(([{ path, hash }]) => ({ path, hash, variant: 0 }));
    let writing = Promise.resolve();
    try {
      for await (const group of streamFeatures(sources, features, { seed: 0, times })) {
        const from = performance.now();
        // The files of the last batch are written while the device works on this one, and no more than these wait.
        await writing;
        const failed = group.flatMap((one) => ('error' in one ? work[one.index].map(rejectedBy(one.error)) : []));
        if (options.strict && failed.length > 0) {
          throw new CorpusError(
            `${failed[0].file} cannot be used: ${failed[0].reason}. Mend or remove it, or leave --strict away.`,
          );
        }
        rejected.push(...failed);
        writing = folder.keep(group.flatMap((one) => ('item' in one ? [computed(one, work[one.index])] : [])));
        // Awaited above, or in the end, and not without anybody who listens in between.
        writing.catch(() => undefined);
        write += performance.now() - from;
        progress(group.reduce((n, { index }) => n + work[index].length, 0));
        if (hooks.signal?.aborted) break;
      }
    } finally {
      const from = performance.now();
      await writing;
      write += performance.now() - from;
    }
  }
  const failed = rejected.length - scan.rejected.length;
  const from = performance.now();
  folder.finish(rejected);
  const end = performance.now();
  write += end - from;
  const seconds = (end - start) / 1000;
  const fresh = done - reused - failed;
  return {
    clips: done - failed,
    reused,
    rejected,
    seconds,
    clipsPerSecond: (fresh > 0 ? fresh : done) / seconds,
    times: {
      scan: (scanned - start) / 1000,
      check: (checked - scanned) / 1000,
      read: times.read / 1000,
      decode: times.decode / 1000,
      device: times.device / 1000,
      write: write / 1000,
    },
  };
}

/** Copies of one clip under one name have one file of features. */
function groupByFile(clips: readonly Clip[]): Clip[][] {
  const groups = new Map<string, Clip[]>();
  for (const clip of clips) {
    const group = groups.get(featureFile(clip));
    if (group) group.push(clip);
    else groups.set(featureFile(clip), [clip]);
  }
  return [...groups.values()];
}

const computed = (one: Extract<ExtractedItem, { item: unknown }>, clips: readonly Clip[]): Computed => ({
  clips,
  item: one.item,
  sampleRate: one.clip.sampleRate,
  samples: one.clip.stored,
  seconds: one.clip.seconds,
});

const rejectedBy =
  (error: Error) =>
  ({ path: file }: Clip): Rejected => ({ file, reason: error.message.replace(`${file}: `, '') });
