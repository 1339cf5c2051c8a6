import { describe, expect, test } from 'vitest';
import { fft, fftFactors, fftTable, irfft, realTable, rfft } from '../../src/kernels/fft.js';
import type { Kernel } from '../../src/kernels/launch.js';
import { dftOracle, irdftOracle, rdftOracle } from '../oracles/fft.js';
import { randomArray, relativeNorm } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import {
  f32Input,
  f32Spec,
  problemOf,
  runKernel,
  type KernelInput,
  type RunKernelOptions,
} from '../support/run-kernel.js';

const device = testDevice();

/**
 * Rounding in an FFT grows with the number of passes, so the bound on ‖a − b‖/‖b‖ is 1e-6·log2 n (and that of n = 2 for n = 1). The norm over
 * whole rows is the right measure: single bins may be small by cancellation.
 */
const bound = (n: number): number => 1e-6 * Math.max(1, Math.log2(n));

const lengths = [...Array.from({ length: 64 }, (_, i) => i + 1), 100, 127, 256, 400, 512, 1000, 1024, 2048];
const ROWS = 3;
const bins = (n: number): number => Math.floor(n / 2) + 1;

const table = (values: Float32Array): KernelInput => f32Input([values.length / 2, 2], values);

const fftOptions = (n: number, inverse: boolean, rows = ROWS): RunKernelOptions<{ inverse: boolean }> => ({
  inputs: [f32Input([rows, n, 2], randomArray(rows * n * 2, n)), table(fftTable(n))],
  outputs: [f32Spec(rows, n, 2)],
  attrs: { inverse },
});
const rfftOptions = (n: number, rows = ROWS): RunKernelOptions<Record<string, never>> => ({
  inputs: [f32Input([rows, n], randomArray(rows * n, n)), table(realTable(n))],
  outputs: [f32Spec(rows, bins(n), 2)],
  attrs: {},
});
const irfftOptions = (n: number, rows = ROWS): RunKernelOptions<{ n: number }> => ({
  inputs: [f32Input([rows, bins(n), 2], randomArray(rows * bins(n) * 2, n)), table(realTable(n))],
  outputs: [f32Spec(rows, n)],
  attrs: { n },
});

/** Runs every variant that the kernel names for this problem and gives the worst distance from `expected`. */
async function worst<A>(kernel: Kernel<A>, options: RunKernelOptions<A>, expected: Float64Array): Promise<number> {
  let distance = 0;
  for (const variant of kernel.variants(problemOf(device(), options))) {
    const { outputs } = await runKernel(device(), kernel, { ...options, variant });
    distance = Math.max(distance, relativeNorm(outputs[0], expected));
  }
  return distance;
}

describe('Fourier transforms agree with the float64 definition, every variant, every length', () => {
  // Lengths in groups: a test each would spend its time on headings.
  const groups = [
    lengths.slice(0, 16),
    lengths.slice(16, 32),
    lengths.slice(32, 48),
    lengths.slice(48, 64),
    lengths.slice(64),
  ];

  test.each(groups)('fft, n from %i', async (...ns) => {
    for (const n of ns) {
      const options = fftOptions(n, false);
      expect(await worst(fft, options, dftOracle(options.inputs[0].data, ROWS, n)), `n = ${n}`).toBeLessThan(bound(n));
    }
  });

  test.each(groups)('inverse fft, n from %i', async (...ns) => {
    for (const n of ns) {
      const options = fftOptions(n, true);
      const expected = dftOracle(options.inputs[0].data, ROWS, n, true);
      expect(await worst(fft, options, expected), `n = ${n}`).toBeLessThan(bound(n));
    }
  });

  test.each(groups)('rfft, n from %i', async (...ns) => {
    for (const n of ns) {
      const options = rfftOptions(n);
      expect(await worst(rfft, options, rdftOracle(options.inputs[0].data, ROWS, n)), `n = ${n}`).toBeLessThan(
        bound(n),
      );
    }
  });

  test.each(groups)('irfft, n from %i', async (...ns) => {
    for (const n of ns) {
      const options = irfftOptions(n);
      expect(await worst(irfft, options, irdftOracle(options.inputs[0].data, ROWS, n)), `n = ${n}`).toBeLessThan(
        bound(n),
      );
    }
  });
});

test('rows outnumber a workgroup', async () => {
  const options = fftOptions(6, false, 131);
  expect(await worst(fft, options, dftOracle(options.inputs[0].data, 131, 6))).toBeLessThan(bound(6));
});

test('no rows launch nothing', async () => {
  expect(fft.launch(problemOf(device(), fftOptions(8, false, 0))).launches).toEqual([]);
  expect(rfft.launch(problemOf(device(), rfftOptions(8, 0))).launches).toEqual([]);
  expect(irfft.launch(problemOf(device(), irfftOptions(8, 0))).launches).toEqual([]);
});

test('factors multiply to n and use as few passes as 8s and 4s allow', () => {
  for (const n of lengths) expect(fftFactors(n).reduce((a, b) => a * b, 1)).toBe(n);
  expect(fftFactors(1024)).toEqual([8, 8, 4, 4]);
  expect(fftFactors(512)).toEqual([8, 8, 8]);
  expect(fftFactors(400)).toEqual([4, 4, 5, 5]);
  expect(fftFactors(127)).toEqual([127]);
});
