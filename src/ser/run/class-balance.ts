/** Weights for rare classes: surprise has a third of the clips of the others. */

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
