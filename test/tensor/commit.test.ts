import { describe, expect, test } from 'vitest';
import {
  AsyncCallbackError,
  GradientError,
  GraphTooLargeError,
  ShapeError,
  DTypeError,
  StaleTensorError,
  Tensor,
  assign,
  commit,
  counters,
  grad,
  memory,
  noGrad,
  parameter,
  readAll,
  scalar,
  tensor,
  variable,
} from '../../src/tensor/index.js';
import { RING_SLOTS } from '../../src/tensor/loss-ring.js';
import { Storage } from '../../src/tensor/storage.js';
import { stateLeaf } from '../../src/tensor/leaf.js';
import { SGD } from '../../src/nn/optim/index.js';
import { disposeVariable } from '../../src/nn/optim/arena.js';
import { testEngine } from '../support/engine.js';

testEngine();

const f32 = (...values: number[]): Float32Array => Float32Array.from(values);
const read = async (t: Tensor): Promise<number[]> => [...(await t.data())];

describe('a commit outputs', () => {
  test('what was assigned, the losses that backward() was called on and what keep() marked, and nothing else', async () => {
    using w = parameter(f32(1, 2, 3), [3]);
    using state = variable(f32(10), [1]);
    const y = w.mul(2);
    using kept = w.add(0.5).keep();
    const loss = y.sum();
    loss.backward();
    assign(state, loss.reshape([1]));
    commit();
    expect(await read(state)).toEqual([12]);
    expect(await loss.item()).toBe(12);
    expect(await read(kept)).toEqual([1.5, 2.5, 3.5]);
    await expect(y.data()).rejects.toThrow(StaleTensorError);
    expect(() => y.add(1)).toThrow(StaleTensorError);
    expect(() => w.grad?.add(1)).toThrow(StaleTensorError);
  });

  test('nothing where nothing is pending, and intermediates are gone all the same', async () => {
    const x = tensor([1, 2]).add(1);
    const before = counters();
    commit();
    expect(counters()).toEqual(before);
    await expect(x.data()).rejects.toThrow(StaleTensorError);
  });

  test('a value that was both read before and assigned', async () => {
    using v = variable(f32(1, 2), [2]);
    const next = v.add(1);
    expect(await read(next)).toEqual([2, 3]);
    assign(v, next);
    expect(await read(v)).toEqual([2, 3]); // what later ops of this step see
    commit();
    expect(await read(v)).toEqual([2, 3]);
  });
});

describe('a stale tensor', () => {
  test('names keep(), the op, its shape and the line that recorded it', async () => {
    using w = parameter(f32(1, 2, 3, 4), [2, 2]);
    const lost = w.tanh(); // this line
    assign(w, w.mul(2));
    commit();
    const here = /tanh \(2, 2\), recorded at .*commit\.test\.ts:\d+:\d+/;
    await expect(lost.data()).rejects.toThrow(StaleTensorError);
    await expect(lost.data()).rejects.toThrow(here);
    await expect(lost.data()).rejects.toThrow(/keep\(\)/);
    const [, line] = /commit\.test\.ts:(\d+)/.exec(String(await lost.data().catch((e: unknown) => e))) ?? [];
    const source = (await import('node:fs')).readFileSync(new URL(import.meta.url), 'utf8').split('\n');
    expect(source[Number(line) - 1]).toContain('// this line');
  });
});

describe('a read in mid-step', () => {
  test('has no effects, and the commit computes it again', async () => {
    using v = variable(f32(1), [1]);
    const next = v.mul(3);
    assign(v, next);
    expect(await next.item()).toBe(3);
    expect(await next.item()).toBe(3);
    expect(await read(new Tensor(v.leaf))).toEqual([1]); // what is stored
    commit();
    expect(await read(v)).toEqual([3]);
  });

  test('leaves the step open: later ops join it', async () => {
    using v = variable(f32(2), [1]);
    const a = v.add(1);
    await a.data();
    const b = a.mul(10);
    assign(v, b);
    commit();
    expect(await read(v)).toEqual([30]);
  });

  test('gets the values of its moment, whatever is committed before it is awaited', async () => {
    using v = variable(f32(1, 2), [2]);
    const product = v.mul(10);
    const reads = Promise.all([readAll([v, product]), product.sum().data()]);
    assign(v, v.add(100));
    commit();
    v.set(f32(0, 0));
    const [[stored, computed], sum] = await reads;
    expect([[...stored], [...computed], [...sum]]).toEqual([[1, 2], [10, 20], [30]]);
  });

  test('reads several values and duplicates, of all kinds, in order', async () => {
    using v = variable(f32(1, 2), [2]);
    const host = tensor([5, 6]);
    const computed = v.add(host);
    const values = await readAll([computed, host, v, computed, scalar(7), v.reshape([2, 1])]);
    expect(values.map((x) => [...x])).toEqual([[6, 8], [5, 6], [1, 2], [6, 8], [7], [1, 2]]);
    // What is read is a copy.
    values[1][0] = 99;
    expect(await read(host)).toEqual([5, 6]);
  });
});

