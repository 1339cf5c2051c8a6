/** What the tests of this room share: a device for the file, and the way between fixtures and tensors. */
import { afterAll, beforeAll } from 'vitest';
import {
  init,
  parameter,
  readAll,
  shutdown,
  tensor,
  type HostArray,
  type Parameter,
  type Tensor,
} from '../../src/tensor/index.js';
import type { NdArray } from '../support/nd-array.js';
import { expectClose, relativeNorm, type Tolerance } from '../support/compare.js';

/** Opens the engine for the test file; call it once, at the top level. */
export function useEngine(): void {
  beforeAll(async () => {
    await init();
  });
  afterAll(() => shutdown());
}

/** Forward results of small layers: float32's rounding, summed over a few dozen terms. */
export const FORWARD: Tolerance = { rtol: 1e-5, atol: 2e-6 };

export const f32Of = (array: NdArray): Float32Array => Float32Array.from(array.data);
export const tensorOf = (array: NdArray): Tensor => tensor(f32Of(array), array.shape);
/** As a trainable leaf, so that it gets a gradient. */
export const leafOf = (array: NdArray): Parameter => parameter(f32Of(array), array.shape, 'test input');
export const labelsOf = (array: NdArray): Tensor => tensor(Int32Array.from(array.data), array.shape);

/** Reads tensors, all of which must be there. */
export async function read(...tensors: (Tensor | null | undefined)[]): Promise<HostArray[]> {
  return readAll(
    tensors.map((t, i) => {
      if (!t) throw new Error(`tensor ${i} is missing (a gradient that backward() did not give?)`);
      return t;
    }),
  );
}

/** Demands the shape and, within `tolerance`, the values of a fixture's array. */
export function expectArray(shape: readonly number[], data: HostArray, expected: NdArray, tolerance = FORWARD): void {
  if (shape.join() !== expected.shape.join()) {
    throw new Error(`shape (${shape.join(', ')}), expected (${expected.shape.join(', ')})`);
  }
  expectClose(data, expected.data, tolerance);
}

/** Demands ‖a − b‖₂ ≤ limit·‖b‖₂: gradients, whose elements may cancel. */
export function expectNear(data: ArrayLike<number>, expected: ArrayLike<number>, limit = 1e-5): void {
  const off = relativeNorm(data, expected);
  if (!(off <= limit)) throw new Error(`‖a − b‖₂/‖b‖₂ is ${off}, allowed ${limit}`);
}
