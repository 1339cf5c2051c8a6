import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/tensor/index.js';
import {
  ShapeError,
  avgPool1d,
  concat,
  conv1d,
  grad,
  iota,
  readAll,
  scalar,
  softmax,
  stack,
  tensor,
  variable,
  where,
} from '../../src/tensor/index.js';
import { broadcastShapes } from '../../src/tensor/shape.js';
import { expectClose, randomArray } from '../support/compare.js';
import { testEngine } from '../support/engine.js';
import * as host from './host.js';

testEngine();

const arrayOf = (shape: readonly number[], seed: number): { t: Tensor; h: host.Host } => {
  const data = randomArray(
    shape.reduce((a, b) => a * b, 1),
    seed,
  );
  return { t: tensor(data, shape), h: host.reshape({ shape, data }, shape) };
};

describe("broadcasting is NumPy's:", () => {
  const PAIRS: readonly (readonly [readonly number[], readonly number[], readonly number[]])[] = [
    [[3], [3], [3]],
    [
      [3, 1],
      [1, 5],
      [3, 5],
    ],
    [[7], [2, 3, 7], [2, 3, 7]],
    [
      [2, 1, 4],
      [3, 1],
      [2, 3, 4],
    ],
    [[], [3, 5], [3, 5]],
    [[1], [], [1]],
    [[1, 1, 1], [11], [1, 1, 11]],
    [
      [67, 1],
      [1, 3],
      [67, 3],
    ],
    [
      [0, 3],
      [1, 3],
      [0, 3],
    ],
    [[0], [1], [0]],
    [[5, 0], [], [5, 0]],
  ];

  test('shapes', () => {
    for (const [a, b, out] of PAIRS) {
      expect(broadcastShapes(a, b)).toEqual(out);
      expect(broadcastShapes(b, a)).toEqual(out);
    }
    expect(() => broadcastShapes([2, 3], [3, 2])).toThrow(ShapeError);
    expect(() => broadcastShapes([0], [2])).toThrow(ShapeError);
    expect(() => tensor([[1, 2]]).add(tensor([1, 2, 3]))).toThrow(/add: shapes \(1, 2\) and \(3\).*2 and 3 differ/);
  });

  test('values of two operands, either way round', async () => {
    const cases = PAIRS.map(([a, b], i) => ({ a: arrayOf(a, i + 1), b: arrayOf(b, i + 100) }));
    const results = cases.flatMap(({ a, b }) => [a.t.sub(b.t), b.t.mul(a.t)]);
    const values = await readAll(results);
    cases.forEach(({ a, b }, i) => {
      const expected = [host.map((x, y) => x - y, a.h, b.h), host.map((x, y) => x * y, b.h, a.h)];
      expected.forEach((e, k) => {
        expect(results[2 * i + k].shape).toEqual(e.shape);
        expectClose(values[2 * i + k], e.data, { rtol: 1e-6, atol: 1e-7 });
      });
    });
  });

  test('values of three operands, and of numbers', async () => {
    const m = arrayOf([3, 1], 1);
    const a = arrayOf([5], 2);
    const b = arrayOf([2, 1, 1], 3);
    const chosen = where(m.t.gt(0), a.t, b.t);
    expect(chosen.shape).toEqual([2, 3, 5]);
    expectClose(await chosen.data(), host.map((x, y, z) => (x > 0 ? y : z), m.h, a.h, b.h).data, { rtol: 0, atol: 0 });
    const numbers = scalar(2).add(3);
    expect(numbers.shape).toEqual([]);
    expect(await numbers.item()).toBe(5);
  });

  test('gradients sum over what was repeated', async () => {
    using a = variable(Float32Array.of(1, 2, 3), [3, 1], { trainable: true });
    using b = variable(Float32Array.of(10, 20, 30, 40), [4], { trainable: true });
    using c = variable(Float32Array.of(5), [], { trainable: true });
    const [da, db, dc] = await readAll(grad(a.mul(b).mul(c).sum(), [a, b, c]));
    expect([...da]).toEqual([500, 500, 500]);
    expect([...db]).toEqual([30, 30, 30, 30]);
    expect([...dc]).toEqual([600]);
  });
});

