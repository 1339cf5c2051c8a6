import { describe, expect, test } from 'vitest';
import { defineLaunch, flatIndex, gridFor, input, output, u32, type Kernel } from '../../src/kernels/launch.js';
import { mathFunctions, wgslDependencies, wgslFunctions, wgslMath } from '../../src/kernels/math.js';
import { erf, sigmoid } from '../oracles/math.js';
import { randomStream } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Input, f32Spec, runKernel } from '../support/run-kernel.js';

const device = testDevice();

/** Applies one function of math.ts to every element. */
const apply = (name: string): Kernel => ({
  name,
  fusesEpilogue: false,
  variants: () => ['plain'],
  choose: () => 'plain',
  launch: ({ inputs: [{ shape }] }) => ({
    launches: [
      defineLaunch({
        name,
        bindings: [
          { name: 'x', type: 'f32', ref: input(0) },
          { name: 'y', type: 'f32', ref: output(0) },
        ],
        params: [u32('count', shape[0])],
        workgroupSize: [64, 1, 1],
        declarations: wgslMath(name),
        body: `let i = ${flatIndex(64)};\nif (i < p.count) { y[i] = ${name}(x[i]); }`,
        grid: gridFor(shape[0], 64),
      }),
    ],
  }),
  cost: () => ({ flops: 0, bytes: 0 }),
});

async function run(name: string, xs: Float32Array): Promise<ArrayLike<number>> {
  const { outputs } = await runKernel(device(), apply(name), {
    inputs: [f32Input([xs.length], xs)],
    outputs: [f32Spec(xs.length)],
    attrs: {},
  });
  return outputs[0];
}

const COUNT = 8000;
const next = randomStream(7);
const even = (lo: number, hi: number): Float32Array =>
  Float32Array.from({ length: COUNT }, (_, i) => lo + ((hi - lo) * (i + next())) / COUNT);
/** Both signs, sizes 10^lo … 10^hi. */
const scaled = (lo: number, hi: number): Float32Array =>
  Float32Array.from({ length: COUNT }, (_, i) => (i % 2 === 0 ? 1 : -1) * 10 ** (lo + (hi - lo) * next()));
const positive = (lo: number, hi: number): Float32Array => scaled(lo, hi).map(Math.abs);

const worstRelative = (actual: ArrayLike<number>, xs: Float32Array, f: (x: number) => number): number =>
  xs.reduce((worst, x, i) => {
    const error = Math.abs(actual[i] - f(x)) / Math.abs(f(x));
    // Written so that NaN is kept.
    return error <= worst ? worst : error;
  }, 0);

/** 4e-7 is about three roundings and a half to f32; each function sums up a few. */
const LIMIT = 4e-7;

describe('relative error for every finite argument stays at a few roundings', () => {
  test.each<[string, string, (x: number) => number, Float32Array]>([
    ['exp_', 'over the range of f32', Math.exp, even(-86, 88)],
    ['exp_', 'near 0', Math.exp, scaled(-20, 0)],
    ['expm1_', 'near 0 and far', Math.expm1, scaled(-20, 1.5)],
    ['sigmoid_', 'both tails', sigmoid, even(-86, 86)],
    ['tanh_', 'from 1e-20 to 1e30', Math.tanh, scaled(-20, 30)],
    ['tanh_', 'across the seam of its two branches', Math.tanh, even(0.5, 0.7)],
    ['log_', 'over the range of f32', Math.log, positive(-37, 38)],
    ['log_', 'near 1, where the built-in fails', Math.log, even(0.9, 1.1).filter((x) => x !== 1)],
    ['log1p_', 'tiny to huge', Math.log1p, positive(-30, 38)],
    ['log1p_', 'down to −1', Math.log1p, even(-0.999, 1)],
    ['sin_', 'a few turns', Math.sin, even(-20, 20)],
    ['cos_', 'a few turns', Math.cos, even(-20, 20)],
    ['sin_', 'around the change of reduction', Math.sin, even(7900, 8100)],
    ['sin_', 'huge arguments', Math.sin, scaled(3, 38.5)],
    ['cos_', 'huge arguments', Math.cos, scaled(3, 38.5)],
    ['erf_', 'tiny to beyond 1', erf, scaled(-20, 1)],
    ['erf_', 'across the seam of its two branches', erf, even(0.9, 4.1)],
  ])('%s, %s', async (name, _, f, xs) => {
    expect(worstRelative(await run(name, xs), xs, f)).toBeLessThan(LIMIT);
  });
});

test('large arguments saturate instead of turning into NaN', async () => {
  const large = Float32Array.of(100, -100, 1e10, -1e10, 3e38, -3e38);
  expect(Array.from(await run('tanh_', large))).toEqual([1, -1, 1, -1, 1, -1]);
  expect(Array.from(await run('erf_', large))).toEqual([1, -1, 1, -1, 1, -1]);
  const [a, b, c, d, e, f] = Array.from(await run('sigmoid_', large));
  expect([a, c, e]).toEqual([1, 1, 1]);
  for (const small of [b, d, f]) expect(small).toBeLessThan(1e-37);
});

test('zero stays zero in the odd functions, and the logarithm has its pole there', async () => {
  for (const name of ['tanh_', 'erf_', 'sin_', 'expm1_', 'log1p_']) {
    expect((await run(name, Float32Array.of(0)))[0] === 0, name).toBe(true);
  }
  const [atZero, atOne, below] = Array.from(await run('log_', Float32Array.of(0, 1, -1)));
  expect(atZero).toBe(-Infinity);
  expect(atOne === 0).toBe(true);
  expect(below).toBeNaN();
});

test('each text comes after those that it calls', () => {
  const names = Object.keys(wgslFunctions);
  names.forEach((name, i) => {
    for (const needed of wgslDependencies[name]) expect(names.indexOf(needed)).toBeLessThan(i);
    for (const needed of wgslDependencies[name]) expect(names.indexOf(needed)).toBeGreaterThanOrEqual(0);
  });
  expect(wgslMath('tanh_', 'sigmoid_').match(/fn exp_\(/g)).toHaveLength(1);
  expect(wgslMath('exp_')).not.toContain('tanh_');
  for (const name of names) expect(mathFunctions).toContain(`fn ${name}(`);
});
