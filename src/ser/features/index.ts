export { extractFeatures, meanSpectrum, streamFeatures, type ExtractOptions, type ExtractedItem } from './extract.js';
export { FeatureCache, type CacheOptions } from './cache.js';
export { loadSamples } from './load.js';
export { FEATURE_SETTINGS, FEATURE_VERSION, featureWidth, MAX_FRAMES, SAMPLE_RATE } from './settings.js';
export type { FeatureItem } from './shape.js';
export { streamSequences, type Source, type Streamed, type StreamOptions, type StreamTimes } from './stream.js';
export { fitNormalizer, normalizeAll, type Normalizer, type Stats } from './normalize.js';
export { makeBatch, withNoise, type Batch, type BatchOptions } from './batch.js';
export { mixupShare } from './mixup.js';
