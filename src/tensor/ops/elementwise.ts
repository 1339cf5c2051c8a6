/** What all elementwise ops share: the shape rule, and broadcasting before it. */
import type { Spec } from '../../kernels/launch.js';
import type { ElementwiseOp, GradientContext } from '../op.js';
import { isScalar } from '../leaf.js';
import { scalar, type Tensor } from '../tensor.js';
import { record } from '../record.js';
import { DTypeError, ShapeError } from '../errors.js';
import { broadcastShapes, sameShape } from '../shape.js';

interface Definition<A> {
  readonly name: string;
  readonly arity: number;
  readonly expression: (args: readonly string[], attrs: A) => string;
  readonly gradient: (context: GradientContext<A>) => (Tensor | null)[];
  readonly functions?: readonly string[];
  readonly weight?: number;
}

/** Elementwise over float32 inputs of one shape; number inputs (scalar leaves) go with any shape. */
export function elementwise<A = undefined>(definition: Definition<A>): ElementwiseOp<A> {
  const { name, arity } = definition;
  return {
    kind: 'elementwise',
    name,
    weight: definition.weight ?? 1,
    functions: definition.functions,
    shape: (inputs) => [elementwiseSpec(name, arity, inputs)],
    gradient: definition.gradient,
    expression: definition.expression,
  };
}

function elementwiseSpec(name: string, arity: number, inputs: readonly Spec[]): Spec {
  if (inputs.length !== arity) throw new ShapeError(`${name} takes ${arity} inputs, ${inputs.length} were given.`);
  const wrong = inputs.find((s) => s.dtype !== 'f32');
  if (wrong) {
    throw new DTypeError(
      `${name} works on f32 tensors; one of shape (${wrong.shape.join(', ')}) is ${wrong.dtype}. Use toFloat().`,
    );
  }
  const shape = inputs.reduce<readonly number[]>((s, spec) => (spec.shape.length > 0 ? spec.shape : s), []);
  for (const spec of inputs) {
    if (spec.shape.length > 0 && !sameShape(spec.shape, shape)) {
      throw new ShapeError(`${name}: shapes (${shape.join(', ')}) and (${spec.shape.join(', ')}) differ.`);
    }
  }
  return { shape, dtype: 'f32' };
}

export type Operand = Tensor | number;

/** Broadcasts tensors to one shape (NumPy's rule); numbers become scalar leaves, which need no shape. */
export function recordElementwise<A>(op: ElementwiseOp<A>, operands: readonly Operand[], attrs: A): Tensor {
  const tensors = operands.map((x) => (typeof x === 'number' ? scalar(x) : x));
  const shape = tensors
    .filter((t) => !isScalar(t.value))
    .map((t) => t.shape)
    .reduce<readonly number[]>((a, b) => broadcastShapes(a, b, op.name), []);
  const ready = tensors.map((t) => (isScalar(t.value) || sameShape(t.shape, shape) ? t : t.expand(shape)));
  return record(op, ready, attrs);
}
