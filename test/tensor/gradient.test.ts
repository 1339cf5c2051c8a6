import { describe, expect, test } from 'vitest';
import { GradientError, Tensor, grad, ops, readAll, tensor, variable } from '../../src/tensor/index.js';
import { Storage } from '../../src/tensor/storage.js';
import { pack } from '../../src/tensor/ops/pack.js';
import { stateLeaf } from '../../src/tensor/leaf.js';
import { testEngine } from '../support/engine.js';
import { checkFirst, checkSecond, recordGradient, uniform, type Sample } from '../support/gradcheck.js';
import { samples } from './samples/index.js';
import { integerCasts } from './samples/sources.js';

testEngine();

describe('every op, forward in float32 and its gradient against differences of float64:', () => {
  for (const [name, entry] of Object.entries(samples)) {
    if ('exempt' in entry) continue;
    test(name, async () => {
      if (entry.gradient === 'throws') {
        const fixedInputs = entry.samples.map((sample) => ({
          ...sample,
          inputs: sample.inputs.map((input) => ({ ...input, differentiable: false })),
        }));
        await checkFirst(fixedInputs, 'none');
        for (const sample of entry.samples) await expect(recordGradient(sample, 1)).rejects.toThrow(GradientError);
      } else {
        await checkFirst(entry.samples, entry.gradient ?? 'differences');
      }
    });
  }

  test('the table of samples is that of the ops', () => {
    expect(Object.keys(samples).sort()).toEqual(Object.keys(ops).sort());
  });

  test('cast to and from whole numbers', () => checkFirst(integerCasts, 'none'));

  test('pack lays its inputs at their offsets, leaves gaps 0 and has no gradient', async () => {
    const storage = Storage.zeros(320, 'f32', 'packed');
    const a = variable(Float32Array.of(1, 2, 3), [3], { trainable: true });
    const b = variable(
      Float32Array.from({ length: 70 }, (_, i) => i + 1),
      [7, 10],
    );
    // A stored value, one that a kernel of its own makes, and one of a fused expression.
    const packed = pack([a, b.sum([1]), b.mul(2).permute([1, 0])], { storage, offsets: [0, 64, 128] });
    const expected = new Float32Array(320);
    expected.set([1, 2, 3]);
    for (let i = 0; i < 7; i++) expected[64 + i] = i * 100 + 55;
    for (let i = 0; i < 70; i++) expected[128 + i] = 2 * ((i % 7) * 10 + Math.floor(i / 7) + 1);
    const [values] = await readAll([packed]);
    expect(values).toEqual(expected);
    const [stored] = await readAll([new Tensor(stateLeaf(storage, [320], false))]);
    expect(stored).toEqual(expected);
    expect(() => grad(packed.sum(), [a])).toThrow(GradientError);
    a[Symbol.dispose]();
    b[Symbol.dispose]();
    storage.dispose();
  });
});

describe('second derivatives of every op, of its first sample:', () => {
  for (const [name, entry] of Object.entries(samples)) {
    if ('exempt' in entry || entry.gradient) continue;
    test(entry.second === 'throws' ? `${name} says that it has none` : name, async () => {
      const [sample] = entry.samples;
      if (entry.second === 'throws') await expect(recordGradient(sample, 2)).rejects.toThrow(GradientError);
      else await checkSecond([sample]);
    });
  }
});

describe('the check itself', () => {
  /** x² with a gradient that is off by `error`, and its values by `shift`. */
  const wrong = (error: number, shift: number): Sample => ({
    title: 'wrong',
    inputs: [uniform([67])],
    run: ([x]) => [x.square().add(x.mul(error)).sub(x.mul(error).detach()).add(shift)],
    forward: ([x]) => [Float64Array.from(x.data, (v) => v * v)],
  });
  test('passes what is right', () => checkFirst([wrong(0, 0)], 'differences'));
  test('catches a gradient that is off by a thousandth', () =>
    expect(checkFirst([wrong(1e-3, 0)], 'differences')).rejects.toThrow(/gradient of input 0 is off by/));
  test('catches values that are off by 1e-4', () =>
    expect(checkFirst([wrong(0, 1e-4)], 'differences')).rejects.toThrow(/output 0: 67 of 67 elements are off/));
  test('catches a gradient where none should be', () =>
    expect(checkFirst([wrong(0, 0)], 'none')).rejects.toThrow(/gradient of input 0 is off by/));
  test('catches a second derivative that is missing', () => {
    const flat: Sample = { ...wrong(0, 0), run: ([x]) => [x.detach().mul(x)] };
    return expect(checkSecond([flat])).rejects.toThrow(/second derivative: gradient of input 0 is off/);
  });
});

test('grad() of something that an input does not touch is zeros', async () => {
  const x = variable(Float32Array.of(1, 2), [2], { trainable: true });
  const y = variable(Float32Array.of(3), [1], { trainable: true });
  const [dx, dy] = await readAll(grad(x.mul(tensor([5, 7])).sum(), [x, y]));
  expect([...dx]).toEqual([5, 7]);
  expect([...dy]).toEqual([0]);
  x[Symbol.dispose]();
  y[Symbol.dispose]();
});

test('grad() of a value on the way is that of what comes after it', async () => {
  using x = variable(Float32Array.of(1, 2), [2], { trainable: true });
  const h = x.square();
  const y = h
    .mul(tensor([3, 5]))
    .add(x)
    .sum();
  const [dh, dx] = await readAll(grad(y, [h, x]));
  expect([...dh]).toEqual([3, 5]);
  expect([...dx]).toEqual([7, 21]);
});
