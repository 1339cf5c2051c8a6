/** The short-time spectrum of waveforms in float64, by its definition. */
import { rdftOracle } from './fft.js';

export interface StftProblem {
  readonly clips: number;
  readonly samples: number;
  readonly window: ArrayLike<number>;
  readonly hop: number;
  readonly pad: number;
  readonly mode: 'constant' | 'edge' | 'reflect';
}

export const framesOf = ({ samples, window, hop, pad }: StftProblem): number =>
  Math.floor((samples + 2 * pad - window.length) / hop) + 1;

/** Sample i of a clip, which may lie outside of it. */
function sampleAt(x: ArrayLike<number>, clip: number, i: number, { samples, mode }: StftProblem): number {
  const last = samples - 1;
  if (mode === 'constant') return i < 0 || i > last ? 0 : x[clip * samples + i];
  const inside = mode === 'edge' ? Math.min(Math.max(i, 0), last) : i < 0 ? -i : i > last ? 2 * last - i : i;
  return x[clip * samples + inside];
}

/** (N, L) → (N, T, bins, 2) */
export function stftOracle(x: ArrayLike<number>, problem: StftProblem): Float64Array {
  const { clips, window, hop, pad } = problem;
  const frames = framesOf(problem);
  const n = window.length;
  const framed = Float64Array.from({ length: clips * frames * n }, (_, i) => {
    const [row, at] = [Math.floor(i / n), i % n];
    return sampleAt(x, Math.floor(row / frames), (row % frames) * hop + at - pad, problem) * window[at];
  });
  return rdftOracle(framed, clips * frames, n);
}

/** |X|², (N, T, bins) */
export function stftPowerOracle(x: ArrayLike<number>, problem: StftProblem): Float64Array {
  const spectrum = stftOracle(x, problem);
  return Float64Array.from({ length: spectrum.length / 2 }, (_, i) => spectrum[2 * i] ** 2 + spectrum[2 * i + 1] ** 2);
}

/** |X|² times a matrix (bins, columns), row-major: (N, T, columns) */
export function melSpectrumOracle(
  x: ArrayLike<number>,
  problem: StftProblem,
  matrix: ArrayLike<number>,
  columns: number,
): Float64Array {
  const power = stftPowerOracle(x, problem);
  const bins = Math.floor(problem.window.length / 2) + 1;
  return Float64Array.from({ length: (power.length / bins) * columns }, (_, i) => {
    const [row, c] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let k = 0; k < bins; k++) sum += power[row * bins + k] * matrix[k * columns + c];
    return sum;
  });
}
