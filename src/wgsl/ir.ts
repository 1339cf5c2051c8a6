/**
 * The middle form between WGSL and WebAssembly: one function, everything inlined, structured control flow, and values of eight types only.
 * It is SSA-like: a local with `mutable: false` is set exactly once, before every use; expressions are pure trees, so whatever may change
 * between its computation and its use is first put into such a local.
 *
 * **Types.** Scalars `f32 i32 u32 bool`, and packed fours `vec4f vec4i vec4u vec4b` (one WebAssembly v128; of vec4b each lane is all ones
 * or all zeros). WGSL's other types are taken apart by `lower/`: structs, vec2, vec3 and matrices into scalars; constant-indexed arrays into locals, others into `private` memory.
 *
 * **Memory** is addressed in 32-bit words. A load or store of a packed four covers words index … index + 3, in any alignment.
 * The last step of `optimize` rewrites accesses of bindings and workgroup memory to **byte addresses** (`bytes: true`): there `index` is the whole address
 * in the linear memory, `base` of that memory included, and where it is an `add` of a constant from 0 to 65,535 on the right that constant may go into the
 * instruction's offset. Only the emitter meets this form; both forms may stand side by side.
 *
 * **Width.** With width 1 the function is one invocation. With width 4 it is four neighbours in x side by side (the workgroup's x is a multiple of 4):
 * `lid.x`, `gid.x` and `lindex` are those of the first, what differs between the four is a packed four (lane l = invocation l), what is equal stays a scalar.
 */

export type ScalarValueType = 'f32' | 'i32' | 'u32' | 'bool';
export type PackedType = 'vec4f' | 'vec4i' | 'vec4u' | 'vec4b';
export type ValueType = ScalarValueType | PackedType;

export interface Local {
  readonly id: number;
  /** The WGSL name it came from, for people; not unique. */
  readonly name: string;
  readonly type: ValueType;
  readonly mutable: boolean;
}

export type Memory =
  /** A storage binding. Two bindings never overlap. */
  | { readonly kind: 'binding'; readonly index: number; readonly name: string }
  /** A workgroup variable: `words` long, zero at the start of each workgroup. */
  | { readonly kind: 'workgroup'; readonly id: number; readonly name: string; readonly words: number }
  /**
   * An array of `words` words of one invocation. With width 4 there are four such arrays, word by word next to each other, and indices count words of one
   * of them: a packed access at index i is to words 4i … 4i + 3, lane l of a gather or scatter to word 4 · index[l] + l; there are no scalar accesses.
   */
  | { readonly kind: 'private'; readonly id: number; readonly name: string; readonly words: number };

export type BuiltinName =
  'lid.x' | 'lid.y' | 'lid.z' | 'wid.x' | 'wid.y' | 'wid.z' | 'nwg.x' | 'nwg.y' | 'nwg.z' | 'lindex';

export type UnaryOp =
  /** f32: rounding is to even; `sqrt` exact. abs and neg also of i32 (wrapping). */
  | 'neg'
  | 'abs'
  | 'sqrt'
  | 'floor'
  | 'ceil'
  | 'trunc'
  | 'nearest'
  /** bool: not; integers: complement. */
  | 'not'
  /** Integers. */
  | 'countOneBits'
  | 'countLeadingZeros'
  | 'countTrailingZeros'
  /** vec4b → bool. */
  | 'any'
  | 'all';

export type BinaryOp =
  /** Integers wrap; x / 0 is x and x % 0 is 0, as WGSL has it, and i32's −2³¹ / −1 is −2³¹. f32 `rem` is x − y·trunc(x / y). */
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'rem'
  /** min and max: of f32 with a NaN, either operand (`pmin`, `pmax` serve). */
  | 'min'
  | 'max'
  /** Integers; `and`, `or`, `xor` also of bool. Shifts count modulo 32; the count is u32 (packed shifted by packed: each lane its own). `shr` follows the sign for i32. */
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shr'
  /** Give bool (vec4b). */
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge';

