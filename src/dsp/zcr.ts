/** Zero-crossing rate, as `librosa.feature.zero_crossing_rate`. */
import type { Tensor } from '../tensor/index.js';
import { overBatch } from './lengths.js';
import { levelsOf, THRESHOLD } from './levels.js';
import { resolveFrames, type FrameOptions } from './rms.js';
import { requireAtLeast } from './settings.js';

export interface ZcrOptions extends FrameOptions {
  /** Samples from −threshold to threshold count as 0, which is positive. Default 1e-10. */
  readonly threshold?: number;
}

/**
 * Changes of sign inside each frame, divided by the frame's length: (N, L) → (N, T, 1), (L) → (T, 1). It carries no gradient.
 *
 * librosa repeats the end samples round a centred signal, so nothing crosses zero there, nor behind a clip of its own length. A frame's first sample has
 * no neighbour inside the frame and counts as no crossing.
 */
export function zeroCrossingRate(waveforms: Tensor, options: ZcrOptions = {}): Tensor {
  const framing = resolveFrames(options);
  const { threshold = THRESHOLD, lengths } = options;
  requireAtLeast('threshold', threshold, 0);
  return overBatch('zeroCrossingRate', waveforms, (x) =>
    levelsOf('zeroCrossingRate', x, framing, lengths, threshold).slice(2, 1, 2),
  );
}
