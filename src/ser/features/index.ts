export {
  extractFeatures,
  featureWidth,
  loadSamples,
  meanSpectrum,
  FEATURE_SETTINGS,
  MAX_FRAMES,
  SAMPLE_RATE,
  type FeatureItem,
  type Source,
} from './extract.js';
export { fitNormalizer, normalizeAll, type Normalizer, type Stats } from './normalize.js';
export { makeBatch, type Batch, type BatchOptions } from './batch.js';