describe('effects', () => {
  test('run once and in the order recorded', async () => {
    using v = variable(f32(1), [1]);
    assign(v, v.add(1)); // 2
    assign(v, v.mul(10)); // 20
    assign(v, v.add(3)); // 23
    commit();
    expect(await read(v)).toEqual([23]);
    commit();
    expect(await read(v)).toEqual([23]);
  });

  test('a node recorded before an assignment sees the old value, one after it the new', async () => {
    using v = variable(f32(1, 2), [2]);
    using out = variable(f32(0, 0), [2]);
    using before = v.mul(10).keep();
    assign(v, v.add(100));
    using after = v.mul(10).keep();
    assign(out, before.add(after));
    commit();
    expect(await read(before)).toEqual([10, 20]);
    expect(await read(after)).toEqual([1010, 1020]);
    expect(await read(out)).toEqual([1020, 1040]);
    expect(await read(v)).toEqual([101, 102]);
  });

  test('a kept view of the old value is not that of the new', async () => {
    using v = variable(f32(1, 2, 3, 4), [2, 2]);
    using column = v.reshape([4, 1]).keep();
    using same = v.detach().keep();
    using turned = v.transpose().keep();
    assign(v, v.mul(2));
    commit();
    expect(await read(v)).toEqual([2, 4, 6, 8]);
    expect(await read(turned)).toEqual([1, 3, 2, 4]);
    expect(await read(column)).toEqual([1, 2, 3, 4]);
    expect(await read(same)).toEqual([1, 2, 3, 4]);
  });

  test('keep() of a variable leaves it a variable', async () => {
    using v = variable(f32(1), [1]);
    v.keep();
    assign(v, v.add(1));
    commit();
    expect(await read(v)).toEqual([2]);
    v.set(f32(7));
    expect(await read(v)).toEqual([7]);
    expect(await read(v.add(1))).toEqual([8]);
  });

  test('backward() on a parameter itself leaves it a parameter', async () => {
    using w = parameter(f32(3), [1]);
    w.backward();
    assign(w, w.sub(noGrad(() => (w.grad ?? scalar(0)).mul(0.5))));
    commit();
    expect(await read(w)).toEqual([2.5]);
    assign(w, w.mul(2));
    commit();
    expect(await read(w)).toEqual([5]);
    w.grad = null;
  });

  test('set() overwrites at once, in queue order', async () => {
    using v = variable(f32(1), [1]);
    using before = v.add(0.5).keep();
    commit();
    v.set(f32(5));
    expect(await read(before)).toEqual([1.5]);
    expect(await read(v)).toEqual([5]);
  });

  test('may assign host data and numbers', async () => {
    using v = variable(f32(1, 2), [2]);
    using n = variable(f32(0), []);
    using count = variable(Int32Array.of(0), []);
    assign(v, tensor([5, 6]));
    assign(n, scalar(3));
    assign(count, scalar(-7, 'i32'));
    commit();
    expect(await readAll([v, n, count]).then((all) => all.map((x) => [...x]))).toEqual([[5, 6], [3], [-7]]);
  });

  test('of an optimizer come after what was recorded before: kept views and averages have the old weights', async () => {
    using w = parameter(f32(1, 2, 3, 4), [2, 2]);
    using average = variable(f32(0, 0, 0, 0), [2, 2]);
    using sgd = new SGD([w], { lr: 0.5 });
    const step = (): Tensor[] => {
      const kept = [w.reshape([4]).keep(), w.transpose().keep()];
      w.sum().backward(); // a gradient of 1
      assign(average, average.add(w.detach()));
      sgd.step();
      sgd.zeroGrad();
      return kept;
    };
    const seen = [step(), step()].flat();
    const values = await readAll([...seen, average, w]);
    expect(values.map((x) => [...x])).toEqual([
      [1, 2, 3, 4],
      [1, 3, 2, 4],
      [0.5, 1.5, 2.5, 3.5],
      [0.5, 2.5, 1.5, 3.5],
      [1.5, 3.5, 5.5, 7.5],
      [0, 1, 2, 3],
    ]);
    for (const t of seen) t[Symbol.dispose]();
    disposeVariable(w);
  });

  test('of the wrong shape or type are refused', () => {
    using v = variable(f32(1, 2), [2]);
    expect(() => assign(v, tensor([1, 2, 3]))).toThrow(ShapeError);
    expect(() => assign(v, tensor([1, 2]).reshape([2, 1]))).toThrow(/shape \(2\), the value \(2, 1\)/);
    expect(() => assign(v, tensor([1, 2], [2], 'i32'))).toThrow(DTypeError);
    commit();
  });
});

