import { describe, expect, it } from 'vitest';
import * as ir from '../../src/wgsl/build.js';
import type {
  BinaryOp,
  Expr,
  IrFunction,
  Memory,
  ScalarValueType,
  Stmt,
  UnaryOp,
  ValueType,
} from '../../src/wgsl/ir.js';
import { expectBinary, expectConvert, expectUnary } from './support/arithmetic.js';
import { runWasm } from './support/run-wasm.js';

const INTEGERS = [0, 1, 2, 3, 7, 31, 32, 33, 255, 65535, 0x7fffffff, 0x80000000, 0xdeadbeef, 0xfffffffe, 0xffffffff];
const FLOATS = [
  0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.75, 1e-40, 1e30, -1e30, 2147483520, 2147483648, 4294967040, 4294967296,
]
  .concat([-2147483648, -2147483904, 3.4028234e38, Infinity, -Infinity, NaN])
  .map(Math.fround);

/** Deterministic, in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function samples(type: ScalarValueType): number[] {
  const random = generator(7);
  const more = Array.from({ length: 9 }, random);
  if (type === 'bool') return [0, 1];
  if (type === 'f32') return [...FLOATS, ...more.map((x) => Math.fround((x - 0.5) * 100))];
  const words = [...INTEGERS, ...more.map((x) => Math.floor(x * 2 ** 32)), ...more.map((x) => Math.floor(x * 50))];
  return words.map((word) => ir.normalize(type, word));
}

function pairs(type: ScalarValueType): [number[], number[]] {
  const values = samples(type);
  const a = values.flatMap((x) => values.map(() => x));
  const b = values.flatMap(() => values);
  while (a.length % 4 !== 0) {
    a.push(values[0]);
    b.push(values[1]);
  }
  return [a, b];
}

const ARRAY = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, bool: Uint32Array };
const binding = (index: number): Memory => ({ kind: 'binding', index, name: `b${index}` });

function kernel(body: readonly Stmt[]): IrFunction {
  const bindings = [0, 1, 2].map((index) => ({ name: `b${index}`, index }));
  return { name: 'arithmetic', width: 1, workgroupSize: [1, 1, 1], bindings, paramWords: 0, body };
}

/** b2[i] = f(b0[i], b1[i]) for every i, one number or four at a time. */
function apply(
  from: ScalarValueType,
  to: ScalarValueType,
  packed: boolean,
  [a, b]: [number[], number[]],
  f: (a: Expr, b: Expr) => Expr,
): number[] {
  const type = (scalar: ScalarValueType): ValueType => (packed ? ir.packedType(scalar) : scalar);
  const index = ir.mul(ir.builtin('wid.x'), ir.u32(packed ? 4 : 1));
  const value = f(ir.load(binding(0), index, type(from), 1), ir.load(binding(1), index, type(from), 1));
  const body = [ir.store(binding(2), index, value, 1)];
  const out = new ARRAY[to](a.length);
  const bindings = [new ARRAY[from](a), new ARRAY[from](b), out];
  runWasm(kernel(body), { bindings, grid: [packed ? a.length / 4 : a.length, 1, 1] });
  return [...out];
}

function check(name: string, inputs: [number[], number[]], got: number[], want: number[]): void {
  const wrong = got.flatMap((g, i) =>
    Object.is(g, want[i]) ? [] : [`${name}(${inputs[0][i]}, ${inputs[1][i]}) = ${g}, not ${want[i]}`],
  );
  expect(wrong.slice(0, 5)).toEqual([]);
}

