import { expect, test } from 'vitest';
import type { Tensor } from '../../src/tensor/index.js';
import { concat, maximum, readAll, tensor, variable, where, type Variable } from '../../src/tensor/index.js';
import { randomStream } from '../support/compare.js';
import { testEngine, withBindings } from '../support/engine.js';
import * as host from './host.js';

const device = testEngine();

interface Pair {
  readonly t: Tensor;
  readonly h: host.Host;
  /** How it came to be, for the error message. */
  readonly how: string;
}

type Random = () => number;
const below = (random: Random, n: number): number => Math.floor(random() * n);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)];
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function shuffled(random: Random, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** A split of `n` elements into dimensions. */
function factors(random: Random, n: number): number[] {
  const shape: number[] = [];
  let rest = n;
  for (let d = 2; d <= rest; d++) {
    while (rest % d === 0) {
      rest /= d;
      const last = shape.length - 1;
      if (last >= 0 && random() < 0.5) shape[last] *= d;
      else shape.push(d);
    }
  }
  return random() < 0.3 ? [...shape, 1] : shape;
}

type Step = (random: Random, x: Pair, pool: readonly Pair[]) => Pair | undefined;

const next = (x: Pair, name: string, t: Tensor, h: host.Host): Pair => ({ t, h, how: `${x.how} → ${name}` });
const axisOf = (random: Random, x: Pair): number => below(random, x.h.shape.length);

const UNARY: readonly (readonly [string, (t: Tensor) => Tensor, (v: number) => number])[] = [
  ['neg', (t) => t.neg(), (v) => -v],
  ['tanh', (t) => t.tanh(), Math.tanh],
  ['sigmoid', (t) => t.sigmoid(), (v) => 1 / (1 + Math.exp(-v))],
  ['abs', (t) => t.abs(), Math.abs],
  ['relu', (t) => t.relu(), (v) => Math.max(v, 0)],
  ['mul 0.5', (t) => t.mul(0.5), (v) => v * 0.5],
  ['add 1.5', (t) => t.add(1.5), (v) => v + 1.5],
];

const BINARY: readonly (readonly [string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number])[] = [
  ['add', (a, b) => a.add(b).mul(0.5), (a, b) => (a + b) * 0.5],
  ['sub', (a, b) => a.sub(b).mul(0.5), (a, b) => (a - b) * 0.5],
  ['mul', (a, b) => a.mul(b.tanh()), (a, b) => a * Math.tanh(b)],
  ['maximum', (a, b) => maximum(a, b), Math.max],
  ['where', (a, b) => where(a.gt(0), b, a), (a, b) => (a > 0 ? b : a)],
];

/** All that a chain can do to a value. Each gives undefined where it does not fit. */
const STEPS: readonly Step[] = [
  (random, x) => {
    const [name, engine, fn] = pick(random, UNARY);
    return next(x, name, engine(x.t), host.map(fn, x.h));
  },
  (random, x) => {
    const shape = factors(random, x.h.data.length);
    return next(x, `reshape ${shape.join('×')}`, x.t.reshape(shape), host.reshape(x.h, shape));
  },
  (random, x) => {
    const order = shuffled(random, x.h.shape.length);
    return next(x, `permute ${order.join()}`, x.t.permute(order), host.permute(x.h, order));
  },
  (random, x) => {
    if (x.h.shape.length === 0) return undefined;
    const axis = axisOf(random, x);
    const n = x.h.shape[axis];
    const start = below(random, n);
    const end = start + 1 + below(random, n - start);
    const step = 1 + below(random, 3);
    return next(
      x,
      `slice ${axis} ${start}:${end}:${step}`,
      x.t.slice(axis, start, end, step),
      host.slice(x.h, axis, start, end, step),
    );
  },
  (random, x) => {
    if (x.h.shape.length === 0 || x.h.data.length > 200) return undefined;
    const axis = axisOf(random, x);
    const [before, after] = [below(random, 3), below(random, 3)];
    const value = random() < 0.5 ? 0 : 0.25;
    return next(
      x,
      `pad ${axis} ${before} ${after}`,
      x.t.pad(axis, before, after, value),
      host.pad(x.h, axis, before, after, value),
    );
  },
  (random, x) => {
    if (x.h.data.length > 200) return undefined;
    const grown = x.h.shape.map((n) => (n === 1 && random() < 0.7 ? 1 + below(random, 4) : n));
    const shape = random() < 0.3 ? [2, ...grown] : grown;
    return next(x, `expand ${shape.join('×')}`, x.t.expand(shape), host.expand(x.h, shape));
  },
  (random, x) => {
    if (x.h.shape.length === 0) return undefined;
    const axis = axisOf(random, x);
    return next(x, `flip ${axis}`, x.t.flip(axis), host.flip(x.h, axis));
  },
  (random, x) => {
    if (x.h.shape.length === 0 || x.h.data.length > 200) return undefined;
    const axis = axisOf(random, x);
    // With itself turned round, and itself: one value read in several places.
    const parts = random() < 0.5 ? 2 : 3;
    const turned = { t: x.t.flip(axis), h: host.flip(x.h, axis) };
    return next(
      x,
      `concat ${axis} ${parts}`,
      concat(
        Array.from({ length: parts }, (_, i) => (i === 1 ? turned.t : x.t)),
        axis,
      ),
      host.concat(
        Array.from({ length: parts }, (_, i) => (i === 1 ? turned.h : x.h)),
        axis,
      ),
    );
  },
  (random, x) => {
    const axes = x.h.shape.map((_, d) => d).filter(() => random() < 0.4);
    const keepdim = random() < 0.5;
    const kept = x.h.shape.map((n, d) => (axes.includes(d) ? 1 : n));
    const shaped = (h: host.Host): host.Host => (keepdim ? host.reshape(h, kept) : h);
    const count = axes.reduce((n, d) => n * x.h.shape[d], 1);
    if (random() < 0.5) {
      const sum = host.reduce(x.h, axes, 0, (a, b) => a + b);
      return next(x, `mean ${axes.join()}`, x.t.mean(axes, keepdim), shaped(host.map((v) => v / count, sum)));
    }
    return random() < 0.5
      ? next(x, `max ${axes.join()}`, x.t.max(axes, keepdim), shaped(host.reduce(x.h, axes, -Infinity, Math.max)))
      : next(x, `min ${axes.join()}`, x.t.min(axes, keepdim), shaped(host.reduce(x.h, axes, Infinity, Math.min)));
  },
  // With another value of the chain that broadcasts against this one.
  (random, x, pool) => {
    const fits = pool.filter(({ h }) => {
      const rank = Math.max(h.shape.length, x.h.shape.length);
      const at = (s: readonly number[], d: number): number => s[d - rank + s.length] ?? 1;
      const out = Array.from({ length: rank }, (_, d) => [at(h.shape, d), at(x.h.shape, d)]);
      return out.every(([a, b]) => a === b || a === 1 || b === 1) && size(out.map((p) => Math.max(...p))) <= 400;
    });
    if (fits.length === 0) return undefined;
    const other = pick(random, fits);
    const [name, engine, fn] = pick(random, BINARY);
    return next(x, `${name} (${other.how})`, engine(x.t, other.t), host.map(fn, x.h, other.h));
  },
  // Through a hand-written kernel: a matrix product with itself.
  (random, x) => {
    if (x.h.shape.length !== 2 || x.h.data.length > 120) return undefined;
    const transposeB = random() < 0.5;
    const [m, k] = x.h.shape;
    const scale = 1 / Math.max(m, k);
    const own = (i: number, j: number): number => host.at(x.h, [i, j]);
    if (transposeB) {
      const h = host.build([m, m], ([i, j]) => {
        let sum = 0;
        for (let c = 0; c < k; c++) sum += own(i, c) * own(j, c);
        return sum * scale;
      });
      return next(x, 'matmul x·xᵀ', x.t.matmul(x.t, { transposeB: true }).mul(scale), h);
    }
    const h = host.build([k, k], ([i, j]) => {
      let sum = 0;
      for (let c = 0; c < m; c++) sum += own(c, i) * own(c, j);
      return sum * scale;
    });
    return next(x, 'matmul xᵀ·x', x.t.matmul(x.t, { transposeA: true }).mul(scale), h);
  },
];

const START_SHAPES = [[2, 3, 4], [5], [3, 1, 2], [7, 3], [1], [], [2, 2, 2, 2], [13, 2]];

/** A chain's values; the last is its result. `made` collects the variables. */
function chain(seed: number, made: Variable[]): Pair[] {
  const random = randomStream(seed);
  const shape = pick(random, START_SHAPES);
  const data = Float32Array.from({ length: size(shape) }, () => 2 * random() - 1);
  let t: Tensor;
  if (random() < 0.5) {
    const v = variable(data, shape);
    made.push(v);
    t = v;
  } else t = tensor(data, shape);
  const values: Pair[] = [{ t, h: host.reshape({ shape, data }, shape), how: `(${shape.join(', ')})` }];
  const length = 3 + below(random, 9);
  for (let i = 0; i < length; i++) {
    const result = pick(random, STEPS)(random, values[values.length - 1], values);
    if (result) values.push(result);
  }
  return values;
}

const CHAINS = 200;
const BATCH = 20;

test.each(Array.from({ length: CHAINS / BATCH }, (_, i) => i * BATCH))(
  `random chains of views, elementwise ops, reductions and products from seed %i are what float64 says`,
  async (first) => {
    const made: Variable[] = [];
    try {
      const chains = Array.from({ length: BATCH }, (_, i) => chain(first + i, made));
      // The end of each, and of every other one a value on the way, which is then both stored and used on.
      const wanted = chains.flatMap((values, i) =>
        i % 2 === 0 ? [values[values.length - 1]] : [values[values.length - 1], values[Math.floor(values.length / 2)]],
      );
      // Every other batch as on an adapter that has no more than WebGPU promises.
      const read = () => readAll(wanted.map(({ t }) => t));
      const results = (first / BATCH) % 2 === 0 ? await read() : await withBindings(device(), 8, read);
      wanted.forEach(({ t, h, how }, k) => {
        expect(t.shape, how).toEqual(h.shape);
        const off = h.data.findIndex((v, i) => !(Math.abs(results[k][i] - v) <= 2e-5 + 2e-5 * Math.abs(v)));
        if (off >= 0) throw new Error(`${how}: element ${off} is ${results[k][off]}, expected ${h.data[off]}`);
      });
    } finally {
      for (const v of made) v[Symbol.dispose]();
    }
  },
);

test('the chains use every kind of step', () => {
  const made: Variable[] = [];
  const hows = Array.from({ length: CHAINS }, (_, i) => chain(i, made))
    .map((values) => values[values.length - 1].how)
    .join(' ');
  for (const name of [
    'reshape',
    'permute',
    'slice',
    'pad',
    'expand',
    'flip',
    'concat',
    'mean',
    'max ',
    'min ',
    'where',
    'matmul x',
    'tanh',
  ]) {
    expect(hows.split(name).length - 1, name).toBeGreaterThan(20);
  }
});
