/** How a view or a source op says, in WGSL, which element it means. The code generator (compile/fragment.ts) implements these. */
import type { Spec } from '../kernels/launch.js';

/** One element's place in a tensor, as WGSL u32 expressions. */
export interface ViewIndex {
  readonly shape: readonly number[];
  coord(dim: number): string;
  /** Row-major position. */
  linear(): string;
}

export interface ViewContext<A = unknown> {
  readonly index: ViewIndex;
  readonly inputs: readonly Spec[];
  readonly output: Spec;
  readonly attrs: A;
  /** A u32 that depends on shapes or attributes: 0 and 1 as literals, others as uniform params, so that shapes share one pipeline. */
  int(value: number): string;
  /** An f32 attribute, likewise. */
  float(value: number): string;
  /** Names an expression, so that it is computed once. */
  let(expression: string): string;
  /** The element of input `input` at these coordinates (which must be inside), or at a row-major position. */
  read(input: number, at: readonly string[] | { linear: string }): string;
}
