/** Float64 column moments and gradient sums of a matrix (R, C), in two passes. */
export function momentsOracle(x: ArrayLike<number>, rows: number, columns: number) {
  const mean = new Float64Array(columns);
  const variance = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    for (let r = 0; r < rows; r++) mean[c] += x[r * columns + c] / rows;
    for (let r = 0; r < rows; r++) variance[c] += (x[r * columns + c] - mean[c]) ** 2 / rows;
  }
  return { mean, variance };
}

export function gradSumsOracle(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  mean: ArrayLike<number>,
  rstd: ArrayLike<number>,
) {
  const columns = mean.length;
  const sum = new Float64Array(columns);
  const moment = new Float64Array(columns);
  for (let i = 0; i < dy.length; i++) {
    const c = i % columns;
    sum[c] += dy[i];
    moment[c] += dy[i] * (x[i] - mean[c]) * rstd[c];
  }
  return { sum, moment };
}
