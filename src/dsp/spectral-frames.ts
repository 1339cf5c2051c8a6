/** What the bands of a mel spectrogram blur, frame by frame: peaks against valleys, pitch classes, centre, width and flatness of the spectrum. */
import { concat, type Tensor } from '../tensor/index.js';
import { chromaStft } from './chroma.js';
import { spectralContrast } from './contrast.js';
import { powerToDb } from './decibel.js';
import type { Lengths } from './lengths.js';
import { spectralBandwidth, spectralCentroid, spectralFlatness } from './spectral.js';
import { spectrogram } from './stft.js';

const CONTRAST_BANDS = 7;
const CLASSES = 12;

export interface SpectralFrameSettings {
  /** Sampling rate in Hz; 12,800 or less leaves no octave for the last band of the contrast. */
  readonly sampleRate: number;
  /** Samples of the transform. */
  readonly nFft: number;
  readonly hopLength: number;
}

/** Names of the features in their order: contrast0 …, chroma0 …, centroid, bandwidth, flatness. */
export const spectralFrameNames = (): string[] => [
  ...Array.from({ length: CONTRAST_BANDS }, (_, i) => `contrast${i}`),
  ...Array.from({ length: CLASSES }, (_, i) => `chroma${i}`),
  'centroid',
  'bandwidth',
  'flatness',
];

/**
 * (N, L) → (N, T, 22) of T = 1 + ⌊L / hopLength⌋ centred frames: spectral contrast in dB, chroma of tuning 0, centroid and bandwidth in kHz,
 * flatness in dB; each as librosa's function of that name.
 * @param lengths samples of each clip of a zero-padded batch
 * @throws SignalError, SettingsError
 */
export function spectralFrames(waveforms: Tensor, settings: SpectralFrameSettings, lengths?: Lengths): Tensor {
  const { sampleRate: sr, nFft, hopLength } = settings;
  const options = { sr, nFft, hopLength, lengths };
  // One spectrum for all five.
  const magnitudes = spectrogram(waveforms, { ...options, power: 1 });
  const S = { S: magnitudes };
  return concat(
    [
      spectralContrast(S, options),
      chromaStft({ S: magnitudes.square() }, options),
      spectralCentroid(S, options).mul(1e-3),
      spectralBandwidth(S, options).mul(1e-3),
      powerToDb(spectralFlatness(S, options), { topDb: null }),
    ],
    2,
  );
}
