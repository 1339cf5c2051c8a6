/**
 * Autograd as a transformation of the graph: `backward` walks the ops from the loss to the leaves and records their gradients with ordinary
 * ops, which are then fused, planned and run with the rest. (Reverse accumulation; Linnainmaa 1970.)
 */
import type { GradientContext } from './op.js';
import { Tensor, Variable, tensor } from './tensor.js';
import type { Node, Value } from './graph.js';
import { GradientError, ShapeError } from './errors.js';
import { assertFresh, markLoss, noGrad } from './record.js';
import { isScalar } from './leaf.js';
import { sameShape } from './shape.js';
import { numel } from '../kernels/launch.js';

const keyOf = (value: Value): string => `${value.node.id}:${value.index}`;

/** Nodes that `root` depends on and that want gradients, last recorded first: an order in which every user comes before what it uses. */
function pathNodes(roots: readonly Value[]): Node[] {
  const seen = new Set<Node>();
  const stack = roots.map((v) => v.node);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node) || !node.requiresGrad) continue;
    seen.add(node);
    for (const input of node.inputs) stack.push(input.node);
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

/** Gradients of `outputs` (weighted by `cotangents`) with respect to every value on the way, by key. */
function accumulate(outputs: readonly Tensor[], cotangents: readonly Tensor[]): Map<string, Tensor> {
  const grads = new Map<string, Tensor>();
  const add = (value: Value, grad: Tensor): void => {
    const key = keyOf(value);
    const known = grads.get(key);
    grads.set(key, known ? known.add(grad) : grad);
  };
  outputs.forEach((y, i) => add(y.value, cotangents[i]));
  // Leaves have ids of their own time, so they may come early in this order; they have no gradient rule to run, only a sum to collect.
  for (const node of pathNodes(outputs.map((y) => y.value))) {
    // A kept value of an earlier step has no history any more: it counts as data.
    if (node.isLeaf || node.released) continue;
    const outGrads = node.outputs.map((_, index) => grads.get(keyOf({ node, index })));
    if (outGrads.every((g) => g === undefined)) continue;
    const context: GradientContext<unknown> = {
      inputs: node.inputs.map((v) => new Tensor(v)),
      outputs: node.outputs.map((_, index) => new Tensor({ node, index })),
      attrs: node.attrs,
      grads: outGrads,
      get grad() {
        return outGrads[0] ?? tensor(new Float32Array(numel(node.outputs[0].shape)), node.outputs[0].shape);
      },
      needs: node.inputs.map((v) => v.node.requiresGrad),
    };
    const inGrads = node.op.gradient(context);
    node.inputs.forEach((input, i) => {
      const grad = inGrads[i];
      if (!grad || !input.node.requiresGrad || isScalar(input)) return;
      const wanted = input.node.outputs[input.index].shape;
      if (!sameShape(grad.shape, wanted)) {
        throw new GradientError(
          `The gradient of ${node.op.name} for input ${i} has shape (${grad.shape.join(', ')}) instead of (${wanted.join(', ')}).`,
        );
      }
      add(input, grad);
    });
  }
  return grads;
}

function cotangentOf(output: Tensor, gradient: Tensor | undefined, name: string): Tensor {
  if (gradient) {
    if (!sameShape(gradient.shape, output.shape)) {
      throw new ShapeError(
        `${name}: the gradient has shape (${gradient.shape.join(', ')}), the output (${output.shape.join(', ')}).`,
      );
    }
    return gradient;
  }
  if (output.size !== 1) {
    throw new GradientError(
      `${name} needs a scalar, but the tensor has shape (${output.shape.join(', ')}). Reduce it with sum() or mean(), or give a gradient.`,
    );
  }
  return tensor(new Float32Array([1]), output.shape);
}

/** See `Tensor.backward`. Gradients add to what `variable.grad` already holds, as in PyTorch. */
export function backward(loss: Tensor, gradient?: Tensor): void {
  assertFresh(loss.value);
  if (!loss.requiresGrad) {
    throw new GradientError('backward(): nothing that this tensor depends on requires a gradient.');
  }
  const cotangent = cotangentOf(loss, gradient, 'backward()');
  if (loss.size === 1) markLoss(loss.value);
  // First-order training needs no graph of the gradients' own gradients; `grad` builds one.
  const grads = noGrad(() => accumulate([loss], [cotangent]));
  for (const node of pathNodes([loss.value])) {
    const variable = variableOf(node);
    const found = variable && grads.get(keyOf({ node, index: 0 }));
    if (!variable || !found) continue;
    if (variable.grad) assertFreshGrad(variable);
    variable.grad = noGrad(() => (variable.grad ? variable.grad.add(found) : found));
  }
}

function assertFreshGrad(variable: Variable): void {
  if (variable.grad) assertFresh(variable.grad.value);
}

const variableOf = (node: Node): Variable | undefined => Variable.ofLeaf(node);

/**
 * Gradients of `output` with respect to `inputs`, as tensors that have gradients themselves (second derivatives), like `torch.autograd.grad`
 * with `create_graph`. An input that `output` does not depend on gets zeros.
 */
export function grad(output: Tensor, inputs: readonly Tensor[], gradient?: Tensor): Tensor[] {
  const grads = accumulate([output], [cotangentOf(output, gradient, 'grad()')]);
  return inputs.map((x) => grads.get(keyOf(x.value)) ?? tensor(new Float32Array(x.size), x.shape));
}
