/** Functions of one element: exp, log, sqrt, tanh, sigmoid, relu and their kin, each with its derivative. */
import type { Tensor } from '../tensor.js';
import { elementwise, recordElementwise, type Operand } from './elementwise.js';

export const expOp = elementwise({
  name: 'exp',
  arity: 1,
  weight: 6,
  functions: ['exp_'],
  expression: ([x]) => `exp_(${x})`,
  gradient: ({ outputs: [y], grad }) => [grad.mul(y)],
});
export const logOp = elementwise({
  name: 'log',
  arity: 1,
  weight: 6,
  functions: ['log_'],
  expression: ([x]) => `log_(${x})`,
  gradient: ({ inputs: [x], grad }) => [grad.div(x)],
});
/** d√x = dx / (2√x) */
export const sqrtOp = elementwise({
  name: 'sqrt',
  arity: 1,
  weight: 2,
  expression: ([x]) => `sqrt(${x})`,
  gradient: ({ outputs: [y], grad }) => [grad.div(y.mul(2))],
});
/** d(1/√x) = −y³/2·dx */
export const rsqrtOp = elementwise({
  name: 'rsqrt',
  arity: 1,
  weight: 3,
  expression: ([x]) => `1.0 / sqrt(${x})`,
  gradient: ({ outputs: [y], grad }) => [grad.mul(y.mul(y.square())).mul(-0.5)],
});
export const absOp = elementwise({
  name: 'abs',
  arity: 1,
  expression: ([x]) => `abs(${x})`,
  gradient: ({ inputs: [x], grad }) => [grad.mul(x.sign())],
});
export const signOp = elementwise({
  name: 'sign',
  arity: 1,
  expression: ([x]) => `sign(${x})`,
  gradient: () => [null],
});
export const floorOp = elementwise({
  name: 'floor',
  arity: 1,
  expression: ([x]) => `floor(${x})`,
  gradient: () => [null],
});
export const sinOp = elementwise({
  name: 'sin',
  arity: 1,
  weight: 10,
  functions: ['sin_'],
  expression: ([x]) => `sin_(${x})`,
  gradient: ({ inputs: [x], grad }) => [grad.mul(x.cos())],
});
export const cosOp = elementwise({
  name: 'cos',
  arity: 1,
  weight: 10,
  functions: ['cos_'],
  expression: ([x]) => `cos_(${x})`,
  gradient: ({ inputs: [x], grad }) => [grad.mul(x.sin()).neg()],
});
/** dtanh = (1 − y²)·dx */
export const tanhOp = elementwise({
  name: 'tanh',
  arity: 1,
  weight: 8,
  functions: ['tanh_'],
  expression: ([x]) => `tanh_(${x})`,
  gradient: ({ outputs: [y], grad }) => [grad.sub(grad.mul(y.square()))],
});
/** dσ = y(1 − y)·dx */
export const sigmoidOp = elementwise({
  name: 'sigmoid',
  arity: 1,
  weight: 8,
  functions: ['sigmoid_'],
  expression: ([x]) => `sigmoid_(${x})`,
  gradient: ({ outputs: [y], grad }) => [grad.mul(y.sub(y.square()))],
});
/** The gradient looks at the output (y > 0), so that the input of a fused ReLU need not be stored. */
export const reluOp = elementwise({
  name: 'relu',
  arity: 1,
  expression: ([x]) => `max(${x}, 0.0)`,
  gradient: ({ outputs: [y], grad }) => [grad.where(y.gt(0), 0)],
});
export const leakyReluOp = elementwise({
  name: 'leakyRelu',
  arity: 2,
  expression: ([x, slope]) => `select(${x} * ${slope}, ${x}, ${x} > 0.0)`,
  gradient: ({ inputs: [x, slope], grad }) => [grad.where(x.gt(0), grad.mul(slope)), null],
});

export const exp = (x: Operand): Tensor => recordElementwise(expOp, [x], undefined);
export const log = (x: Operand): Tensor => recordElementwise(logOp, [x], undefined);
export const sqrt = (x: Operand): Tensor => recordElementwise(sqrtOp, [x], undefined);
export const rsqrt = (x: Operand): Tensor => recordElementwise(rsqrtOp, [x], undefined);
export const abs = (x: Operand): Tensor => recordElementwise(absOp, [x], undefined);
export const sign = (x: Operand): Tensor => recordElementwise(signOp, [x], undefined);
export const floor = (x: Operand): Tensor => recordElementwise(floorOp, [x], undefined);
export const sin = (x: Operand): Tensor => recordElementwise(sinOp, [x], undefined);
export const cos = (x: Operand): Tensor => recordElementwise(cosOp, [x], undefined);
export const tanh = (x: Operand): Tensor => recordElementwise(tanhOp, [x], undefined);
export const sigmoid = (x: Operand): Tensor => recordElementwise(sigmoidOp, [x], undefined);
export const relu = (x: Operand): Tensor => recordElementwise(reluOp, [x], undefined);
export const leakyRelu = (x: Operand, slope = 0.01): Tensor => recordElementwise(leakyReluOp, [x, slope], undefined);
