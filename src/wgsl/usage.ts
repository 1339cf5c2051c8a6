/** What a kernel uses, as far as the choice of how to compile it depends on it. */
import type { Module } from './ast.js';
import type { Type } from './types.js';

/**
 * Whether a kernel is written in vec4: its memory (bindings or workgroup variables) holds them. One that only computes with a vec4 here and there,
 * as a random generator does, is faster with four invocations side by side.
 */
export const usesPacked = (module: Module): boolean =>
  module.bindings.some((b) => holdsFours(b.type)) ||
  module.variables.some((v) => v.space === 'workgroup' && holdsFours(v.type));

export const usesSubgroups = (module: Module): boolean => module.enables.includes('subgroups');

function holdsFours(type: Type): boolean {
  switch (type.kind) {
    case 'vector':
      return type.size === 4;
    case 'array':
      return holdsFours(type.element);
    case 'struct':
      return type.members.some((m) => holdsFours(m.type));
    default:
      return false;
  }
}
