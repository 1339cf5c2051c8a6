import { describe, expect, test } from 'vitest';
import type { Tensor, Variable } from '../../src/tensor/index.js';
import {
  assign,
  batchNorm,
  commit,
  conv1d,
  grad,
  maxPool1d,
  programStats,
  rand,
  readAll,
  tensor,
  variable,
} from '../../src/tensor/index.js';
import { recordAll } from '../../src/tensor/record.js';
import { batchNormMomentsOp } from '../../src/tensor/ops/batch-norm.js';
import { expectClose, randomArray } from '../support/compare.js';
import { testEngine, withBindings } from '../support/engine.js';

const device = testEngine();

const f32 = (...values: number[]): Float32Array => Float32Array.from(values);
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const drawn = (shape: readonly number[], seed: number): Variable => variable(randomArray(size(shape), seed), shape);
const read = async (t: Tensor): Promise<number[]> => [...(await t.data())];

/** Reads a value and how many dispatches that took. */
async function ran(t: Tensor): Promise<{ values: ArrayLike<number>; dispatches: number; kernels: readonly string[] }> {
  const values = await t.data();
  const { dispatches, kernels } = programStats();
  return { values, dispatches, kernels };
}

/** The value as host data: what follows cannot be fused with what came before. */
const cut = async (t: Tensor): Promise<Tensor> => {
  const data = await t.data();
  return tensor(data, t.shape);
};

/** A chain of steps fused, against the same with a cut after each; returns the dispatches of both. */
async function fusedAndCut(start: () => Tensor, steps: readonly ((x: Tensor) => Tensor)[]): Promise<[number, number]> {
  const alone = (await ran(start())).dispatches;
  let separate = await cut(start());
  for (const step of steps) separate = await cut(step(separate));
  const together = await ran(steps.reduce((x, step) => step(x), start()));
  // A fused multiply-add rounds once where two ops round twice.
  expectClose(together.values, await separate.data(), { rtol: 2e-6, atol: 1e-6 });
  return [together.dispatches, alone];
}

describe('elementwise work', () => {
  test('of a long chain with broadcasts and views is one dispatch', async () => {
    using x = drawn([7, 13], 1);
    using row = drawn([13], 2);
    using column = drawn([7, 1], 3);
    const y = x.mul(row).add(column).tanh().transpose().flip(0).slice(0, 1, 12).sub(0.5).relu().reshape([7, 11]).neg();
    const { dispatches, values } = await ran(y);
    expect(dispatches).toBe(1);
    let separate: Tensor = x;
    for (const step of [
      (t: Tensor) => t.mul(row),
      (t: Tensor) => t.add(column),
      (t: Tensor) => t.tanh(),
      (t: Tensor) => t.transpose(),
      (t: Tensor) => t.flip(0),
      (t: Tensor) => t.slice(0, 1, 12),
      (t: Tensor) => t.sub(0.5).relu(),
      (t: Tensor) => t.reshape([7, 11]),
      (t: Tensor) => t.neg(),
    ]) {
      separate = await cut(step(separate));
    }
    expectClose(values, await separate.data(), { rtol: 2e-6, atol: 1e-6 });
  });

  test('that is dear and used twice is computed once', async () => {
    using x = drawn([67], 1);
    const dear = x.sin().exp().tanh();
    const { kernels } = await ran(dear.add(1).sum().add(dear.mul(2).max()));
    expect(kernels.filter((k) => k === 'tanh')).toHaveLength(1);
    const values = await read(dear);
    const expected = values.reduce((a, b) => a + b + 1, 0) + 2 * Math.max(...values);
    expect((await ran(dear.add(1).sum().add(dear.mul(2).max()))).values[0]).toBeCloseTo(expected, 4);
  });

  test('of equal expressions is merged, but not of two draws of random numbers', async () => {
    using x = drawn([67], 1);
    const [one] = await readAll([x.exp().add(x.exp()).add(x.exp())]);
    expectClose(
      one,
      Float32Array.from(await read(x), (v) => 3 * Math.exp(v)),
      { rtol: 1e-5, atol: 0 },
    );
    const [difference] = await readAll([rand([67]).sub(rand([67]))]);
    expect(difference.filter((v) => v === 0).length).toBeLessThan(3);
  });

  test('a reshape and a detach of stored memory run nothing', async () => {
    using x = drawn([6, 4], 1);
    const { values, dispatches } = await ran(x.reshape([8, 3]).detach());
    expect(dispatches).toBe(0);
    expect([...(values as Float32Array)]).toEqual(await read(x));
  });
});

