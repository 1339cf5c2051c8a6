import { SplitError } from './errors.js';
import { checkCoverage, duplicateGroups, list, originals } from './groups.js';
import type { Split, SplitClip } from './types.js';

/**
 * The sides that a manifest's `split` column names: for corpora with an official division. Clips without a side are left out, and so are
 * copies of a recording on a less protected side.
 */
export function splitGiven(clips: readonly SplitClip[]): Split {
  const parts = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  let unnamed = 0;
  let copies = 0;
  for (const group of duplicateGroups(clips)) {
    const sides = group.map((index) => clips[index].split);
    const home = (['test', 'validation', 'train'] as const).find((side) => sides.includes(side));
    group.forEach((index, i) => {
      if (sides[i] === undefined) unnamed++;
      else if (sides[i] === home) parts[home].push(index);
      else copies++;
    });
  }
  const empty = (['train', 'validation', 'test'] as const).filter((side) => parts[side].length === 0);
  if (empty.length > 0) {
    throw new SplitError(
      `The protocol "given" takes the sides from the column "split" of a --manifest (train, validation, test); no clip is on the side ` +
        `${list(empty)}. Fill in the column, or choose another protocol.`,
    );
  }
  const order = (indices: number[]) => originals(indices.sort((a, b) => a - b));
  const sides = { train: order(parts.train), validation: order(parts.validation), test: order(parts.test) };
  const shared = [...new Set(parts.test.map((index) => clips[index].speaker))].filter((speaker) =>
    parts.train.some((index) => clips[index].speaker === speaker),
  );
  const notes = [
    'The sides are those that the manifest names.',
    ...(shared.length > 0
      ? [`Speakers of test clips are in training, too (${list(shared, 10)}): the figures do not tell of strangers.`]
      : []),
    ...(unnamed > 0 ? [`${unnamed} clip${unnamed === 1 ? ' is' : 's are'} left out: the manifest names no side.`] : []),
    ...(copies > 0
      ? [`${copies} clip${copies === 1 ? ' is' : 's are'} left out: the same recording as a held-out clip.`]
      : []),
  ];
  return checkCoverage({ ...sides, notes }, clips, false);
}
