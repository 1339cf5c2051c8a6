/** What the kinds of features are. */
import { frameFeatureNames, functionalsWidth, PAPER_FEATURES, type FrameFeatureSettings } from '../../dsp/index.js';
import type { FeatureName } from '../feature-kinds.js';

export const SAMPLE_RATE = 16000;
/** Longest sequence that a model sees, in frames of 16 ms; of longer clips the middle is taken. */
export const MAX_FRAMES = 192;

export const MFCC = 13;
export const MELS = 128;

export type FeatureSettings = Required<
  Pick<FrameFeatureSettings, 'sampleRate' | 'nFft' | 'hopLength' | 'nMels' | 'nMfcc' | 'preemphasis'>
> &
  Pick<FrameFeatureSettings, 'spectralNFft'>;

const PLAIN = { sampleRate: SAMPLE_RATE, nFft: 512, hopLength: 256, nMels: MELS, nMfcc: MFCC, preemphasis: 0 } as const;
const HYBRID = { ...PLAIN, spectralNFft: 1024 } as const;

/** Settings of each kind of features, as they are kept with a run. */
export const FEATURE_SETTINGS: Readonly<Record<FeatureName, FeatureSettings>> = {
  frames: PLAIN,
  hybrid: HYBRID,
  functionals: HYBRID,
  paper: { ...PLAIN, preemphasis: 0.97 },
  'mel-image': PLAIN,
};

/**
 * Grows by one whenever the same clip and settings give other numbers than before (another kernel's rounding aside): features on disk of an
 * earlier version are then not taken for today's.
 */
export const FEATURE_VERSION = 1;

/** Numbers in a row of each kind. */
export function featureWidth(features: FeatureName): number {
  const frame = (): number => frameFeatureNames(FEATURE_SETTINGS[features]).length;
  switch (features) {
    case 'paper':
      return PAPER_FEATURES;
    case 'mel-image':
      return MELS;
    case 'functionals':
      return functionalsWidth(frame());
    case 'frames':
    case 'hybrid':
      return frame();
  }
}
