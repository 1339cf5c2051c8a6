/** Loudness and zero crossings of the frames of waveforms, which `rms`, `zeroCrossingRate` and `frameFeatures` share. */
import type { Tensor } from '../tensor/index.js';
import { frameLevels } from '../tensor/ops/frame-levels.js';
import { SignalError } from './errors.js';
import { frameCount, framePadding, lengthColumn, type Framing, type Lengths } from './lengths.js';

/** What counts as negative by default: samples below −1e-10. */
export const THRESHOLD = 1e-10;

/**
 * Waveforms (N, L) → (N, T, 2): mean square of each frame, and changes of sign inside it divided by its length. The ends are padded with zeros, which
 * cross nothing.
 * @throws SignalError where no frame fits
 */
export function levelsOf(
  name: string,
  x: Tensor,
  framing: Framing,
  lengths: Lengths | undefined,
  threshold = THRESHOLD,
): Tensor {
  const [clips, samples] = x.shape;
  const { frameLength, hopLength } = framing;
  if (frameCount(samples, framing) === 0) {
    throw new SignalError(
      `${name}: ${samples} samples hold no frame of ${frameLength} when center is false; use center: true or a shorter frame.`,
    );
  }
  const column = lengths && lengthColumn(name, lengths, clips, samples);
  return frameLevels(x, column, { frameLength, hop: hopLength, pad: framePadding(framing), threshold });
}
