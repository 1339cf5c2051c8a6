/**
 * What is known of a value in the four lanes. Integers that go up evenly from lane to lane are kept as the first lane's scalar: addresses then are
 * computed once for the four, and neighbouring words are loaded together. Integers wrap modulo 2³² here as everywhere, so sums and products of such
 * values stay exact.
 */
import { add, binary, compose, constant, isConst, isInteger, mul, neg, splat } from '../build.js';
import type { BinaryOp, Expr } from '../ir.js';
import type { Slot } from './draft.js';

export type Lanes = Uniform | Strided | Comparison | Packed;

/** Where a value was put into a local: there its packed form may be made too. `copy`: see state.ts. */
export interface Home {
  readonly copy: object;
  readonly slot: Slot;
}

/** Equal in all lanes: a scalar. */
export interface Uniform {
  readonly kind: 'uniform';
  readonly value: Expr;
  /** A power of two that divides it; 1 where nothing is known. */
  readonly align: number;
  readonly home?: Home;
}

/** i32 or u32: lane l is first + l · step, both scalars. */
export interface Strided {
  readonly kind: 'strided';
  readonly first: Expr;
  readonly step: Expr;
  /** The step is 1, or (where it is no constant) 0 or 1 at run time. */
  readonly unit: boolean;
  /** Of `first`. */
  readonly align: number;
  readonly home?: Home;
}

/** `a op b`, of which a packed value is made only where it is needed. All scalars in it are atoms (state.ts). */
export interface Comparison {
  readonly kind: 'comparison';
  readonly op: BinaryOp;
  readonly a: Strided;
  readonly b: Uniform;
  readonly home?: Home;
}

/** Anything: a packed four. */
export interface Packed {
  readonly kind: 'packed';
  readonly value: Expr;
}

const MAX_ALIGN = 65536;

export const uniform = (value: Expr, align = alignOf(value)): Uniform => ({ kind: 'uniform', value, align });
export const packed = (value: Expr): Packed => ({ kind: 'packed', value });

export function strided(first: Expr, step: Expr, align: number, unit = isConst(step, 1)): Lanes {
  if (isConst(step, 0)) return uniform(first, align);
  return { kind: 'strided', first, step, unit, align };
}

export const hasStepOne = (a: Strided): boolean => isConst(a.step, 1);

/** `first` is a multiple of 4, and so lanes 0 … 3 of step 1 differ in the lowest two bits only. */
export const isAligned = (a: Strided): boolean => a.unit && a.align % 4 === 0;

function alignOf(e: Expr): number {
  return e.kind === 'const' && isInteger(e.type) ? alignOfNumber(e.value) : 1;
}

export function alignOfNumber(n: number): number {
  return n === 0 ? MAX_ALIGN : Math.min(MAX_ALIGN, (n & -n) >>> 0);
}

export function alignOfProduct(a: number, b: number): number {
  return Math.min(MAX_ALIGN, a * b);
}

/** A constant per lane. */
export function lanesOf(type: 'i32' | 'u32', of: (lane: number) => number): Expr {
  const at = (lane: number): Expr => constant(type, of(lane));
  return compose([at(0), at(1), at(2), at(3)]);
}

/** All lanes of a strided value. */
export function spread(a: Strided): Expr {
  const { first, step } = a;
  const type = first.type === 'i32' ? 'i32' : 'u32';
  if (isConst(step)) {
    if (isConst(first)) return lanesOf(type, (lane) => first.value + lane * step.value);
    return add(
      splat(first),
      lanesOf(type, (lane) => lane * step.value),
    );
  }
  return add(splat(first), mul(splat(step), iota(type)));
}

export const iota = (type: 'i32' | 'u32'): Expr => lanesOf(type, (lane) => lane);

/** One lane of a strided value. */
export const laneOf = (a: Strided, lane: number): Expr =>
  lane === 0 ? a.first : add(a.first, mul(a.step, constant(a.step.type, lane)));

const MIRROR: Partial<Record<BinaryOp, BinaryOp>> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'gt',
  le: 'ge',
  gt: 'lt',
  ge: 'le',
};
export const mirror = (op: BinaryOp): BinaryOp => MIRROR[op] ?? op;

const INVERSE: Partial<Record<BinaryOp, BinaryOp>> = { eq: 'ne', ne: 'eq', lt: 'ge', ge: 'lt', gt: 'le', le: 'gt' };
/** Of integers. */
export const inverse = (c: Comparison): Comparison => ({ ...c, op: INVERSE[c.op] ?? c.op, home: undefined });

/** The difference of two strided values is uniform where they go up alike. */
export const subtractSteps = (a: Expr, b: Expr): Expr => binary('sub', a, b);
export const negateStep = (step: Expr): Expr =>
  step.type === 'i32' ? neg(step) : binary('sub', constant('u32', 0), step);
