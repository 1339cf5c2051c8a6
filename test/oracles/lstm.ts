/** Float64 LSTM recurrence, written as the textbook has it: one row, one direction, one step, one unit at a time. */

export interface LstmProblem {
  readonly rows: number;
  readonly steps: number;
  readonly directions: number;
  readonly hidden: number;
  /** (N, T, D, H, 4), (D, H, H, 4) [d][from][to][gate], (D, N, H), (D, N, H), (N). */
  readonly gatesX: ArrayLike<number>;
  readonly whh: ArrayLike<number>;
  readonly h0?: ArrayLike<number>;
  readonly c0?: ArrayLike<number>;
  readonly lengths?: ArrayLike<number>;
}

export interface LstmResult {
  /** (N, T, D·H), (N, T, D, H), (N, T, D, H, 4). */
  readonly out: Float64Array;
  readonly c: Float64Array;
  readonly gates: Float64Array;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function lstmOracle(problem: LstmProblem): LstmResult {
  const { rows, steps, directions, hidden, gatesX, whh, h0, c0, lengths } = problem;
  const size = rows * steps * directions * hidden;
  const out = new Float64Array(size);
  const c = new Float64Array(size);
  const gates = new Float64Array(size * 4);
  for (let n = 0; n < rows; n++) {
    const length = lengths ? Math.min(lengths[n], steps) : steps;
    for (let d = 0; d < directions; d++) {
      const initial = (d * rows + n) * hidden;
      let h = Array.from({ length: hidden }, (_, j) => h0?.[initial + j] ?? 0);
      let cell = Array.from({ length: hidden }, (_, j) => c0?.[initial + j] ?? 0);
      for (let s = 0; s < length; s++) {
        const t = d === 1 ? length - 1 - s : s;
        const nextH: number[] = [];
        const nextC: number[] = [];
        for (let j = 0; j < hidden; j++) {
          const at = ((n * steps + t) * directions + d) * hidden + j;
          const pre = [0, 1, 2, 3].map((gate) => {
            let sum = gatesX[at * 4 + gate];
            for (let k = 0; k < hidden; k++) sum += h[k] * whh[((d * hidden + k) * hidden + j) * 4 + gate];
            return sum;
          });
          const [i, f, g, o] = [sigmoid(pre[0]), sigmoid(pre[1]), Math.tanh(pre[2]), sigmoid(pre[3])];
          nextC[j] = f * cell[j] + i * g;
          nextH[j] = o * Math.tanh(nextC[j]);
          gates.set([i, f, g, o], at * 4);
          c[at] = nextC[j];
          out[at] = nextH[j];
        }
        h = nextH;
        cell = nextC;
      }
    }
  }
  return { out, c, gates };
}
