/** Builtin functions against float64, scalar and packed, over their whole ranges. */
import { describe, expect, it } from 'vitest';
import { add, builtin, load, mul, store, u32 } from '../../src/wgsl/build.js';
import type { Memory, Stmt, ValueType } from '../../src/wgsl/ir.js';
import { runIr } from '../../src/wgsl/js/index.js';
import { Emitter } from '../../src/wgsl/lower/emitter.js';
import { FUNCTIONS, PRIMITIVES } from '../../src/wgsl/math/math.js';

const binding = (index: number): Memory => ({ kind: 'binding', index, name: `b${index}` });
const PACKED = { f32: 'vec4f', i32: 'vec4i', u32: 'vec4u' } as const;
type Scalar = keyof typeof PACKED;
type Numbers = Float32Array | Int32Array | Uint32Array;

/** f of each row of arguments (columns of equal length, a multiple of 4). */
function run(name: string, columns: readonly Numbers[], result: Scalar, packed: boolean): Numbers {
  const f = FUNCTIONS.get(name) ?? PRIMITIVES.get(name);
  if (!f) throw new Error(`There is no ${name}.`);
  const typeOf = (a: Numbers): Scalar => (a instanceof Float32Array ? 'f32' : a instanceof Int32Array ? 'i32' : 'u32');
  const out = new Emitter();
  const body: readonly Stmt[] = out.capture(() => {
    const i = out.let(mul(add(mul(builtin('wid.x'), u32(16)), builtin('lindex')), u32(packed ? 4 : 1)));
    const args = columns.map((column, k) => {
      const type: ValueType = packed ? PACKED[typeOf(column)] : typeOf(column);
      return out.let(load(binding(k), i, type, 1));
    });
    out.emit(store(binding(columns.length), i, f(out, ...args), 1));
  });
  const count = columns[0].length;
  const target = { f32: Float32Array, i32: Int32Array, u32: Uint32Array }[result];
  const values = new target(count);
  runIr(
    {
      name,
      width: 1,
      workgroupSize: [16, 1, 1],
      bindings: [...columns, values].map((_, index) => ({ name: `b${index}`, index })),
      paramWords: 0,
      body,
    },
    { bindings: [...columns, values], grid: [count / 16 / (packed ? 4 : 1), 1, 1] },
  );
  return values;
}

const COUNT = 64 * 100;

/** Numbers from low to high, evenly, with `extra` at the end. */
function evenly(low: number, high: number, extra: readonly number[] = []): Float32Array {
  const n = COUNT - extra.length;
  return Float32Array.from({ length: COUNT }, (_, i) => (i < n ? low + ((high - low) * i) / (n - 1) : extra[i - n]));
}

/** Of every magnitude and, if wanted, either sign. */
function everywhere(low: number, high: number, signs: boolean): Float32Array {
  return Float32Array.from({ length: COUNT }, (_, i) => {
    const size = 2 ** (low + ((high - low) * ((i * 7919) % COUNT)) / COUNT);
    return signs && i % 2 === 1 ? -size : size;
  });
}

interface Worst {
  readonly error: number;
  readonly at: string;
}

/** Largest |found − exact| / (|exact| + floor); infinite where one is NaN or ∞ and the other is not. */
function worst(found: Numbers, columns: readonly Numbers[], f: (...x: number[]) => number, floor = 0): Worst {
  let error = 0;
  let at = '';
  found.forEach((value, i) => {
    const x = columns.map((c) => c[i]);
    const exact = f(...x);
    const rounded = Math.fround(exact);
    let e = 0;
    if (!Object.is(value, rounded) && value !== rounded) {
      // A float more or less where there are no digits, at the very bottom.
      const bottom = Math.abs(exact) < 2 ** -126 ? 2 ** -148 : 0;
      e =
        Number.isFinite(value) && Number.isFinite(rounded)
          ? Math.max(0, Math.abs(value - exact) - bottom) / (Math.abs(exact) + floor)
          : Infinity;
    }
    if (e > error) {
      error = e;
      at = `f(${x.join(', ')}) = ${value}, not ${exact}`;
    }
  });
  return { error, at };
}

