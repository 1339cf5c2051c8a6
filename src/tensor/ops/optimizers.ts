/**
 * One step of an optimizer over flat arenas, as effects: the kernel overwrites parameters and moments when the step is committed. Their
 * inputs are those of the kernels (kernels/adam.ts, rmsprop.ts, sgd.ts): arenas first, then scalars, then the scale of the gradients.
 */
import { adam, type AdamAttrs } from '../../kernels/adam.js';
import { rmsprop, type RmspropAttrs } from '../../kernels/rmsprop.js';
import { sgd, type SgdAttrs } from '../../kernels/sgd.js';
import type { Kernel } from '../../kernels/launch.js';
import type { EffectOp } from '../op.js';
import { GradientError } from '../errors.js';

function update<A>(name: string, kernel: Kernel<A>, writes: readonly number[]): EffectOp<A> {
  return {
    kind: 'effect',
    name,
    kernel,
    writes,
    shape: () => [],
    gradient: () => {
      throw new GradientError(`${name}: an optimizer's step has no gradient.`);
    },
  };
}

/** Inputs params, grads, m, v, seven scalars, [gradScale]. */
export const adamOp = update<AdamAttrs>('adam', adam, [0, 2, 3]);
/** Inputs params, grads, square, scalars, [gradScale]. */
export const rmspropOp = update<RmspropAttrs>('rmsprop', rmsprop, [0, 2]);
/** Inputs params, grads, square, momentum buffer, scalars, [gradScale]. */
export const rmspropMomentumOp = update<RmspropAttrs>('rmspropMomentum', rmsprop, [0, 2, 3]);
/** Inputs params, grads, scalars, [gradScale]. */
export const sgdOp = update<SgdAttrs>('sgd', sgd, [0]);
/** Inputs params, grads, momentum buffer, scalars, [gradScale]. */
export const sgdMomentumOp = update<SgdAttrs>('sgdMomentum', sgd, [0, 2]);
