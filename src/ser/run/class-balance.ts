/** What is done for rare classes: surprise has a third of the clips of the others. */
import { Random } from '../random.js';

/** Clips of each class. */
function counts(labels: readonly number[], classes: number): number[] {
  const found = new Array<number>(classes).fill(0);
  for (const label of labels) found[label]++;
  return found;
}

/**
 * A factor a class for the loss: clips / (classes · clips of the class), as scikit-learn's `balanced`; the mean over all clips is 1. A class
 * without training clips gets 0: nothing of it comes.
 */
export function classWeights(labels: readonly number[], classes: number): number[] {
  const found = counts(labels, classes);
  const there = found.filter((n) => n > 0).length;
  return found.map((n) => (n > 0 ? labels.length / (there * n) : 0));
}

/**
 * The order in which an epoch draws the training clips, by seed and epoch alone: each once; or with `balanced` as many draws, shared
 * equally among the classes, so that clips of rare classes come several times and some of frequent ones not at all.
 */
export function epochOrder(
  labels: readonly number[],
  options: { readonly seed: number; readonly epoch: number; readonly balanced: boolean },
): number[] {
  const random = new Random(options.seed, 'order', options.epoch);
  const all = labels.map((_, i) => i);
  if (!options.balanced) return random.shuffle(all);
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const drawn = random.shuffle(classes).flatMap((label, place) => {
    // What does not come out even goes to the first ones of a shuffled row of classes.
    const share = Math.floor((labels.length - 1 - place) / classes.length) + 1;
    const own = all.filter((i) => labels[i] === label);
    const draws: number[] = [];
    while (draws.length < share) draws.push(...random.shuffle(own).slice(0, share - draws.length));
    return draws;
  });
  return random.shuffle(drawn);
}