interface Case {
  readonly name: string;
  readonly columns: readonly Numbers[];
  readonly exact: (...x: number[]) => number;
  /** Largest relative error. */
  readonly limit: number;
  /** Added to the divisor of the relative error: for results that pass through 0 where no digits can be kept. */
  readonly floor?: number;
}

const EDGES = [0, -0, Infinity, -Infinity, NaN, 1e-40, -1e-40, 3.4e38, -3.4e38];
const CASES: readonly Case[] = [
  { name: 'exp', columns: [evenly(-110, 95, EDGES)], exact: Math.exp, limit: 1.5e-7 },
  { name: 'exp', columns: [evenly(-1, 1)], exact: Math.exp, limit: 1.5e-7 },
  { name: 'exp2', columns: [evenly(-155, 130, EDGES)], exact: (x) => 2 ** x, limit: 1.5e-7 },
  { name: 'sinh', columns: [evenly(-91, 91, EDGES)], exact: Math.sinh, limit: 3e-7 },
  { name: 'sinh', columns: [everywhere(-140, 3, true)], exact: Math.sinh, limit: 3e-7 },
  { name: 'cosh', columns: [evenly(-91, 91, EDGES)], exact: Math.cosh, limit: 3e-7 },
  { name: 'tanh', columns: [evenly(-12, 12, EDGES)], exact: Math.tanh, limit: 3e-7 },
  { name: 'tanh', columns: [everywhere(-140, 5, true)], exact: Math.tanh, limit: 3e-7 },
  { name: 'log', columns: [everywhere(-149, 128, false)], exact: Math.log, limit: 2e-7 },
  { name: 'log', columns: [evenly(0.4, 2.5, EDGES)], exact: Math.log, limit: 2e-7 },
  { name: 'log2', columns: [everywhere(-149, 128, false)], exact: Math.log2, limit: 3e-7 },
  { name: 'log2', columns: [evenly(0.4, 2.5, EDGES)], exact: Math.log2, limit: 3e-7 },
  { name: 'sin', columns: [evenly(-20, 20, EDGES)], exact: Math.sin, limit: 3e-7, floor: 1e-7 },
  { name: 'cos', columns: [evenly(-20, 20, EDGES)], exact: Math.cos, limit: 3e-7, floor: 1e-7 },
  { name: 'sin', columns: [evenly(-9000, 9000)], exact: Math.sin, limit: 3e-7, floor: 1e-5 },
  { name: 'cos', columns: [evenly(-9000, 9000)], exact: Math.cos, limit: 3e-7, floor: 1e-5 },
  { name: 'sin', columns: [everywhere(-140, 128, true)], exact: Math.sin, limit: 3e-7, floor: 1e-9 },
  { name: 'cos', columns: [everywhere(-140, 128, true)], exact: Math.cos, limit: 3e-7, floor: 1e-9 },
  { name: 'tan', columns: [evenly(-1.55, 1.55, EDGES)], exact: Math.tan, limit: 6e-7 },
  { name: 'tan', columns: [everywhere(-140, 128, true)], exact: Math.tan, limit: 6e-7, floor: 1e-9 },
  { name: 'asin', columns: [evenly(-1, 1, [0, -0, 1e-30])], exact: Math.asin, limit: 3e-7 },
  { name: 'acos', columns: [evenly(-1, 1, [0, -0, 1e-30])], exact: Math.acos, limit: 3e-7 },
  { name: 'atan', columns: [everywhere(-140, 128, true)], exact: Math.atan, limit: 3e-7 },
  { name: 'atan', columns: [evenly(-4, 4, EDGES)], exact: Math.atan, limit: 3e-7 },
  { name: 'atan2', columns: [everywhere(-60, 60, true), evenly(-1e3, 1e3)], exact: Math.atan2, limit: 3e-7 },
  {
    name: 'atan2',
    columns: [evenly(-1, 1, [...EDGES, ...EDGES]), evenly(1, -1, [...EDGES, ...[...EDGES].reverse()])],
    exact: Math.atan2,
    limit: 3e-7,
  },
  { name: 'pow', columns: [everywhere(-20, 20, false), evenly(-6, 6)], exact: Math.pow, limit: 3e-7 },
  { name: 'pow', columns: [evenly(0.5, 2), evenly(130, -130)], exact: Math.pow, limit: 3e-7 },
  { name: 'pow', columns: [everywhere(-149, 128, false), evenly(-1.5, 1.5)], exact: Math.pow, limit: 3e-7 },
  {
    name: 'pow',
    columns: [
      evenly(0.9, 1, [0, 0, 0, 1, 1, 9, Infinity, Infinity]),
      evenly(1, 9e4, [2, -2, 0, 1e38, -3, Infinity, 2, -1]),
    ],
    exact: Math.pow,
    limit: 3e-7,
  },
  { name: 'inverseSqrt', columns: [everywhere(-120, 120, false)], exact: (x) => 1 / Math.sqrt(x), limit: 2e-7 },
];

