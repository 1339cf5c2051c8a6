export { cremad } from './cremad.js';
export { CorpusError } from './errors.js';
export { ravdess } from './ravdess.js';
export { savee } from './savee.js';
export { compareText } from './order.js';
export { CORPORA, scanCorpora, type ScanOptions } from './scan.js';
export { summarizeScan, type Counts, type ScanSummary } from './summary.js';
export { synth } from './synth.js';
export { tess } from './tess.js';
export {
  EMOTIONS,
  type Clip,
  type ClipEmotion,
  type ClipLabel,
  type Corpus,
  type CorpusScan,
  type Emotion,
  type Parsed,
  type Rejected,
} from './types.js';
