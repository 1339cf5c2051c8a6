/** Runs: training, evaluation, prediction, export, as the command line offers them. */
export { trainRun, resumeRun } from './train.js';
export { mergeRuns, type MergedFold, type MergedResult, type Spread } from './merge.js';
export { evaluateRun } from './evaluate.js';
export { findClips, predictFiles } from './predict.js';
export { predictLive, type LiveOptions, type LivePrediction } from './predict-live.js';
export { type PcmFormat } from './pcm-stream.js';
export { exportRun, type ExportOptions } from './export.js';
export { writeFeatures, type FeatureTotals, type FeaturesOptions } from './features.js';
export { benchStep, type StepOptions, type StepTimes } from './bench.js';
export { RunError } from './errors.js';
export * from './types.js';
