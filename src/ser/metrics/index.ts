/** Metrics of a classifier, with scikit-learn's definitions. */
export { calibrationErrorOf, expectedCalibrationError, reliability, type ReliabilityBin } from './calibration.js';
export { confusionMatrix, type Confusion } from './confusion.js';
export { MetricError } from './errors.js';
export {
  bootstrapInterval,
  bootstrapIntervals,
  wilsonInterval,
  type BootstrapOptions,
  type Interval,
} from './interval.js';
export { fitCentroids, nearestCentroid, nearestCentroidAccuracy, type Centroids } from './nearest-centroid.js';
export {
  areaUnderCurve,
  argmax,
  aucPerClass,
  macroAuc,
  rocCurve,
  topKAccuracy,
  type Probabilities,
  type RocPoint,
} from './ranking.js';
export { scoresOf, type ClassScores, type Scores } from './scores.js';
export {
  summarizeTest,
  type ClassReport,
  type GroupScores,
  type ScoreIntervals,
  type TestedClip,
  type TestSummary,
} from './summary.js';