describe('a graph without end', () => {
  test('of a chain is refused, and its first op named', () => {
    let x = tensor([1]).exp();
    const grow = (): void => {
      for (let i = 0; i < 30_000; i++) x = x.add(1);
    };
    expect(grow).toThrow(GraphTooLargeError);
    expect(grow).toThrow(/begins with exp \(1,\), recorded at .*commit\.test\.ts/);
    commit();
  });

  test('of assignments is refused', () => {
    using v = variable(f32(1), [1]);
    const next = v.add(1);
    const grow = (): void => {
      for (let i = 0; i < 30_000; i++) assign(v, next);
    };
    expect(grow).toThrow(GraphTooLargeError);
    expect(grow).toThrow(/20000 assignments/);
    commit();
  });

  test('but one of hundreds of ops that a kernel cannot hold at once is cut and runs', async () => {
    let x = tensor([1, 2, 3]);
    for (let i = 0; i < 1500; i++) x = i % 3 === 0 ? x.mul(0.999) : x.add(0.01);
    const host = [1, 2, 3].map((start) => {
      let v = start;
      for (let i = 0; i < 1500; i++) v = i % 3 === 0 ? v * 0.999 : v + 0.01;
      return v;
    });
    (await read(x)).forEach((v, i) => expect(v).toBeCloseTo(host[i], 3));
  });
});

