/** Padding, framing and windows in float64, by their definitions. */

export type Pad = 'constant' | 'reflect' | 'edge';

/** `amount` samples more at either end: zeros, the edge value, or the signal mirrored about its ends as often as needed. */
export function pad(y: ArrayLike<number>, amount: number, mode: Pad): Float64Array {
  const n = y.length;
  return Float64Array.from({ length: n + 2 * amount }, (_, i) => {
    const at = i - amount;
    if (at >= 0 && at < n) return y[at];
    if (mode === 'constant') return 0;
    if (mode === 'edge' || n === 1) return y[at < 0 ? 0 : n - 1];
    const period = 2 * (n - 1);
    const phase = ((at % period) + period) % period;
    return y[Math.min(phase, period - phase)];
  });
}

/** Frames y[t·hop … t·hop + length), only whole ones. */
export function frame(y: ArrayLike<number>, length: number, hop: number): Float64Array[] {
  const count = y.length < length ? 0 : 1 + Math.floor((y.length - length) / hop);
  return Array.from({ length: count }, (_, t) => Float64Array.from({ length }, (_, i) => y[t * hop + i]));
}

/** Coefficients aₖ of the generalised cosine windows Σ (−1)ᵏ aₖ cos(2πki/m). */
const COSINES: Readonly<Record<string, readonly number[]>> = {
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
};

/** The window of n points; periodic ones are the symmetric window of n + 1 points without its last. */
export function window(name: string, n: number, periodic = true): Float64Array {
  const m = periodic ? n : n - 1;
  if (n === 1) return Float64Array.of(1);
  return Float64Array.from({ length: n }, (_, i) =>
    COSINES[name].reduce((sum, a, k) => sum + (k % 2 === 0 ? a : -a) * Math.cos((2 * Math.PI * k * i) / m), 0),
  );
}
