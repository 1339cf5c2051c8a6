/** Batch normalisation (Ioffe and Szegedy 2015) over all axes but the last. */
import { batchNormGradSums as sumsKernel, batchNormMoments as momentsKernel } from '../../kernels/batch-norm.js';
import type { ElementwiseOp, KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { noGrad, record, recordAll } from '../record.js';
import { GradientError, ShapeError } from '../errors.js';

/** x (R, C) → mean (C) and biased variance (C). dx = dmean / R + dvariance · 2(x − mean) / R */
export const batchNormMomentsOp: KernelOp = {
  kind: 'kernel',
  name: 'batchNormMoments',
  kernel: momentsKernel,
  shape: ([x]) => {
    if (x.shape.length !== 2 || x.shape[0] === 0) {
      throw new ShapeError(`batchNorm: needs rows of channels, at least one; got (${x.shape.join(', ')}).`);
    }
    const spec = { shape: [x.shape[1]], dtype: 'f32' } as const;
    return [spec, spec];
  },
  gradient: ({ inputs: [x], outputs: [mean], grads: [dMean, dVariance] }) => {
    const rows = x.shape[0];
    const byMean = dMean?.mul(1 / rows).expand(x.shape);
    const byVariance = dVariance && x.sub(mean).mul(dVariance.mul(2 / rows));
    return [byMean && byVariance ? byMean.add(byVariance) : (byMean ?? byVariance ?? null)];
  },
};

/** dy, x (R, C), mean, rstd (C) → Σ dy and Σ dy·(x − mean)·rstd (C each). */
export const batchNormGradSumsOp: KernelOp = {
  kind: 'kernel',
  name: 'batchNormGradSums',
  kernel: sumsKernel,
  shape: ([, , mean]) => [mean, mean],
  gradient: () => {
    throw new GradientError('batchNorm has no second derivative; write it with mean() and variance().');
  },
};

/**
 * y = (x − mean)·rstd·weight + bias over inputs x (R, C) and four times (C). An elementwise op, so it fuses with what follows; its gradient
 * is that of the whole normalisation in closed form, mean and rstd being functions of x:
 *   dx = weight·rstd·(dy − Σdy/R − x̂·Σ(dy·x̂)/R),   dweight = Σ dy·x̂,   dbias = Σ dy.
 */
export const batchNormOp: ElementwiseOp<Record<string, never>> = {
  kind: 'elementwise',
  name: 'batchNorm',
  weight: 4,
  shape: ([x]) => [x],
  expression: ([x, mean, rstd, weight, bias]) => `(${x} - ${mean}) * ${rstd} * ${weight} + ${bias}`,
  gradient: ({ inputs: [x, mean, rstd, weight], grad }) => {
    const rows = x.shape[0];
    const [sum, dot] = recordAll(batchNormGradSumsOp, [grad, x, mean, rstd], {});
    const centered = x.sub(mean).mul(rstd);
    const dx = grad.sub(sum.mul(1 / rows)).sub(centered.mul(dot.mul(1 / rows)));
    return [dx.mul(weight).mul(rstd), null, null, dot, sum];
  },
};

export interface BatchNormResult {
  readonly output: Tensor;
  /** Of the batch, for running statistics; (C), biased variance. They carry no gradient. */
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Normalises x (…, C) with the statistics of the batch.
 * @param weight (C) @param bias (C) @param eps added to the variance
 */
export function batchNorm(x: Tensor, weight: Tensor, bias: Tensor, eps = 1e-5): BatchNormResult {
  const channels = x.shape[x.rank - 1];
  const rows = x.reshape([channels === 0 ? 0 : x.size / channels, channels]);
  const { mean, variance, rstd } = noGrad(() => {
    const [m, v] = recordAll(batchNormMomentsOp, [rows], {});
    return { mean: m, variance: v, rstd: v.add(eps).rsqrt() };
  });
  const output = record(batchNormOp, [rows, mean, rstd, weight, bias], {}).reshape(x.shape);
  return { output, mean, variance };
}
