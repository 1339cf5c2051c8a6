/**
 * One vector of 350 numbers a clip, our reading of the paper's feature vector (it does not say which 350): mean and standard deviation
 * over time of 13 MFCC, 13 Δ, 13 ΔΔ, 128 mel bands in dB, ZCR and RMS (2 × 169 = 338), then minimum, maximum, median, first and third quartile
 * and range of ZCR and of RMS (12). Quartiles need sorting, so all of it is done on the host, in float64, from the frames.
 */
import { hostDelta } from './delta.js';
import { SignalError } from './errors.js';
import { extractFrames, type ExtractOptions, type FrameFeatureSettings, type FrameSequence } from './frames.js';
import { columns, mean, meanSquare, quantile } from './track-statistics.js';

const MFCC = 13;
const MEL = 128;
const FRAME_SIZE = MFCC + MEL + 2;

/** Length of the vector. */
export const PAPER_FEATURES = 350;

const SPREAD = ['min', 'max', 'median', 'q1', 'q3', 'range'] as const;

/** Names in order: `mean(mfcc0)` …, `std(mfcc0)` …, `min(zcr)` …, `range(rms)`. */
export function paperFeatureNames(): string[] {
  const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}${i}`);
  const tracks = [
    ...['mfcc', 'delta', 'delta2'].flatMap((n) => numbered(n, MFCC)),
    ...numbered('mel', MEL),
    'zcr',
    'rms',
  ];
  return [
    ...['mean', 'std'].flatMap((statistic) => tracks.map((track) => `${statistic}(${track})`)),
    ...['zcr', 'rms'].flatMap((track) => SPREAD.map((statistic) => `${statistic}(${track})`)),
  ];
}

/**
 * The statistics of one clip's frames, as `extractFrames` makes them with 13 MFCC and 128 mel bands. Standard deviations divide by the number of
 * frames; quartiles interpolate linearly (NumPy's defaults). Deltas have width 9; a clip of fewer than 9 frames repeats its end frames.
 * @throws SignalError for other sizes
 */
export function paperStatistics({ data, frames, size }: FrameSequence): Float32Array {
  if (size !== FRAME_SIZE || frames < 1 || data.length !== frames * size) {
    throw new SignalError(
      `paperStatistics: ${data.length} values in ${frames} frames of ${size}; expected one or more frames of ${FRAME_SIZE} (13 MFCC, 128 mel bands, ZCR, RMS).`,
    );
  }
  const mfcc = new Float64Array(frames * MFCC);
  for (let t = 0; t < frames; t++) {
    for (let c = 0; c < MFCC; c++) mfcc[t * MFCC + c] = data[t * size + c];
  }
  const tracks = [
    ...columns(mfcc, frames, MFCC, 0, MFCC),
    ...columns(hostDelta(mfcc, frames, MFCC, 9, 1), frames, MFCC, 0, MFCC),
    ...columns(hostDelta(mfcc, frames, MFCC, 9, 2), frames, MFCC, 0, MFCC),
    ...columns(data, frames, size, MFCC, size),
  ];
  const means = tracks.map((track) => mean(track));
  const deviations = tracks.map((track, i) => Math.sqrt(meanSquare(track, means[i])));
  return Float32Array.from([...means, ...deviations, ...tracks.slice(-2).flatMap(spread)]);
}

/** Minimum, maximum, median, first and third quartile, range. */
function spread(track: Float64Array): number[] {
  const sorted = track.slice().sort();
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  return [low, high, quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), high - low];
}

/** `extractFrames`, then `paperStatistics` of each clip. */
export async function extractPaper(
  clips: readonly Float32Array[],
  settings: Omit<FrameFeatureSettings, 'nMels' | 'nMfcc'> = {},
  options: ExtractOptions = {},
): Promise<Float32Array[]> {
  return (await extractFrames(clips, { ...settings, nMels: MEL, nMfcc: MFCC }, options)).map(paperStatistics);
}
