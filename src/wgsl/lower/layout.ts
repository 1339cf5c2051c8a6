/** Where WGSL puts things in memory, counted in 32-bit words. */
import { alignOf, sizeOf, strideOf } from '../check/layout.js';
import { WgslError, type Place } from '../error.js';
import type { ScalarValueType } from '../ir.js';
import type { ArrayType, ScalarType, Type } from '../types.js';

/** The middle form's type of a WGSL scalar. */
export function scalarValueType(type: ScalarType, at: Place): ScalarValueType {
  if (type.name === 'f16') throw new WgslError('f16 is not supported here', at.line, at.column);
  return type.name;
}

export const alignWords = (type: Type): number => alignOf(type) / 4;
/** Of an array without a length: of one element. */
export const sizeWords = (type: Type): number => sizeOf(type) / 4;
/** From one element of an array to the next. */
export const strideWords = (type: ArrayType): number => strideOf(type) / 4;
