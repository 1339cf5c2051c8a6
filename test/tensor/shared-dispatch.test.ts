/** Small tasks that do not depend on each other share a dispatch (compile/steps.ts): what is joined, what is not, and that values stay right. */
import { expect, test } from 'vitest';
import {
  assign,
  commit,
  noGrad,
  programStats,
  rand,
  randn,
  readAll,
  tensor,
  variable,
  type Tensor,
} from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { testEngine } from '../support/engine.js';

testEngine();

const exact = { rtol: 1e-6, atol: 1e-6 };
const dispatched = (): readonly string[] => programStats().kernels;
const given = (shape: number[], seed: number): { x: Tensor; data: Float32Array } => {
  const data = randomArray(
    shape.reduce((a, b) => a * b, 1),
    seed,
  );
  return { x: tensor(data, shape), data };
};

test('elementwise work and reductions of any sizes run in one dispatch', async () => {
  const a = given([7, 13], 1);
  const b = given([131], 2);
  const c = given([300, 3], 3);
  const [squares, halves, sums] = await readAll([a.x.square(), b.x.mul(0.5).add(1), a.x.sum(0)]);
  expect(dispatched()).toEqual([expect.stringContaining('+')]);
  expectClose(
    squares,
    a.data.map((v) => v * v),
    exact,
  );
  expectClose(
    halves,
    b.data.map((v) => v * 0.5 + 1),
    exact,
  );
  const columns = (data: Float32Array, width: number) =>
    Array.from({ length: width }, (_, k) => data.filter((_, i) => i % width === k).reduce((s, v) => s + v, 0));
  expectClose(sums, columns(a.data, 13), exact);

  // Cut into parts: the joins of two run together, and so do the parts.
  const [first, second] = await readAll([c.x.sum(0), c.x.square().sum(0)]);
  expect(dispatched()).toEqual(['sum.parts×2', 'sum.join×2']);
  expectClose(first, columns(c.data, 3), { rtol: 1e-5, atol: 1e-5 });
  expectClose(
    second,
    columns(
      c.data.map((v) => v * v),
      3,
    ),
    { rtol: 1e-5, atol: 1e-5 },
  );
});

test('what reads a result comes after it', async () => {
  const { x, data } = given([4, 67], 4);
  const total = x.sum(1);
  const [again, sums] = await readAll([
    x.div(
      total
        .reshape([4, 1])
        .exp()
        .add(total.reshape([4, 1]).square()),
    ),
    total,
  ]);
  const expected = Array.from({ length: 4 }, (_, r) => data.slice(r * 67, r * 67 + 67).reduce((s, v) => s + v, 0));
  expectClose(sums, expected, { rtol: 1e-5, atol: 1e-5 });
  expectClose(
    again,
    data.map((v, i) => v / (Math.exp(expected[Math.floor(i / 67)]) + expected[Math.floor(i / 67)] ** 2)),
    { rtol: 1e-4, atol: 1e-6 },
  );
});

test('assignments keep their order where one reads what another writes', async () => {
  using a = variable(Float32Array.of(1, 2, 3));
  using b = variable(Float32Array.of(10, 20, 30));
  using c = variable(new Float32Array(3));
  noGrad(() => {
    const old = a.add(0);
    assign(a, a.mul(2).add(b));
    assign(b, b.add(a).sub(1));
    assign(c, old.add(b));
  });
  commit();
  const [av, bv, cv] = await readAll([a, b, c]);
  expect([...av]).toEqual([12, 24, 36]);
  expect([...bv]).toEqual([21, 43, 65]);
  expect([...cv]).toEqual([22, 45, 68]);
});

test('uniform and normal numbers meet in one kernel, fused and side by side', async () => {
  const [sum, uniform, normal] = await readAll([rand([5]).add(randn([5])), rand([64]), randn([64])]);
  expect(dispatched()).toHaveLength(1);
  expect(sum.every((v) => Number.isFinite(v))).toBe(true);
  expect(uniform.every((v) => v >= 0 && v < 1)).toBe(true);
  expect(normal.some((v) => v < 0) && normal.some((v) => v > 0)).toBe(true);
});

test('the same memory read by several tasks is bound once, and a dispatch binds no more than it may', async () => {
  const { x, data } = given([65], 5);
  const others = Array.from({ length: 20 }, (_, i) => given([3], 10 + i));
  const results = await readAll([x.neg(), x.add(1), x.square(), ...others.map((o) => o.x.mul(3))]);
  expect(dispatched().length).toBeGreaterThan(1);
  expect(dispatched().length).toBeLessThan(8);
  expectClose(
    results[0],
    data.map((v) => -v),
    exact,
  );
  expectClose(
    results[1],
    data.map((v) => v + 1),
    exact,
  );
  expectClose(
    results[2],
    data.map((v) => v * v),
    exact,
  );
  others.forEach((o, i) =>
    expectClose(
      results[3 + i],
      o.data.map((v) => v * 3),
      exact,
    ),
  );
});
