/**
 * Functionals: a clip of any length as one vector, by what each feature does over time. The idea is openSMILE's (Eyben, Wöllmer and Schuller, 2010);
 * the choice is ours: for every feature of a frame mean, standard deviation, five percentiles, and size and spread of its changes from frame to
 * frame; then its mean in each of eight parts of the clip, which keep the course of an utterance; and how many frames there are.
 */
import { SignalError } from './errors.js';
import type { FrameSequence } from './frames.js';
import { columns, mean, meanSquare, quantile } from './track-statistics.js';

const PERCENTILES = [5, 25, 50, 75, 95] as const;
const PARTS = 8;
const STATISTICS = ['mean', 'std', ...PERCENTILES.map((p) => `p${p}`), 'change', 'stdchange'];
const PER_FEATURE = STATISTICS.length + PARTS;

/** Numbers in the vector of a clip whose frames have `size` features. */
export const functionalsWidth = (size: number): number => size * PER_FEATURE + 1;

/** Names in order, from those of a frame's features: `mean(mfcc0)` …, `p95(…)` …, `part0(…)` …, `frames`. */
export function functionalNames(features: readonly string[]): string[] {
  const kinds = [...STATISTICS, ...Array.from({ length: PARTS }, (_, part) => `part${part}`)];
  return [...kinds.flatMap((kind) => features.map((feature) => `${kind}(${feature})`)), 'frames'];
}

/**
 * The functionals of one clip's frames, in the order of {@link functionalNames}. `std` divides by the number of frames, percentiles interpolate
 * linearly (NumPy's defaults); `change` is the mean size of a feature's differences from frame to frame, `stdchange` their standard deviation,
 * both 0 for a single frame. Part i of 8 is frames ⌊iT/8⌋ to before ⌊(i + 1)T/8⌋, one frame at least.
 * @throws SignalError without frames
 */
export function functionals({ data, frames, size }: FrameSequence): Float32Array {
  if (frames < 1 || size < 1 || data.length !== frames * size) {
    throw new SignalError(
      `functionals: ${data.length} values in ${frames} frames of ${size}; expected one or more frames.`,
    );
  }
  const vector = new Float32Array(functionalsWidth(size));
  columns(data, frames, size, 0, size).forEach((track, feature) => {
    ofTrack(track).forEach((value, kind) => (vector[kind * size + feature] = value));
  });
  vector[vector.length - 1] = frames;
  return vector;
}

function ofTrack(track: Float64Array): number[] {
  const frames = track.length;
  const centre = mean(track);
  const sorted = track.slice().sort();
  const changes = track.subarray(1).map((value, i) => value - track[i]);
  const still = changes.length === 0;
  return [
    centre,
    Math.sqrt(meanSquare(track, centre)),
    ...PERCENTILES.map((p) => quantile(sorted, p / 100)),
    still ? 0 : mean(changes.map(Math.abs)),
    still ? 0 : Math.sqrt(meanSquare(changes, mean(changes))),
    ...Array.from({ length: PARTS }, (_, part) => {
      const begin = Math.floor((part * frames) / PARTS);
      return mean(track, begin, Math.max(begin + 1, Math.floor(((part + 1) * frames) / PARTS)));
    }),
  ];
}
