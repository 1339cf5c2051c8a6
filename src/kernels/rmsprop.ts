/**
 * RMSprop (Hinton, "Neural networks for machine learning", lecture 6e, 2012), in the form of PyTorch's `torch.optim.RMSprop` without
 * `centered`. One elementwise pass in place; see update.ts for the work of an invocation.
 *
 * Inputs: 0 params (n), 1 grads (n), 2 square (n); with `momentum` next the momentum buffer (n); then scalars lr, alpha, eps, weightDecay,
 * with `momentum` next momentum; with `hasScale` last gradScale (1), a tensor that multiplies every gradient. No outputs: params, square
 * and the momentum buffer are overwritten.
 *
 *   without momentum: params 0, grads 1, square 2, lr 3, alpha 4, eps 5, weightDecay 6, [gradScale 7]
 *   with momentum:    params 0, grads 1, square 2, buffer 3, lr 4, alpha 5, eps 6, weightDecay 7, momentum 8, [gradScale 9]
 */
import { f32, type Kernel } from './launch.js';
import { updateCost, updateLaunch, updateVariants } from './update.js';

export interface RmspropAttrs {
  readonly momentum: boolean;
  readonly hasScale: boolean;
}

const choose = (variants: readonly string[]): string => variants[variants.length - 1];

export const rmsprop: Kernel<RmspropAttrs> = {
  name: 'rmsprop',
  fusesEpilogue: false,
  variants: updateVariants,
  choose: (problem) => choose(updateVariants(problem)),
  launch: (problem) => {
    const { momentum, hasScale } = problem.attrs;
    const first = momentum ? 4 : 3;
    const scalars = ['lr', 'alpha', 'eps', 'weight_decay', ...(momentum ? ['momentum'] : [])];
    return updateLaunch({
      name: momentum ? 'rmsprop.momentum' : 'rmsprop',
      problem,
      variant: problem.variant ?? choose(updateVariants(problem)),
      arenas: [['params', 0], ['grads', 1], ['square', 2], ...(momentum ? ([['velocity', 3]] as const) : [])],
      scalars: scalars.map((name, i) => f32(name, { scalarInput: first + i })),
      gradScale: hasScale ? first + scalars.length : undefined,
      body: `
  let grad = g + w * p.weight_decay;
  let s = square[i] * p.alpha + grad * grad * (1.0 - p.alpha);
  square[i] = s;
  let change = grad / (sqrt(s) + p.eps);
${
  momentum
    ? `  let speed = velocity[i] * p.momentum + change;
  velocity[i] = speed;
  params[i] = w - speed * p.lr;`
    : '  params[i] = w - change * p.lr;'
}`,
    });
  },
  cost: (problem) => updateCost(problem, problem.attrs.momentum ? 4 : 3, problem.attrs.momentum ? 12 : 10),
};
