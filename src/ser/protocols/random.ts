import { Random } from '../random.js';
import { duplicateGroups, originals, checkCoverage, stratify } from './groups.js';
import type { Split, SplitClip, SplitOptions } from './types.js';

/**
 * Stratified 80/10/10 over clips, copies of a recording kept on one side. The speakers of the test clips are known from
 * training: the figures say how well known voices are read, not strangers.
 */
export function splitRandom(clips: readonly SplitClip[], options: SplitOptions): Split {
  const random = new Random(options.seed ?? 0, 'protocol', 'random');
  const parts = stratify(
    duplicateGroups(clips),
    (group) => clips[group[0]].emotion,
    (group) => group.length,
    random,
  );
  const items = (groups: readonly number[][]) => originals(groups.flat().sort((a, b) => a - b));
  const split: Split = {
    train: items(parts.train),
    validation: items(parts.validation),
    test: items(parts.test),
    notes: ['The test clips are unseen, but their speakers are not: other clips of theirs were in training.'],
  };
  return checkCoverage(split, clips, false);
}