describe('tensors without dimensions', () => {
  test('come from numbers, full reductions and reshapes, and go anywhere', async () => {
    const zero = tensor(3);
    expect(zero.shape).toEqual([]);
    const x = tensor([1, 2, 3]);
    const mean = x.mean();
    expect(mean.shape).toEqual([]);
    const values = await readAll([
      zero,
      mean,
      x.mul(zero),
      x.sub(x.mean()),
      zero.add(mean),
      zero.expand([2, 2]),
      zero.reshape([1, 1]),
      concat([zero.reshape([1]), x], 0),
      zero.sum(),
      x.max().sub(x.min()),
    ]);
    expect(values.map((v) => [...v])).toEqual([
      [3],
      [2],
      [3, 6, 9],
      [-1, 0, 1],
      [5],
      [3, 3, 3, 3],
      [3],
      [3, 1, 2, 3],
      [3],
      [2],
    ]);
  });

  test('from a number can be shaped, assigned a view and fed to kernels', async () => {
    const values = await readAll([
      scalar(3)
        .reshape([1, 1])
        .matmul(tensor([[2, 4]])),
      scalar(3).expand([2, 2]).sum(),
      scalar(2).detach(),
      scalar(5).reshape([1]),
      scalar(7, 'i32'),
    ]);
    expect(values.map((v) => [...v])).toEqual([[6, 12], [12], [2], [5], [7]]);
  });
});

describe('tensors without elements', () => {
  const none = (shape: readonly number[]): Tensor => tensor(new Float32Array(0), shape);

  test('keep their shape through elementwise ops and views', async () => {
    const x = none([0, 3]);
    const results = [
      x,
      x.add(1),
      x.mul(tensor([1, 2, 3])).tanh(),
      x.transpose(),
      x.reshape([3, 0, 2]),
      x.flip(1),
      tensor([[1, 2, 3]]).slice(0, 1),
      x.argmax(1),
    ];
    const shapes = [[0, 3], [0, 3], [0, 3], [3, 0], [3, 0, 2], [0, 3], [0, 3], [0]];
    expect(results.map((r) => r.shape)).toEqual(shapes);
    for (const values of await readAll(results)) expect(values).toHaveLength(0);
  });

  test('sum to 0, pad to the value, join to the rest', async () => {
    const x = none([0, 3]);
    const values = await readAll([
      x.sum(),
      x.sum(0),
      x.pad(0, 1, 1, 7),
      concat([x, tensor([[1, 2, 3]]), x], 0),
      x.exp().pad(0, 1, 0, 2),
      none([3, 0]).sum([1]),
    ]);
    expect(values.map((v) => [...v])).toEqual([[0], [0, 0, 0], [7, 7, 7, 7, 7, 7], [1, 2, 3], [2, 2, 2], [0, 0, 0]]);
    expect(() => x.max(0)).toThrow(ShapeError);
    expect(() => x.argmax(0)).toThrow(ShapeError);
    expect(x.max(1).shape).toEqual([0]);
  });

  test('go through kernels', async () => {
    const w = tensor(randomArray(6, 1), [3, 2]);
    const results = [
      none([0, 3]).matmul(w),
      none([4, 0]).matmul(none([0, 2])),
      none([0, 2, 3]).matmul(tensor(randomArray(12, 2), [1, 3, 4])),
      softmax(none([0, 5])),
      conv1d(none([0, 7, 3]), tensor(randomArray(12, 2), [2, 3, 2])),
      avgPool1d(none([0, 7, 3]), { kernelSize: 2 }),
    ];
    expect(results.map((r) => r.shape)).toEqual([
      [0, 2],
      [4, 2],
      [0, 2, 4],
      [0, 5],
      [0, 6, 2],
      [0, 3, 3],
    ]);
    const values = await readAll(results);
    expect(values.map((v) => [...v])).toEqual([[], new Array(8).fill(0), [], [], [], []]);
  });

  test('give empty gradients, and 0 to what they were multiplied with', async () => {
    using w = variable(randomArray(6, 1), [3, 2], { trainable: true });
    using x = variable(new Float32Array(0), [0, 3], { trainable: true });
    const [dw, dx] = await readAll(grad(x.matmul(w).sum(), [w, x]));
    expect([...dw]).toEqual(new Array(6).fill(0));
    expect([...dx]).toEqual([]);
  });
});

