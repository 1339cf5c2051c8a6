/** Does a confidence of 0.8 mean that four of five are right? */
import { MetricError } from './errors.js';
import { argmax, checkRows, type Probabilities } from './ranking.js';

/** Clips whose confidence (their greatest probability) lies in one range. */
export interface ReliabilityBin {
  /** The range: above `low`, up to and with `high`. */
  readonly low: number;
  readonly high: number;
  readonly clips: number;
  /** Mean confidence, and the share that is right; null where the bin is empty. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/**
 * The data of a reliability diagram (DeGroot & Fienberg 1983): equally wide bins of confidence, the first from 0, the last to 1. The same bins as
 * scikit-learn's `calibration_curve(strategy="uniform")`.
 * @param truth class indices (N,). @param probabilities (N, C).
 * @throws MetricError if there is no clip, lengths differ, or `bins` is no whole number from 1 up.
 */
export function reliability(truth: ArrayLike<number>, probabilities: Probabilities, bins = 15): ReliabilityBin[] {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new MetricError(`${bins} bins were asked for; expected a whole number from 1 up.`);
  }
  checkRows(truth, probabilities, probabilities[0]?.length ?? 0);
  const count = new Float64Array(bins);
  const confidence = new Float64Array(bins);
  const correct = new Float64Array(bins);
  probabilities.forEach((row, i) => {
    const best = argmax(row);
    let bin = 0;
    // Compared with the edge itself: a product such as 0.2 × 15 may round to the wrong side of it.
    while (bin < bins - 1 && row[best] > (bin + 1) / bins) bin++;
    count[bin]++;
    confidence[bin] += row[best];
    if (best === truth[i]) correct[bin]++;
  });
  return Array.from(count, (clips, bin) => ({
    low: bin / bins,
    high: (bin + 1) / bins,
    clips,
    confidence: clips === 0 ? null : confidence[bin] / clips,
    accuracy: clips === 0 ? null : correct[bin] / clips,
  }));
}

/**
 * Expected calibration error (Naeini et al. 2015; Guo et al. 2017, with their 15 bins): the gap between confidence and accuracy, averaged over
 * the bins of {@link reliability}, weighted by their clips. 0 is calibrated.
 */
export function expectedCalibrationError(truth: ArrayLike<number>, probabilities: Probabilities, bins = 15): number {
  return calibrationErrorOf(reliability(truth, probabilities, bins));
}

/** The same from bins at hand. */
export function calibrationErrorOf(bins: readonly ReliabilityBin[]): number {
  const clips = bins.reduce((sum, bin) => sum + bin.clips, 0);
  return bins.reduce(
    (sum, bin) => sum + (bin.clips * Math.abs((bin.confidence ?? 0) - (bin.accuracy ?? 0))) / clips,
    0,
  );
}
