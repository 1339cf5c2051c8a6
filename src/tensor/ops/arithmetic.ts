/** add, sub, mul, div, neg, pow, square, maximum, minimum. Gradients by the textbook's rules. */
import type { Tensor } from '../tensor.js';
import { elementwise, recordElementwise, type Operand } from './elementwise.js';

export const addOp = elementwise({
  name: 'add',
  arity: 2,
  expression: ([a, b]) => `${a} + ${b}`,
  gradient: ({ grad }) => [grad, grad],
});
export const subOp = elementwise({
  name: 'sub',
  arity: 2,
  expression: ([a, b]) => `${a} - ${b}`,
  gradient: ({ grad, needs }) => [grad, needs[1] ? grad.neg() : null],
});
export const mulOp = elementwise({
  name: 'mul',
  arity: 2,
  expression: ([a, b]) => `${a} * ${b}`,
  gradient: ({ inputs: [a, b], grad, needs }) => [needs[0] ? grad.mul(b) : null, needs[1] ? grad.mul(a) : null],
});
/** d(a/b) = da/b − (a/b)·db/b */
export const divOp = elementwise({
  name: 'div',
  arity: 2,
  weight: 2,
  expression: ([a, b]) => `${a} / ${b}`,
  gradient: ({ inputs: [, b], outputs: [q], grad, needs }) => [
    needs[0] ? grad.div(b) : null,
    needs[1] ? grad.mul(q).div(b).neg() : null,
  ],
});
export const negOp = elementwise({
  name: 'neg',
  arity: 1,
  expression: ([a]) => `-${a}`,
  gradient: ({ grad }) => [grad.neg()],
});
export const squareOp = elementwise({
  name: 'square',
  arity: 1,
  expression: ([a]) => `${a} * ${a}`,
  gradient: ({ inputs: [x], grad }) => [grad.mul(x).mul(2)],
});
/** x^y for x ≥ 0 (as exp(y·log x), 0^0 = 1): d = y·x^(y−1)·dx + x^y·log x·dy */
export const powOp = elementwise({
  name: 'pow',
  arity: 2,
  weight: 8,
  functions: ['exp_', 'log_'],
  expression: ([x, y]) => `select(select(0.0, 1.0, ${y} == 0.0), exp_(${y} * log_(max(${x}, 1e-38))), ${x} > 0.0)`,
  gradient: ({ inputs: [x, y], outputs: [out], grad, needs }) => [
    needs[0] ? grad.mul(y).mul(x.pow(y.sub(1))) : null,
    needs[1] ? grad.mul(out).mul(x.log()) : null,
  ],
});
/** On ties each side takes half, as PyTorch. */
export const maximumOp = elementwise({
  name: 'maximum',
  arity: 2,
  expression: ([a, b]) => `max(${a}, ${b})`,
  gradient: ({ inputs: [a, b], grad, needs }) => {
    const share = a.gt(b).add(a.eq(b).mul(0.5));
    return [needs[0] ? grad.mul(share) : null, needs[1] ? grad.sub(grad.mul(share)) : null];
  },
});
export const minimumOp = elementwise({
  name: 'minimum',
  arity: 2,
  expression: ([a, b]) => `min(${a}, ${b})`,
  gradient: ({ inputs: [a, b], grad, needs }) => {
    const share = a.lt(b).add(a.eq(b).mul(0.5));
    return [needs[0] ? grad.mul(share) : null, needs[1] ? grad.sub(grad.mul(share)) : null];
  },
});

export const add = (a: Operand, b: Operand): Tensor => recordElementwise(addOp, [a, b], undefined);
export const sub = (a: Operand, b: Operand): Tensor => recordElementwise(subOp, [a, b], undefined);
export const mul = (a: Operand, b: Operand): Tensor => recordElementwise(mulOp, [a, b], undefined);
export const div = (a: Operand, b: Operand): Tensor => recordElementwise(divOp, [a, b], undefined);
export const neg = (a: Operand): Tensor => recordElementwise(negOp, [a], undefined);
export const square = (a: Operand): Tensor => recordElementwise(squareOp, [a], undefined);
export const pow = (a: Operand, b: Operand): Tensor => recordElementwise(powOp, [a, b], undefined);
export const maximum = (a: Operand, b: Operand): Tensor => recordElementwise(maximumOp, [a, b], undefined);
export const minimum = (a: Operand, b: Operand): Tensor => recordElementwise(minimumOp, [a, b], undefined);
