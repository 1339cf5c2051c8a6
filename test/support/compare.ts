/** How tests compare numbers, and where they get them. */

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/**
 * Demands |a − b| ≤ atol + rtol·|b| for every element, a being `actual` and b `expected`. NaN equals only NaN, an infinity only the
 * same infinity. Throws an Error that names the element that is worst and how many are off.
 */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, { rtol, atol }: Tolerance): void {
  if (actual.length !== expected.length) {
    throw new Error(`lengths differ: ${actual.length} values, expected ${expected.length}`);
  }
  let off = 0;
  let worst = -1;
  let worstExcess = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i];
    const b = expected[i];
    if (Object.is(a, b) || a === b) continue;
    const distance = Math.abs(a - b);
    const allowed = atol + rtol * Math.abs(b);
    // Written so that a NaN on one side, or an infinity, counts as off.
    if (distance <= allowed && Number.isFinite(b)) continue;
    off++;
    const excess = Number.isFinite(distance) ? distance / allowed : Infinity;
    if (worst < 0 || excess > worstExcess) {
      worst = i;
      worstExcess = excess;
    }
  }
  if (off > 0) {
    throw new Error(
      `${off} of ${expected.length} elements are off (rtol ${rtol}, atol ${atol}); worst is [${worst}]: ` +
        `${actual[worst]}, expected ${expected[worst]} (difference ${Math.abs(actual[worst] - expected[worst])})`,
    );
  }
}

/** ‖a − b‖₂ / ‖b‖₂; ‖a − b‖₂ itself where b is all zeros; NaN where either holds a NaN. */
export function relativeNorm(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length} and ${b.length}`);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return size === 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
}

/** Rounds every value to the nearest float32, so that oracle and kernel start from the same numbers. */
export const roundToF32 = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, Math.fround);

/** A seeded stream of uniform numbers in [0, 1): a 32-bit Weyl sequence through an integer hash. */
export function randomStream(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) + 0x7f4a7c15) >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 0x1_0000_0000;
  };
}

/** `n` uniform numbers in [lo, hi), each exactly a float32; the same for the same seed. */
export function randomArray(n: number, seed: number, lo = -1, hi = 1): Float32Array {
  const next = randomStream(seed);
  return Float32Array.from({ length: n }, () => lo + (hi - lo) * next());
}

/** A seeded permutation of 0 … n − 1: data without ties, for kernels that pick a maximum. */
export function permutation(n: number, seed: number): Int32Array {
  const next = randomStream(seed);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
