/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015, arXiv:1412.6980) and AdamW (Loshchilov and Hutter, "Decoupled
 * weight decay regularization", 2019, arXiv:1711.05101), in the form and order of operations of PyTorch's `torch.optim.Adam`/`AdamW`.
 * One elementwise pass in place; see update.ts for the work of an invocation.
 *
 * Inputs: 0 params (n), 1 grads (n), 2 m (n), 3 v (n), then scalars: 4 lr, 5 1 − β₁, 6 1 − β₂, 7 eps, 8 weightDecay, 9 biasCorrection1,
 * 10 biasCorrection2; with `hasScale` 11 = gradScale (1), a tensor that multiplies every gradient (clipping). No outputs: inputs 0, 2 and
 * 3 are overwritten.
 *
 * The host gives 1 − β and 1 − βᵗ, made in float64: β itself rounded to f32 would be off by 1.3e-5 in 1 − 0.999, and v with it. Both moments move
 * towards the new value by their 1 − β, so that the kernel needs no β.
 */
import { f32, type Kernel } from './launch.js';
import { updateCost, updateLaunch, updateVariants } from './update.js';

export interface AdamAttrs {
  /** True for AdamW: weight decay shrinks the parameter and stays out of the moments. */
  readonly decoupled: boolean;
  readonly hasScale: boolean;
}

const choose = (variants: readonly string[]): string => variants[variants.length - 1];

export const adam: Kernel<AdamAttrs> = {
  name: 'adam',
  fusesEpilogue: false,
  variants: updateVariants,
  choose: (problem) => choose(updateVariants(problem)),
  launch: (problem) =>
    updateLaunch({
      name: problem.attrs.decoupled ? 'adamw' : 'adam',
      problem,
      variant: problem.variant ?? choose(updateVariants(problem)),
      arenas: [
        ['params', 0],
        ['grads', 1],
        ['m', 2],
        ['v', 3],
      ],
      scalars: ['lr', 'rate1', 'rate2', 'eps', 'weight_decay', 'correction1', 'correction2'].map((name, i) =>
        f32(name, { scalarInput: 4 + i }),
      ),
      gradScale: problem.attrs.hasScale ? 11 : undefined,
      body: `
  let old = ${problem.attrs.decoupled ? 'w - w * (p.lr * p.weight_decay)' : 'w'};
  let grad = ${problem.attrs.decoupled ? 'g' : 'g + w * p.weight_decay'};
  let mean = m[i] + (grad - m[i]) * p.rate1;
  let square = v[i] + (grad * grad - v[i]) * p.rate2;
  m[i] = mean;
  v[i] = square;
  params[i] = old - (p.lr / p.correction1) * (mean / (sqrt(square) / sqrt(p.correction2) + p.eps));`,
    }),
  cost: (problem) => updateCost(problem, 4, 16),
};
