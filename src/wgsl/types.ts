/** WGSL's types, as far as the subset goes. Types are plain values: compare them with `sameType`. */

export type ScalarName = 'f32' | 'f16' | 'i32' | 'u32' | 'bool';

export interface ScalarType {
  readonly kind: 'scalar';
  readonly name: ScalarName;
}

export interface VectorType {
  readonly kind: 'vector';
  readonly size: 2 | 3 | 4;
  readonly element: ScalarType;
}

/** `mat<columns>x<rows><f32>`: `columns` vectors of `rows` numbers. */
export interface MatrixType {
  readonly kind: 'matrix';
  readonly columns: 2 | 3 | 4;
  readonly rows: 2 | 3 | 4;
  readonly element: ScalarType;
}

/** `count` undefined: a runtime-sized array, only as the whole of a storage binding (or the last member of its struct). */
export interface ArrayType {
  readonly kind: 'array';
  readonly element: Type;
  readonly count: number | undefined;
}

export interface StructMember {
  readonly name: string;
  readonly type: Type;
  /** Byte offset by WGSL's layout rules. */
  readonly offset: number;
}

export interface StructType {
  readonly kind: 'struct';
  readonly name: string;
  readonly members: readonly StructMember[];
  readonly bytes: number;
  readonly align: number;
}

export interface AtomicType {
  readonly kind: 'atomic';
  readonly element: ScalarType;
}

/** Only as a function's parameter and as the value of `&x`. */
export interface PointerType {
  readonly kind: 'pointer';
  readonly space: 'function' | 'workgroup' | 'private' | 'storage';
  readonly target: Type;
  /** False for a pointer into a binding that is only read. */
  readonly writable: boolean;
}

export interface VoidType {
  readonly kind: 'void';
}

export type Type = ScalarType | VectorType | MatrixType | ArrayType | StructType | AtomicType | PointerType | VoidType;

const scalar = (name: ScalarName): ScalarType => ({ kind: 'scalar', name });
export const F32 = scalar('f32');
export const F16 = scalar('f16');
export const I32 = scalar('i32');
export const U32 = scalar('u32');
export const BOOL = scalar('bool');
export const VOID: VoidType = { kind: 'void' };

/** Vectors are made once, so that their types mostly compare by identity. */
const VECTORS = new Map(
  [F32, F16, I32, U32, BOOL].map((element) => [
    element.name,
    ([2, 3, 4] as const).map((size): VectorType => ({ kind: 'vector', size, element })),
  ]),
);

export const vectorOf = (size: 2 | 3 | 4, element: ScalarType): VectorType =>
  VECTORS.get(element.name)?.[size - 2] ?? { kind: 'vector', size, element };

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'scalar':
      return b.kind === 'scalar' && a.name === b.name;
    case 'vector':
      return b.kind === 'vector' && a.size === b.size && sameType(a.element, b.element);
    case 'matrix':
      return b.kind === 'matrix' && a.columns === b.columns && a.rows === b.rows && sameType(a.element, b.element);
    case 'array':
      return b.kind === 'array' && a.count === b.count && sameType(a.element, b.element);
    // A name is declared once in a module.
    case 'struct':
      return b.kind === 'struct' && a.name === b.name;
    case 'atomic':
      return b.kind === 'atomic' && sameType(a.element, b.element);
    case 'pointer':
      return b.kind === 'pointer' && a.space === b.space && a.writable === b.writable && sameType(a.target, b.target);
    case 'void':
      return b.kind === 'void';
  }
}

/** The type as WGSL writes it, for messages. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case 'scalar':
    case 'struct':
      return type.name;
    case 'vector':
      return `vec${type.size}<${type.element.name}>`;
    case 'matrix':
      return `mat${type.columns}x${type.rows}<${type.element.name}>`;
    case 'array':
      return `array<${typeName(type.element)}${type.count === undefined ? '' : `, ${type.count}`}>`;
    case 'atomic':
      return `atomic<${type.element.name}>`;
    case 'pointer':
      return `ptr<${type.space}, ${typeName(type.target)}>`;
    case 'void':
      return 'nothing';
  }
}
