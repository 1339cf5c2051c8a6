/** What WGSL lets lie in buffers, and how. */
import type { Type } from '../types.js';
import { alignOf } from './layout.js';

export const isSized = (type: Type): boolean =>
  type.kind === 'array'
    ? type.count !== undefined
    : type.kind !== 'struct' || type.members.every((member) => isSized(member.type));

export function hasAtomics(type: Type): boolean {
  if (type.kind === 'array') return hasAtomics(type.element);
  return type.kind === 'atomic' || (type.kind === 'struct' && type.members.some((member) => hasAtomics(member.type)));
}

/** bool has no form in a buffer. */
export function isHostShareable(type: Type): boolean {
  switch (type.kind) {
    case 'scalar':
      return type.name !== 'bool';
    case 'vector':
      return type.element.name !== 'bool';
    case 'array':
      return isHostShareable(type.element);
    case 'struct':
      return type.members.every((member) => isHostShareable(member.type));
    default:
      return type.kind === 'matrix' || type.kind === 'atomic';
  }
}

/** Whether `@align(n)` can stand before a member: a power of two, and a multiple of the type's own. */
export const isAlignment = (align: number, type: Type): boolean =>
  align >= 1 && Number.isInteger(Math.log2(align)) && align % alignOf(type) === 0;
