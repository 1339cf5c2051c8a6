/** Zero-crossing rate, as `librosa.feature.zero_crossing_rate`. */
import { frame, iota, type Tensor } from '../tensor/index.js';
import { SignalError } from './errors.js';
import { frameCount, framePadding, lengthColumn, overBatch, type Framing } from './lengths.js';
import { resolveFrames, type FrameOptions } from './rms.js';
import { requireAtLeast } from './settings.js';

export interface ZcrOptions extends FrameOptions {
  /** Samples from −threshold to threshold count as 0, which is positive. Default 1e-10. */
  readonly threshold?: number;
}

/**
 * Changes of sign inside each frame, divided by the frame's length: (N, L) → (N, T, 1), (L) → (T, 1). It carries no gradient.
 *
 * librosa repeats the end samples round a centred signal, so nothing crosses zero there; so crossings are found once for the whole signal,
 * padded with "none", and counted frame by frame. A frame's first sample has no neighbour inside the frame and counts as no crossing.
 */
export function zeroCrossingRate(waveforms: Tensor, options: ZcrOptions = {}): Tensor {
  const framing = resolveFrames(options);
  const { threshold = 1e-10, lengths } = options;
  requireAtLeast('threshold', threshold, 0);
  return overBatch('zeroCrossingRate', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const frames = frameCount(samples, framing);
    if (frames === 0) {
      throw new SignalError(
        `zeroCrossingRate: ${samples} samples hold no frame of ${framing.frameLength} when center is false; use center: true or a shorter frame.`,
      );
    }
    if (samples === 1 || framing.frameLength === 1) return iota([clips, frames, 1]).mul(0);
    const negative = x.lt(-threshold);
    let crossings = negative
      .slice(1, 1)
      .sub(negative.slice(1, 0, samples - 1))
      .abs();
    if (lengths) {
      // Crossing k lies between samples k and k + 1; the one into the zeros behind a clip is none of its own.
      const column = lengthColumn('zeroCrossingRate', lengths, clips, samples);
      crossings = crossings.mul(
        iota([1, samples - 1])
          .add(1)
          .lt(column),
      );
    }
    return countInFrames(crossings, framing);
  });
}

function countInFrames(crossings: Tensor, framing: Framing): Tensor {
  const padding = framePadding(framing);
  const framed = frame(crossings.pad(1, padding, padding), framing.frameLength - 1, framing.hopLength);
  return framed.sum([2], true).mul(1 / framing.frameLength);
}
