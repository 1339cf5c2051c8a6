/** `formant features`: features of whole corpora as .npy files and an index. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describeFsError, ndarray, writeFileAtomic, writeNpy } from '../../io/index.js';
import { init } from '../../tensor/index.js';
import { scanCorpora, type CorpusSettings, type Rejected } from '../corpora/index.js';
import { extractFeatures, FEATURE_SETTINGS } from '../features/index.js';
import { FEATURES, type FeatureName } from '../models/index.js';
import { RunError } from './errors.js';
import type { Hooks } from './types.js';

export interface FeaturesOptions {
  readonly data: readonly string[];
  readonly out: string;
  readonly features?: FeatureName;
  readonly strict?: boolean;
  readonly corpus?: CorpusSettings;
}

export interface FeatureTotals {
  readonly clips: number;
  readonly rejected: readonly Rejected[];
  readonly seconds: number;
  readonly clipsPerSecond: number;
}

/** Clips in one go; each group's files are written before the next is read. */
const GROUP = 96;

/** Writes `<out>/<number>.npy` (frames, width) for every clip, and index.json with file, label, speaker, hash, frames and settings. */
export async function writeFeatures(options: FeaturesOptions, hooks: Hooks = {}): Promise<FeatureTotals> {
  const features = options.features ?? 'frames';
  if (!FEATURES.includes(features))
    throw new RunError(`Features "${features}" are not known; choose ${FEATURES.join(', ')}.`);
  const scan = await scanCorpora(options.data, {
    ...options.corpus,
    strict: options.strict,
    onProgress: ({ done, total }) => hooks.onProgress?.({ stage: 'scan', done, total }),
  });
  try {
    mkdirSync(options.out, { recursive: true });
  } catch (error) {
    throw new RunError(`The folder ${options.out} cannot be made: ${describeFsError(error)}. Choose another --out.`, {
      cause: error,
    });
  }
  await init();
  const start = performance.now();
  const { clips } = scan;
  const index: Record<string, string | number>[] = [];
  for (let from = 0; from < clips.length && !hooks.signal?.aborted; from += GROUP) {
    const group = clips.slice(from, from + GROUP);
    const items = await extractFeatures(
      group.map((c) => ({ path: c.path, variant: 0 })),
      features,
      {
        seed: 0,
        onProgress: (done) => hooks.onProgress?.({ stage: 'features', done: from + done, total: clips.length }),
      },
    );
    items.forEach(({ data, frames, width }, i) => {
      const clip = group[i];
      const name = `${String(from + i).padStart(5, '0')}.npy`;
      writeNpy(path.join(options.out, name), ndarray([frames, width], data));
      index.push({
        features: name,
        file: clip.path,
        emotion: clip.emotion,
        speaker: clip.speaker,
        corpus: clip.corpus,
        hash: clip.hash,
        sampleRate: clip.sampleRate,
        seconds: clip.seconds,
        frames,
      });
    });
  }
  writeFileAtomic(
    path.join(options.out, 'index.json'),
    `${JSON.stringify({ features, settings: FEATURE_SETTINGS[features], clips: index, rejected: scan.rejected }, null, 1)}\n`,
  );
  const seconds = (performance.now() - start) / 1000;
  return { clips: index.length, rejected: scan.rejected, seconds, clipsPerSecond: index.length / seconds };
}
