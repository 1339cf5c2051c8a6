/** Parts of values and of memory: `a[i]`, `a.x`, `&a`, `*a`; and which expressions name a place in memory. */
import type { Expression } from '../ast.js';
import type { Place } from '../error.js';
import { I32, U32, type PointerType } from '../types.js';
import {
  composite,
  convert,
  isConstant,
  materialize,
  partCount,
  partOf,
  partType,
  type Constant,
  type Operand,
} from './constant.js';
import { fail, unsupported } from './fault.js';
import { concreteType, nameOf, vector, type AnyScalar, type Size } from './types.js';

/** Where a value lies that can be assigned to or have its address taken. */
export interface Reference {
  readonly space: PointerType['space'] | 'uniform';
  readonly writable: boolean;
}

const SPACES: Readonly<Record<PointerType['space'] | 'uniform', Reference>> = {
  function: { space: 'function', writable: true },
  private: { space: 'private', writable: true },
  workgroup: { space: 'workgroup', writable: true },
  storage: { space: 'storage', writable: true },
  uniform: { space: 'uniform', writable: false },
};
const READ_STORAGE: Reference = { space: 'storage', writable: false };

/** Undefined for what is only a value. */
export function referenceOf(operand: Operand): Reference | undefined {
  switch (operand.kind) {
    case 'name': {
      const { target } = operand;
      if (target.kind === 'value') return undefined;
      if (target.kind === 'variable') return SPACES[target.space];
      return target.kind === 'binding' && !target.writable ? READ_STORAGE : SPACES[spaceOf(target.kind)];
    }
    case 'member':
    case 'index':
      return referenceOf(operand.object);
    case 'swizzle':
      return operand.components.length === 1 ? referenceOf(operand.object) : undefined;
    case 'dereference':
      return operand.operand.type.kind === 'pointer' ? operand.operand.type : undefined;
    default:
      return undefined;
  }
}

const spaceOf = (kind: 'binding' | 'uniform'): 'storage' | 'uniform' => (kind === 'binding' ? 'storage' : 'uniform');

/** `pointer.x` and `pointer[i]` mean what is pointed to. */
const through = (operand: Operand): Operand =>
  operand.type.kind === 'pointer' ? dereference(operand, operand.at) : operand;

export function index(given: Operand, subscript: Operand, at: Place): Operand {
  const object = through(given);
  const { type } = object;
  if (type.kind !== 'vector' && type.kind !== 'matrix' && type.kind !== 'array') {
    fail(`an array, vector or matrix is indexed, but ${nameOf(type)} was found`, at);
  }
  const known = isConstant(subscript) ? (convert(subscript, I32) ?? convert(subscript, U32)) : subscript;
  if (!known || (known.type !== I32 && known.type !== U32)) {
    fail(`an index is i32 or u32, but ${nameOf(subscript.type)} was found`, subscript.at);
  }
  if (isConstant(known)) {
    const bounded = type.kind !== 'array' || type.count !== undefined;
    if (known.value < 0 || (bounded && known.value >= partCount(type))) {
      fail(`the index ${known.value} is outside of ${nameOf(type)}`, subscript.at);
    }
    if (isConstant(object)) return { ...partOf(object, known.value), at };
  }
  const part = concreteType(partType(type, 0));
  return { kind: 'index', type: part, at, object: materialize(object), index: materialize(known) };
}

export function member(given: Operand, name: string, at: Place): Operand {
  const object = through(given);
  const { type } = object;
  if (type.kind === 'vector') return swizzle(object, type.size, type.element, name, at);
  if (type.kind !== 'struct') fail(`${nameOf(type)} has no member '${name}'`, at);
  const found = type.members.findIndex((candidate) => candidate.name === name);
  if (found < 0) fail(`${type.name} has no member '${name}'; it has ${type.members.map((m) => m.name).join(', ')}`, at);
  if (isConstant(object)) return { ...partOf(object, found), at };
  return { kind: 'member', type: type.members[found].type, at, object, member: found };
}

function swizzle(object: Operand, size: Size, element: AnyScalar, name: string, at: Place): Operand {
  const letters = 'xyzw'.includes(name[0]) ? 'xyzw' : 'rgba';
  const components = Array.from(name, (letter) => letters.indexOf(letter));
  if (name.length > 4 || components.includes(-1)) {
    fail(`${nameOf(object.type)} has no component '${name}': up to four letters of xyzw, or of rgba`, at);
  }
  const beyond = components.findIndex((component) => component >= size);
  if (beyond >= 0) fail(`${nameOf(object.type)} has ${size} components, and no '${name[beyond]}'`, at);
  const type = name.length === 1 ? element : vector(name.length as Size, element);
  if (!isConstant(object)) return { kind: 'swizzle', type: concreteType(type), at, object, components };
  if (name.length === 1) return { ...partOf(object, components[0]), at };
  return composite(
    type,
    components.map((component): Constant => partOf(object, component)),
    at,
  );
}

export function addressOf(operand: Operand, at: Place): Expression {
  const reference = referenceOf(operand);
  if (!reference || isConstant(operand)) fail('& takes a variable or a part of one, but a value was found', at);
  if (operand.kind === 'dereference') return operand.operand;
  const component = operand.kind === 'swizzle' || (operand.kind === 'index' && operand.object.type.kind === 'vector');
  if (component) fail('WGSL has no address of a single component of a vector', at);
  const { space, writable } = reference;
  if (space === 'uniform') unsupported('pointers to uniforms are', at);
  return { kind: 'address', type: { kind: 'pointer', space, target: operand.type, writable }, at, operand };
}

export function dereference(operand: Operand, at: Place): Expression {
  if (isConstant(operand) || operand.type.kind !== 'pointer') {
    fail(`* takes a pointer, but ${nameOf(operand.type)} was found`, at);
  }
  if (operand.kind === 'address') return operand.operand;
  return { kind: 'dereference', type: operand.type.target, at, operand };
}
