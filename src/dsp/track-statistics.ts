/** Statistics of a feature's course over a clip's frames, on the host and in float64: quartiles need sorting. */

/** Columns `from` … `to` − 1 of a row-major (frames, size). */
export function columns(
  data: ArrayLike<number>,
  frames: number,
  size: number,
  from: number,
  to: number,
): Float64Array[] {
  return Array.from({ length: to - from }, (_, c) => {
    // Loops: a call for each of the 40,000 numbers of a clip takes longer than all that the device does for it.
    const column = new Float64Array(frames);
    for (let t = 0; t < frames; t++) column[t] = data[t * size + from + c];
    return column;
  });
}

/** Of the values from `begin` to before `end`. */
export function mean(values: Float64Array, begin = 0, end = values.length): number {
  let sum = 0;
  for (let i = begin; i < end; i++) sum += values[i];
  return sum / (end - begin);
}

/** Mean of the squared distances from `centre`. */
export function meanSquare(values: Float64Array, centre: number): number {
  let sum = 0;
  for (const v of values) sum += (v - centre) ** 2;
  return sum / values.length;
}

/** Linear interpolation between the two nearest of n sorted values, at position q·(n − 1); NumPy's default. */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}
