/**
 * One vector of 350 numbers a clip, our reading of the paper's feature vector (it does not say which 350): mean and standard deviation
 * over time of 13 MFCC, 13 Δ, 13 ΔΔ, 128 mel bands in dB, ZCR and RMS (2 × 169 = 338), then minimum, maximum, median, first and third quartile
 * and range of ZCR and of RMS (12). Quartiles need sorting, so all of it is done on the host, in float64, from the frames.
 */
import { hostDelta } from './delta.js';
import { SignalError } from './errors.js';
import { extractFrames, type ExtractOptions, type FrameFeatureSettings, type FrameSequence } from './frames.js';

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
  const means = tracks.map(mean);
  const deviations = tracks.map((track, i) => Math.sqrt(meanSquare(track, means[i])));
  return Float32Array.from([...means, ...deviations, ...tracks.slice(-2).flatMap(spread)]);
}

/** Columns `from` … `to` − 1 of a row-major (frames, size). */
function columns(data: ArrayLike<number>, frames: number, size: number, from: number, to: number): Float64Array[] {
  return Array.from({ length: to - from }, (_, c) => {
    // Loops: a call for each of the 40,000 numbers of a clip takes longer than all that the device does for it.
    const column = new Float64Array(frames);
    for (let t = 0; t < frames; t++) column[t] = data[t * size + from + c];
    return column;
  });
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const v of values) sum += v;
  return sum / values.length;
}

/** Mean of the squared distances from `centre`. */
function meanSquare(values: Float64Array, centre: number): number {
  let sum = 0;
  for (const v of values) sum += (v - centre) ** 2;
  return sum / values.length;
}

/** Minimum, maximum, median, first and third quartile, range. */
function spread(track: Float64Array): number[] {
  const sorted = track.slice().sort();
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  return [low, high, quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), high - low];
}

/** Linear interpolation between the two nearest of n sorted values, at position q·(n − 1). */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** `extractFrames`, then `paperStatistics` of each clip. */
export async function extractPaper(
  clips: readonly Float32Array[],
  settings: Omit<FrameFeatureSettings, 'nMels' | 'nMfcc'> = {},
  options: ExtractOptions = {},
): Promise<Float32Array[]> {
  return (await extractFrames(clips, { ...settings, nMels: MEL, nMfcc: MFCC }, options)).map(paperStatistics);
}
