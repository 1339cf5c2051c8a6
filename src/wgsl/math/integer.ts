/** Bits of integers. */
import { and, bitcast, constant, eq, min, not, or, scalarType, select, shl, shr, sub, unary, xor } from '../build.js';
import type { Expr } from '../ir.js';
import { bitsOf, number, unsigned, type MathContext, type MathFunction } from './context.js';

/** Number of the highest bit that is 1 (of i32: that differs from the sign); all ones if there is none. */
export const firstLeadingBit: MathFunction = (m, x) => {
  const bits = scalarType(x.type) === 'i32' ? m.let(xor(x, shr(x, unsigned(x, 31)))) : x;
  // 32 zeros give −1.
  return sub(number(x, 31), unary('countLeadingZeros', bits));
};

export const firstTrailingBit: MathFunction = (_, x) =>
  select(eq(x, number(x, 0)), number(x, -1), unary('countTrailingZeros', x));

export const reverseBits: MathFunction = (m, x) => {
  let bits = bitsOf(x);
  const swap = (mask: number, distance: number): void => {
    const b = m.let(bits);
    const up = shl(and(b, unsigned(x, mask)), unsigned(x, distance));
    bits = or(and(shr(b, unsigned(x, distance)), unsigned(x, mask)), up);
  };
  swap(0x55555555, 1);
  swap(0x33333333, 2);
  swap(0x0f0f0f0f, 4);
  swap(0x00ff00ff, 8);
  swap(0x0000ffff, 16);
  return bitcast(x.type, bits);
};

interface Field {
  readonly begin: Expr;
  /** Bits that are not in it. */
  readonly unused: Expr;
  readonly isEmpty: Expr;
}

/** A field of `count` bits from `offset` on, cut to the word. */
function field(m: MathContext, offset: Expr, count: Expr): Field {
  const u = (value: number): Expr => constant(offset.type, value);
  const begin = m.let(min(offset, u(32)));
  const length = m.let(min(count, sub(u(32), begin)));
  return { begin, unused: m.let(sub(u(32), length)), isEmpty: eq(length, u(0)) };
}

/** Of i32 the field's own sign is followed. */
export const extractBits: MathFunction = (m, x, offset, count) => {
  const { begin, unused, isEmpty } = field(m, offset, count);
  return select(isEmpty, number(x, 0), shr(shl(x, sub(unused, begin)), unused));
};

export const insertBits: MathFunction = (m, x, value, offset, count) => {
  const { begin, unused, isEmpty } = field(m, offset, count);
  const ones = shr(constant(offset.type, 0xffffffff), unused);
  const mask = m.let(bitcast(x.type, select(isEmpty, constant(offset.type, 0), shl(ones, begin))));
  return or(and(x, not(mask)), and(shl(value, begin), mask));
};
