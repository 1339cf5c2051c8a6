import { compareText } from '../corpora/order.js';
import { Random } from '../random.js';
import { SplitError } from './errors.js';
import { duplicateGroups, originals, checkCoverage, stratify } from './groups.js';
import type { Fold, Split, SplitClip, SplitOptions } from './types.js';

/**
 * Stratified 80/10/10 over clips, copies of a recording kept on one side; or, with a fold i of n, stratified cross-validation: every clip is
 * tested in one of n folds, and a tenth of the others validates. The speakers of the test clips are known from training: the figures say
 * how well known voices are read, not strangers.
 */
export function splitRandom(clips: readonly SplitClip[], options: SplitOptions): Split {
  const { seed = 0, fold } = options;
  const groups = duplicateGroups(clips);
  const emotionOf = (group: readonly number[]): string => clips[group[0]].emotion;
  const parts = fold
    ? foldOf(groups, emotionOf, fold, seed)
    : stratify(groups, emotionOf, (group) => group.length, new Random(seed, 'protocol', 'random'));
  const items = (own: readonly (readonly number[])[]) => originals(own.flat().sort((a, b) => a - b));
  const split: Split = {
    train: items(parts.train),
    validation: items(parts.validation),
    test: items(parts.test),
    notes: [
      ...(fold ? [`Fold ${fold.index} of ${fold.count}: over all folds every clip is tested once.`] : []),
      'The test clips are unseen, but their speakers are not: other clips of theirs were in training.',
    ],
  };
  return checkCoverage(split, clips, false);
}

type Group = readonly number[];

function foldOf(
  groups: readonly Group[],
  emotionOf: (group: Group) => string,
  { index, count }: Fold,
  seed: number,
): { train: Group[]; validation: Group[]; test: Group[] } {
  if (!Number.isInteger(count) || count < 2 || !Number.isInteger(index) || index < 1 || index > count) {
    throw new SplitError(
      `Fold ${index}/${count} is none: it needs n of 2 or more, and i from 1 to n, for example 1/10.`,
    );
  }
  const random = new Random(seed, 'protocol', 'random', 'folds', count);
  const parts = { train: [] as Group[], validation: [] as Group[], test: [] as Group[] };
  const sizes = new Array<number>(count).fill(0);
  for (const name of [...new Set(groups.map(emotionOf))].sort(compareText)) {
    const own = random.shuffle(groups.filter((group) => emotionOf(group) === name));
    if (own.length < Math.max(count, 3)) {
      throw new SplitError(
        `Class ${name} has ${own.length} distinct clip${own.length === 1 ? '' : 's'}; ${count} folds need at least ${Math.max(count, 3)}. ` +
          'Add clips, leave the class out, or make fewer folds.',
      );
    }
    // Largest first, each to the fold with the fewest clips of this class; among equals, to the one with the fewest clips in all.
    own.sort((a, b) => b.length - a.length);
    const filled = new Array<number>(count).fill(0);
    const rest: Group[] = [];
    for (const group of own) {
      let least = 0;
      for (let f = 1; f < count; f++) {
        if (filled[f] < filled[least] || (filled[f] === filled[least] && sizes[f] < sizes[least])) least = f;
      }
      filled[least] += group.length;
      sizes[least] += group.length;
      if (least === index - 1) parts.test.push(group);
      else rest.push(group);
    }
    const clips = rest.reduce((sum, group) => sum + group.length, 0);
    const others = new Random(seed, 'protocol', 'random', 'validation', count, index, name).shuffle(rest);
    others.sort((a, b) => a.length - b.length);
    const wanted = Math.max(1, Math.round(clips * 0.1));
    let next = 0;
    for (let had = 0; had < wanted && next < others.length - 1; next++) had += others[next].length;
    parts.validation.push(...others.slice(0, next));
    parts.train.push(...others.slice(next));
  }
  return parts;
}
