/** Comparisons give float32 masks of 0 and 1; `where` chooses by one. Masks carry no gradient. */
import type { Tensor } from '../tensor.js';
import { elementwise, recordElementwise, type Operand } from './elementwise.js';

const comparison = (name: string, operator: string) =>
  elementwise({
    name,
    arity: 2,
    expression: ([a, b]) => `select(0.0, 1.0, ${a} ${operator} ${b})`,
    gradient: () => [null, null],
  });

export const gtOp = comparison('gt', '>');
export const geOp = comparison('ge', '>=');
export const ltOp = comparison('lt', '<');
export const leOp = comparison('le', '<=');
export const eqOp = comparison('eq', '==');

/** mask ≠ 0 ? a : b */
export const whereOp = elementwise({
  name: 'where',
  arity: 3,
  expression: ([mask, a, b]) => `select(${b}, ${a}, ${mask} != 0.0)`,
  gradient: ({ inputs: [mask], grad, needs }) => [
    null,
    needs[1] ? where(mask, grad, 0) : null,
    needs[2] ? where(mask, 0, grad) : null,
  ],
});

export const gt = (a: Operand, b: Operand): Tensor => recordElementwise(gtOp, [a, b], undefined);
export const ge = (a: Operand, b: Operand): Tensor => recordElementwise(geOp, [a, b], undefined);
export const lt = (a: Operand, b: Operand): Tensor => recordElementwise(ltOp, [a, b], undefined);
export const le = (a: Operand, b: Operand): Tensor => recordElementwise(leOp, [a, b], undefined);
export const eq = (a: Operand, b: Operand): Tensor => recordElementwise(eqOp, [a, b], undefined);
/** Elements of `a` where `mask` is not 0, else of `b`. */
export const where = (mask: Tensor, a: Operand, b: Operand): Tensor =>
  recordElementwise(whereOp, [mask, a, b], undefined);