const COMPARE: BinaryOp[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
const INTEGER: BinaryOp[] = [
  ...COMPARE,
  'add',
  'sub',
  'mul',
  'div',
  'rem',
  'min',
  'max',
  'and',
  'or',
  'xor',
  'shl',
  'shr',
];
const BINARY: Record<ScalarValueType, BinaryOp[]> = {
  f32: [...COMPARE, 'add', 'sub', 'mul', 'div', 'rem', 'min', 'max'],
  i32: INTEGER,
  u32: INTEGER,
  bool: ['and', 'or', 'xor', 'eq', 'ne'],
};
const BITS: UnaryOp[] = ['not', 'countOneBits', 'countLeadingZeros', 'countTrailingZeros'];
const UNARY: Record<ScalarValueType, UnaryOp[]> = {
  f32: ['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest'],
  i32: ['neg', 'abs', ...BITS],
  u32: BITS,
  bool: ['not'],
};
const TYPES: ScalarValueType[] = ['f32', 'i32', 'u32', 'bool'];

describe.each([false, true])('packed: %s', (packed) => {
  it.each(TYPES.flatMap((type) => BINARY[type].map((op) => [op, type] as const)))('%s of %s', (op, type) => {
    const inputs = pairs(type);
    const to = COMPARE.includes(op) ? 'bool' : type;
    const shift = op === 'shl' || op === 'shr';
    const got = apply(type, to, packed, inputs, (a, b) => ir.binary(op, a, shift ? ir.bitcast('u32', b) : b));
    check(
      op,
      inputs,
      got,
      inputs[0].map((a, i) => expectBinary(op, type, a, inputs[1][i])),
    );
  });

  it.each(TYPES.flatMap((type) => UNARY[type].map((op) => [op, type] as const)))('%s of %s', (op, type) => {
    const inputs = pairs(type);
    const got = apply(type, type, packed, inputs, (a) => ir.unary(op, a));
    check(
      op,
      inputs,
      got,
      inputs[0].map((a) => expectUnary(op, type, a)),
    );
  });

  it.each(TYPES.flatMap((from) => TYPES.map((to) => [from, to] as const)))('%s to %s', (from, to) => {
    const inputs = pairs(from);
    const got = apply(from, to, packed, inputs, (a) => ({ kind: 'convert', type: ir.typeLike(a.type, to), a }));
    check(
      `${to} of ${from}`,
      inputs,
      got,
      inputs[0].map((a) => expectConvert(from, to, a)),
    );
  });

  it('keeps bits in a bitcast', () => {
    const inputs = pairs('u32');
    const round = apply('u32', 'u32', packed, inputs, (a) => ir.bitcast('u32', ir.bitcast('f32', a)));
    expect(round).toEqual(inputs[0]);
    const signed = apply('u32', 'i32', packed, inputs, (a) => ir.bitcast('i32', a));
    expect(signed).toEqual(inputs[0].map((a) => a | 0));
  });

  it('divides and shifts by constants', () => {
    for (const type of ['i32', 'u32'] as const) {
      const inputs = pairs(type);
      for (const by of [0, 1, 2, 3, 5, 64, -1, -2, -7, -0x80000000].map((c) => ir.normalize(type, c))) {
        for (const op of ['div', 'rem', 'shl', 'shr'] as const) {
          const count = op === 'shl' || op === 'shr' ? ir.constant(packed ? 'vec4u' : 'u32', by) : undefined;
          // Without the maker, which would simplify what the emitter must do as well.
          const got = apply(type, type, packed, inputs, (a) => ({
            kind: 'binary',
            type: a.type,
            op,
            a,
            b: count ?? ir.constant(a.type, by),
          }));
          check(
            `${op} ${by}`,
            inputs,
            got,
            inputs[0].map((a) => expectBinary(op, type, a, by)),
          );
        }
      }
    }
  });

  it('chooses', () => {
    const inputs = pairs('f32');
    const got = apply('f32', 'f32', packed, inputs, (a, b) => ir.select(ir.lt(a, b), a, b));
    check(
      'select',
      inputs,
      got,
      inputs[0].map((a, i) => (a < inputs[1][i] ? a : inputs[1][i])),
    );
    const whole = apply('f32', 'f32', packed, inputs, (a, b) => ir.select(ir.eq(ir.builtin('wid.x'), ir.u32(1)), a, b));
    const span = packed ? 4 : 1;
    check(
      'select',
      inputs,
      whole,
      inputs[1].map((b, i) => (Math.floor(i / span) === 1 ? inputs[0][i] : b)),
    );
  });
});

describe('fours', () => {
  const f = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const u = Uint32Array.of(10, 20, 30, 40, 2, 0xffffffff, 0, 5);

  /** The words that statements leave in b2, given `f` in b0 and `u` in b1. */
  function words(...values: Expr[]): number[] {
    const body = values.map((value, i) => ir.store(binding(2), ir.u32(4 * i), value, 1));
    const out = new Float32Array(4 * values.length);
    runWasm(kernel(body), { bindings: [f.slice(), u.slice(), out], grid: [1, 1, 1] });
    return [...out];
  }
  const float = (index: number): Expr => ir.load(binding(0), ir.u32(index), 'f32', 1);
  const four = (index: number): Expr => ir.load(binding(0), ir.u32(index), 'vec4f', 1);
  const word = (index: number): Expr => ir.load(binding(1), ir.u32(index), 'u32', 1);
  const toFloat = (e: Expr): Expr => ir.convert('f32', e);

  it('are made of scalars and taken apart', () => {
    expect(words(ir.splat(float(2)))).toEqual([3, 3, 3, 3]);
    expect(words(ir.splat(ir.add(float(2), float(3))))).toEqual([7, 7, 7, 7]);
    expect(words(ir.compose([float(3), float(0), float(7), float(1)]))).toEqual([4, 1, 8, 2]);
    expect(words(ir.compose([ir.neg(float(3)), ir.f32(9), float(7), ir.f32(-0.5)]))).toEqual([-4, 9, 8, -0.5]);
    expect(words(ir.compose([ir.f32(1), ir.f32(2), ir.f32(3), ir.f32(0.25)]))).toEqual([1, 2, 3, 0.25]);
    for (let lane = 0; lane < 4; lane++) {
      expect(words(ir.extract(four(2), lane))[0]).toBe(3 + lane);
      const want = [3, 4, 5, 6];
      want[lane] = 8;
      expect(words(ir.insert(four(2), lane, float(7)))).toEqual(want);
      expect(words(ir.insert(four(2), lane, ir.add(float(6), ir.f32(1))))).toEqual(want);
    }
  });

  it('gather lanes of several fours', () => {
    const picks = [0, 1, 2, 3].map((x) => [x, (3 * x + 1) % 4, (x + 2) % 4, 3 - x]);
    for (const lanes of [
      ...picks,
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [2, 2, 2, 2],
      [3, 3, 3, 3],
      [2, 3, 0, 1],
      [1, 2, 0, 3],
    ]) {
      const part = (from: number, i: number): Expr => ({ kind: 'extract', type: 'f32', a: four(from), lane: lanes[i] });
      const froms = [0, 2, 1, 4];
      const compose: Expr = {
        kind: 'compose',
        type: 'vec4f',
        parts: [part(froms[0], 0), part(froms[1], 1), part(froms[2], 2), part(froms[3], 3)],
      };
      expect(words(compose)).toEqual(froms.map((from, i) => 1 + from + lanes[i]));
    }
    const sign = ir.gt(four(0), ir.splat(ir.f32(1.5)));
    const other = ir.gt(four(0), ir.splat(ir.f32(3.5)));
    const mixed = ir.compose([ir.extract(sign, 0), ir.extract(other, 3), ir.extract(sign, 2), ir.extract(other, 1)]);
    expect(words(toFloat(mixed))).toEqual([0, 1, 1, 0]);
    const third = ir.gt(four(0), ir.splat(ir.f32(0)));
    const three = ir.compose([ir.extract(sign, 0), ir.extract(other, 3), ir.extract(third, 0), ir.extract(other, 1)]);
    expect(words(toFloat(three))).toEqual([0, 1, 1, 0]);
  });

  it('are indexed at run time, modulo four', () => {
    for (const [at, lane] of [
      [4, 2],
      [5, 3],
      [6, 0],
      [7, 1],
    ]) {
      expect(words(ir.extractAt(four(2), word(at)))[0]).toBe(3 + lane);
      const want = [3, 4, 5, 6];
      want[lane] = 8;
      expect(words(ir.insertAt(four(2), word(at), float(7)))).toEqual(want);
    }
  });

  it('are shuffled', () => {
    expect(words(ir.shuffle(four(0), four(4), [6, 1, 4, 3]))).toEqual([7, 2, 5, 4]);
    const a = four(3);
    expect(words(ir.shuffle(a, a, [3, 3, 0, 1]))).toEqual([7, 7, 4, 5]);
    expect(words(ir.shuffle(ir.neg(four(3)), ir.neg(four(3)), [3, 2, 1, 0]))).toEqual([-7, -6, -5, -4]);
  });

  it('of bool', () => {
    const mask = ir.gt(four(0), ir.splat(ir.f32(2.5)));
    expect(words(toFloat(mask))).toEqual([0, 0, 1, 1]);
    expect(words(toFloat(ir.not(mask)))).toEqual([1, 1, 0, 0]);
    expect(words(toFloat(ir.any(mask)), toFloat(ir.all(mask))).filter((_, i) => i % 4 === 0)).toEqual([1, 0]);
    expect(words(toFloat(ir.all(ir.gt(four(4), four(0)))))[0]).toBe(1);
    expect(words(toFloat(ir.any(ir.lt(four(4), four(0)))))[0]).toBe(0);
    for (let lane = 0; lane < 4; lane++) {
      expect(words(toFloat(ir.extract(mask, lane)))[0]).toBe(lane < 2 ? 0 : 1);
      expect(words(toFloat(ir.extractAt(mask, ir.add(word(4), ir.u32(lane + 2)))))[0]).toBe(lane < 2 ? 0 : 1);
    }
    const yes = ir.gt(float(1), ir.f32(0));
    expect(words(toFloat(ir.splat(yes)))).toEqual([1, 1, 1, 1]);
    expect(words(toFloat(ir.insert(mask, 0, yes)))).toEqual([1, 0, 1, 1]);
    expect(words(toFloat(ir.insertAt(mask, word(4), ir.not(yes))))).toEqual([0, 0, 0, 1]);
    expect(words(toFloat(ir.compose([yes, ir.FALSE, ir.not(yes), ir.TRUE])))).toEqual([1, 0, 0, 1]);
    expect(words(toFloat(ir.compose([ir.TRUE, ir.FALSE, ir.FALSE, ir.TRUE])))).toEqual([1, 0, 0, 1]);
    expect(words(toFloat(ir.constant('vec4b', 1)))).toEqual([1, 1, 1, 1]);
  });

  it('of integers', () => {
    const integers = ir.load(binding(1), ir.u32(4), 'vec4u', 1);
    expect(words(toFloat(ir.shr(integers, ir.splat(word(4)))))).toEqual([0, 2 ** 30, 0, 1]);
    expect(words(toFloat(ir.shl(integers, word(4))))).toEqual([8, 4294967292, 0, 20].map(Math.fround));
    expect(words(toFloat(ir.compose([word(0), ir.u32(1), ir.u32(2), word(3)])))).toEqual([10, 1, 2, 40]);
  });
});
