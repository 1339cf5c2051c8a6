/** Splitting at silence, μ-law, de-emphasis on the device, recursions: librosa's numbers and round trips. */
import { describe, expect, test } from 'vitest';
import {
  cumsum,
  deemphasis,
  firstOrder,
  muCompress,
  muExpand,
  padClips,
  preemphasis,
  SignalError,
  split,
  trim,
} from '../../src/dsp/index.js';
import { parameter, readAll, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { closesDevice, largest, read, signal } from './support.js';

closesDevice();

const named = (prefix: string) =>
  fixtureCases('librosa/more-effects')
    .filter((c) => c.name.startsWith(prefix))
    .map((c) => [c.name, c] as const);

describe('split', () => {
  test.each(named('split'))('%s equals librosa’s', (_, c) => {
    const settings = {
      topDb: c.attrs.number('topDb'),
      frameLength: c.attrs.number('frameLength'),
      hopLength: c.attrs.number('hopLength'),
      ref: c.attrs.json.ref === 'max' ? ('max' as const) : c.attrs.number('ref'),
    };
    const samples = signal(c.attrs.string('signal'));
    const intervals = split(samples, settings);
    expect(intervals.flatMap(({ start, end }) => [start, end])).toEqual(Array.from(c.array('intervals').data));
    // trim cuts before the first and behind the last.
    const { start, end } = trim(samples, settings);
    expect([start, end]).toEqual([intervals[0]?.start ?? 0, intervals.at(-1)?.end ?? 0]);
  });

  test('refuses nothing', () => {
    expect(() => split(new Float32Array(0))).toThrow(SignalError);
    expect(() => split(new Float32Array(9), { topDb: -1 })).toThrow(/topDb is -1/);
  });
});

describe('μ-law', () => {
  test.each(named('mu'))('%s equals librosa’s', async (_, c) => {
    const options = { mu: c.attrs.number('mu'), quantize: c.attrs.boolean('quantize') };
    const x = tensor(Float32Array.from(c.array('x').data));
    const compressed = c.array('compressed').data;
    const [got] = await readAll([muCompress(x, options)]);
    expectClose(got, compressed, options.quantize ? { rtol: 0, atol: 0 } : { rtol: 0, atol: 2e-7 });
    const codes = options.quantize ? tensor(Int32Array.from(compressed)) : tensor(Float32Array.from(compressed));
    const expanded = await read(muExpand(codes, options));
    expectClose(expanded, c.array('expanded').data, { rtol: 1e-5, atol: 2e-7 });
  });

  test('louder values are cut, and the curve has a gradient', async () => {
    const [codes] = await readAll([muCompress(tensor(Float32Array.of(-3, 2)))]);
    expect(Array.from(codes)).toEqual([-128, 127]);
    const x = parameter(Float32Array.of(0.5, -0.25), [2]);
    muCompress(x, { quantize: false }).sum().backward();
    const slope = (v: number): number => 255 / (1 + 255 * v) / Math.log(256);
    expectClose(x.grad ? await read(x.grad) : [], [slope(0.5), slope(0.25)], { rtol: 1e-5, atol: 0 });
    expect(() => muCompress(x, { mu: 0 })).toThrow(/mu is 0/);
    expect(() => muCompress(x, { mu: 0.5 })).toThrow(/mu is 0.5/);
    expect(() => muExpand(x, { mu: -1 })).toThrow(/mu is -1/);
  });
});

describe('deemphasis on the device', () => {
  test.each(named('deemphasis'))('%s equals librosa’s', async (_, c) => {
    const samples = signal(c.attrs.string('signal')).subarray(0, 2500);
    const expected = c.array('out').data;
    const got = await read(deemphasis(tensor(samples), { coef: c.attrs.number('coef') }));
    const host = deemphasis(samples, { coef: c.attrs.number('coef') });
    expectClose(got, expected, { rtol: 0, atol: 1e-6 * largest(expected) });
    expectClose(host, expected, { rtol: 0, atol: 1e-6 * largest(expected) });
  });

  test.each([undefined, 0.3])('undoes preemphasis of a ragged batch (zi %s)', async (zi) => {
    const { data, lengths, length } = padClips([randomArray(700, 1), randomArray(65, 2), randomArray(1, 3)]);
    const x = tensor(data, [3, length]);
    const y = preemphasis(x, { zi, lengths });
    expectClose(await read(deemphasis(y, { zi, lengths })), data, { rtol: 0, atol: 2e-6 });
    const one = tensor(Float32Array.of(0.5));
    expectClose(await read(deemphasis(preemphasis(one, { zi }), { zi })), [0.5], { rtol: 0, atol: 1e-7 });
  });
});

describe('recursions', () => {
  test.each([1, 2, 63, 64, 65, 200, 4097])('%i elements equal the loop', async (length) => {
    const x = randomArray(2 * length, length);
    for (const coef of [1, 0.9, -0.5, 0]) {
      const expected = new Float64Array(2 * length);
      for (let i = 0; i < 2 * length; i++) expected[i] = x[i] + (i % length === 0 ? 0 : coef * expected[i - 1]);
      const y = firstOrder(tensor(x, [2, length]), coef);
      expect(y.shape).toEqual([2, length]);
      expectClose(await read(y), expected, { rtol: 0, atol: 1e-6 * Math.max(1, largest(expected)) });
    }
  });

  test('the gradient of running sums is running sums from the end', async () => {
    const x = parameter(randomArray(150, 1), [150]);
    const weights = randomArray(150, 2);
    cumsum(x).mul(tensor(weights)).sum().backward();
    const expected = new Float64Array(150);
    for (let i = 149; i >= 0; i--) expected[i] = weights[i] + (expected[i + 1] ?? 0);
    expectClose(x.grad ? await read(x.grad) : [], expected, { rtol: 1e-5, atol: 2e-6 });
  });
});
