/**
 * What a generated kernel is made of. Every node is two things at once: WGSL text, and a function that computes what the text means
 * (floats as value and error bound, see real.ts). So the generator is its own reference, independent of the compiler under test.
 */
import type { Real } from './real.js';

export type ScalarName = 'f32' | 'i32' | 'u32' | 'bool';

export type Type =
  | { readonly kind: 'scalar'; readonly of: ScalarName }
  | { readonly kind: 'vector'; readonly of: ScalarName; readonly size: number }
  | { readonly kind: 'array'; readonly element: Type; readonly count: number }
  | {
      readonly kind: 'struct';
      readonly name: string;
      readonly members: readonly { readonly name: string; readonly type: Type }[];
    };
export type ScalarType = Extract<Type, { kind: 'scalar' }>;
export type VectorType = Extract<Type, { kind: 'vector' }>;

/** Vectors, arrays and structs are arrays of their parts. */
export type Value = Real | number | boolean | Value[];

export const SCALARS: Record<ScalarName, ScalarType> = {
  f32: { kind: 'scalar', of: 'f32' },
  i32: { kind: 'scalar', of: 'i32' },
  u32: { kind: 'scalar', of: 'u32' },
  bool: { kind: 'scalar', of: 'bool' },
};
export const { f32: F32, i32: I32, u32: U32, bool: BOOL } = SCALARS;

const vectors = new Map<string, VectorType>();
/** Types are compared by identity, so each vector type is made once. */
export function vectorType(of: ScalarName, size: number): VectorType {
  const key = `${of}${size}`;
  let type = vectors.get(key);
  if (!type) vectors.set(key, (type = { kind: 'vector', of, size }));
  return type;
}

export type Numeric = ScalarType | VectorType;
/** The type with another element. */
export const like = (type: Numeric, of: ScalarName): Numeric =>
  type.kind === 'scalar' ? SCALARS[of] : vectorType(of, type.size);

export function typeText(type: Type): string {
  switch (type.kind) {
    case 'scalar':
      return type.of;
    case 'vector':
      return `vec${type.size}<${type.of}>`;
    case 'array':
      return `array<${typeText(type.element)}, ${type.count}>`;
    case 'struct':
      return type.name;
  }
}

export function zero(type: Type): Value {
  switch (type.kind) {
    case 'scalar':
      return type.of === 'f32' ? { v: 0, e: 0 } : type.of === 'bool' ? false : 0;
    case 'vector':
      return Array.from({ length: type.size }, () => zero(SCALARS[type.of]));
    case 'array':
      return Array.from({ length: type.count }, () => zero(type.element));
    case 'struct':
      return type.members.map((m) => zero(m.type));
  }
}

/** Composites are changed in place, so whoever keeps one keeps a copy. */
export function copy(value: Value): Value {
  return Array.isArray(value) ? value.map(copy) : value;
}

/** One invocation of the reference. */
export interface State {
  readonly values: Value[];
  readonly buffers: readonly Value[][];
  /** Workgroup variables, the same for every invocation of a group. */
  readonly shared: Value[];
  readonly params: Value[];
  result: Value | undefined;
}

/** How tightly an expression binds, as far as WGSL's grammar needs to know. */
export const LEVEL = { logic: 0, relation: 1, shift: 2, sum: 3, product: 4, unary: 5, primary: 6 } as const;

export interface Expr {
  readonly type: Type;
  readonly code: string;
  readonly level: number;
  readonly run: (state: State) => Value;
  /** No component of a float is larger than this in size. */
  readonly size: number;
  /** A const-expression: WGSL computes it when the shader is made, and overflow there is an error. */
  readonly constant: boolean;
  /** The operator of an expression of level `logic`: only like ones may be chained. */
  readonly op?: string;
  /** A literal without its suffix, which takes the type of its surroundings. */
  readonly bare?: string;
}

/** Something that can be assigned to. */
export interface Place extends Expr {
  readonly set: (state: State, value: Value) => void;
}

export const NORMAL = 0;
export const BREAK = 1;
export const CONTINUE = 2;
export const RETURN = 3;
export type Signal = 0 | 1 | 2 | 3;

export interface Stmt {
  /** Lines without the surrounding indentation. */
  readonly code: string;
  readonly exec: (state: State) => Signal;
  /** Of a statement with a barrier: runs it for all invocations of a group in step. */
  readonly all?: (states: readonly State[]) => void;
}

export function runBody(body: readonly Stmt[], state: State): Signal {
  for (const stmt of body) {
    const signal = stmt.exec(state);
    if (signal !== NORMAL) return signal;
  }
  return NORMAL;
}

/** Runs a group's statements; an invocation that returns takes no further part. */
export function runGroup(body: readonly Stmt[], states: readonly State[]): void {
  let active = states;
  for (const stmt of body) {
    if (stmt.all) stmt.all(active);
    else active = active.filter((state) => stmt.exec(state) !== RETURN);
  }
}

export const indent = (code: string): string => code.replace(/^(?=.)/gm, '  ');
export const block = (body: readonly Stmt[]): string => {
  const lines = body.map((s) => s.code).filter((code) => code !== '');
  return lines.length === 0 ? '{ }' : `{\n${indent(lines.join('\n'))}\n}`;
};

type Scalar1 = (a: never) => Value;
type Scalar2 = (a: never, b: never) => Value;
type Scalar3 = (a: never, b: never, c: never) => Value;

/** Applies a scalar function to each component. */
export const map1 = (f: Scalar1, a: Value): Value => (Array.isArray(a) ? a.map((x) => f(x as never)) : f(a as never));

/** A scalar among vectors is meant for each component. */
const part = (a: Value, i: number): never => (Array.isArray(a) ? a[i] : a) as never;
const width = (...values: Value[]): number => values.reduce<number>((n, v) => (Array.isArray(v) ? v.length : n), 0);

export function map2(f: Scalar2, a: Value, b: Value): Value {
  const n = width(a, b);
  if (n === 0) return f(a as never, b as never);
  return Array.from({ length: n }, (_, i) => f(part(a, i), part(b, i)));
}

export function map3(f: Scalar3, a: Value, b: Value, c: Value): Value {
  const n = width(a, b, c);
  if (n === 0) return f(a as never, b as never, c as never);
  return Array.from({ length: n }, (_, i) => f(part(a, i), part(b, i), part(c, i)));
}
