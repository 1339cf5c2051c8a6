/** Cosine transforms, MFCC and deltas in float64. Coefficients are (frames, n), row-major. */
import { zeros, type NdArray } from '../../support/nd-array.js';

/** DCT of one row by its definition (SciPy's scaling): type 2 or 3, norm 'ortho' or none. */
export function dct(x: ArrayLike<number>, type: number, norm: 'ortho' | null): Float64Array {
  const n = x.length;
  return Float64Array.from({ length: n }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      if (type === 2) sum += 2 * x[i] * Math.cos((Math.PI * k * (2 * i + 1)) / (2 * n));
      else if (norm === 'ortho')
        sum += x[i] * Math.sqrt((i === 0 ? 1 : 2) / n) * Math.cos((Math.PI * i * (2 * k + 1)) / (2 * n));
      else sum += (i === 0 ? 1 : 2) * x[i] * Math.cos((Math.PI * i * (2 * k + 1)) / (2 * n));
    }
    if (type === 2 && norm === 'ortho') return sum * Math.sqrt(1 / ((k === 0 ? 4 : 2) * n));
    return sum;
  });
}

export interface MfccOptions {
  readonly nMfcc: number;
  readonly dctType?: number;
  readonly norm?: 'ortho' | null;
  readonly lifter?: number;
}

/** Log-mel (T, nMels) → (T, nMfcc); with a lifter, coefficient n (from 1) is scaled by 1 + lifter/2 · sin(πn/lifter). */
export function mfcc(logMel: NdArray, { nMfcc, dctType = 2, norm = 'ortho', lifter = 0 }: MfccOptions): NdArray {
  const [frames, mels] = logMel.shape;
  const out = zeros(frames, nMfcc);
  for (let t = 0; t < frames; t++) {
    const row = dct(Array.from(logMel.data).slice(t * mels, (t + 1) * mels), dctType, norm);
    for (let k = 0; k < nMfcc; k++) {
      const lift = lifter > 0 ? 1 + (lifter / 2) * Math.sin((Math.PI * (k + 1)) / lifter) : 1;
      out.data[t * nMfcc + k] = row[k] * lift;
    }
  }
  return out;
}

/**
 * Savitzky–Golay: the `order`-th derivative at its middle of the polynomial of that degree fitted to `width` frames. A polynomial of
 * degree d has a constant d-th derivative, so mode 'interp' repeats the first and last whole window's value at the ends.
 */
export function delta(x: NdArray, width: number, order: number, mode = 'interp'): NdArray {
  const [frames, columns] = x.shape;
  const half = (width - 1) / 2;
  const out = zeros(frames, columns);
  const taps = derivativeTaps(width, order);
  for (let c = 0; c < columns; c++) {
    const at = (t: number): number => {
      if (t >= 0 && t < frames) return x.data[t * columns + c];
      if (mode === 'constant') return 0;
      if (mode === 'mirror') return x.data[(t < 0 ? -t : 2 * (frames - 1) - t) * columns + c];
      return x.data[(t < 0 ? 0 : frames - 1) * columns + c];
    };
    for (let t = 0; t < frames; t++) {
      const middle = mode === 'interp' ? Math.min(Math.max(t, half), frames - 1 - half) : t;
      out.data[t * columns + c] = taps.reduce((sum, tap, i) => sum + tap * at(middle + i - half), 0);
    }
  }
  return out;
}

/** order! times the row of (VᵀV)⁻¹Vᵀ that gives the leading coefficient; V the Vandermonde matrix of the positions −half … half. */
function derivativeTaps(width: number, order: number): number[] {
  const half = (width - 1) / 2;
  const positions = Array.from({ length: width }, (_, i) => i - half);
  const size = order + 1;
  // Solve (VᵀV) z = e_last by Gaussian elimination; the taps are then V z.
  const rows = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => positions.reduce((sum, p) => sum + p ** (i + j), 0)),
    i === order ? 1 : 0,
  ]);
  for (let i = 0; i < size; i++) {
    const pivot = rows[i][i];
    rows[i] = rows[i].map((v) => v / pivot);
    for (let r = 0; r < size; r++) {
      const factor = rows[r][i];
      if (r !== i) rows[r] = rows[r].map((v, j) => v - factor * rows[i][j]);
    }
  }
  const factorial = Array.from({ length: order }, (_, i) => i + 1).reduce((a, b) => a * b, 1);
  return positions.map((p) => factorial * rows.reduce((sum, row, power) => sum + row[size] * p ** power, 0));
}
