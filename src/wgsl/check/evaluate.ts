/** Operators on known numbers. */
import type { BinaryOperator } from '../ast.js';
import type { Place } from '../error.js';
import { evaluationFault } from './fault.js';
import { represent } from './number.js';
import { isFloat, type AnyScalar } from './types.js';

/** `a operator b` of two numbers of one type (for shifts, `b` is u32). Comparisons give 0 or 1. */
export function evaluateBinary(operator: BinaryOperator, type: AnyScalar, a: number, b: number, at: Place): number {
  switch (operator) {
    case '==':
      return a === b ? 1 : 0;
    case '!=':
      return a !== b ? 1 : 0;
    case '<':
      return a < b ? 1 : 0;
    case '<=':
      return a <= b ? 1 : 0;
    case '>':
      return a > b ? 1 : 0;
    case '>=':
      return a >= b ? 1 : 0;
    case '&&':
      return a & b;
    case '||':
      return a | b;
    default:
      if (isFloat(type)) return represent(floatArithmetic(operator, a, b), type, at);
      if (type.name === 'abstract int') return represent(Number(wide(operator, BigInt(a), BigInt(b), at)), type, at);
      return narrow(operator, type, a, b, at);
  }
}

function floatArithmetic(operator: BinaryOperator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    // The remainder has the sign of a, as in WGSL.
    case '%':
      return a % b;
    default:
      return NaN;
  }
}

const INTEGER_ZERO = 'an integer is divided by zero';

/** 64-bit integers: WGSL's abstract ones. */
function wide(operator: BinaryOperator, a: bigint, b: bigint, at: Place): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? BigInt(evaluationFault(INTEGER_ZERO, at)) : a / b;
    case '%':
      return b === 0n ? BigInt(evaluationFault(INTEGER_ZERO, at)) : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      // Past 63 bits only zero stays what it is; the result tells the overflow.
      return a === 0n ? 0n : a << (b < 64n ? b : 64n);
    default:
      return a >> b;
  }
}

/** i32, u32 and, for `&` and `|`, bool. Sums and products wrap. */
function narrow(operator: BinaryOperator, type: AnyScalar, a: number, b: number, at: Place): number {
  const wrap = (value: number): number => (type.name === 'u32' ? value >>> 0 : value | 0);
  switch (operator) {
    case '+':
      return wrap(a + b);
    case '-':
      return wrap(a - b);
    case '*':
      return wrap(Math.imul(a, b));
    case '/':
      return b === 0 ? evaluationFault(INTEGER_ZERO, at) : represent(Math.trunc(a / b), type, at);
    case '%':
      if (b === 0) return evaluationFault(INTEGER_ZERO, at);
      if (a === -0x80000000 && b === -1) return evaluationFault(`${a} % ${b} overflows i32`, at);
      return (a % b) + 0;
    case '&':
      return wrap(a & b);
    case '|':
      return wrap(a | b);
    case '^':
      return wrap(a ^ b);
    case '<<': {
      const shifted = wrap(a << b);
      // Exact in a double: a has 32 bits, the power is one of two.
      if (shifted !== a * 2 ** b) return evaluationFault(`${a} << ${b} cannot be represented as ${type.name}`, at);
      return shifted;
    }
    default:
      return type.name === 'u32' ? a >>> b : a >> b;
  }
}
