/** Means of the largest and the smallest bins of bands in float64, by sorting. */

/** First bin, bin behind the last, and how many are averaged. */
export type Band = readonly [first: number, end: number, count: number];

/** Bins of a row in rising order; of equal ones the earlier first. */
const sorted = (row: ArrayLike<number>, [first, end]: Band): number[] =>
  Array.from({ length: end - first }, (_, i) => first + i).sort((a, b) => row[a] - row[b] || a - b);

const rowsOf = (x: ArrayLike<number>, bins: number): number[][] =>
  Array.from({ length: x.length / bins }, (_, r) => Array.from({ length: bins }, (_, k) => x[r * bins + k]));

/** x (R, bins) → (R, B, 2). */
export function bandExtremesOracle(x: ArrayLike<number>, bins: number, bands: readonly Band[]): Float64Array {
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return Float64Array.from(
    rowsOf(x, bins).flatMap((row) =>
      bands.flatMap((band) => {
        const values = sorted(row, band).map((k) => row[k]);
        return [mean(values.slice(values.length - band[2])), mean(values.slice(0, band[2]))];
      }),
    ),
  );
}

/** x (R, bins), dy (R, B, 2) → dx (R, bins). */
export function bandExtremesGradOracle(
  x: ArrayLike<number>,
  bins: number,
  bands: readonly Band[],
  dy: ArrayLike<number>,
): Float64Array {
  const dx = new Float64Array(x.length);
  rowsOf(x, bins).forEach((row, r) =>
    bands.forEach((band, b) => {
      const order = sorted(row, band);
      const at = 2 * (r * bands.length + b);
      for (const k of order.slice(order.length - band[2])) dx[r * bins + k] += dy[at] / band[2];
      for (const k of order.slice(0, band[2])) dx[r * bins + k] += dy[at + 1] / band[2];
    }),
  );
  return dx;
}
