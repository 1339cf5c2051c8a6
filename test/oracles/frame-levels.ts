/** Mean square and rate of sign changes of frames in float64; pairs (N, T, 2). */

export interface LevelsProblem {
  readonly clips: number;
  readonly samples: number;
  readonly frameLength: number;
  readonly hop: number;
  readonly pad: number;
  readonly threshold: number;
  readonly lengths?: readonly number[];
}

export function frameLevelsOracle(x: ArrayLike<number>, problem: LevelsProblem): Float64Array {
  const { clips, samples, frameLength, hop, pad, threshold } = problem;
  const frames = Math.floor((samples + 2 * pad - frameLength) / hop) + 1;
  return Float64Array.from({ length: clips * frames * 2 }, (_, k) => {
    const [row, kind] = [Math.floor(k / 2), k % 2];
    const clip = Math.floor(row / frames);
    const own = problem.lengths?.[clip] ?? samples;
    let sum = 0;
    for (let s = 0; s < frameLength; s++) {
      const i = (row % frames) * hop + s - pad;
      const at = (j: number): number => x[clip * samples + j];
      if (kind === 0) sum += i >= 0 && i < samples ? at(i) ** 2 : 0;
      else if (s > 0 && i > 0 && i < own) sum += at(i) < -threshold !== at(i - 1) < -threshold ? 1 : 0;
    }
    return sum / frameLength;
  });
}