export type Expr =
  /** f32: rounded; i32, u32: in range; bool: 0 or 1. Packed: the same number in each lane. */
  | { readonly kind: 'const'; readonly type: ValueType; readonly value: number }
  | { readonly kind: 'local'; readonly type: ValueType; readonly local: Local }
  | { readonly kind: 'builtin'; readonly type: 'u32'; readonly name: BuiltinName }
  /** A word of the uniform block, read as `type`. Equal for the whole dispatch. */
  | { readonly kind: 'param'; readonly type: 'f32' | 'i32' | 'u32'; readonly word: number }
  /** The byte address at which a memory (a binding or workgroup memory) begins. Equal for the whole workgroup. */
  | { readonly kind: 'base'; readonly type: 'u32'; readonly memory: Memory }
  /** The length of a binding in words. */
  | { readonly kind: 'length'; readonly type: 'u32'; readonly binding: number }
  /** `index` u32, in words (`bytes`: a byte address, see above). Width 4 with a scalar type: one load, equal for all four. */
  | {
      readonly kind: 'load';
      readonly type: ValueType;
      readonly memory: Memory;
      readonly index: Expr;
      readonly line: number;
      readonly bytes?: true;
    }
  /** Width 4: four loads, lane l from word index[l] (vec4u); lanes outside of `mask` (vec4b) give 0 and touch nothing. */
  | {
      readonly kind: 'gather';
      readonly type: PackedType;
      readonly memory: Memory;
      readonly index: Expr;
      readonly mask: Expr | undefined;
      readonly line: number;
      readonly bytes?: true;
    }
  | { readonly kind: 'unary'; readonly type: ValueType; readonly op: UnaryOp; readonly a: Expr }
  /** Operands of one type (of comparisons: the operands' type is `a.type`). */
  | { readonly kind: 'binary'; readonly type: ValueType; readonly op: BinaryOp; readonly a: Expr; readonly b: Expr }
  /** Both sides are evaluated. Condition: bool, or vec4b for packed sides (lane by lane). */
  | {
      readonly kind: 'select';
      readonly type: ValueType;
      readonly condition: Expr;
      readonly yes: Expr;
      readonly no: Expr;
    }
  /** By value: f32 → integer truncates and saturates (NaN gives 0); integer ↔ integer keeps the bits; bool → number 0 or 1; number → bool `!= 0`. Lane by lane if packed. */
  | { readonly kind: 'convert'; readonly type: ValueType; readonly a: Expr }
  | { readonly kind: 'bitcast'; readonly type: ValueType; readonly a: Expr }
  /** Scalar → all four lanes. */
  | { readonly kind: 'splat'; readonly type: PackedType; readonly a: Expr }
  | { readonly kind: 'compose'; readonly type: PackedType; readonly parts: readonly [Expr, Expr, Expr, Expr] }
  | { readonly kind: 'extract'; readonly type: ScalarValueType; readonly a: Expr; readonly lane: number }
  /** `lane` u32, taken modulo 4. */
  | { readonly kind: 'extractAt'; readonly type: ScalarValueType; readonly a: Expr; readonly lane: Expr }
  | {
      readonly kind: 'insert';
      readonly type: PackedType;
      readonly a: Expr;
      readonly lane: number;
      readonly value: Expr;
    }
  | {
      readonly kind: 'insertAt';
      readonly type: PackedType;
      readonly a: Expr;
      readonly lane: Expr;
      readonly value: Expr;
    }
  /** Lanes 0–3 are of a, 4–7 of b. */
  | {
      readonly kind: 'shuffle';
      readonly type: PackedType;
      readonly a: Expr;
      readonly b: Expr;
      readonly lanes: readonly [number, number, number, number];
    }
  /** Only before vectorizing (its result is shuffles and sums over lanes). A subgroup is the four invocations of width 4. `b`: the lane or delta, if the operation has one. */
  | {
      readonly kind: 'subgroup';
      readonly type: ScalarValueType;
      readonly op: SubgroupOp;
      readonly a: Expr;
      readonly b: Expr | undefined;
      readonly line: number;
    };

export type SubgroupOp =
  | 'broadcast'
  | 'shuffle'
  | 'shuffleXor'
  | 'shuffleUp'
  | 'shuffleDown'
  | 'add'
  | 'mul'
  | 'min'
  | 'max'
  | 'and'
  | 'or'
  | 'xor'
  | 'exclusiveAdd'
  | 'inclusiveAdd'
  | 'all'
  | 'any'
  | 'invocationId';

export type Stmt =
  /** `line` is for messages. */
  | { readonly kind: 'set'; readonly local: Local; readonly value: Expr; readonly line?: number }
  | {
      readonly kind: 'store';
      readonly memory: Memory;
      readonly index: Expr;
      readonly value: Expr;
      readonly line: number;
      readonly bytes?: true;
    }
  /** Width 4: lane l of `value` to word index[l], in order of lanes, where mask[l]. */
  | {
      readonly kind: 'scatter';
      readonly memory: Memory;
      readonly index: Expr;
      readonly value: Expr;
      readonly mask: Expr | undefined;
      readonly line: number;
      readonly bytes?: true;
    }
  /** Condition bool; with width 4 after vectorizing it is equal for all four. */
  | { readonly kind: 'if'; readonly condition: Expr; readonly yes: readonly Stmt[]; readonly no: readonly Stmt[] }
  /** `branch` to a block's label leaves the block. */
  | { readonly kind: 'block'; readonly label: number; readonly body: readonly Stmt[] }
  /** Leaves at its end unless a `branch` to its own label starts it again (as in WebAssembly). */
  | { readonly kind: 'loop'; readonly label: number; readonly body: readonly Stmt[] }
  | { readonly kind: 'branch'; readonly label: number }
  /** `storage`: WGSL's `storageBarrier`, which orders storage memory; otherwise `workgroupBarrier`, which orders workgroup memory. */
  | { readonly kind: 'barrier'; readonly line: number; readonly storage?: boolean };

export interface IrFunction {
  readonly name: string;
  readonly width: 1 | 4;
  readonly workgroupSize: readonly [number, number, number];
  readonly bindings: readonly { readonly name: string; readonly index: number }[];
  /** 32-bit words of the uniform block. */
  readonly paramWords: number;
  /**
   * Run once for each workgroup, before its invocations: sets of immutable locals that are equal for all of them (no `lid`, no `lindex`) and stay
   * as they are over barriers. Only `optimize` makes it; in front of the body it means the same.
   */
  readonly prologue?: readonly Stmt[];
  readonly body: readonly Stmt[];
}
