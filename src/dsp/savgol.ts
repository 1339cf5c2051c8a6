/**
 * Savitzky–Golay differentiators (Savitzky and Golay, "Smoothing and differentiation of data by simplified least squares procedures",
 * 1964): the weights that turn `width` neighbouring values into a derivative of the polynomial fitted to them.
 */
import { SettingsError } from './errors.js';
import { requireWhole } from './settings.js';

/**
 * Weights for the `order`-th derivative, at the middle, of a polynomial of degree `order` fitted to `width` values at distance 1:
 * derivative = Σ_i weights[i]·x[i].
 */
export function savgolWeights(width: number, order: number): Float64Array {
  requireWhole('width', width, 3);
  if (width % 2 === 0) throw new SettingsError(`width is ${width}; give an odd number from 3 up.`);
  requireWhole('order', order, 1, width - 1);
  const half = (width - 1) / 2;
  const positions = Float64Array.from({ length: width }, (_, i) => i - half);
  // p_k: polynomials orthogonal on the positions, by the three-term recurrence p_{k+1} = x·p_k − b_k·p_{k−1}; each begins with x^k, so the
  // fit's coefficient of x^order is that of p_order alone: ⟨p, x⟩ / ⟨p, p⟩. Its derivative is order! times that.
  let before = new Float64Array(width);
  let current = new Float64Array(width).fill(1);
  let norm = width;
  let b = 0;
  let factorial = 1;
  for (let k = 1; k <= order; k++) {
    const next = current.map((v, i) => positions[i] * v - b * before[i]);
    const nextNorm = next.reduce((sum, v) => sum + v * v, 0);
    b = nextNorm / norm;
    before = current;
    current = next;
    norm = nextNorm;
    factorial *= k;
  }
  return current.map((v) => (factorial * v) / norm);
}
