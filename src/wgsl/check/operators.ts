/** Operators: which operands they take, and what they give. */
import type { BinaryOperator, UnaryOperator } from '../ast.js';
import type { Place } from '../error.js';
import { BOOL, I32, U32 } from '../types.js';
import {
  composite,
  convert,
  convertConstant,
  isConstant,
  mapConstant,
  materialize,
  partOf,
  scalarConstant,
  type Constant,
  type Operand,
} from './constant.js';
import { evaluateBinary } from './evaluate.js';
import { evaluationFault, fail } from './fault.js';
import { represent } from './number.js';
import {
  ABSTRACT_INT,
  commonScalar,
  concreteType,
  elementOf,
  isInteger,
  isNumber,
  nameOf,
  same,
  vector,
  withElement,
  type AnyScalar,
  type AnyType,
} from './types.js';

export function unary(operator: UnaryOperator, operand: Operand, at: Place): Operand {
  const { type } = operand;
  const element = type.kind === 'matrix' ? undefined : elementOf(type);
  const fits =
    element !== undefined &&
    (operator === '!'
      ? element === BOOL
      : operator === '~'
        ? isInteger(element)
        : isNumber(element) && element !== U32);
  if (!fits) fail(`the operator ${operator} takes ${UNARY_TAKES[operator]}, but ${nameOf(type)} was found`, at);
  if (operand.kind === 'constant') {
    return { ...mapConstant(operand, type, (part, scalar) => unaryConstant(operator, part, scalar, at)), at };
  }
  return { kind: 'unary', type: operand.type, at, operator, operand };
}

const UNARY_TAKES: Readonly<Record<UnaryOperator, string>> = {
  '-': 'a signed number or a vector of them',
  '!': 'a bool or a vector of them',
  '~': 'an integer or a vector of them',
};

function unaryConstant(operator: UnaryOperator, operand: Constant, type: AnyScalar, at: Place): Constant {
  const { value } = operand;
  if (operator === '!') return scalarConstant(type, 1 - value, at);
  if (operator === '-') {
    if (type === I32) return scalarConstant(type, -value | 0, at);
    return scalarConstant(type, type === ABSTRACT_INT ? 0 - value : -value, at);
  }
  return scalarConstant(type, type === U32 ? ~value >>> 0 : represent(-value - 1, type, at), at);
}

export function binary(operator: BinaryOperator, left: Operand, right: Operand, at: Place): Operand {
  if (operator === '<<' || operator === '>>') return shift(operator, left, right, at);
  const leftElement = elementOf(left.type);
  const rightElement = elementOf(right.type);
  const element = leftElement && rightElement && commonScalar(leftElement, rightElement);
  if (!element || !takes(operator, element)) refuse(operator, left, right, at);
  const a = leftElement === element ? left : toElement(left, element);
  const b = rightElement === element ? right : toElement(right, element);
  const type = resultType(operator, a.type, b.type);
  if (!type) refuse(operator, left, right, at);
  if (isConstant(b) && (operator === '/' || operator === '%') && isInteger(element)) refuseZero(b);
  return combine(operator, type, element, a, b, at);
}

function refuse(operator: BinaryOperator, left: Operand, right: Operand, at: Place): never {
  fail(`the operator ${operator} does not take ${nameOf(left.type)} and ${nameOf(right.type)}`, at);
}

function takes(operator: BinaryOperator, element: AnyScalar): boolean {
  switch (operator) {
    case '==':
    case '!=':
      return true;
    case '&&':
    case '||':
      return element === BOOL;
    case '&':
    case '|':
      return element === BOOL || isInteger(element);
    case '^':
      return isInteger(element);
    default:
      return isNumber(element);
  }
}

/** Of operands with the same element. Undefined where the shapes do not go together. */
function resultType(operator: BinaryOperator, a: AnyType, b: AnyType): AnyType | undefined {
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmeticType(operator, a, b);
    case '&&':
    case '||':
      return a.kind === 'scalar' && b.kind === 'scalar' ? a : undefined;
    case '&':
    case '|':
    case '^':
      return a.kind !== 'matrix' && same(a, b) ? a : undefined;
    default:
      return a.kind !== 'matrix' && same(a, b) ? withElement(a, BOOL) : undefined;
  }
}

