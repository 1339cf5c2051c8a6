/** Is what an implementation computed what the kernel says? */
import { stride, type Binding, type Kernel } from './kernel.js';
import type { Real } from './real.js';
import type { Value } from './tree.js';

export interface Difference {
  readonly binding: string;
  /** Element, and component of a vector. */
  readonly element: number;
  readonly component: number;
  readonly expected: string;
  readonly found: string;
  readonly count: number;
}

/**
 * The first difference of the buffers' words from the reference, if any. `ulps`: how far an exact float may be off. Ours gets none; WebGPU
 * one, because Mesa's llvmpipe 25.0 gives (x + f32(true) − 1.0) · 0.5 one unit off where every step is exact (SwiftShader does not).
 */
export function compare(
  kernel: Kernel,
  expected: readonly Value[][],
  found: readonly Uint32Array[],
  ulps = 0,
): Difference | undefined {
  let first: Omit<Difference, 'count'> | undefined;
  let count = 0;
  kernel.bindings.forEach((binding, b) => {
    const floats = new Float32Array(found[b].buffer, found[b].byteOffset, found[b].length);
    eachWord(binding, expected[b], (value, at, element, component) => {
      const fault = difference(value, found[b][at], floats[at], ulps);
      if (fault === undefined) return;
      count++;
      first ??= { binding: binding.name, element, component, ...fault };
    });
  });
  return first && { ...first, count };
}

/** Calls `visit` for every scalar with the word where it lies (the fourth word of a vec3 in an array is nobody's). */
export function eachWord(
  binding: Binding,
  values: readonly Value[],
  visit: (value: Value, at: number, element: number, component: number) => void,
): void {
  const step = stride(binding.element);
  values.forEach((value, element) => {
    const parts = Array.isArray(value) ? value : [value];
    parts.forEach((part, component) => visit(part, element * step + component, element, component));
  });
}

function difference(
  value: Value,
  word: number,
  float: number,
  ulps: number,
): { expected: string; found: string } | undefined {
  if (typeof value === 'number') {
    return value >>> 0 === word ? undefined : { expected: String(value), found: String(value < 0 ? word | 0 : word) };
  }
  const { v, e } = value as Real;
  // The reference computes in float64, whose own error is far below any bound that is not 0.
  if (e === 0 ? Math.abs(float - v) <= ulps * Math.abs(v) * 2 ** -23 : Math.abs(float - v) <= e * (1 + 1e-9))
    return undefined;
  return { expected: `${v} ± ${e}`, found: String(float) };
}

export interface Tightness {
  /** Words compared: integers, and floats that are exact everywhere. */
  exact: number;
  /** Floats with a bound. */
  bounded: number;
  /** Of them: bound below 10⁻³ of the value (or of 10⁻³, if that is more). */
  tight: number;
  /** Floats for which WGSL promises nothing here. */
  open: number;
}

/** How much the comparison of a kernel says. Only of buffers that it writes. */
export function tightness(kernel: Kernel, expected: readonly Value[][], sum: Tightness): void {
  kernel.bindings.forEach((binding, b) => {
    if (!binding.written) return;
    eachWord(binding, expected[b], (value) => {
      if (typeof value === 'number' || (value as Real).e === 0) return void sum.exact++;
      const { v, e } = value as Real;
      if (!(e < Infinity)) return void sum.open++;
      sum.bounded++;
      if (e < 1e-3 * Math.max(1e-3, Math.abs(v))) sum.tight++;
    });
  });
}
