import { Random } from '../random.js';
import { SplitError } from './errors.js';
import { checkCoverage, stratify } from './groups.js';
import type { Item, Split, SplitClip, SplitOptions } from './types.js';

/** What each variant of a clip is, by its number: the paper's three augmentations after the original. */
export const PAPER_VARIANTS = ['original', 'white noise', 'SpecAugment', 'shift'] as const;

/**
 * The likeliest reading of the paper: every clip is copied and altered first, and the pool of copies is split afterwards (stratified
 * 80/10/10). It leaks, on purpose and by name: most test items have a sibling in the training set.
 */
export function splitPaper(clips: readonly SplitClip[], options: SplitOptions): Split {
  const variants = options.variants ?? PAPER_VARIANTS.length;
  if (!Number.isInteger(variants) || variants < 1) {
    throw new SplitError(
      `variants is ${variants}; the paper protocol needs a whole number of copies a clip, 1 or more.`,
    );
  }
  const random = new Random(options.seed ?? 0, 'protocol', 'paper');
  const pool: Item[] = clips.flatMap((_, clip) =>
    Array.from({ length: variants }, (_, variant) => ({ clip, variant })),
  );
  const parts = stratify(
    pool,
    (item) => clips[item.clip].emotion,
    () => 1,
    random,
  );
  const sort = (items: Item[]): Item[] => items.sort((a, b) => a.clip - b.clip || a.variant - b.variant);
  const trained = new Set(parts.train.map((item) => item.clip));
  const leaked = parts.test.filter((item) => trained.has(item.clip)).length;
  const split: Split = {
    train: sort(parts.train),
    validation: sort(parts.validation),
    test: sort(parts.test),
    notes: [
      `This protocol leaks: for ${leaked} of ${parts.test.length} test items another copy of the same clip was in training. ` +
        'Its figures say nothing about new recordings; compare them with the random and speaker protocols.',
    ],
  };
  return checkCoverage(split, clips, false);
}
