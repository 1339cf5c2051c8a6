/** First-order recursions along the last axis, running sums among them, as products with small triangular matrices. */
import { numel } from '../kernels/launch.js';
import type { Tensor } from '../tensor/index.js';
import { constant } from './constants.js';

/** Samples in a block: a product with a (64, 64) matrix is cheap, and a minute at 16 kHz takes four levels. */
const BLOCK = 64;

/**
 * y[n] = x[n] + coef·y[n − 1] along the last axis, y[−1] = 0: (…, L) → (…, L).
 *
 * Inside of a block the outputs are x·M with M[j][n] = coef^(n − j); what a block leaves to the next is a recursion again, of the blocks' last
 * outputs with coef^BLOCK. Sums so grouped also round less than one after the other.
 */
export function firstOrder(x: Tensor, coef: number): Tensor {
  const lead = x.shape.slice(0, -1);
  const length = x.shape[x.rank - 1];
  const rows = numel(lead);
  if (length <= BLOCK) return x.reshape([rows, length]).matmul(powers(coef, length)).reshape(x.shape);
  const blocks = Math.ceil(length / BLOCK);
  const filled = x.reshape([rows, length]).pad(1, 0, blocks * BLOCK - length);
  const inside = filled.reshape([rows, blocks, BLOCK]).matmul(powers(coef, BLOCK));
  const lasts = inside.slice(2, BLOCK - 1).squeeze(2);
  // What stands before block b is the state after block b − 1.
  const before = firstOrder(lasts.slice(1, 0, blocks - 1), coef ** BLOCK).pad(1, 1, 0);
  const fading = constant(`powers ${coef} ${BLOCK}`, () =>
    Float64Array.from({ length: BLOCK }, (_, n) => coef ** (n + 1)),
  );
  const y = inside.add(before.unsqueeze(2).mul(fading));
  return y
    .reshape([rows, blocks * BLOCK])
    .slice(1, 0, length)
    .reshape(x.shape);
}

/** Running sums along the last axis, as `numpy.cumsum`. */
export const cumsum = (x: Tensor): Tensor => firstOrder(x, 1);

function powers(coef: number, size: number): Tensor {
  const make = (): Float64Array =>
    Float64Array.from({ length: size * size }, (_, i) => {
      const [j, n] = [Math.floor(i / size), i % size];
      return n < j ? 0 : coef ** (n - j);
    });
  return constant(`recursion ${coef} ${size}`, make, [size, size]);
}
