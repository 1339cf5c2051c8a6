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

export const vectorOf = (size: 2 | 3 | 4, element: ScalarType): VectorType => ({ kind: 'vector', size, element });
