/** Matrix product: 2-d, or batched over leading dimensions that broadcast. */
import { matmul as kernel, type MatmulAttrs } from '../../kernels/matmul.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { ShapeError } from '../errors.js';
import { broadcastShapes, sameShape } from '../shape.js';
import { numel } from '../../kernels/launch.js';

/** Rank-3 operands (batch, rows, columns); a batch of 1 serves all. */
export const matmulOp: KernelOp<MatmulAttrs> = {
  kind: 'kernel',
  name: 'matmul',
  kernel,
  shape: ([a, b], { transposeA, transposeB }) => {
    const [m, k] = transposeA ? [a.shape[2], a.shape[1]] : [a.shape[1], a.shape[2]];
    const [k2, n] = transposeB ? [b.shape[2], b.shape[1]] : [b.shape[1], b.shape[2]];
    if (k !== k2) {
      throw new ShapeError(`matmul: ${m} × ${k} times ${k2} × ${n}: the inner dimensions ${k} and ${k2} differ.`);
    }
    return [{ shape: [a.shape[0] === 1 ? b.shape[0] : a.shape[0], m, n], dtype: 'f32' }];
  },
  // C = A·B: dA = dC·Bᵀ, dB = Aᵀ·dC; with transposed operands the factors change places.
  gradient: ({ inputs: [a, b], attrs: { transposeA, transposeB }, grad, needs }) => {
    const dA = () => (transposeA ? product(b, grad, transposeB, true) : product(grad, b, false, !transposeB));
    const dB = () => (transposeB ? product(grad, a, true, transposeA) : product(a, grad, !transposeA, false));
    return [needs[0] ? unbatch(dA(), a) : null, needs[1] ? unbatch(dB(), b) : null];
  },
};

const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor =>
  record(matmulOp, [a, b], { transposeA, transposeB });

/** Sums over a batch that was broadcast. */
const unbatch = (grad: Tensor, like: Tensor): Tensor =>
  like.shape[0] === 1 && grad.shape[0] !== 1 ? grad.sum([0], true) : grad;

/**
 * a (…, M, K) · b (…, K, N) → (…, M, N), with either operand transposed in its last two dimensions on request (no copy is made).
 * @throws ShapeError where inner dimensions differ or batches do not broadcast.
 */
export function matmul(a: Tensor, b: Tensor, options: { transposeA?: boolean; transposeB?: boolean } = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  if (a.rank < 2 || b.rank < 2) {
    throw new ShapeError(
      `matmul: operands need two dimensions or more; got (${a.shape.join(', ')}) and (${b.shape.join(', ')}).`,
    );
  }
  // A batch over a plain matrix is one tall product.
  if (b.rank === 2 && !transposeA && a.rank > 2) {
    const rows = a.reshape([numel(a.shape.slice(0, -1)), a.shape[a.rank - 1]]);
    const out = matmul(rows, b, { transposeB });
    return out.reshape([...a.shape.slice(0, -1), out.shape[1]]);
  }
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = broadcastShapes(batchA, batchB, 'matmul');
  const flat = (x: Tensor, own: readonly number[]): Tensor => {
    const full = numel(own) === 1 || sameShape(own, batch) ? x : x.expand([...batch, ...x.shape.slice(-2)]);
    return full.reshape([numel(full.shape.slice(0, -2)), ...x.shape.slice(-2)]);
  };
  const out = product(flat(a, batchA), flat(b, batchB), transposeA, transposeB);
  return out.reshape([...batch, out.shape[1], out.shape[2]]);
}
