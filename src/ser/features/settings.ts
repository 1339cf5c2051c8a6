/** What the kinds of features are. */
import { frameFeatureNames, PAPER_FEATURES, type FrameFeatureSettings } from '../../dsp/index.js';
import type { FeatureName } from '../models/index.js';

export const SAMPLE_RATE = 16000;
/** Longest sequence that a model sees, in frames of 16 ms; of longer clips the middle is taken. */
export const MAX_FRAMES = 192;

export const MFCC = 13;
export const MELS = 128;

export type FeatureSettings = Required<
  Pick<FrameFeatureSettings, 'sampleRate' | 'nFft' | 'hopLength' | 'nMels' | 'nMfcc' | 'preemphasis'>
> &
  Pick<FrameFeatureSettings, 'spectralNFft'>;

/** Settings of each kind of features, as they are kept with a run. */
export const FEATURE_SETTINGS: Readonly<Record<FeatureName, FeatureSettings>> = {
  frames: { sampleRate: SAMPLE_RATE, nFft: 512, hopLength: 256, nMels: MELS, nMfcc: MFCC, preemphasis: 0 },
  hybrid: {
    sampleRate: SAMPLE_RATE,
    nFft: 512,
    hopLength: 256,
    nMels: MELS,
    nMfcc: MFCC,
    preemphasis: 0,
    spectralNFft: 1024,
  },
  paper: { sampleRate: SAMPLE_RATE, nFft: 512, hopLength: 256, nMels: MELS, nMfcc: MFCC, preemphasis: 0.97 },
  'mel-image': { sampleRate: SAMPLE_RATE, nFft: 512, hopLength: 256, nMels: MELS, nMfcc: MFCC, preemphasis: 0 },
};

/**
 * Grows by one whenever the same clip and settings give other numbers than before (another kernel's rounding aside): features on disk of an
 * earlier version are then not taken for today's.
 */
export const FEATURE_VERSION = 1;

/** Kinds that are sequences of frames, as long as the clip. */
export const isSequence = (features: FeatureName): boolean => features === 'frames' || features === 'hybrid';

/** Numbers in a row of each kind. */
export const featureWidth = (features: FeatureName): number =>
  features === 'paper'
    ? PAPER_FEATURES
    : features === 'mel-image'
      ? MELS
      : frameFeatureNames(FEATURE_SETTINGS[features]).length;
