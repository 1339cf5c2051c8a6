/** Scalar operations as JavaScript text. f32 is a number that is rounded already, i32 and u32 a number in range, bool a boolean. */
import type { BinaryOp, ScalarValueType, UnaryOp } from '../ir.js';

const wrap = (type: ScalarValueType, text: string): string =>
  type === 'f32' ? `fround(${text})` : type === 'i32' ? `(${text} | 0)` : `(${text} >>> 0)`;

const COMPARE: Partial<Record<BinaryOp, string>> = { eq: '===', ne: '!==', lt: '<', le: '<=', gt: '>', ge: '>=' };
const ARITHMETIC: Partial<Record<BinaryOp, string>> = { add: '+', sub: '-' };
const BITS: Partial<Record<BinaryOp, string>> = { and: '&', or: '|', xor: '^' };

/** `type`: of the operands. */
export function binaryText(op: BinaryOp, type: ScalarValueType, a: string, b: string): string {
  const compare = COMPARE[op];
  if (compare !== undefined) return `(${a} ${compare} ${b})`;
  const arithmetic = ARITHMETIC[op];
  if (arithmetic !== undefined) return wrap(type, `${a} ${arithmetic} ${b}`);
  const bits = BITS[op];
  if (bits !== undefined) {
    if (type === 'bool') return op === 'xor' ? `(${a} !== ${b})` : `((${a} ${bits} ${b}) !== 0)`;
    return wrap(type, `(${a} ${bits} ${b})`);
  }
  switch (op) {
    case 'mul':
      return type === 'f32' ? `fround(${a} * ${b})` : wrap(type, `imul(${a}, ${b})`);
    case 'div':
      return type === 'f32' ? `fround(${a} / ${b})` : `div${type === 'i32' ? 'I' : 'U'}(${a}, ${b})`;
    case 'rem':
      return `rem${type === 'f32' ? 'F' : type === 'i32' ? 'I' : 'U'}(${a}, ${b})`;
    case 'shl':
      return wrap(type, `(${a} << ${b})`);
    case 'shr':
      return type === 'i32' ? `(${a} >> ${b})` : `(${a} >>> ${b})`;
    default:
      return `${op}(${a}, ${b})`; // min, max
  }
}

export function unaryText(op: UnaryOp, type: ScalarValueType, a: string): string {
  switch (op) {
    case 'neg':
      return type === 'f32' ? `(-${a})` : wrap(type, `(-${a})`);
    case 'abs':
      return type === 'i32' ? `(Math.abs(${a}) | 0)` : `Math.abs(${a})`;
    case 'floor':
    case 'ceil':
    case 'trunc':
      return `Math.${op}(${a})`;
    case 'not':
      return type === 'bool' ? `(!${a})` : wrap(type, `(~${a})`);
    case 'countOneBits':
      return `ones(${a})`;
    case 'countLeadingZeros':
      return `Math.clz32(${a})`;
    case 'countTrailingZeros':
      return `trailing(${a})`;
    default:
      return `${op}(${a})`; // sqrt, nearest; any and all of four
  }
}

export function convertText(from: ScalarValueType, to: ScalarValueType, a: string): string {
  if (from === to) return a;
  if (to === 'bool') return `(${a} !== 0)`;
  if (from === 'bool') return `(${a} ? 1 : 0)`;
  if (from === 'f32') return `to${to === 'i32' ? 'I' : 'U'}(${a})`;
  return wrap(to, `(${a})`);
}

/** bool has the bits of −1 and 0, as a lane of vec4b has. */
export function bitcastText(from: ScalarValueType, to: ScalarValueType, a: string): string {
  if (from === to) return a;
  if (from === 'bool') return bitcastText('i32', to, `(${a} ? -1 : 0)`);
  if (to === 'bool') return `(${bitcastText(from, 'i32', a)} !== 0)`;
  if (from === 'f32') return `bits${to === 'i32' ? 'I' : 'U'}(${a})`;
  if (to === 'f32') return `asF(${a})`;
  return wrap(to, `(${a})`);
}

export function constantText(type: ScalarValueType, value: number): string {
  if (type === 'bool') return value ? 'true' : 'false';
  if (Object.is(value, -0)) return '(-0)';
  return value < 0 ? `(${value})` : String(value);
}
