/**
 * Mixup (Zhang and others, "mixup: beyond empirical risk minimization", 2018): a clip of the batch is mixed with another one of it, λ to
 * 1 − λ, features and labels alike. The partner is the clip as far from the batch's end as this one from its beginning: the order is by
 * chance already.
 */
import type { Random } from '../random.js';

/** A draw of the gamma distribution with scale 1 (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000). */
function gamma(shape: number, random: Random): number {
  // For shapes below 1: a draw of shape + 1 times u^(1/shape).
  const boost = shape < 1 ? (1 - random.uniform()) ** (1 / shape) : 1;
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return boost * d * v;
  }
}

/** λ of Beta(α, α): for small α mostly near 0 or 1. */
export function mixupShare(alpha: number, random: Random): number {
  const [a, b] = [gamma(alpha, random), gamma(alpha, random)];
  // Both can round to 0 where α is tiny: then a coin decides, as the distribution nearly does.
  return a + b > 0 ? a / (a + b) : Math.round(random.uniform());
}

/** Mixes the rows of `values` (rows × size) in place; row i keeps `shares[i]` of itself. */
export function mixRows(values: Float32Array, size: number, shares: readonly number[]): void {
  const rows = shares.length;
  for (let i = 0; 2 * i < rows - 1; i++) {
    const a = values.subarray(i * size, (i + 1) * size);
    const b = values.subarray((rows - 1 - i) * size, (rows - i) * size);
    const [own, other] = [shares[i], shares[rows - 1 - i]];
    for (let k = 0; k < size; k++) {
      const [x, y] = [a[k], b[k]];
      a[k] = own * x + (1 - own) * y;
      b[k] = other * y + (1 - other) * x;
    }
  }
}