describe('behind a kernel', () => {
  const bias = drawn([5], 11);
  const residual = drawn([7, 5], 12);
  const steps = [
    (t: Tensor): Tensor => t.add(bias),
    (t: Tensor): Tensor => t.relu(),
    (t: Tensor): Tensor => t.add(residual),
    (t: Tensor): Tensor => t.mul(0.5),
  ];

  test('matmul: bias, activation, residual and a factor cost no dispatch', async () => {
    using a = drawn([7, 9], 1);
    using b = drawn([9, 5], 2);
    const [together, alone] = await fusedAndCut(() => a.matmul(b), steps);
    expect(together).toBe(alone);
  });

  test('conv1d: bias and activation cost no dispatch', async () => {
    using x = drawn([2, 11, 3], 1);
    using w = drawn([3, 3, 5], 2);
    const [together, alone] = await fusedAndCut(() => conv1d(x, w, { padding: 'same' }), [steps[0], (t) => t.tanh()]);
    expect(together).toBe(alone);
  });

  test('a sum: what comes before and after costs no dispatch', async () => {
    using x = drawn([7, 5, 3], 1);
    const [together, alone] = await fusedAndCut(() => x.square().add(1).sum([2]), steps);
    expect(together).toBe(alone);
    expect((await ran(x.sum([2]))).dispatches).toBe(alone);
    bias[Symbol.dispose]();
    residual[Symbol.dispose]();
  });

  test('a large sum in two launches has its epilogue once', async () => {
    using x = drawn([3, 1000], 1);
    using b = drawn([3], 2);
    const [together, alone] = await fusedAndCut(() => x.sum([1]), [(t) => t.add(b), (t) => t.mul(3)]);
    expect(alone).toBe(2);
    expect(together).toBe(2);
  });

  test('a result that is used twice, or asked for by itself, is stored', async () => {
    using a = drawn([7, 9], 1);
    using b = drawn([9, 5], 2);
    const product = a.matmul(b);
    const [y, p, z] = await readAll([product.relu(), product, product.neg()]);
    expectClose(
      y,
      Float32Array.from(p, (v) => Math.max(v, 0)),
      { rtol: 0, atol: 0 },
    );
    expectClose(
      z,
      Float32Array.from(p, (v) => -v),
      { rtol: 0, atol: 0 },
    );
  });

  test('a training step of linear, ReLU, linear takes the dispatches of its products and sums', async () => {
    const trainable = (shape: number[], seed: number): Variable =>
      variable(randomArray(size(shape), seed), shape, { trainable: true });
    const made = [trainable([9, 8], 1), trainable([8], 2), trainable([8, 3], 3), trainable([3], 4)];
    const [w1, b1, w2, b2] = made;
    using x = drawn([7, 9], 5);
    const loss = x.matmul(w1).add(b1).relu().matmul(w2).add(b2).square().mean();
    await readAll([loss, ...grad(loss, made)]);
    const { kernels } = programStats();
    const products = kernels.filter((k) => k.startsWith('matmul'));
    // Forward 2, weights 2, the hidden layer 1; biases and the mean are sums; the gradient of the loss is used three times.
    expect(products.length).toBe(5);
    expect(kernels.length).toBeLessThanOrEqual(5 + 3 + 2);
    for (const v of made) v[Symbol.dispose]();
  });
});

