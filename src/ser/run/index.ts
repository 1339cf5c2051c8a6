/** Runs: training, evaluation, prediction, export, as the command line offers them. */
export { trainRun, resumeRun } from './train.js';
export { mergeRuns, type MergedFold, type MergedResult, type Spread } from './merge.js';
export { evaluateRun } from './evaluate.js';
export { predictFiles } from './predict.js';
export { exportRun, type ExportOptions } from './export.js';
export { writeFeatures, type FeatureTotals, type FeaturesOptions } from './features.js';
export { benchStep, type StepOptions, type StepTimes } from './bench.js';
export { RunError } from './errors.js';
export * from './types.js';
