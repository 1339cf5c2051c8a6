/**
 * Stochastic gradient descent with momentum, Nesterov's form of it (Sutskever and others, "On the importance of initialization and
 * momentum in deep learning", 2013) and weight decay, in the form of PyTorch's `torch.optim.SGD` with dampening 0. One elementwise pass in
 * place; see update.ts for the work of an invocation.
 *
 * Inputs: 0 params (n), 1 grads (n); with `momentum` next the momentum buffer (n), zero at the start; then scalars lr, weightDecay, with
 * `momentum` next momentum; with `hasScale` last gradScale (1), a tensor that multiplies every gradient. No outputs: params and the
 * momentum buffer are overwritten.
 *
 *   without momentum: params 0, grads 1, lr 2, weightDecay 3, [gradScale 4]
 *   with momentum:    params 0, grads 1, buffer 2, lr 3, weightDecay 4, momentum 5, [gradScale 6]
 */
import { f32, type Kernel } from './launch.js';
import { updateCost, updateLaunch, updateVariants } from './update.js';

export interface SgdAttrs {
  readonly momentum: boolean;
  /** Only read with `momentum`. */
  readonly nesterov: boolean;
  readonly hasScale: boolean;
}

const choose = (variants: readonly string[]): string => variants[variants.length - 1];

export const sgd: Kernel<SgdAttrs> = {
  name: 'sgd',
  fusesEpilogue: false,
  variants: updateVariants,
  choose: (problem) => choose(updateVariants(problem)),
  launch: (problem) => {
    const { momentum, nesterov, hasScale } = problem.attrs;
    const first = momentum ? 3 : 2;
    const scalars = ['lr', 'weight_decay', ...(momentum ? ['momentum'] : [])];
    return updateLaunch({
      name: momentum ? (nesterov ? 'sgd.nesterov' : 'sgd.momentum') : 'sgd',
      problem,
      variant: problem.variant ?? choose(updateVariants(problem)),
      arenas: [['params', 0], ['grads', 1], ...(momentum ? ([['velocity', 2]] as const) : [])],
      scalars: scalars.map((name, i) => f32(name, { scalarInput: first + i })),
      gradScale: hasScale ? first + scalars.length : undefined,
      body: momentum
        ? `
  let grad = g + w * p.weight_decay;
  let speed = velocity[i] * p.momentum + grad;
  velocity[i] = speed;
  params[i] = w - ${nesterov ? '(grad + speed * p.momentum)' : 'speed'} * p.lr;`
        : `
  params[i] = w - (g + w * p.weight_decay) * p.lr;`,
    });
  },
  cost: (problem) => updateCost(problem, problem.attrs.momentum ? 3 : 2, problem.attrs.momentum ? 8 : 4),
};
