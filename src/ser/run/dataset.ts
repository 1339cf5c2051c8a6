/** The data of a run: clips found, split by the protocol, turned into normalised features. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { orderClasses, scanCorpora, type Clip, type CorpusScan, type CorpusSettings } from '../corpora/index.js';
import { makeSplit, type Item, type Split } from '../protocols/index.js';
import { writeSynthCorpus } from '../synth/index.js';
import { extractFeatures, fitNormalizer, normalizeAll, type FeatureItem, type Normalizer } from '../features/index.js';
import { runFiles, type RunConfig } from './config.js';
import { openFeatureCache } from './feature-cache.js';
import { SHUFFLED_NOTE, shuffleLabels } from './shuffle-labels.js';
import type { Hooks } from './types.js';

/** One side of the split, ready to train or test on. */
export interface Side {
  /** Normalised. */
  readonly items: readonly FeatureItem[];
  /** Positions in `classes`. */
  readonly labels: readonly number[];
  readonly clips: readonly Clip[];
}

export interface Dataset {
  readonly scan: CorpusScan;
  readonly classes: readonly string[];
  readonly split: Split;
  readonly normalizer: Normalizer;
  readonly train: Side;
  readonly validation: Side;
  readonly test: Side;
}

/** Clips of each emotion by each synthetic speaker: 672 in all. */
const SYNTH_CLIPS = 8;

/** Scans folders and manifests; the synthetic corpus is made first where a run has no data of its own. */
export async function scanData(
  data: readonly string[],
  synth: string,
  options: { strict: boolean; corpus?: CorpusSettings; cache?: string },
  hooks: Hooks,
): Promise<CorpusScan> {
  const own = data.length > 0 || (options.corpus?.manifests ?? []).length > 0;
  const folders = own ? data : [synth];
  if (!own && !existsSync(path.join(synth, 'manifest.json'))) {
    await writeSynthCorpus(synth, { clipsPerEmotion: SYNTH_CLIPS }, ({ done, total }) =>
      hooks.onProgress?.({ stage: 'synthesize', done, total }),
    );
  }
  return scanCorpora(folders, {
    ...options.corpus,
    strict: options.strict,
    cache: options.cache,
    onProgress: ({ done, total }) => hooks.onProgress?.({ stage: 'scan', done, total }),
  });
}

/** The classes among clips, in the fixed order. */
export const classesOf = (clips: readonly Clip[]): string[] => orderClasses(clips.map((clip) => clip.emotion));

/** Which clips are on which side, by their bytes: what must be the same for a run to go on, or to be tested on clips that it never saw. */
export function fingerprint({ scan, split }: Pick<Dataset, 'scan' | 'split'>): string {
  const sides = [split.train, split.validation, split.test].map((items) =>
    items.map(({ clip, variant }) => [scan.clips[clip].hash, scan.clips[clip].emotion, variant]),
  );
  return createHash('sha256').update(JSON.stringify(sides)).digest('hex');
}

/** @param cache folder of what earlier runs found: features, and what the clips' sound is like */
export async function loadDataset(run: string, config: RunConfig, hooks: Hooks, cache?: string): Promise<Dataset> {
  const found = await scanData(
    config.data,
    runFiles(run).synth,
    { strict: config.strict, corpus: config.corpus, cache },
    hooks,
  );
  const scan = config.shuffleLabels ? { ...found, clips: shuffleLabels(found.clips, config.seed) } : found;
  const { clips } = scan;
  const drawn = makeSplit(config.protocol, clips, {
    seed: config.seed,
    testSpeakers: config.testSpeakers,
    testCorpora: config.testCorpora,
    validationSpeakers: config.validationSpeakers,
    fold: config.fold,
  });
  const split = config.shuffleLabels ? { ...drawn, notes: [SHUFFLED_NOTE, ...drawn.notes] } : drawn;
  const classes = classesOf(clips);
  const all: Item[] = [...split.train, ...split.validation, ...split.test];
  const raw = await extractFeatures(
    all.map(({ clip, variant }) => ({ path: clips[clip].path, hash: clips[clip].hash, variant })),
    config.features,
    {
      seed: config.seed,
      cache: openFeatureCache(cache, config, hooks),
      onProgress: (done, total) => hooks.onProgress?.({ stage: 'features', done, total }),
    },
  );
  const speakers = all.map((item) => clips[item.clip].speaker);
  const normalizer = fitNormalizer(
    config.normalize,
    raw,
    speakers,
    split.train.map((_, i) => i),
  );
  const normalized = normalizeAll(raw, speakers, normalizer);
  const labelOf = (item: Item): number => classes.findIndex((c) => c === clips[item.clip].emotion);
  let start = 0;
  const side = (items: readonly Item[]): Side => {
    const from = start;
    start += items.length;
    return {
      items: normalized.slice(from, start),
      labels: items.map(labelOf),
      clips: items.map((item) => clips[item.clip]),
    };
  };
  const [train, validation, test] = [side(split.train), side(split.validation), side(split.test)];
  return { scan, classes, split, normalizer, train, validation, test };
}
