/** Clipping of gradients between `backward()` and `step()`. (Optimizers clip by norm themselves with `clipGradNorm`, in fewer passes.) */
import { div, noGrad, tensor, type Parameter, type Tensor } from '../../tensor/index.js';
import { OptimizerError } from '../errors.js';

const gradientsOf = (parameters: Iterable<Parameter>): { parameter: Parameter; grad: Tensor }[] =>
  [...new Set(parameters)].flatMap((parameter) => (parameter.grad ? [{ parameter, grad: parameter.grad }] : []));

/** Joint norm: of order 1, 2 or ∞ over all elements of all gradients. */
function joint(grads: readonly Tensor[], order: number): Tensor {
  const fold = (values: readonly Tensor[], by: (a: Tensor, b: Tensor) => Tensor): Tensor => values.reduce(by);
  if (order === Infinity)
    return fold(
      grads.map((g) => g.abs().max()),
      (a, b) => a.maximum(b),
    );
  if (order === 1)
    return fold(
      grads.map((g) => g.abs().sum()),
      (a, b) => a.add(b),
    );
  if (order === 2)
    return fold(
      grads.map((g) => g.square().sum()),
      (a, b) => a.add(b),
    ).sqrt();
  throw new OptimizerError(`clipGradNorm(): the order of the norm must be 1, 2 or Infinity; got ${order}.`);
}

/**
 * Scales all gradients so that their joint norm is at most `maxNorm`, as `torch.nn.utils.clip_grad_norm_`.
 * @returns the norm before, 0-d; call `keep()` on it to read it after the step
 */
export function clipGradNorm(parameters: Iterable<Parameter>, maxNorm: number, order = 2): Tensor {
  const found = gradientsOf(parameters);
  if (!(maxNorm > 0)) throw new OptimizerError(`clipGradNorm(): maxNorm must be above 0; got ${maxNorm}.`);
  return noGrad(() => {
    if (found.length === 0) return tensor(new Float32Array(1), []);
    const norm = joint(
      found.map(({ grad }) => grad),
      order,
    );
    const scale = div(maxNorm, norm.add(1e-6)).minimum(1);
    for (const { parameter, grad } of found) parameter.grad = grad.mul(scale);
    return norm;
  });
}

/** Limits every element of all gradients to ±`limit`, as `torch.nn.utils.clip_grad_value_`. */
export function clipGradValue(parameters: Iterable<Parameter>, limit: number): void {
  if (!(limit >= 0)) throw new OptimizerError(`clipGradValue(): the limit must be from 0 up; got ${limit}.`);
  noGrad(() => {
    for (const { parameter, grad } of gradientsOf(parameters)) parameter.grad = grad.clamp(-limit, limit);
  });
}
