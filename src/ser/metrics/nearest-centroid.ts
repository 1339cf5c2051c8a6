import { classIndex } from './confusion.js';
import { MetricError } from './errors.js';

/** A mean vector a class; null for a class without an example. */
export type Centroids = readonly (Float64Array | null)[];

/**
 * The simplest classifier there is, as a mark that a model has to beat: each class is the mean of its training vectors. On mean spectra it
 * hears how a clip sounds on average, and nothing of how it moves.
 * @param vectors (N, F) training vectors.
 * @param labels (N,) class indices.
 * @throws MetricError if there is nothing to average, or lengths differ.
 */
export function fitCentroids(
  vectors: readonly ArrayLike<number>[],
  labels: readonly number[],
  classes: number,
): Centroids {
  if (vectors.length === 0 || vectors.length !== labels.length) {
    throw new MetricError(
      `There are ${vectors.length} vectors and ${labels.length} labels; expected as many, at least one.`,
    );
  }
  const width = vectors[0].length;
  const sums = Array.from({ length: classes }, () => new Float64Array(width));
  const counts = new Array<number>(classes).fill(0);
  vectors.forEach((vector, i) => {
    if (vector.length !== width)
      throw new MetricError(`Vector ${i} has ${vector.length} values; the first has ${width}.`);
    const label = classIndex(labels[i], classes);
    counts[label]++;
    for (let f = 0; f < width; f++) sums[label][f] += vector[f];
  });
  return sums.map((sum, c) => (counts[c] === 0 ? null : sum.map((value) => value / counts[c])));
}

/** The class whose centroid is nearest (Euclidean; the first of equals). */
export function nearestCentroid(centroids: Centroids, vector: ArrayLike<number>): number {
  let best = -1;
  let least = Infinity;
  centroids.forEach((centroid, c) => {
    if (centroid === null) return;
    let distance = 0;
    for (let f = 0; f < centroid.length; f++) distance += (vector[f] - centroid[f]) ** 2;
    if (distance < least) {
      least = distance;
      best = c;
    }
  });
  if (best < 0)
    throw new MetricError('The vector has no finite distance to any centroid; expected finite vectors of one length.');
  return best;
}

/**
 * Accuracy of nearest-centroid on held-out vectors.
 * @param train vectors (N, F) with labels; @param test vectors (M, F) with labels.
 */
export function nearestCentroidAccuracy(
  train: { vectors: readonly ArrayLike<number>[]; labels: readonly number[] },
  test: { vectors: readonly ArrayLike<number>[]; labels: readonly number[] },
  classes: number,
): number {
  const centroids = fitCentroids(train.vectors, train.labels, classes);
  if (test.vectors.length === 0 || test.vectors.length !== test.labels.length) {
    throw new MetricError(
      `There are ${test.vectors.length} test vectors and ${test.labels.length} labels; expected as many, at least one.`,
    );
  }
  const hits = test.vectors.filter((vector, i) => nearestCentroid(centroids, vector) === test.labels[i]).length;
  return hits / test.vectors.length;
}
