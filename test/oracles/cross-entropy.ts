/** Float64 softmax cross-entropy with label smoothing, row by row; label −1 leaves a row out. */
import { logSoftmaxOracle } from './softmax.js';

export function crossEntropyOracle(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  columns: number,
  smoothing: number,
): Float64Array {
  const logP = logSoftmaxOracle(logits, labels.length, columns);
  return Float64Array.from(labels, (label, r) => {
    if (label < 0) return 0;
    const row = logP.subarray(r * columns, (r + 1) * columns);
    return -(1 - smoothing) * row[label] - (smoothing / columns) * row.reduce((a, b) => a + b, 0);
  });
}

export function crossEntropyGradOracle(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  columns: number,
  smoothing: number,
  dLoss: ArrayLike<number>,
): Float64Array {
  return logSoftmaxOracle(logits, labels.length, columns).map((logP, i) => {
    const r = Math.floor(i / columns);
    if (labels[r] < 0) return 0;
    const truth = (i % columns === labels[r] ? 1 - smoothing : 0) + smoothing / columns;
    return dLoss[r] * (Math.exp(logP) - truth);
  });
}