describe('builtin functions', () => {
  for (const { name, columns, exact, limit, floor } of CASES)
    for (const packed of [false, true])
      it(`${name} over ${columns.map((c) => `${c[0]} … ${c[COUNT >> 1]}`).join(', ')}${packed ? ', packed' : ''}`, () => {
        const { error, at } = worst(run(name, columns, 'f32', packed), columns, exact, floor);
        expect(error, at).toBeLessThan(limit);
      });

  it('gives NaN where there is no number', () => {
    const no = Float32Array.from({ length: 16 }, () => -1);
    for (const name of ['log', 'log2', 'sqrt', 'inverseSqrt']) expect(run(name, [no], 'f32', false)[0]).toBeNaN();
    expect(run('pow', [no, Float32Array.from(no, () => 2.5)], 'f32', false)[0]).toBeNaN();
    const nan = Float32Array.from(no, () => NaN);
    const unary = ['exp', 'exp2', 'log', 'log2', 'sin', 'cos', 'tan', 'sinh', 'cosh', 'tanh', 'asin', 'acos', 'atan'];
    for (const name of unary) expect(run(name, [nan], 'f32', false)[0], name).toBeNaN();
    expect(run('pow', [nan, no], 'f32', false)[0]).toBeNaN();
    expect(run('pow', [Float32Array.from(no, () => 2), nan], 'f32', false)[0]).toBeNaN();
  });
});

