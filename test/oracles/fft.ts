/** Float64 discrete Fourier transforms by their definition, O(n²). Complex numbers are pairs. */

/** X[k] = Σ x[t]·exp(∓2πi·k·t/n), the inverse divided by n; rows of n pairs. */
export function dftOracle(x: ArrayLike<number>, rows: number, n: number, inverse = false): Float64Array {
  const result = new Float64Array(rows * n * 2);
  const angle = ((inverse ? 1 : -1) * 2 * Math.PI) / n;
  const table = Array.from({ length: n }, (_, k) => [Math.cos(angle * k), Math.sin(angle * k)] as const);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < n; k++) {
      let re = 0;
      let im = 0;
      for (let t = 0; t < n; t++) {
        const [c, s] = table[(k * t) % n];
        const a = x[(row * n + t) * 2];
        const b = x[(row * n + t) * 2 + 1];
        re += a * c - b * s;
        im += a * s + b * c;
      }
      result[(row * n + k) * 2] = inverse ? re / n : re;
      result[(row * n + k) * 2 + 1] = inverse ? im / n : im;
    }
  }
  return result;
}

/** The first ⌊n/2⌋+1 bins of the transform of real rows. */
export function rdftOracle(x: ArrayLike<number>, rows: number, n: number): Float64Array {
  const pairs = Float64Array.from({ length: rows * n * 2 }, (_, i) => (i % 2 === 0 ? x[i / 2] : 0));
  const whole = dftOracle(pairs, rows, n);
  const bins = Math.floor(n / 2) + 1;
  return Float64Array.from({ length: rows * bins * 2 }, (_, i) => {
    const row = Math.floor(i / (bins * 2));
    return whole[row * n * 2 + (i % (bins * 2))];
  });
}

/** Real rows of length n from their ⌊n/2⌋+1 bins, the rest filled in by symmetry; bins 0 and n/2 count as real. */
export function irdftOracle(spectrum: ArrayLike<number>, rows: number, n: number): Float64Array {
  const bins = Math.floor(n / 2) + 1;
  const pairs = new Float64Array(rows * n * 2);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < n; k++) {
      const mirrored = k >= bins;
      const from = (row * bins + (mirrored ? n - k : k)) * 2;
      const real = k === 0 || k * 2 === n;
      pairs[(row * n + k) * 2] = spectrum[from];
      pairs[(row * n + k) * 2 + 1] = real ? 0 : mirrored ? -spectrum[from + 1] : spectrum[from + 1];
    }
  }
  return dftOracle(pairs, rows, n, true).filter((_, i) => i % 2 === 0);
}