/** Of one shape, of a vector and a scalar; matrices are added to their like and multiplied with what fits. */
function arithmeticType(operator: BinaryOperator, a: AnyType, b: AnyType): AnyType | undefined {
  if (a.kind === 'matrix' || b.kind === 'matrix') {
    if (operator === '*') return productType(a, b);
    return (operator === '+' || operator === '-') && same(a, b) ? a : undefined;
  }
  if (a.kind === 'scalar') return b;
  return b.kind === 'scalar' || same(a, b) ? a : undefined;
}

function productType(a: AnyType, b: AnyType): AnyType | undefined {
  if (a.kind === 'matrix') {
    if (b.kind === 'scalar') return a;
    if (b.kind === 'vector') return b.size === a.columns ? vector(a.rows, a.element) : undefined;
    return b.kind === 'matrix' && a.columns === b.rows ? { ...a, columns: b.columns } : undefined;
  }
  if (b.kind !== 'matrix') return undefined;
  if (a.kind === 'scalar') return b;
  return a.kind === 'vector' && a.size === b.rows ? vector(b.columns, b.element) : undefined;
}

/** Only constants have elements that convert. */
const toElement = (operand: Operand, element: AnyScalar): Operand =>
  operand.kind === 'constant' ? convertConstant(operand, withElement(operand.type, element)) : operand;

function combine(
  operator: BinaryOperator,
  type: AnyType,
  element: AnyScalar,
  left: Operand,
  right: Operand,
  at: Place,
): Operand {
  // Matrices are left to run time.
  const matrices = left.type.kind === 'matrix' || right.type.kind === 'matrix';
  if (!matrices && isConstant(left) && isConstant(right)) {
    if (type.kind !== 'vector') {
      return scalarConstant(
        elementOf(type) ?? element,
        evaluateBinary(operator, element, left.value, right.value, at),
        at,
      );
    }
    const parts: Constant[] = [];
    for (let i = 0; i < type.size; i++) {
      const a = left.type.kind === 'scalar' ? left.value : partOf(left, i).value;
      const b = right.type.kind === 'scalar' ? right.value : partOf(right, i).value;
      parts.push(scalarConstant(type.element, evaluateBinary(operator, element, a, b, at), at));
    }
    return composite(type, parts, at);
  }
  return {
    kind: 'binary',
    type: concreteType(type),
    at,
    operator,
    left: materialize(left),
    right: materialize(right),
  };
}

/** The count is u32, of the left side's shape, and less than the bits that there are. */
function shift(operator: '<<' | '>>', left: Operand, right: Operand, at: Place): Operand {
  const element = elementOf(left.type);
  if (!element || left.type.kind === 'matrix' || !isInteger(element)) refuse(operator, left, right, at);
  const count = convert(right, withElement(left.type, U32));
  if (!count) {
    fail(
      `the operator ${operator} takes ${nameOf(withElement(left.type, U32))} on its right, but ${nameOf(right.type)} was found`,
      right.at,
    );
  }
  const bothKnown = isConstant(left) && isConstant(count);
  if (isConstant(count) && !(bothKnown && element === ABSTRACT_INT)) {
    checkComponents(count, (n) => (n < 32 ? undefined : `a shift by ${n} bits, but the number has 32`));
  }
  return combine(operator, bothKnown ? left.type : concreteType(left.type), element, left, count, at);
}

const refuseZero = (divisor: Constant): void =>
  checkComponents(divisor, (n) => (n === 0 ? 'an integer is divided by zero' : undefined));

function checkComponents(constant: Constant, fault: (value: number) => string | undefined): void {
  const size = constant.type.kind === 'vector' ? constant.type.size : 0;
  for (let i = 0; i < Math.max(1, size); i++) {
    const reason = fault(size > 0 ? partOf(constant, i).value : constant.value);
    if (reason !== undefined) evaluationFault(reason, constant.at);
  }
}