describe('functions of bits', () => {
  const words = Uint32Array.from({ length: 1024 }, (_, i) =>
    i < 33 ? 2 ** i - 1 : Math.imul(i, 0x9e3779b1) >>> (i % 29),
  );
  const ints = new Int32Array(words.buffer);
  const reversed = (x: number): number =>
    Number.parseInt((x >>> 0).toString(2).padStart(32, '0').split('').reverse().join(''), 2);
  const check = (name: string, columns: readonly Numbers[], result: Scalar, f: (...x: number[]) => number): void => {
    for (const packed of [false, true]) {
      const found = run(name, columns, result, packed);
      found.forEach((value, i) => {
        const x = columns.map((c) => c[i]);
        expect(value, `${name}(${x.join(', ')})`).toBe(f(...x));
      });
    }
  };

  it('finds and counts bits', () => {
    check('firstLeadingBit', [words], 'u32', (x) => (x === 0 ? 0xffffffff : 31 - Math.clz32(x)));
    check('firstLeadingBit', [ints], 'i32', (x) => 31 - Math.clz32(x < 0 ? ~x : x));
    check('firstTrailingBit', [words], 'u32', (x) => (x === 0 ? 0xffffffff : 31 - Math.clz32(x & -x)));
    check('firstTrailingBit', [ints], 'i32', (x) => (x === 0 ? -1 : 31 - Math.clz32(x & -x)));
    check('reverseBits', [words], 'u32', reversed);
    check('countOneBits', [words], 'u32', (x) => x.toString(2).replaceAll('0', '').length);
  });

  it('takes and puts fields, cut to the word', () => {
    const offsets = Uint32Array.from(words, (_, i) => (i * 5) % 37);
    const counts = Uint32Array.from(words, (_, i) => (i * 11) % 35);
    const field = (offset: number, count: number): readonly [number, number] => {
      const begin = Math.min(offset, 32);
      return [begin, Math.min(count, 32 - begin)];
    };
    const unsigned = (x: number, offset: number, count: number): number => {
      const [begin, length] = field(offset, count);
      return Number((BigInt(x >>> 0) >> BigInt(begin)) & ((1n << BigInt(length)) - 1n));
    };
    check('extractBits', [words, offsets, counts], 'u32', unsigned);
    check('extractBits', [ints, offsets, counts], 'i32', (x, offset, count) => {
      const [, length] = field(offset, count);
      return Number(BigInt.asIntN(length, BigInt(unsigned(x, offset, count))));
    });
    const others = Uint32Array.from(words, (w) => ~w);
    check('insertBits', [words, others, offsets, counts], 'u32', (x, y, offset, count) => {
      const [begin, length] = field(offset, count);
      const mask = ((1n << BigInt(length)) - 1n) << BigInt(begin);
      return Number((BigInt(x) & ~mask) | ((BigInt(y) << BigInt(begin)) & mask));
    });
  });
});

describe('short formulas', () => {
  const xs = evenly(-3, 3, EDGES.slice(0, 4));
  const check = (
    name: string,
    columns: readonly Numbers[],
    f: (...x: number[]) => number,
    limit = 2e-7,
    floor = 1,
  ): void => {
    for (const packed of [false, true]) {
      const { error, at } = worst(run(name, columns, 'f32', packed), columns, f, floor);
      expect(error, `${name}: ${at}`).toBeLessThanOrEqual(limit);
    }
  };

  it('round, cut and mix', () => {
    const ys = evenly(2, -1);
    const ts = evenly(0, 1);
    const finite = evenly(-3, 3);
    const halves = Float32Array.from({ length: COUNT }, (_, i) => (i - COUNT / 2) / 2);
    check('sign', [xs], Math.sign, 0);
    check('fract', [finite], (x) => x - Math.floor(x));
    check('round', [halves], (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)), 0);
    check('trunc', [xs], Math.trunc, 0);
    check('saturate', [xs], (x) => Math.min(1, Math.max(0, x)), 0);
    check('clamp', [xs, evenly(-2, -1), evenly(0, 2)], (x, a, b) => Math.min(b, Math.max(a, x)), 0);
    check('mix', [finite, ys, ts], (x, y, t) => x * (1 - t) + y * t, 3e-7);
    check('step', [finite, ys], (edge, x) => (edge <= x ? 1 : 0), 0);
    check('degrees', [finite], (x) => (x * 180) / Math.PI);
    check('radians', [finite], (x) => (x * Math.PI) / 180);
    check(
      'smoothstep',
      [evenly(-1, 0), evenly(1, 2), finite],
      (a, b, x) => {
        const t = Math.min(1, Math.max(0, (x - a) / (b - a)));
        return t * t * (3 - 2 * t);
      },
      1e-6,
    );
  });

  it('multiplies by powers of two', () => {
    const exponents = Int32Array.from({ length: COUNT }, (_, i) => (i % 250) - 125);
    check('ldexp', [evenly(-4, 4), exponents], (x, e) => x * 2 ** e, 0, 0);
    const far = Int32Array.from({ length: COUNT }, (_, i) => (i % 2000) - 1000);
    check('ldexp', [evenly(1, 2), far], (x, e) => x * 2 ** e, 0, 0);
  });
});
