/** Float64 backpropagation through time of `lstmOracle`; lstm-grad.test.ts checks it by central differences of that one. */
import { lstmOracle, type LstmProblem } from './lstm.js';

export interface LstmGradients {
  /** (N, T, D, H, 4), (D, N, H), (D, N, H). */
  readonly dGates: Float64Array;
  readonly dh0: Float64Array;
  readonly dc0: Float64Array;
}

export function lstmGradOracle(problem: LstmProblem, dOut: ArrayLike<number>): LstmGradients {
  const { rows, steps, directions, hidden, whh, c0, lengths } = problem;
  const { c, gates } = lstmOracle(problem);
  const dGates = new Float64Array(gates.length);
  const dh0 = new Float64Array(directions * rows * hidden);
  const dc0 = new Float64Array(directions * rows * hidden);
  for (let n = 0; n < rows; n++) {
    const length = lengths ? Math.min(lengths[n], steps) : steps;
    for (let d = 0; d < directions; d++) {
      const initial = (d * rows + n) * hidden;
      const unit0 = (s: number): number => ((n * steps + (d === 1 ? length - 1 - s : s)) * directions + d) * hidden;
      const dh = new Float64Array(hidden);
      const dc = new Float64Array(hidden);
      for (let s = length - 1; s >= 0; s--) {
        for (let j = 0; j < hidden; j++) {
          const at = unit0(s) + j;
          const [i, f, g, o] = gates.subarray(at * 4, at * 4 + 4);
          const before = s > 0 ? c[unit0(s - 1) + j] : (c0?.[initial + j] ?? 0);
          const t = Math.tanh(c[at]);
          const dHere = dh[j] + dOut[at];
          const dCell = dc[j] + dHere * o * (1 - t * t);
          dGates[at * 4] = dCell * g * i * (1 - i);
          dGates[at * 4 + 1] = dCell * before * f * (1 - f);
          dGates[at * 4 + 2] = dCell * i * (1 - g * g);
          dGates[at * 4 + 3] = dHere * t * o * (1 - o);
          dc[j] = dCell * f;
        }
        dh.fill(0);
        for (let k = 0; k < hidden; k++) {
          for (let j = 0; j < hidden; j++) {
            for (let gate = 0; gate < 4; gate++) {
              dh[k] += dGates[(unit0(s) + j) * 4 + gate] * whh[((d * hidden + k) * hidden + j) * 4 + gate];
            }
          }
        }
      }
      dh0.set(dh, initial);
      dc0.set(dc, initial);
    }
  }
  return { dGates, dh0, dc0 };
}
