export { cremad } from './cremad.js';
export { emodb } from './emodb.js';
export { CorpusError } from './errors.js';
export { canonicalLabel, makeFusion, orderClasses, readMap } from './fusion.js';
export { readManifest, type ManifestRow } from './manifest.js';
export { ravdess } from './ravdess.js';
export { savee } from './savee.js';
export { compareText } from './order.js';
export { CORPORA, labelByName, scanCorpora, type ScanOptions } from './scan.js';
export { soundprint, type Soundprint } from './soundprint.js';
export { summarizeScan, type Counts, type ScanSummary } from './summary.js';
export { synth } from './synth.js';
export { tess } from './tess.js';
export {
  EMOTIONS,
  type Clip,
  type ClipLabel,
  type Corpus,
  type CorpusScan,
  type CorpusSettings,
  type Emotion,
  type Parsed,
  type Rejected,
} from './types.js';
