/** Discrete Fourier transforms over the last axis; complex numbers are pairs (re, im) in a last dimension of 2. */
import {
  fft as kernel,
  fftTable,
  irfft as irfftKernel,
  realTable,
  rfft as rfftKernel,
  sameTable,
} from '../../kernels/fft.js';
import type { KernelOp } from '../op.js';
import { Tensor, tensor } from '../tensor.js';
import { record } from '../record.js';
import { ShapeError } from '../errors.js';
import { numel } from '../../kernels/launch.js';
import { stateLeaf } from '../leaf.js';
import { Storage } from '../storage.js';

/** Input (R, n, 2), table of n. The transform is linear and symmetric: the gradient is n^{±1} times the other direction. */
export const fftOp: KernelOp<{ inverse: boolean }> = {
  kind: 'kernel',
  name: 'fft',
  kernel,
  shape: ([x]) => [x],
  gradient: ({ inputs: [x, table], attrs: { inverse }, grad }) => {
    const n = x.shape[1];
    return [record(fftOp, [grad, table], { inverse: !inverse }).mul(inverse ? 1 / n : n), null];
  },
};

/** A factor for each of the ⌊n/2⌋ + 1 bins, both of its parts: one for the bins that have a mirror image, one for 0 and n/2, which are real. */
export function binWeights(n: number, mirrored: number, real: readonly [number, number]): Tensor {
  const bins = Math.floor(n / 2) + 1;
  const weights = new Float32Array(bins * 2).fill(mirrored);
  for (const k of n % 2 === 0 ? [0, bins - 1] : [0]) weights.set(real, 2 * k);
  return tensor(weights, [bins, 2]);
}

/**
 * Input (R, n) real → (R, ⌊n/2⌋ + 1, 2). dx_j = Σ_k Re(dX_k)·cos(2πjk/n) − Im(dX_k)·sin(2πjk/n), which is n·irfft of dX, halved where
 * irfft counts a bin twice.
 */
export const rfftOp: KernelOp<Record<string, never>> = {
  kind: 'kernel',
  name: 'rfft',
  kernel: rfftKernel,
  shape: ([x]) => [{ shape: [x.shape[0], Math.floor(x.shape[1] / 2) + 1, 2], dtype: 'f32' }],
  gradient: ({ inputs: [x, table], grad }) => {
    const n = x.shape[1];
    return [record(irfftOp, [grad.mul(binWeights(n, n / 2, [n, 0])), table], { n }), null];
  },
};

/**
 * Input (R, ⌊n/2⌋ + 1, 2) → (R, n). x_j = (1/n)·Σ_k c_k·Re(X_k·w^{−jk}) with c_k = 2 except for k = 0 and n/2, so
 * dX_k = (c_k/n)·rfft(dx)_k; the imaginary parts of bins 0 and n/2 do not matter and get 0.
 */
export const irfftOp: KernelOp<{ n: number }> = {
  kind: 'kernel',
  name: 'irfft',
  kernel: irfftKernel,
  shape: ([x], { n }) => {
    if (x.shape[1] !== Math.floor(n / 2) + 1) {
      throw new ShapeError(`irfft: ${n} samples need ${Math.floor(n / 2) + 1} bins, got ${x.shape[1]}.`);
    }
    return [{ shape: [x.shape[0], n], dtype: 'f32' }];
  },
  gradient: ({ inputs: [, table], attrs: { n }, grad }) => [
    record(rfftOp, [grad, table], {}).mul(binWeights(n, 2 / n, [1 / n, 0])),
    null,
  ],
};

/** Tables live on the device once for each length and kind. */
const tables = new Map<string, Tensor>();

/** The table (size, 2) that a transform of length n reads: `kind` 'real' for `rfft` and `irfft`. */
export function transformTable(n: number, kind: 'complex' | 'real'): Tensor {
  // Where the length is friendly, one table serves both.
  const key = kind === 'real' && !sameTable(n) ? `${n} real` : String(n);
  let found = tables.get(key);
  if (!found) {
    const values = kind === 'real' ? realTable(n) : fftTable(n);
    found = new Tensor(stateLeaf(Storage.fromHost(values, 'f32', `twiddles ${key}`), [values.length / 2, 2], false));
    tables.set(key, found);
  }
  return found;
}

/** Forgets the tables; `shutdown()` calls it, since they belong to one device. */
export function dropTables(): void {
  tables.clear();
}

/** Complex transform of (…, n, 2). `inverse` divides by n. */
export function fft(x: Tensor, options: { inverse?: boolean } = {}): Tensor {
  if (x.rank < 2 || x.shape[x.rank - 1] !== 2) {
    throw new ShapeError(`fft: expects (…, n, 2) with real and imaginary parts last; got (${x.shape.join(', ')}).`);
  }
  const n = x.shape[x.rank - 2];
  const rows = x.reshape([n === 0 ? 0 : x.size / (2 * n), n, 2]);
  return record(fftOp, [rows, transformTable(n, 'complex')], { inverse: options.inverse ?? false }).reshape(x.shape);
}

/** Transform of real signals (…, n) → (…, ⌊n/2⌋ + 1, 2). */
export function rfft(x: Tensor): Tensor {
  const n = x.shape[x.rank - 1];
  const lead = x.shape.slice(0, -1);
  const out = record(rfftOp, [x.reshape([numel(lead), n]), transformTable(n, 'real')], {});
  return out.reshape([...lead, out.shape[1], 2]);
}

/** Inverse of `rfft`: (…, ⌊n/2⌋ + 1, 2) → (…, n). */
export function irfft(x: Tensor, n: number): Tensor {
  const lead = x.shape.slice(0, -2);
  const rows = x.reshape([numel(lead), x.shape[x.rank - 2], 2]);
  return record(irfftOp, [rows, transformTable(n, 'real')], { n }).reshape([...lead, n]);
}
