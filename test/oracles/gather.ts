/** Float64 row look-up and its gradient; an index outside of the table stands for a row of zeros. */
export function gatherOracle(table: ArrayLike<number>, indices: ArrayLike<number>, rows: number, columns: number) {
  const result = new Float64Array(indices.length * columns);
  for (let m = 0; m < indices.length; m++) {
    if (indices[m] >= rows) continue;
    for (let e = 0; e < columns; e++) result[m * columns + e] = table[indices[m] * columns + e];
  }
  return result;
}

export function gatherGradOracle(dy: ArrayLike<number>, indices: ArrayLike<number>, rows: number, columns: number) {
  const result = new Float64Array(rows * columns);
  for (let m = 0; m < indices.length; m++) {
    if (indices[m] >= rows) continue;
    for (let e = 0; e < columns; e++) result[indices[m] * columns + e] += dy[m * columns + e];
  }
  return result;
}
