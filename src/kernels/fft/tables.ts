/**
 * The tables of a transform, computed in float64 on the host because the drivers' sine is not good enough; all as pairs (re, im) in one
 * array, which is input 1 of every transform.
 *
 * First exp(−2πi·k/n), k < n. A transform of length m (n, or n/2 for packed real rows) with a prime above `LARGEST_RADIX` also needs
 * Bluestein's ("A linear filtering approach to the computation of discrete Fourier transform", 1970): with the chirp w_k = exp(−πi·k²/m),
 * X_k = w_k·Σ_j (x_j·w_j)·conj(w_{k−j}) is a convolution, done by transforms of a smooth length M ≥ 2m − 1. So there follow the m numbers
 * of the chirp, the transform of conj(w) divided by M, and exp(−2πi·k/M).
 */
import { convolutionLength, fftFactors, isSmooth } from './factors.js';

/** Where the parts of a table lie, in pairs, and the lengths that belong to them. */
export interface TransformTable {
  /** Length of the complex transform. */
  readonly m: number;
  /** Length of the transforms that butterflies do: m, or that of Bluestein's convolution. */
  readonly length: number;
  readonly rough: boolean;
  /** exp(−2πi·k/length) is entry `first + k·stride`. */
  readonly first: number;
  readonly stride: number;
  readonly chirp: number;
  readonly spectrum: number;
  readonly size: number;
}

/** Length of the complex transform that does the work of a real one of length n. */
export const packedLength = (n: number): number => (n % 2 === 0 ? n / 2 : n);

/** @param m n, or `packedLength(n)` for a real transform */
export function transformTable(n: number, m: number): TransformTable {
  if (m === 0 || isSmooth(m)) {
    return { m, length: m, rough: false, first: 0, stride: m === 0 ? 1 : n / m, chirp: 0, spectrum: 0, size: n };
  }
  const length = convolutionLength(m);
  const first = n + m + length;
  return { m, length, rough: true, first, stride: 1, chirp: n, spectrum: n + m, size: first + length };
}

function circle(n: number, into: Float64Array | Float32Array): void {
  for (let k = 0; k < n; k++) {
    const angle = (-2 * Math.PI * k) / n;
    into[2 * k] = Math.cos(angle);
    into[2 * k + 1] = Math.sin(angle);
  }
}

/** The table (size, 2) of `fft` of length n. */
export const fftTable = (n: number): Float32Array => makeTable(n, transformTable(n, n));
/** The table (size, 2) of `rfft` and `irfft` of n samples. */
export const realTable = (n: number): Float32Array => makeTable(n, transformTable(n, packedLength(n)));

/** Whether both are the same. */
export const sameTable = (n: number): boolean => n % 2 === 1 || isSmooth(n);

function makeTable(n: number, { m, length, rough, first, chirp, spectrum, size }: TransformTable): Float32Array {
  const table = new Float32Array(2 * size);
  circle(n, table);
  if (!rough) return table;
  const b = new Float64Array(2 * length);
  for (let k = 0; k < m; k++) {
    // k² modulo the period 2m, a whole number below 2⁵³, so that the angle is as exact for large k as for small.
    const angle = (-Math.PI * ((k * k) % (2 * m))) / m;
    table[2 * (chirp + k)] = Math.cos(angle);
    table[2 * (chirp + k) + 1] = Math.sin(angle);
    for (const at of k === 0 ? [0] : [k, length - k]) {
      b[2 * at] = Math.cos(angle) / length;
      b[2 * at + 1] = -Math.sin(angle) / length;
    }
  }
  table.set(hostTransform(b), 2 * spectrum);
  circle(length, table.subarray(2 * first));
  return table;
}

/** The forward transform of n complex float64 numbers, n smooth: Stockham's passes with butterflies by definition. */
function hostTransform(x: Float64Array): Float64Array {
  const n = x.length / 2;
  const turns = new Float64Array(x.length);
  circle(n, turns);
  let from = x;
  let done = 1;
  for (const radix of fftFactors(n)) {
    const to = new Float64Array(x.length);
    const span = n / radix;
    for (let j = 0; j < span; j++) {
      const k = j % done;
      for (let part = 0; part < radix; part++) {
        const advance = (k * (span / done) + part * span) % n;
        let re = 0;
        let im = 0;
        for (let q = 0; q < radix; q++) {
          const at = 2 * (j + q * span);
          const turn = 2 * ((q * advance) % n);
          re += from[at] * turns[turn] - from[at + 1] * turns[turn + 1];
          im += from[at] * turns[turn + 1] + from[at + 1] * turns[turn];
        }
        const place = 2 * ((j - k) * radix + part * done + k);
        to[place] = re;
        to[place + 1] = im;
      }
    }
    from = to;
    done *= radix;
  }
  return from;
}
