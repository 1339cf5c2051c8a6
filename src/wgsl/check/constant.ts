/** Values that are known while checking. A const-expression stays a `Constant` until it meets something that is known only at run time. */
import type { Expression } from '../ast.js';
import type { Place } from '../error.js';
import { fail } from './fault.js';
import { castNumber, represent } from './number.js';
import {
  concreteType,
  convertsTo,
  elementOf,
  isConcrete,
  nameOf,
  same,
  vector,
  type AnyScalar,
  type AnyType,
} from './types.js';

export interface Constant {
  readonly kind: 'constant';
  readonly type: AnyType;
  /** Of a scalar; bool as 0 or 1. */
  readonly value: number;
  /** Components, columns, elements or members. Undefined for a scalar, and for what is zero all through. */
  readonly parts: readonly Constant[] | undefined;
  readonly at: Place;
}

/** What an expression in the text becomes: known now, or computed at run time. */
export type Operand = Constant | Expression;

export const isConstant = (operand: Operand): operand is Constant => operand.kind === 'constant';
export const areConstant = (operands: readonly Operand[]): operands is readonly Constant[] =>
  operands.every(isConstant);

export const scalarConstant = (type: AnyScalar, value: number, at: Place): Constant => ({
  kind: 'constant',
  type,
  value,
  parts: undefined,
  at,
});

export const composite = (type: AnyType, parts: readonly Constant[], at: Place): Constant => ({
  kind: 'constant',
  type,
  value: 0,
  parts,
  at,
});

export const zero = (type: AnyType, at: Place): Constant => ({
  kind: 'constant',
  type,
  value: 0,
  parts: undefined,
  at,
});

/** How many parts a composite type has, and of what type. */
export function partCount(type: AnyType): number {
  switch (type.kind) {
    case 'vector':
      return type.size;
    case 'matrix':
      return type.columns;
    case 'array':
      return type.count ?? 0;
    case 'struct':
      return type.members.length;
    default:
      return 0;
  }
}

export function partType(type: AnyType, index: number): AnyType {
  switch (type.kind) {
    case 'vector':
    case 'array':
      return type.element;
    case 'matrix':
      return vector(type.rows, type.element);
    case 'struct':
      return type.members[index].type;
    default:
      return type;
  }
}

export const partOf = (constant: Constant, index: number): Constant =>
  constant.parts ? constant.parts[index] : zero(partType(constant.type, index), constant.at);

export function partsOf(constant: Constant): readonly Constant[] {
  if (constant.parts) return constant.parts;
  return Array.from({ length: partCount(constant.type) }, (_, i) => partOf(constant, i));
}

/** Applies `f` to the scalar, or to each component of the vector or matrix. `element` is the result's. */
export function mapConstant(
  constant: Constant,
  type: AnyType,
  f: (scalar: Constant, type: AnyScalar) => Constant,
): Constant {
  if (type.kind === 'scalar') return f(constant, type);
  const parts = partsOf(constant);
  const mapped: Constant[] = [];
  // Equal parts stay one and the same, which `materialize` makes use of.
  for (let i = 0; i < parts.length; i++) {
    mapped.push(i > 0 && parts[i] === parts[i - 1] ? mapped[i - 1] : mapConstant(parts[i], partType(type, i), f));
  }
  return composite(type, mapped, constant.at);
}

/** Whether WGSL converts a type to another by itself: abstract numbers, alone or in composites. */
export function converts(from: AnyType, to: AnyType): boolean {
  if (same(from, to)) return true;
  if (from.kind === 'scalar') return to.kind === 'scalar' && convertsTo(from, to);
  if (from.kind === 'array')
    return to.kind === 'array' && from.count === to.count && converts(from.element, to.element);
  const a = elementOf(from);
  const b = elementOf(to);
  if (!a || !b || !convertsTo(a, b)) return false;
  if (from.kind === 'vector') return to.kind === 'vector' && from.size === to.size;
  return from.kind === 'matrix' && to.kind === 'matrix' && from.columns === to.columns && from.rows === to.rows;
}

/** A constant as the type that it converts to (`converts` says so). */
export function convertConstant(constant: Constant, to: AnyType): Constant {
  if (constant.type === to) return constant;
  if (!constant.parts && to.kind !== 'scalar') return zero(to, constant.at);
  return mapConstant(constant, to, (part, type) => scalarConstant(type, represent(part.value, type, part.at), part.at));
}

/** A constant's scalars by WGSL's explicit conversion. */
export function castConstant(constant: Constant, to: AnyType): Constant {
  return mapConstant(constant, to, (part, type) => {
    const from = elementOf(part.type) ?? type;
    return scalarConstant(type, castNumber(part.value, from, type, part.at), part.at);
  });
}

/** The operand as `to`, or undefined where WGSL does not convert it by itself. */
export function convert(operand: Operand, to: AnyType): Operand | undefined {
  if (operand.type === to) return operand;
  if (operand.kind === 'constant') return converts(operand.type, to) ? convertConstant(operand, to) : undefined;
  return same(operand.type, to) ? operand : undefined;
}

/** The operand as an expression of the tree; abstract numbers become i32 and f32. */
export function materialize(operand: Operand): Expression {
  if (operand.kind !== 'constant') return operand;
  const { at, value, parts } = operand;
  const type = concreteType(operand.type);
  if (!isConcrete(operand.type)) return materialize(convertConstant(operand, type));
  if (type.kind === 'scalar') return { kind: 'literal', type, at, value };
  if (!parts) return { kind: 'construct', type, at, arguments: [] };
  const splat = type.kind === 'vector' && parts.every((part) => part === parts[0]);
  return { kind: 'construct', type, at, arguments: (splat ? parts.slice(0, 1) : parts).map(materialize) };
}

/** The operand as `to`, in the tree; `what` says what wants it. */
export function expected(operand: Operand, to: AnyType, what: () => string): Expression {
  const converted = convert(operand, to);
  if (!converted) fail(`${what()} is ${nameOf(to)}, but ${nameOf(operand.type)} was found`, operand.at);
  return materialize(converted);
}