describe('one operand in two places', () => {
  test('of a product: a variable, host data, a fused expression, a reshaped one', async () => {
    using x = drawn([5, 5], 1);
    const data = (await x.data()) as Float32Array;
    const host = tensor(data.slice(), [5, 5]);
    const squareOf = (m: ArrayLike<number>): Float64Array =>
      Float64Array.from({ length: 25 }, (_, i) => {
        let sum = 0;
        for (let k = 0; k < 5; k++) sum += m[Math.floor(i / 5) * 5 + k] * m[k * 5 + (i % 5)];
        return sum;
      });
    const twice = x.mul(2);
    const values = await readAll([
      x.matmul(x),
      host.matmul(host),
      twice.matmul(twice),
      x.matmul(x.reshape([25]).reshape([5, 5])),
      x.matmul(x).add(x),
      x.matmul(x, { transposeB: true }).add(x.transpose()).sub(x.transpose()),
    ]);
    const square = squareOf(data);
    const gram = Float64Array.from({ length: 25 }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < 5; k++) sum += data[Math.floor(i / 5) * 5 + k] * data[(i % 5) * 5 + k];
      return sum;
    });
    const expected = [square, square, square.map((v) => 4 * v), square, square.map((v, i) => v + data[i]), gram];
    expected.forEach((e, k) => expectClose(values[k], e, { rtol: 1e-5, atol: 2e-6 }));
  });

  test('of a convolution with itself, and its gradient', async () => {
    using x = variable(randomArray(27, 1), [3, 3, 3], { trainable: true });
    const y = conv1d(x, x);
    const [values, dx] = await readAll([y, ...grad(y.sum(), [x])]);
    const data = randomArray(27, 1);
    const at = (i: number, j: number, k: number): number => data[(i * 3 + j) * 3 + k];
    const expected = Float64Array.from({ length: 9 }, (_, i) => {
      const [n, o] = [Math.floor(i / 3), i % 3];
      let sum = 0;
      for (let k = 0; k < 3; k++) for (let c = 0; c < 3; c++) sum += at(n, k, c) * at(k, c, o);
      return sum;
    });
    expectClose(values, expected, { rtol: 1e-5, atol: 2e-6 });
    const total = (index: number, by: number): number => {
      const shifted = Float64Array.from(data);
      shifted[index] += by;
      const s = (i: number, j: number, k: number): number => shifted[(i * 3 + j) * 3 + k];
      let sum = 0;
      for (let n = 0; n < 3; n++)
        for (let k = 0; k < 3; k++)
          for (let c = 0; c < 3; c++) for (let o = 0; o < 3; o++) sum += s(n, k, c) * s(k, c, o);
      return sum;
    };
    expectClose(
      dx,
      Array.from({ length: 27 }, (_, i) => (total(i, 1e-4) - total(i, -1e-4)) / 2e-4),
      {
        rtol: 1e-4,
        atol: 1e-5,
      },
    );
  });
});

describe('more operands than a kernel can bind', () => {
  const many = (count: number): Variable[] =>
    Array.from({ length: count }, (_, i) => variable(f32(i + 1, 0.5 * i, -i), [3], { trainable: true }));

  test.each([8, 10])('are summed in parts, with their gradients, where %i bindings are allowed', async (most) => {
    const xs = many(40);
    const total = xs.map((x) => x.mul(x)).reduce((a, b) => a.add(b));
    const weighted = xs.reduce<Tensor>((a, b, i) => a.add(b.mul(i)), tensor([0, 0, 0]));
    const values = await withBindings(device(), most, () =>
      readAll([total, weighted, ...grad(total.sum(), xs.slice(0, 3))]),
    );
    const sum = (fn: (i: number) => number): number =>
      Array.from({ length: 40 }, (_, i) => fn(i)).reduce((a, b) => a + b);
    expectClose(values[0], [sum((i) => (i + 1) ** 2), sum((i) => 0.25 * i * i), sum((i) => i * i)], {
      rtol: 1e-6,
      atol: 0,
    });
    expectClose(values[1], [sum((i) => (i + 1) * i), sum((i) => 0.5 * i * i), sum((i) => -i * i)], {
      rtol: 1e-6,
      atol: 0,
    });
    expect(values.slice(2).map((v) => [...v])).toEqual([
      [2, 0, -0],
      [4, 1, -2],
      [6, 2, -4],
    ]);
    for (const x of xs) x[Symbol.dispose]();
  });

  test('stand behind a product, in front of a sum and behind it', async () => {
    const xs = many(30);
    using a = variable(f32(1, 2, 3), [1, 3]);
    using b = variable(f32(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3]);
    const tail = (t: Tensor): Tensor => xs.reduce<Tensor>((y, x) => y.add(x), t);
    const values = await withBindings(device(), 8, () =>
      readAll([
        tail(a.matmul(b)),
        tail(tensor([[1, 2, 3]])).sum([0]),
        tail(xs.reduce<Tensor>((y, x) => y.mul(x.mul(0).add(1)), a).sum([0])),
      ]),
    );
    const all = [1 + 465, 2 + 0.5 * 435, 3 - 435];
    expect(values.map((v) => [...v])).toEqual([all, all, all]);
    for (const x of xs) x[Symbol.dispose]();
  });
});

