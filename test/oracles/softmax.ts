/** Float64 softmax and log-softmax of rows. */
export function logSoftmaxOracle(x: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const row = Array.from({ length: columns }, (_, c) => x[r * columns + c]);
    const peak = Math.max(...row);
    const logSum = Math.log(row.reduce((sum, v) => sum + Math.exp(v - peak), 0));
    row.forEach((v, c) => (result[r * columns + c] = v - peak - logSum));
  }
  return result;
}

export const softmaxOracle = (x: ArrayLike<number>, rows: number, columns: number): Float64Array =>
  logSoftmaxOracle(x, rows, columns).map(Math.exp);