describe('noGrad', () => {
  test('records no gradients, and refuses async callbacks', () => {
    using w = parameter(f32(1), [1]);
    expect(noGrad(() => w.mul(2)).requiresGrad).toBe(false);
    expect(() => noGrad(async () => Promise.resolve(w.mul(2)))).toThrow(AsyncCallbackError);
    expect(w.mul(2).requiresGrad).toBe(true);
  });
  test('ends also when its body throws', () => {
    using w = parameter(f32(1), [1]);
    expect(() =>
      noGrad(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(w.mul(2).requiresGrad).toBe(true);
  });
});

describe('losses', () => {
  test('of the last steps can be read later, until their ring wraps', async () => {
    using w = parameter(f32(0), [1]);
    const losses: Tensor[] = [];
    for (let i = 0; i < RING_SLOTS + 5; i++) {
      w.grad = null;
      const loss = w.add(i).sum();
      loss.backward();
      losses.push(loss);
      commit();
    }
    w.grad = null;
    const values = await readAll(losses.slice(5));
    expect(values.map((v) => v[0])).toEqual(Array.from({ length: RING_SLOTS }, (_, i) => i + 5));
    await expect(losses[4].data()).rejects.toThrow(StaleTensorError);
  });

  test('that are kept stay past the ring', async () => {
    using w = parameter(f32(4), [1]);
    using first = w.mul(2).sum();
    first.backward();
    first.keep();
    commit();
    for (let i = 0; i < RING_SLOTS + 1; i++) {
      w.grad = null;
      w.add(i).sum().backward();
      commit();
    }
    w.grad = null;
    expect(await first.item()).toBe(8);
  });
});

describe('keep', () => {
  test('and dispose leave memory flat over 200 steps', async () => {
    using v = variable(f32(...Array.from({ length: 100 }, (_, i) => i)), [100]);
    const step = async (): Promise<void> => {
      using a = v.mul(2).keep();
      using b = a.sum().keep();
      assign(v, v.add(1));
      commit();
      await readAll([a, b]);
    };
    for (let i = 0; i < 3; i++) await step();
    const before = memory();
    for (let i = 0; i < 200; i++) await step();
    expect(memory()).toEqual(before);
    expect((await read(v))[0]).toBe(203);
  });

  test('a kept tensor is used by later steps, as data without a history', async () => {
    using w = parameter(f32(3), [1]);
    using carried = w.mul(2).keep();
    commit();
    const loss = carried.mul(w).sum(); // 6·w
    loss.backward();
    expect(await read(w.grad ?? scalar(0))).toEqual([6]);
    const [direct] = grad(carried.mul(w).sum(), [w]);
    expect(await read(direct)).toEqual([6]);
    using logged = w.log().keep();
    commit();
    const [past] = grad(logged.exp().mul(w).sum(), [w]);
    expect((await read(past))[0]).toBeCloseTo(3, 5);
    expect(await loss.item()).toBe(18);
    w.grad = null;
  });

  test('what was disposed is gone, with words', async () => {
    const kept = tensor([1, 2]).add(1).keep();
    commit();
    expect(await read(kept)).toEqual([2, 3]);
    kept[Symbol.dispose]();
    await expect(kept.data()).rejects.toThrow(StaleTensorError);
    kept[Symbol.dispose]();
    const v = variable(f32(1), [1]);
    v[Symbol.dispose]();
    await expect(v.data()).rejects.toThrow(/disposed/);
    expect(() => v.set(f32(2))).toThrow(/disposed/);
  });

  test('memory that comes back from results is zero where zeros are promised', async () => {
    const kept = tensor(new Float32Array(64).fill(5)).add(1).keep();
    commit();
    await kept.data();
    kept[Symbol.dispose]();
    const zeros = Storage.zeros(64, 'f32', 'moments');
    const values = await read(new Tensor(stateLeaf(zeros, [64], false)));
    zeros.dispose();
    expect(values).toEqual(new Array(64).fill(0));
  });

  test('of host data and of numbers', async () => {
    using a = tensor([1, 2]).keep();
    using b = scalar(3).keep();
    using c = scalar(4).reshape([1, 1]).keep();
    commit();
    expect(await readAll([a, b, c]).then((all) => all.map((x) => [...x]))).toEqual([[1, 2], [3], [4]]);
  });
});

describe('backward', () => {
  test('accumulates over two calls in one step, and over a step where the gradient was kept', async () => {
    using w = parameter(f32(2, 3), [2]);
    w.square().sum().backward();
    w.mul(10).sum().backward();
    const total = w.grad ?? scalar(0);
    expect(await read(total)).toEqual([14, 16]);
    total.keep();
    commit();
    w.square().sum().backward();
    const more = w.grad ?? scalar(0);
    expect(await read(more)).toEqual([18, 22]);
    total[Symbol.dispose]();
    w.grad = null;
    commit();
  });

  test('onto a gradient that a commit dropped says so', () => {
    using w = parameter(f32(2, 3), [2]);
    w.square().sum().backward();
    commit();
    expect(() => w.square().sum().backward()).toThrow(StaleTensorError);
    w.grad = null;
    commit();
  });

  test('takes a cotangent for what is no scalar, and refuses to guess', async () => {
    using w = parameter(f32(2, 3), [2]);
    expect(() => w.square().backward()).toThrow(GradientError);
    expect(() => w.square().backward()).toThrow(/shape \(2\).*sum\(\)/);
    expect(() => w.square().backward(tensor([1, 2, 3]))).toThrow(ShapeError);
    w.square().backward(tensor([1, 10]));
    expect(await read(w.grad ?? scalar(0))).toEqual([4, 60]);
    w.grad = null;
    commit();
  });

  test('refuses what depends on no parameter', () => {
    expect(() => tensor([1]).square().sum().backward()).toThrow(GradientError);
    using v = variable(f32(1), [1]);
    expect(() => v.square().sum().backward()).toThrow(/requires a gradient/);
  });

  test('stops at detach()', async () => {
    using w = parameter(f32(2), [1]);
    w.detach().mul(w).sum().backward();
    expect(await read(w.grad ?? scalar(0))).toEqual([2]);
    w.grad = null;
    commit();
  });
});

describe('shape errors say what was given and what to do, with the op', () => {
  test.each([
    ['add', () => tensor([1, 2, 3]).add(tensor([1, 2])), /add: shapes \(3\) and \(2\) do not broadcast/],
    ['matmul', () => tensor([[1, 2]]).matmul(tensor([[1, 2]])), /inner dimensions 2 and 1 differ/],
    ['reshape', () => tensor([1, 2, 3]).reshape([2, -1]), /cannot make \(2, -1\) of \(3\)/],
    ['sum', () => tensor([1, 2]).sum(3), /axis 3 is outside of a tensor of 1 dimensions/],
    ['slice', () => tensor([1, 2]).slice(0, 3), /outside of axis 0/],
    ['max', () => tensor(new Float32Array(0), [0, 3]).max(0), /no elements/],
    ['item', () => tensor([1, 2]).item(), /not one element/],
  ])('%s', async (_, act, message) => {
    await expect((async () => act())()).rejects.toThrow(ShapeError);
    await expect((async () => act())()).rejects.toThrow(message);
  });
});