describe('assignments', () => {
  test('of running statistics happen in place, in the kernel that has the value', async () => {
    using x = drawn([67, 3], 1);
    using mean = variable(f32(0, 0, 0), [3]);
    using variance = variable(f32(1, 1, 1), [3]);
    using weight = variable(f32(1, 1, 1), [3]);
    using bias = variable(f32(0, 0, 0), [3]);
    const step = (): void => {
      const batch = batchNorm(x, weight, bias);
      assign(mean, mean.mul(0.9).add(batch.mean.mul(0.1)));
      assign(variance, variance.mul(0.9).add(batch.variance.mul(0.1)));
      commit();
    };
    for (let i = 0; i < 5; i++) step();
    const { dispatches } = programStats();
    expect(dispatches).toBeLessThanOrEqual(2 + 2); // the moments' two launches, an update each
    const data = await read(x);
    const rate = 1 - 0.9 ** 5;
    const column = (c: number): number[] => data.filter((_, i) => i % 3 === c);
    const average = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
    const means = [0, 1, 2].map((c) => average(column(c)));
    const variances = [0, 1, 2].map((c) => average(column(c).map((v) => (v - means[c]) ** 2)));
    expectClose(
      await read(mean),
      means.map((m) => m * rate),
      { rtol: 1e-5, atol: 1e-6 },
    );
    expectClose(
      await read(variance),
      variances.map((v) => v * rate + 0.9 ** 5),
      { rtol: 1e-5, atol: 1e-6 },
    );
  });

  test('of a value that nothing else needs go straight to the variable: no copy', async () => {
    using a = drawn([7, 9], 1);
    using b = drawn([9, 5], 2);
    using v = drawn([7, 5], 3);
    const expected = await read(a.matmul(b).relu());
    const { dispatches } = programStats();
    assign(v, a.matmul(b).relu());
    commit();
    expect(programStats().dispatches).toBe(dispatches);
    expect(await read(v)).toEqual(expected);
  });

  test('of both outputs of a kernel', async () => {
    using x = variable(f32(1, 10, 3, 30), [2, 2]);
    using m = variable(f32(0, 0), [2]);
    using s = variable(f32(0, 0), [2]);
    const [mean, variance] = recordAll(batchNormMomentsOp, [x], {});
    assign(m, mean);
    assign(s, variance);
    commit();
    expect(await read(m)).toEqual([2, 20]);
    expect(await read(s)).toEqual([1, 100]);
  });

  test('of one value to two variables, which is kept and used besides', async () => {
    using x = variable(f32(1, 2), [2]);
    using a = variable(f32(0, 0), [2]);
    using b = variable(f32(0, 0), [2]);
    const y = x.exp();
    using kept = y.keep();
    using sum = y.sum().keep();
    assign(a, y);
    assign(b, y);
    commit();
    const [va, vb, vk, vs] = await readAll([a, b, kept, sum]);
    expectClose(va, [Math.E, Math.E ** 2], { rtol: 1e-6, atol: 0 });
    expect(vb).toEqual(va);
    expect(vk).toEqual(va);
    expect(vs[0]).toBeCloseTo(Math.E + Math.E ** 2, 4);
  });

  test('swap two variables, and turn three round', async () => {
    using a = variable(f32(1, 2), [2]);
    using b = variable(f32(3, 4), [2]);
    using c = variable(f32(5, 6), [2]);
    const [oldA, oldB] = [a.reshape([2, 1]).reshape([2]), b.detach()];
    assign(a, oldB);
    assign(b, oldA);
    commit();
    expect(await readAll([a, b]).then((v) => v.map((x) => [...x]))).toEqual([
      [3, 4],
      [1, 2],
    ]);
    const [x, y, z] = [a, b, c].map((v) => v.mul(10));
    assign(a, y);
    assign(b, z);
    assign(c, x);
    commit();
    expect(await readAll([a, b, c]).then((v) => v.map((t) => [...t]))).toEqual([
      [10, 20],
      [50, 60],
      [30, 40],
    ]);
    const views = [a, b, c].map((v) => v.flip(0));
    assign(a, views[1]);
    assign(b, views[2]);
    assign(c, views[0]);
    commit();
    expect(await readAll([a, b, c]).then((v) => v.map((t) => [...t]))).toEqual([
      [60, 50],
      [40, 30],
      [20, 10],
    ]);
  });

  test.each<[string, (v: Variable) => Tensor, number[]]>([
    ['transposed', (v) => v.transpose(), [1, 4, 7, 2, 5, 8, 3, 6, 9]],
    ['flipped', (v) => v.flip(0).flip(1), [9, 8, 7, 6, 5, 4, 3, 2, 1]],
    ['added to its transpose', (v) => v.add(v.transpose()), [2, 6, 10, 6, 10, 14, 10, 14, 18]],
    ['shifted', (v) => v.slice(0, 1).pad(0, 0, 1), [4, 5, 6, 7, 8, 9, 0, 0, 0]],
    ['less its mean', (v) => v.sub(v.mean()), [-4, -3, -2, -1, 0, 1, 2, 3, 4]],
    ['its own row sums, repeated', (v) => v.sum([1], true).expand([3, 3]), [6, 6, 6, 15, 15, 15, 24, 24, 24]],
    ['times itself', (v) => v.matmul(v), [30, 36, 42, 66, 81, 96, 102, 126, 150]],
    ['cumulated over its first row', (v) => v.add(v.slice(0, 0, 1)), [2, 4, 6, 5, 7, 9, 8, 10, 12]],
  ])('of a variable %s reads only old values', async (_, change, expected) => {
    using v = variable(f32(1, 2, 3, 4, 5, 6, 7, 8, 9), [3, 3]);
    assign(v, change(v));
    commit();
    expect(await read(v)).toEqual(expected);
  });

  test('that read one another in a chain take old values where recorded before, new ones after', async () => {
    using a = variable(f32(1), [1]);
    using b = variable(f32(10), [1]);
    using c = variable(f32(100), [1]);
    const sumBefore = a.add(b).add(c); // 111
    assign(a, a.mul(2)); // 2
    assign(b, a.add(b)); // 12
    assign(c, sumBefore.add(b)); // 123
    assign(a, sumBefore.sub(c).add(a)); // 111 − 123 + 2
    commit();
    expect(await readAll([a, b, c]).then((v) => v.map((x) => x[0]))).toEqual([-10, 12, 123]);
  });

  test('of integers', async () => {
    using n = variable(Int32Array.of(1, 2, 3), [3]);
    assign(n, n.toFloat().mul(-2).cast('i32'));
    commit();
    expect(await read(n)).toEqual([-2, -4, -6]);
    using order = variable(Uint32Array.of(5, 6, 7), [3]);
    assign(order, order.flip(0));
    commit();
    expect(await read(order)).toEqual([7, 6, 5]);
  });
});

test('a kernel of two outputs gives both, fused with what follows', async () => {
  using x = variable(f32(1, 5, 2, 8, 3, 4), [1, 6, 1]);
  const y = maxPool1d(x, { kernelSize: 2 });
  expect(await read(y.mul(2).add(1))).toEqual([11, 17, 9]);
});
