import { describe, expect, test } from 'vitest';
import { fft, fftFactors, fftTable, irfft, realTable, rfft } from '../../src/kernels/fft.js';
import type { Kernel } from '../../src/kernels/launch.js';
import { dftOracle, irdftOracle, rdftOracle } from '../oracles/fft.js';
import { randomArray, relativeNorm } from '../support/compare.js';
import { ON_WEBGPU, testDevice } from '../support/device.js';
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

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const isPrime = (n: number): boolean => upTo(Math.floor(Math.sqrt(n))).every((d) => d === 1 || n % d !== 0);
const primes = upTo(4099).filter((n) => n > 512 && isPrime(n));
/** Every 25th prime, and the last. */
const somePrimes = primes.filter((_, i) => i % 25 === 0 || i === primes.length - 1);

/** `passes` compiles once for all lengths. */
const EVERY = ON_WEBGPU ? [...upTo(40), 97, 101, 256, 400, 431, 512, 4099] : [...upTo(512), ...somePrimes];
/** The variants that hold rows in workgroup memory are compiled for each length: every radix first, in the middle and last; both parities; rough. */
const BAKED = ON_WEBGPU
  ? [1, 2, 3, 7, 12, 17, 60, 64, 400]
  : [...upTo(13), 16, 17, 20, 34, 35, 63, 64, 77, 91, 101, 128, 143, 114, 257, 400, 431, 512, 1000, 1001, 2048];
const ROWS = 2;
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

/** ‖a − b‖/‖b‖ of a variant's result. */
async function distance<A>(
  kernel: Kernel<A>,
  options: RunKernelOptions<A>,
  variant: string,
  expected: Float64Array,
): Promise<number> {
  const { outputs } = await runKernel(device(), kernel, { ...options, variant });
  return relativeNorm(outputs[0], expected);
}

/** The variants that are there for this problem, of those asked for. */
const variantsOf = <A>(kernel: Kernel<A>, options: RunKernelOptions<A>, baked: boolean): string[] =>
  kernel.variants(problemOf(device(), options)).filter((variant) => (variant !== 'passes') === baked);

/** The worst distance from `expected` of every variant that the kernel names for this problem. */
async function worst<A>(kernel: Kernel<A>, options: RunKernelOptions<A>, expected: Float64Array): Promise<number> {
  let found = 0;
  for (const variant of kernel.variants(problemOf(device(), options))) {
    found = Math.max(found, await distance(kernel, options, variant, expected));
  }
  return found;
}

async function agree<A>(
  kernel: Kernel<A>,
  optionsOf: (n: number) => RunKernelOptions<A>,
  oracle: (x: ArrayLike<number>, n: number) => Float64Array,
  lengths: readonly number[],
  baked: boolean,
): Promise<void> {
  for (const n of lengths) {
    const options = optionsOf(n);
    const expected = oracle(options.inputs[0].data as Float32Array, n);
    for (const variant of variantsOf(kernel, options, baked)) {
      const found = await distance(kernel, options, variant, expected);
      expect(found, `${kernel.name}.${variant}, n = ${n}`).toBeLessThan(bound(n));
    }
  }
}

describe.each([
  ['passes', EVERY, false],
  ['rows in workgroup memory', BAKED, true],
] as const)('%s agree with float64 at every length', (_, lengths, baked) => {
  test('fft', () =>
    agree(
      fft,
      (n) => fftOptions(n, false),
      (x, n) => dftOracle(x, ROWS, n),
      lengths,
      baked,
    ));
  test('inverse fft', () => {
    const some = lengths.filter((_length, i) => i % 3 === 0 || i < 20);
    return agree(
      fft,
      (n) => fftOptions(n, true),
      (x, n) => dftOracle(x, ROWS, n, true),
      some,
      baked,
    );
  });
  test('rfft', () =>
    agree(
      rfft,
      (n) => rfftOptions(n),
      (x, n) => rdftOracle(x, ROWS, n),
      lengths,
      baked,
    ));
  test('irfft', () =>
    agree(
      irfft,
      (n) => irfftOptions(n),
      (x, n) => irdftOracle(x, ROWS, n),
      lengths,
      baked,
    ));
});

test('lengths whose rows fit in no workgroup memory go through passes', () => {
  expect(fft.variants(problemOf(device(), fftOptions(65536, false, 1)))).toEqual(['passes']);
  expect(rfft.variants(problemOf(device(), rfftOptions(4096)))).toContain('workgroup');
});

test.each([1, 2, 4, 5, 8, 131])('%i rows', async (rows) => {
  for (const n of [6, 58]) {
    const options = rfftOptions(n, rows);
    expect(await worst(rfft, options, rdftOracle(options.inputs[0].data, rows, n)), `n = ${n}`).toBeLessThan(bound(n));
    const inverse = irfftOptions(n, rows);
    expect(await worst(irfft, inverse, irdftOracle(inverse.inputs[0].data, rows, n))).toBeLessThan(bound(n));
  }
});

test('an inverse leads back to where it began', async () => {
  for (const n of ON_WEBGPU ? [60] : [60, 61, 106]) {
    const options = rfftOptions(n);
    for (const variant of rfft.variants(problemOf(device(), options))) {
      const { outputs } = await runKernel(device(), rfft, { ...options, variant });
      const spectrum = f32Input([ROWS, bins(n), 2], outputs[0] as Float32Array);
      const back = await runKernel(device(), irfft, {
        ...irfftOptions(n),
        inputs: [spectrum, options.inputs[1]],
        variant,
      });
      expect(relativeNorm(back.outputs[0], options.inputs[0].data)).toBeLessThan(2 * bound(n));
    }
  }
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
  for (const n of EVERY) expect(fftFactors(n).reduce((a, b) => a * b, 1)).toBe(n);
  expect(fftFactors(1024)).toEqual([8, 8, 4, 4]);
  expect(fftFactors(512)).toEqual([8, 8, 8]);
  expect(fftFactors(400)).toEqual([4, 4, 5, 5]);
  expect(fftFactors(127)).toEqual([127]);
});

test('the chirp of a long prime is as exact as a float32 can be', () => {
  const n = 4099;
  const table = fftTable(n);
  for (const k of [1, 2000, 4098]) {
    // k² modulo 2n by whole numbers of any size.
    const turn = Number((BigInt(k) * BigInt(k)) % BigInt(2 * n));
    expect(table[2 * (n + k)]).toBe(Math.fround(Math.cos((-Math.PI * turn) / n)));
    expect(table[2 * (n + k) + 1]).toBe(Math.fround(Math.sin((-Math.PI * turn) / n)));
  }
});
