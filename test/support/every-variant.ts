import { expect } from 'vitest';
import type { Device } from '../../src/device/index.js';
import type { Kernel } from '../../src/kernels/launch.js';
import { expectClose, type Tolerance } from './compare.js';
import { problemOf, runKernel, type KernelResult, type RunKernelOptions } from './run-kernel.js';

/** Runs a kernel once in every variant of its ladder and holds output 0 of each to the same expectation. Returns the results by variant. */
export async function expectEveryVariant<Attrs>(
  device: Device,
  kernel: Kernel<Attrs>,
  options: RunKernelOptions<Attrs>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): Promise<Map<string, KernelResult>> {
  const problem = problemOf(device, options);
  const variants = kernel.variants(problem);
  expect(variants).toContain(kernel.choose(problem));
  const results = new Map<string, KernelResult>();
  for (const variant of variants) {
    const result = await runKernel(device, kernel, { ...options, variant });
    try {
      expectClose(result.outputs[0], expected, tolerance);
    } catch (cause) {
      throw new Error(`${kernel.name}.${variant}: ${String(cause)}`, { cause });
    }
    results.set(variant, result);
  }
  return results;
}

/**
 * The bar for sums of `terms` products of numbers in [−1, 1]: relative 1e-5, and absolute 1e-6·√terms, because the rounding errors of a long
 * float32 sum add up like a random walk while the sum itself may come out near zero.
 */
export const sumTolerance = (terms: number): Tolerance => ({ rtol: 1e-5, atol: 1e-6 * Math.sqrt(Math.max(1, terms)) });
