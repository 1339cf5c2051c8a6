/** Scalar and packed types, and constants of them. */
import type { Expr, PackedType, ScalarValueType, ValueType } from '../ir.js';
import { normalize } from './number.js';

const PACKED = { f32: 'vec4f', i32: 'vec4i', u32: 'vec4u', bool: 'vec4b' } as const;
const SCALAR = {
  f32: 'f32',
  i32: 'i32',
  u32: 'u32',
  bool: 'bool',
  vec4f: 'f32',
  vec4i: 'i32',
  vec4u: 'u32',
  vec4b: 'bool',
} as const;

export const packedType = (type: ValueType): PackedType => PACKED[SCALAR[type]];
export const scalarType = (type: ValueType): ScalarValueType => SCALAR[type];
export const isPacked = (type: ValueType): type is PackedType => type.length === 5;
/** `scalar`, or its packed four where `like` is packed. */
export const typeLike = (like: ValueType, scalar: ScalarValueType): ValueType =>
  isPacked(like) ? PACKED[scalar] : scalar;
export const isInteger = (type: ValueType): boolean => SCALAR[type] === 'i32' || SCALAR[type] === 'u32';

export type ConstExpr = Expr & { readonly kind: 'const' };

/** Packed: the same number in each lane. The number is rounded or wrapped to the type. */
export const constant = (type: ValueType, value: number): ConstExpr => ({
  kind: 'const',
  type,
  value: normalize(SCALAR[type], value),
});
export const f32 = (value: number): Expr => constant('f32', value);
export const i32 = (value: number): Expr => constant('i32', value);
export const u32 = (value: number): Expr => constant('u32', value);
export const bool = (value: boolean): Expr => (value ? TRUE : FALSE);
export const TRUE: Expr = constant('bool', 1);
export const FALSE: Expr = constant('bool', 0);

/** −0 and 0 are two numbers here. */
export const isConst = (e: Expr, value?: number): e is ConstExpr =>
  e.kind === 'const' && (value === undefined || Object.is(e.value, value));
