/** Where things lie in memory: sizes and alignments by WGSL's rules (specification, 14.4), in bytes. */
import type { ArrayType, StructMember, StructType, Type } from '../types.js';

/** Of a value, or of a variable of one invocation: an array of 65,535 words, as long as WGSL asks for. */
export const MOST_BYTES = 4 * 65535;

const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

const scalarBytes = (name: string): number => (name === 'f16' ? 2 : 4);
/** A vec3 is aligned like a vec4. */
const vectorAlign = (size: number, name: string): number => (size === 2 ? 2 : 4) * scalarBytes(name);

export function alignOf(type: Type): number {
  switch (type.kind) {
    case 'scalar':
      return scalarBytes(type.name);
    case 'vector':
      return vectorAlign(type.size, type.element.name);
    case 'matrix':
      return vectorAlign(type.rows, type.element.name);
    case 'array':
      return alignOf(type.element);
    case 'struct':
      return type.align;
    default:
      return 4;
  }
}

/** Of an array without a length: the size of one element. */
export function sizeOf(type: Type): number {
  switch (type.kind) {
    case 'scalar':
      return scalarBytes(type.name);
    case 'vector':
      return type.size * scalarBytes(type.element.name);
    case 'matrix':
      return type.columns * vectorAlign(type.rows, type.element.name);
    case 'array':
      return strideOf(type) * (type.count ?? 1);
    case 'struct':
      return type.bytes;
    default:
      return 4;
  }
}

/** From one element to the next. */
export const strideOf = (type: ArrayType): number => roundUp(sizeOf(type.element), alignOf(type.element));

/** A member before it has its place; `align` and `size` are attributes. */
export interface MemberDeclaration {
  readonly name: string;
  readonly type: Type;
  readonly align: number | undefined;
  readonly size: number | undefined;
}

export function layOut(name: string, declarations: readonly MemberDeclaration[]): StructType {
  const members: StructMember[] = [];
  let end = 0;
  let align = 1;
  for (const { name: memberName, type, align: ownAlign, size } of declarations) {
    const memberAlign = ownAlign ?? alignOf(type);
    const offset = roundUp(end, memberAlign);
    members.push({ name: memberName, type, offset });
    end = offset + (size ?? sizeOf(type));
    align = Math.max(align, memberAlign);
  }
  return { kind: 'struct', name, members, bytes: roundUp(end, align), align };
}
