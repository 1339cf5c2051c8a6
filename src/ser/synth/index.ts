export { writeSynthCorpus, type SynthManifest, type SynthManifestClip } from './corpus.js';
export { VOCAL_EFFECTS, type VocalEffect } from './emotions.js';
export { SynthError } from './errors.js';
export { Random } from '../random.js';
export { makeSpeaker, type SyntheticSpeaker } from './speakers.js';
export { countSynthClips, synthesize, type SynthClip, type SynthOptions } from './synthesize.js';
