import { describe, expect, test } from 'vitest';
import { defineLaunch, flatIndex, gridFor, output, u32, type Kernel } from '../../src/kernels/launch.js';
import { Philox, philox4x32, philoxFunctions, randomFunctions } from '../../src/kernels/random.js';
import { philoxOracle } from '../oracles/random.js';
import { expectClose, randomStream } from '../support/compare.js';
import { testDevice } from '../support/device.js';
import { f32Spec, runKernel, u32Spec } from '../support/run-kernel.js';

const device = testDevice();
const KEY = [0x12345678, 0x9abcdef0] as const;

/** Writes numbers `first` … of one of the WGSL streams. */
const draw = (call: string, type: 'f32' | 'u32', declarations: string, first: number): Kernel => ({
  name: call,
  fusesEpilogue: false,
  variants: () => ['plain'],
  choose: () => 'plain',
  launch: ({ outputs: [{ shape }] }) => ({
    launches: [
      defineLaunch({
        name: call,
        bindings: [{ name: 'y', type, ref: output(0) }],
        params: [u32('count', shape[0]), u32('first', first), u32('key0', KEY[0]), u32('key1', KEY[1])],
        workgroupSize: [64, 1, 1],
        declarations,
        body: `let i = ${flatIndex(64)};\nif (i < p.count) { y[i] = ${call}(vec2<u32>(p.key0, p.key1), p.first + i); }`,
        grid: gridFor(shape[0], 64),
      }),
    ],
  }),
  cost: () => ({ flops: 0, bytes: 0 }),
});

const host = new Philox(...KEY);

describe('Philox4x32-10', () => {
  // The three known-answer vectors that the authors publish with their Random123 library.
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as [[number, number, number, number], [number, number], number[]][])(
    'gives the published answer for counter %j, key %j',
    (counter, key, expected) => {
      expect(philox4x32(counter, key)).toEqual(expected);
      expect(philoxOracle(counter, key)).toEqual(expected);
    },
  );

  test('agrees with big-integer arithmetic on random counters and keys', () => {
    const next = randomStream(3);
    const word = (): number => Math.floor(next() * 0x1_0000_0000);
    for (let i = 0; i < 500; i++) {
      const counter: [number, number, number, number] = [word(), word(), word(), word()];
      const key: [number, number] = [word(), word()];
      expect(philox4x32(counter, key)).toEqual(philoxOracle(counter, key));
    }
  });
});

describe.each([0, 5, 0xffffff00])('shader and host draw the same numbers from counter %i on', (first) => {
  test('integers, bit for bit', async () => {
    const { outputs } = await runKernel(device(), draw('random_u32', 'u32', philoxFunctions, first), {
      inputs: [],
      outputs: [u32Spec(200)],
      attrs: {},
    });
    expect(Array.from(outputs[0])).toEqual(Array.from({ length: 200 }, (_, i) => host.uint32At(first + i)));
  });

  test('uniform numbers, exactly', async () => {
    const { outputs } = await runKernel(device(), draw('random_uniform', 'f32', philoxFunctions, first), {
      inputs: [],
      outputs: [f32Spec(200)],
      attrs: {},
    });
    expect(Array.from(outputs[0])).toEqual(Array.from({ length: 200 }, (_, i) => host.uniformAt(first + i)));
  });

  test('normal numbers, to f32 rounding', async () => {
    const { outputs } = await runKernel(device(), draw('random_normal', 'f32', randomFunctions, first), {
      inputs: [],
      outputs: [f32Spec(200)],
      attrs: {},
    });
    const expected = Array.from({ length: 200 }, (_, i) => host.normalAt(first + i));
    expectClose(outputs[0], expected, { rtol: 1e-5, atol: 1e-6 });
  });
});

describe('the streams look random', () => {
  const n = 40_000;

  test('uniform numbers: mean, variance, 16 even bins, no correlation with the next', () => {
    const xs = Array.from({ length: n }, (_, i) => host.uniformAt(i));
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...xs)).toBeLessThan(1);
    const mean = xs.reduce((a, b) => a + b) / n;
    // Four standard errors each; the seed is fixed, so this either holds or does not.
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    const lag = xs.slice(1).reduce((sum, x, i) => sum + (x - 0.5) * (xs[i] - 0.5), 0) / n / (1 / 12);
    expect(Math.abs(lag)).toBeLessThan(4 / Math.sqrt(n));
    const bins = new Array<number>(16).fill(0);
    for (const x of xs) bins[Math.floor(x * 16)]++;
    const chi2 = bins.reduce((sum, b) => sum + (b - n / 16) ** 2 / (n / 16), 0);
    // 99.9 % point of χ² with 15 degrees of freedom.
    expect(chi2).toBeLessThan(37.7);
  });

  test('normal numbers: mean, variance, kurtosis and tails', () => {
    const xs = Array.from({ length: n }, (_, i) => host.normalAt(i));
    const moment = (k: number): number => xs.reduce((sum, x) => sum + x ** k, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    const beyond2 = xs.filter((x) => Math.abs(x) > 2).length / n;
    expect(Math.abs(beyond2 - 0.0455)).toBeLessThan(4 * Math.sqrt(0.0455 / n));
  });

  test('other seeds and neighbouring counters give other numbers', () => {
    const other = new Philox(KEY[0] + 1, KEY[1]);
    const same = Array.from({ length: 1000 }, (_, i) => other.uint32At(i) === host.uint32At(i)).filter(Boolean);
    expect(same).toHaveLength(0);
    expect(new Set(Array.from({ length: 1000 }, (_, i) => host.uint32At(i))).size).toBe(1000);
  });
});
