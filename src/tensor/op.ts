/**
 * What an op is: one object with its shape rule, its gradient rule and how it runs. The types make a missing rule a compile error.
 *
 * - `leaf`: data that exists: host arrays, scalars, stored state.
 * - `elementwise`: a WGSL expression of its inputs' elements; the compiler fuses it into its neighbours.
 * - `view`: another index into its input; fused as index arithmetic.
 * - `source`: elements made from their index (iota, random numbers).
 * - `reduce`: a sum or maximum over axes, with fused input and output.
 * - `kernel`: a hand-written kernel of `kernels/`.
 * - `effect`: a kernel that writes state in place when the step is committed (optimizers).
 */
import type { Kernel, Spec } from '../kernels/launch.js';
import type { Tensor } from './tensor.js';
import type { ViewContext, ViewIndex } from './view-index.js';

export interface GradientContext<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attrs: A;
  /** Gradient of each output; undefined where nothing depends on it. */
  readonly grads: readonly (Tensor | undefined)[];
  /** The gradient of output 0, zeros if nothing depends on it. */
  readonly grad: Tensor;
  /** Which inputs want a gradient: rules may skip the others. */
  readonly needs: readonly boolean[];
}

interface OpCommon<A> {
  readonly name: string;
  /** Shapes and types of the outputs; throws `ShapeError` that says what was given and expected. */
  shape(inputs: readonly Spec[], attrs: A): Spec[];
  /** Gradient of each input, null where there is none. */
  gradient(context: GradientContext<A>): (Tensor | null)[];
  /** The attributes as part of the program's cache key. Default: JSON. */
  key?(attrs: A): string;
}

export interface LeafOp<A = unknown> extends OpCommon<A> {
  readonly kind: 'leaf';
}

export interface ElementwiseOp<A = unknown> extends OpCommon<A> {
  readonly kind: 'elementwise';
  /** The WGSL expression over the inputs' elements, each a simple name. */
  expression(args: readonly string[], attrs: A): string;
  /** Names of `wgslFunctions` (kernels/math.ts) that the expression calls. */
  readonly functions?: readonly string[];
  /** Rough work of one element against an addition; dear expressions are computed once and stored when used twice. */
  readonly weight: number;
}

export interface ViewOp<A = unknown> extends OpCommon<A> {
  readonly kind: 'view';
  /** From an index into the output to the WGSL of its element, which `context.read` fetches from an input. */
  map(context: ViewContext<A>): string;
  /** True where the output has the same elements in the same order as input 0 (reshape): then no kernel runs at all. */
  readonly sameOrder?: boolean;
}

export interface SourceOp<A = unknown> extends OpCommon<A> {
  readonly kind: 'source';
  expression(index: ViewIndex, scalars: readonly string[], output: Spec, attrs: A): string;
  /** Names of `wgslFunctions` (kernels/math.ts) that the expression or its declarations call. */
  readonly functions?: readonly string[];
  /** WGSL functions of its own that the expression calls. */
  readonly declarations?: readonly string[];
  readonly weight: number;
}

export interface ReduceAttrs {
  readonly axes: readonly number[];
}

export interface ReduceOp<A = ReduceAttrs> extends OpCommon<A> {
  readonly kind: 'reduce';
  readonly reduction: 'sum' | 'max' | 'min' | 'argmax';
}

export interface KernelOp<A = unknown> extends OpCommon<A> {
  readonly kind: 'kernel';
  readonly kernel: Kernel<A>;
}

export interface EffectOp<A = unknown> extends OpCommon<A> {
  readonly kind: 'effect';
  readonly kernel: Kernel<A>;
  /** Inputs (by index) that the kernel writes in place; they are leaves of stored state. */
  readonly writes: readonly number[];
}

/** Lays gradients side by side in one flat buffer, so that an optimizer updates all parameters in one dispatch. See ops/pack.ts. */
export interface PackOp<A = unknown> extends OpCommon<A> {
  readonly kind: 'pack';
}

export type Op<A = unknown> =
  LeafOp<A> | ElementwiseOp<A> | ViewOp<A> | SourceOp<A> | ReduceOp<A> | KernelOp<A> | EffectOp<A> | PackOp<A>;
