/** Float64 discrete Fourier transforms. Complex numbers are pairs. */

/** X[k] = Σ x[t]·exp(∓2πi·k·t/n), the inverse divided by n; rows of n pairs. By the definition for short rows, O(n log n) for long ones. */
export function dftOracle(x: ArrayLike<number>, rows: number, n: number, inverse = false): Float64Array {
  const result = new Float64Array(rows * n * 2);
  for (let row = 0; row < rows; row++) {
    const input = Float64Array.from(
      { length: 2 * n },
      (_, i) => (inverse && i % 2 === 1 ? -1 : 1) * x[row * n * 2 + i],
    );
    const output = n > 256 ? fastTransform(input) : definition(input);
    // The inverse is the conjugate of the transform of the conjugate.
    for (let i = 0; i < 2 * n; i++) {
      result[row * n * 2 + i] = inverse ? ((i % 2 === 1 ? -1 : 1) * output[i]) / n : output[i];
    }
  }
  return result;
}

/** exp(−2πi·k/n) for k < n, made once a length. */
function circle(n: number): Float64Array {
  let found = circles.get(n);
  if (!found) {
    found = Float64Array.from({ length: 2 * n }, (_, i) => {
      const angle = (-2 * Math.PI * Math.floor(i / 2)) / n;
      return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    });
    circles.set(n, found);
  }
  return found;
}
const circles = new Map<number, Float64Array>();

/** The sums as they are written, O(n²). */
export function definition(x: Float64Array): Float64Array {
  const n = x.length / 2;
  const table = circle(n);
  const result = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    for (let t = 0; t < n; t++) {
      const turn = 2 * ((k * t) % n);
      result[2 * k] += x[2 * t] * table[turn] - x[2 * t + 1] * table[turn + 1];
      result[2 * k + 1] += x[2 * t] * table[turn + 1] + x[2 * t + 1] * table[turn];
    }
  }
  return result;
}

/** Even lengths by halves (Cooley and Tukey), odd ones as a convolution of twice a power of two (Bluestein). */
export function fastTransform(x: Float64Array): Float64Array {
  const n = x.length / 2;
  if (n === 1) return x;
  return n % 2 === 0 ? byHalves(x) : byConvolution(x);
}

function byHalves(x: Float64Array): Float64Array {
  const m = x.length / 4;
  const part = (odd: number): Float64Array => {
    const half = new Float64Array(2 * m);
    for (let k = 0; k < m; k++) {
      half[2 * k] = x[4 * k + 2 * odd];
      half[2 * k + 1] = x[4 * k + 2 * odd + 1];
    }
    return fastTransform(half);
  };
  const [even, odd, turns] = [part(0), part(1), circle(2 * m)];
  const result = new Float64Array(4 * m);
  for (let k = 0; k < m; k++) {
    const re = odd[2 * k] * turns[2 * k] - odd[2 * k + 1] * turns[2 * k + 1];
    const im = odd[2 * k] * turns[2 * k + 1] + odd[2 * k + 1] * turns[2 * k];
    result[2 * k] = even[2 * k] + re;
    result[2 * k + 1] = even[2 * k + 1] + im;
    result[2 * (k + m)] = even[2 * k] - re;
    result[2 * (k + m) + 1] = even[2 * k + 1] - im;
  }
  return result;
}

function byConvolution(x: Float64Array): Float64Array {
  const n = x.length / 2;
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const chirp = Float64Array.from({ length: 2 * n }, (_, i) => {
    const k = Math.floor(i / 2);
    const angle = (-Math.PI * ((k * k) % (2 * n))) / n;
    return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });
  const [a, b] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  for (let k = 0; k < n; k++) {
    const [c, s] = [chirp[2 * k], chirp[2 * k + 1]];
    a[2 * k] = x[2 * k] * c - x[2 * k + 1] * s;
    a[2 * k + 1] = x[2 * k] * s + x[2 * k + 1] * c;
    for (const at of k === 0 ? [0] : [k, size - k]) {
      b[2 * at] = c;
      b[2 * at + 1] = -s;
    }
  }
  const [fa, fb] = [fastTransform(a), fastTransform(b)];
  // The conjugate of the product, so that the same transform leads back.
  for (let k = 0; k < 2 * size; k += 2) {
    a[k] = fa[k] * fb[k] - fa[k + 1] * fb[k + 1];
    a[k + 1] = -(fa[k] * fb[k + 1] + fa[k + 1] * fb[k]);
  }
  const back = fastTransform(a);
  const result = new Float64Array(2 * n);
  for (let k = 0; k < 2 * n; k += 2) {
    const [re, im] = [back[k] / size, -back[k + 1] / size];
    result[k] = re * chirp[k] - im * chirp[k + 1];
    result[k + 1] = re * chirp[k + 1] + im * chirp[k];
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
