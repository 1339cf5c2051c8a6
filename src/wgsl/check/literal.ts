/** Numbers as they are written. */
import type { Place } from '../error.js';
import { F16, F32, I32, U32 } from '../types.js';
import { scalarConstant, type Constant } from './constant.js';
import { fail, unsupported } from './fault.js';
import { represent, roundF16 } from './number.js';
import { ABSTRACT_FLOAT, ABSTRACT_INT, type AnyScalar } from './types.js';

const MOST_DIGITS = 1000;

const DECIMAL_INTEGER = /^(0|[1-9][0-9]*)([iu]?)$/;
const DECIMAL_FLOAT = /^((?:[0-9]*\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)([fh]?)$/;
const SUFFIXED_FLOAT = /^(0|[1-9][0-9]*)([fh])$/;
const HEX_INTEGER = /^(0[xX][0-9a-fA-F]+)([iu]?)$/;
const HEX_FLOAT = /^0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?[0-9]+)([fh]?))?$/;

const SUFFIXES: Readonly<Record<string, AnyScalar>> = { i: I32, u: U32, f: F32, h: F16 };

/** The constant that a number's text stands for. */
export function literal(text: string, at: Place): Constant {
  if (text.length > MOST_DIGITS) unsupported(`numbers of more than ${MOST_DIGITS} digits are`, at);
  const integer = DECIMAL_INTEGER.exec(text) ?? HEX_INTEGER.exec(text);
  if (integer) {
    const type = SUFFIXES[integer[2]] ?? ABSTRACT_INT;
    return scalarConstant(type, represent(Number(integer[1]), type, at), at);
  }
  const float = DECIMAL_FLOAT.exec(text) ?? SUFFIXED_FLOAT.exec(text);
  if (float) {
    const type = SUFFIXES[float[2]] ?? ABSTRACT_FLOAT;
    return scalarConstant(type, represent(Number(float[1]), type, at), at);
  }
  const hex = HEX_FLOAT.exec(text);
  const whole = hex?.[1] ?? '';
  const fraction = hex?.[2] ?? '';
  if (!hex || whole + fraction === '') {
    if (/^0[0-9]+[iufh]?$/.test(text)) fail(`the number ${text} begins with a zero that says nothing`, at);
    fail(`'${text}' is not a number`, at);
  }
  const type = SUFFIXES[hex[4] ?? ''] ?? ABSTRACT_FLOAT;
  return scalarConstant(type, hexFloat(whole + fraction, Number(hex[3] ?? 0) - 4 * fraction.length, type, at), at);
}

/** `digits` · 2^exponent, which must be exactly a number of the type: hexadecimal digits are not rounded. */
function hexFloat(digits: string, exponent: number, type: AnyScalar, at: Place): number {
  const mantissa = BigInt(`0x${digits}`);
  if (mantissa === 0n) return 0;
  let shift = 0n;
  while (((mantissa >> shift) & 1n) === 0n) shift++;
  const odd = mantissa >> shift;
  // In two steps, because 2^exponent alone can leave the range where the product does not.
  const power = exponent + Number(shift);
  const half = Math.trunc(power / 2);
  const value = Number(odd) * 2 ** half * 2 ** (power - half);
  const rounded = type === F32 ? Math.fround(value) : type === F16 ? roundF16(value) : value;
  if (odd >= 1n << 53n || rounded !== value || value === 0) {
    if (value < Infinity) fail(`this number cannot be represented exactly as ${type.name}`, at);
  }
  return represent(value, type, at);
}
