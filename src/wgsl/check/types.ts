/**
 * Types while checking: those of types.ts, and WGSL's abstract numbers (`1`, `1.5`), which only constants have and which become concrete where
 * they are used.
 */
import {
  BOOL,
  F16,
  F32,
  I32,
  U32,
  sameType,
  typeName,
  vectorOf,
  type ScalarType,
  type Type,
  type VectorType,
} from '../types.js';

export type Size = 2 | 3 | 4;

export interface AbstractScalar {
  readonly kind: 'scalar';
  readonly name: 'abstract int' | 'abstract float';
}
export type AnyScalar = ScalarType | AbstractScalar;

export interface AnyVector {
  readonly kind: 'vector';
  readonly size: Size;
  readonly element: AnyScalar;
}

export interface AnyMatrix {
  readonly kind: 'matrix';
  readonly columns: Size;
  readonly rows: Size;
  readonly element: AnyScalar;
}

export interface AnyArray {
  readonly kind: 'array';
  readonly element: AnyType;
  readonly count: number | undefined;
}

export type AnyType = Type | AbstractScalar | AnyVector | AnyMatrix | AnyArray;

export const ABSTRACT_INT: AbstractScalar = { kind: 'scalar', name: 'abstract int' };
export const ABSTRACT_FLOAT: AbstractScalar = { kind: 'scalar', name: 'abstract float' };

const abstractVectors = (element: AbstractScalar): readonly AnyVector[] =>
  ([2, 3, 4] as const).map((size) => ({ kind: 'vector', size, element }));
const ABSTRACT_INTS = abstractVectors(ABSTRACT_INT);
const ABSTRACT_FLOATS = abstractVectors(ABSTRACT_FLOAT);

export function vector(size: Size, element: ScalarType): VectorType;
export function vector(size: Size, element: AnyScalar): AnyVector;
export function vector(size: Size, element: AnyScalar): AnyVector {
  if (!isAbstract(element)) return vectorOf(size, element);
  return (element === ABSTRACT_INT ? ABSTRACT_INTS : ABSTRACT_FLOATS)[size - 2];
}

export const isAbstract = (element: AnyScalar): element is AbstractScalar =>
  element === ABSTRACT_INT || element === ABSTRACT_FLOAT;
export const isFloat = (element: AnyScalar): boolean =>
  element === F32 || element === F16 || element === ABSTRACT_FLOAT;
export const isInteger = (element: AnyScalar): boolean =>
  element === I32 || element === U32 || element === ABSTRACT_INT;
export const isNumber = (element: AnyScalar): boolean => element !== BOOL;

export function isConcrete(type: AnyType): type is Type {
  switch (type.kind) {
    case 'scalar':
      return !isAbstract(type);
    case 'vector':
    case 'matrix':
      return !isAbstract(type.element);
    case 'array':
      return isConcrete(type.element);
    default:
      return true;
  }
}

/** The scalar of a scalar, vector or matrix. */
export function elementOf(type: AnyType): AnyScalar | undefined {
  if (type.kind === 'scalar') return type;
  return type.kind === 'vector' || type.kind === 'matrix' ? type.element : undefined;
}

/** A scalar or vector of `type`'s shape over another element. */
export function withElement(type: AnyType, element: AnyScalar): AnyType {
  if (type.kind === 'vector') return vector(type.size, element);
  return type.kind === 'matrix' ? { ...type, element } : element;
}

/** The one of two scalars that the other converts to by itself. */
export function commonScalar(a: AnyScalar, b: AnyScalar): AnyScalar | undefined {
  if (a === b || convertsTo(b, a)) return a;
  return convertsTo(a, b) ? b : undefined;
}

/** WGSL's feasible automatic conversions between different scalars. */
export function convertsTo(from: AnyScalar, to: AnyScalar): boolean {
  if (from === ABSTRACT_INT) return to !== BOOL && to !== ABSTRACT_INT;
  return from === ABSTRACT_FLOAT && (to === F32 || to === F16);
}

/** What an abstract type becomes where nothing else decides. */
export function concreteScalar(element: AnyScalar): ScalarType {
  if (!isAbstract(element)) return element;
  return element === ABSTRACT_INT ? I32 : F32;
}

export function concreteType(type: AnyType): Type {
  if (isConcrete(type)) return type;
  switch (type.kind) {
    case 'scalar':
      return concreteScalar(type);
    case 'vector':
      return vector(type.size, concreteScalar(type.element));
    case 'matrix':
      return { ...type, element: concreteScalar(type.element) };
    case 'array':
      return { ...type, element: concreteType(type.element) };
  }
}

export function same(a: AnyType, b: AnyType): boolean {
  if (a === b) return true;
  if (isConcrete(a)) return isConcrete(b) && sameType(a, b);
  if (a.kind === 'vector') return b.kind === 'vector' && a.size === b.size && a.element === b.element;
  if (a.kind === 'matrix') {
    return b.kind === 'matrix' && a.columns === b.columns && a.rows === b.rows && a.element === b.element;
  }
  return a.kind === 'array' && b.kind === 'array' && a.count === b.count && same(a.element, b.element);
}

export function nameOf(type: AnyType): string {
  if (isConcrete(type)) return typeName(type);
  switch (type.kind) {
    case 'scalar':
      return type.name;
    case 'vector':
      return `vec${type.size}<${type.element.name}>`;
    case 'matrix':
      return `mat${type.columns}x${type.rows}<${type.element.name}>`;
    case 'array':
      return `array<${nameOf(type.element)}, ${type.count}>`;
  }
}

/** Types whose values can be made, returned and kept in a `let` or `var`: everything but atomics and arrays without a length. */
export function isConstructible(type: AnyType): boolean {
  switch (type.kind) {
    case 'scalar':
    case 'vector':
    case 'matrix':
      return true;
    case 'array':
      return type.count !== undefined && isConstructible(type.element);
    case 'struct':
      return type.members.every((member) => isConstructible(member.type));
    default:
      return false;
  }
}