describe('views', () => {
  test('take negative axes, positions and −1 as PyTorch', async () => {
    const x = iota([2, 3, 4], -1).add(iota([2, 3, 4], 1).mul(10));
    expect(x.reshape([-1, 2]).shape).toEqual([12, 2]);
    expect(x.transpose().shape).toEqual([2, 4, 3]);
    expect(x.permute([-1, 0, 1]).shape).toEqual([4, 2, 3]);
    expect(x.slice(-1, -2).shape).toEqual([2, 3, 2]);
    expect(x.slice(1, 0, -1).shape).toEqual([2, 2, 4]);
    expect(x.slice(-1, 0, 4, 3).shape).toEqual([2, 3, 2]);
    expect(x.unsqueeze(-1).squeeze(3).shape).toEqual([2, 3, 4]);
    expect(stack([x, x], 1).shape).toEqual([2, 2, 3, 4]);
    const [last, stacked] = await readAll([
      x.slice(0, 0, 1).slice(1, -1).slice(-1, -2),
      stack([tensor([1, 2]), tensor([3, 4])], 1),
    ]);
    expect([...last]).toEqual([22, 23]);
    expect([...stacked]).toEqual([1, 3, 2, 4]);
  });

  test('pad with infinities of either sign, in one program and in the next', async () => {
    const x = tensor([1]);
    const [above, below, both] = await readAll([
      x.pad(0, 0, 1, Infinity),
      x.pad(0, 0, 1, -Infinity),
      x.pad(0, 0, 1, Infinity).add(x.pad(0, 0, 1, 3)),
    ]);
    expect([...above]).toEqual([1, Infinity]);
    expect([...below]).toEqual([1, -Infinity]);
    expect([...both]).toEqual([2, Infinity]);
    expect([...(await x.pad(0, 1, 0, -Infinity).data())]).toEqual([-Infinity, 1]);
    expect([...(await x.pad(0, 1, 0, Infinity).data())]).toEqual([Infinity, 1]);
  });

  test('join more tensors than a kernel can bind', async () => {
    const variables = Array.from({ length: 50 }, (_, i) => variable(Float32Array.of(i, -i), [2], { trainable: true }));
    const joined = concat(variables, 0);
    const all = stack(variables, 1);
    const grads = grad(all.mul(iota([2, 50], 1)).sum(), variables);
    const [flat, columns, ...gs] = await readAll([joined, all, ...grads]);
    expect([...flat]).toEqual(variables.flatMap((_, i) => [i, -i]));
    expect([...columns.slice(0, 50)]).toEqual(variables.map((_, i) => i));
    expect(gs.map((g) => [...g])).toEqual(variables.map((_, i) => [i, i]));
    for (const v of variables) v[Symbol.dispose]();
  });

  test('move integers as well', async () => {
    const x = tensor([1, 2, 3, 4, 5, 6], [2, 3], 'i32');
    const u = tensor([7, 4294967295], [2], 'u32');
    const values = await readAll([
      x.transpose().flip(0),
      x.slice(1, 1).pad(0, 1, 0, -9),
      concat([x, x], 1),
      u.expand([2, 2]),
      u.flip(0).cast('f32'),
    ]);
    expect(values.map((v) => [...v])).toEqual([
      [3, 6, 2, 5, 1, 4],
      [-9, -9, 2, 3, 5, 6],
      [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6],
      [7, 4294967295, 7, 4294967295],
      [4294967296, 7],
    ]);
    expect(values[0]).toBeInstanceOf(Int32Array);
    expect(values[3]).toBeInstanceOf(Uint32Array);
  });
});

test('more elements than one line of workgroups reaches are all computed', async () => {
  const n = 65_535 * 64 + 129;
  const x = iota([n], 0);
  const [count, ends] = await readAll([x.ge(0).sum(), x.mul(0.5).slice(0, n - 3)]);
  expect([...count]).toEqual([n]);
  expect([...ends]).toEqual([n - 3, n - 2, n - 1].map((v) => v / 2));
  const whole = await x.neg().data();
  expect(whole.findIndex((v, i) => v !== -i && i > 0)).toBe(-1);
});
