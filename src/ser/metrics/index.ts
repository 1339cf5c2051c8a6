/** Metrics of a classifier, with scikit-learn's definitions. */
export { confusionMatrix, type Confusion } from './confusion.js';
export { MetricError } from './errors.js';
export { bootstrapInterval, wilsonInterval, type Interval } from './interval.js';
export { fitCentroids, nearestCentroid, nearestCentroidAccuracy, type Centroids } from './nearest-centroid.js';
export {
  areaUnderCurve,
  argmax,
  aucPerClass,
  expectedCalibrationError,
  rocCurve,
  topKAccuracy,
  type Probabilities,
  type RocPoint,
} from './ranking.js';
export { scoresOf, type ClassScores, type Scores } from './scores.js';
