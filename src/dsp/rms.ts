/** Root mean square of each frame, as `librosa.feature.rms`. */
import type { Tensor } from '../tensor/index.js';
import { overBatch, type Lengths } from './lengths.js';
import { levelsOf } from './levels.js';
import type { PadMode } from './padding.js';
import { requireWhole } from './settings.js';
import { frameWaveforms, safeSqrt } from './stft.js';

export interface FrameOptions {
  /** Samples in a frame, default 2048. */
  readonly frameLength?: number;
  /** Samples between frames, default 512. */
  readonly hopLength?: number;
  /** Whether frame t is centred on sample t·hopLength; default true. */
  readonly center?: boolean;
  /** Samples of each clip of a zero-padded batch. */
  readonly lengths?: Lengths;
}

export interface RmsOptions extends FrameOptions {
  /** How the ends are padded when centred; default 'constant' (zeros). */
  readonly padMode?: PadMode;
}

/** Fills in and checks the numbers of `FrameOptions`. */
export function resolveFrames(options: FrameOptions): Required<Omit<FrameOptions, 'lengths'>> {
  const { frameLength = 2048, hopLength = 512, center = true } = options;
  requireWhole('frameLength', frameLength, 1);
  requireWhole('hopLength', hopLength, 1);
  return { frameLength, hopLength, center };
}

/** (N, L) → (N, T, 1), (L) → (T, 1). The gradient of a silent frame is 0. */
export function rms(waveforms: Tensor, options: RmsOptions = {}): Tensor {
  const framing = resolveFrames(options);
  return overBatch('rms', waveforms, (x) => {
    // The zeros behind a clip of its own length are its padding already.
    if ((options.padMode ?? 'constant') === 'constant') {
      return safeSqrt(levelsOf('rms', x, framing, undefined).slice(2, 0, 1));
    }
    const frames = frameWaveforms('rms', x, framing, options.padMode, options.lengths);
    return safeSqrt(frames.square().mean([2], true));
  });
}
