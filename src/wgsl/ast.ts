/**
 * The checked syntax tree: what the parser reads and the checker completes, and what `lower/` turns into the middle form (ir.ts). Everything is
 * resolved: an identifier is its declaration, every expression has a concrete type (abstract numbers are gone, conversions are explicit), and
 * what WGSL calls a const-expression is a `literal` (or a `construct` of literals). Short forms are spelled out: `x += y` and `x++` are `assign`s with an operator, `for` and `while` are
 * `loop`s. Every node knows its place in the text.
 */
import type { Place } from './error.js';
import type { ScalarType, StructType, Type } from './types.js';

export interface Module {
  readonly bindings: readonly Binding[];
  /** The uniform block, if any. */
  readonly uniform: Uniform | undefined;
  /** Module-scope `var<workgroup>` and `var<private>`. */
  readonly variables: readonly Variable[];
  readonly functions: readonly FunctionDeclaration[];
  readonly main: FunctionDeclaration;
  readonly workgroupSize: readonly [number, number, number];
  /** `enable` lines: 'f16', 'subgroups'. */
  readonly enables: readonly string[];
}

/** `@group(0) @binding(index) var<storage, …> name: array<…>` (or a struct whose last member is one). */
export interface Binding {
  readonly kind: 'binding';
  readonly name: string;
  readonly index: number;
  readonly type: Type;
  readonly writable: boolean;
  readonly at: Place;
}

/** `@group(0) @binding(index) var<uniform> name: Struct`. */
export interface Uniform {
  readonly kind: 'uniform';
  readonly name: string;
  readonly index: number;
  readonly type: StructType;
  readonly at: Place;
}

/** Memory that has an address: `var`, in a function or at module scope. Always zero at first where `initial` is missing. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
  readonly space: 'function' | 'workgroup' | 'private';
  readonly type: Type;
  readonly initial: Expression | undefined;
  readonly at: Place;
}

/** A name for a value: `let`, or a function's parameter. (`const` is gone: its uses are literals; so is a `let` of a pointer: its uses are `&x`.) */
export interface Value {
  readonly kind: 'value';
  readonly name: string;
  readonly type: Type;
  readonly at: Place;
}

export type BuiltinValue =
  | 'global_invocation_id'
  | 'local_invocation_id'
  | 'workgroup_id'
  | 'num_workgroups'
  | 'local_invocation_index'
  | 'subgroup_size'
  | 'subgroup_invocation_id';

export interface Parameter {
  readonly value: Value;
  /** Of `main` only. */
  readonly builtin: BuiltinValue | undefined;
}

export interface FunctionDeclaration {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: Type;
  readonly body: readonly Statement[];
  readonly at: Place;
}

export type UnaryOperator = '-' | '!' | '~';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
export type BinaryOperator = ArithmeticOperator | '==' | '!=' | '<' | '<=' | '>' | '>=' | '&&' | '||';

interface Node {
  /** The type of the value. Of a reference (a variable, an element of one) it is the type stored there. */
  readonly type: Type;
  readonly at: Place;
}

export type Expression =
  /** A scalar: f32 and f16 already rounded to it, integers in range, bool as 0 or 1. */
  | (Node & { readonly kind: 'literal'; readonly value: number })
  | (Node & { readonly kind: 'name'; readonly target: Value | Variable | Binding | Uniform })
  | (Node & { readonly kind: 'member'; readonly object: Expression; readonly member: number })
  /** Components of a vector, by number: `v.x` is [0], `v.wzyx` is [3, 2, 1, 0]. */
  | (Node & { readonly kind: 'swizzle'; readonly object: Expression; readonly components: readonly number[] })
  /** Of an array, a vector or a matrix; the index is i32 or u32. */
  | (Node & { readonly kind: 'index'; readonly object: Expression; readonly index: Expression })
  | (Node & { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression })
  /** Operands may be a vector and a scalar for arithmetic (the scalar is meant for each component); matrix products too. */
  | (Node & {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  /** Zero value (no arguments), vector from parts or from one scalar, array, struct, matrix. */
  | (Node & { readonly kind: 'construct'; readonly arguments: readonly Expression[] })
  /** Value conversion of a scalar or vector to `type`'s element type. */
  | (Node & { readonly kind: 'convert'; readonly operand: Expression })
  | (Node & { readonly kind: 'bitcast'; readonly operand: Expression })
  /** A builtin function by its WGSL name: `min`, `select`, `fma`, `dot`, `arrayLength`, `subgroupBroadcast`, `atomicAdd`, … */
  | (Node & { readonly kind: 'builtin'; readonly name: string; readonly arguments: readonly Expression[] })
  | (Node & { readonly kind: 'call'; readonly target: FunctionDeclaration; readonly arguments: readonly Expression[] })
  /** `&x` and `*x`. */
  | (Node & { readonly kind: 'address'; readonly operand: Expression })
  | (Node & { readonly kind: 'dereference'; readonly operand: Expression });

interface Line {
  readonly at: Place;
}

export type Statement =
  | (Line & { readonly kind: 'let'; readonly value: Value; readonly initial: Expression })
  | (Line & { readonly kind: 'var'; readonly variable: Variable })
  /** `place = value`, or `place = place operator value`, the place's parts evaluated once. Place undefined: `_ = value`. */
  | (Line & {
      readonly kind: 'assign';
      readonly place: Expression | undefined;
      readonly operator: ArithmeticOperator | undefined;
      readonly value: Expression;
    })
  | (Line & { readonly kind: 'call'; readonly call: Expression })
  | (Line & {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
    })
  /**
   * `initial` once; then for ever: `body`, `continuing`. Of `for (i; c; u) b`: initial i, body `if (!c) break; b`, continuing u.
   * `breakIf`: WGSL's `break if` at the end of `continuing`.
   */
  | (Line & {
      readonly kind: 'loop';
      readonly initial: readonly Statement[];
      readonly body: readonly Statement[];
      readonly continuing: readonly Statement[];
      readonly breakIf: Expression | undefined;
    })
  | (Line & {
      readonly kind: 'switch';
      readonly selector: Expression;
      readonly cases: readonly {
        readonly values: readonly number[];
        readonly isDefault: boolean;
        readonly body: readonly Statement[];
      }[];
    })
  | (Line & { readonly kind: 'block'; readonly body: readonly Statement[] })
  | (Line & { readonly kind: 'break' })
  | (Line & { readonly kind: 'continue' })
  | (Line & { readonly kind: 'return'; readonly value: Expression | undefined })
  /** `workgroupBarrier()` or `storageBarrier()`. */
  | (Line & { readonly kind: 'barrier'; readonly storage: boolean });

export type Element = ScalarType;
