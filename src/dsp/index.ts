/** Audio features, as librosa's, on the device: deferred, batched and differentiable. Published as `formant/dsp`. */
export { SettingsError, SignalError } from './errors.js';
export { frameCount, padClips, type Framing, type Lengths } from './lengths.js';
export {
  getWindow,
  hann,
  hamming,
  blackman,
  kaiser,
  type Window,
  type WindowName,
  type KaiserWindow,
} from './windows.js';
export type { PadMode } from './padding.js';
export { istft, windowSumsquare, type IstftOptions } from './istft.js';
export { StreamingFeatures, type StreamFeature, type StreamingOptions, type FrameRows } from './streaming.js';
export { StreamingFrames, type FrameBlock } from './streaming-frames.js';
export { griffinLim, type GriffinLimOptions } from './griffin-lim.js';
export {
  spectralCentroid,
  spectralBandwidth,
  spectralRolloff,
  spectralFlatness,
  type BandwidthOptions,
  type RolloffOptions,
  type FlatnessOptions,
} from './spectral.js';
export type { SpectralOptions, SpectrumSource } from './spectrum-source.js';
export { spectralContrast, type ContrastOptions } from './contrast.js';
export { chromaFilterbank, chromaStft, type ChromaOptions, type ChromaStftOptions } from './chroma.js';
export { estimateTuning, type TuningOptions } from './tuning.js';
export { yin, type YinOptions } from './yin.js';
export { muCompress, muExpand, type MuLawOptions } from './mu-law.js';
export { cumsum, firstOrder } from './recursion.js';
export { stft, magnitude, spectrogram, powerSpectrogram, type StftOptions, type SpectrogramOptions } from './stft.js';
export {
  hzToMel,
  melToHz,
  melFrequencies,
  melFilterbank,
  applyMel,
  melSpectrogram,
  type MelOptions,
  type MelSpectrogramOptions,
} from './mel.js';
export { powerToDb, amplitudeToDb, type DecibelOptions } from './decibel.js';
export { mfcc, mfccFromDb, dctMatrix, type DctType, type CepstrumOptions, type MfccOptions } from './mfcc.js';
export { savgolWeights } from './savgol.js';
export { delta, hostDelta, type DeltaMode, type DeltaOptions } from './delta.js';
export { rms, type FrameOptions, type RmsOptions } from './rms.js';
export { zeroCrossingRate, type ZcrOptions } from './zcr.js';
export { preemphasis, deemphasis, type PreemphasisOptions } from './preemphasis.js';
export { resample, resampleRatio, resampleTaps, type ResampleOptions } from './resample.js';
export {
  resampleWaveforms,
  resampledLength,
  nearestRatio,
  type Ratio,
  type ResampleWaveformsOptions,
} from './resample-waveforms.js';
export { trim, split, type TrimOptions, type Trimmed } from './trim.js';
export type { DrawOptions } from './draws.js';
export { addWhiteNoise, withWhiteNoise, type NoiseOptions } from './noise.js';
export { shiftSpectrogram, drawShifts, type ShiftOptions } from './shift.js';
export { timeShift, drawTimeShifts, type TimeShiftOptions } from './time-shift.js';
export { phaseVocoder, type PhaseVocoderOptions } from './phase-vocoder.js';
export { timeStretch, stretchedLength, type StretchOptions } from './stretch.js';
export { speedPerturb, speedLength, drawSpeeds, pitchShift, type PitchShiftOptions } from './speed.js';
export { drawWarps, applyWarps, type Warps } from './time-warp.js';
export {
  specAugment,
  specAugmentPolicies,
  drawMasks,
  applyMasks,
  type MaskSettings,
  type MaskRanges,
  type Masks,
  type ApplyMaskOptions,
  type SpecAugmentOptions,
  type SpecAugmentPolicy,
} from './spec-augment.js';
export {
  frameFeatures,
  frameFeatureNames,
  featureFraming,
  extractFrames,
  type FrameFeatureSettings,
  type FrameSequence,
  type ExtractOptions,
} from './frames.js';
export { paperStatistics, paperFeatureNames, extractPaper, PAPER_FEATURES } from './paper.js';
export { functionals, functionalNames, functionalsWidth } from './functionals.js';
export { spectralFrames, spectralFrameNames, type SpectralFrameSettings } from './spectral-frames.js';
