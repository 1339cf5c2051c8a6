/** Simplified expressions against the same ones spelled out in full. */
import { describe, expect, it } from 'vitest';
import * as b from '../../src/wgsl/build.js';
import type {
  BinaryOp,
  Expr,
  Local,
  Memory,
  PackedType,
  ScalarValueType,
  Stmt,
  UnaryOp,
  ValueType,
} from '../../src/wgsl/ir.js';
import { runIr } from '../../src/wgsl/js/index.js';

const binding = (index: number): Memory => ({ kind: 'binding', index, name: `b${index}` });
const OUTPUT = binding(3);

/** Numbers in a given order, the same for every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Pick = ReturnType<typeof random>;
const one = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)];

/** Both forms of one expression. */
interface Pair {
  readonly plain: Expr;
  readonly simple: Expr;
}

const SCALARS = ['f32', 'i32', 'u32', 'bool'] as const;
const NUMBERS: Readonly<Record<ScalarValueType, readonly number[]>> = {
  f32: [0, -0, 1, -1, 2, 0.5, -2.5, 3.75, 1e-20, 7, 3e38],
  i32: [0, 1, -1, 2, 3, -2147483648, 2147483647, 8, -7],
  u32: [0, 1, 2, 3, 4, 31, 32, 4294967295, 2147483648, 10],
  bool: [0, 1],
};
const UNARY: Readonly<Record<ScalarValueType, readonly UnaryOp[]>> = {
  f32: ['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest'],
  i32: ['neg', 'abs', 'not', 'countOneBits', 'countLeadingZeros', 'countTrailingZeros'],
  u32: ['not', 'countOneBits', 'countLeadingZeros', 'countTrailingZeros'],
  bool: ['not'],
};
const FLOAT_OPS = ['add', 'sub', 'mul', 'div', 'rem', 'min', 'max'] as const;
const BINARY: Readonly<Record<ScalarValueType, readonly BinaryOp[]>> = {
  f32: FLOAT_OPS,
  i32: [...FLOAT_OPS, 'and', 'or', 'xor', 'shl', 'shr'],
  u32: [...FLOAT_OPS, 'and', 'or', 'xor', 'shl', 'shr'],
  bool: ['and', 'or', 'xor', 'eq', 'ne'],
};
const COMPARISONS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;

class Maker {
  constructor(
    private readonly pick: Pick,
    private readonly locals: ReadonlyMap<ValueType, Local>,
  ) {}

  make(type: ValueType, depth: number): Pair {
    const scalar = b.scalarType(type);
    if (depth === 0 || this.pick(7) === 0) return this.leaf(type);
    const next = (t: ValueType): Pair => this.make(t, depth - 1);
    if (b.isPacked(type) && this.pick(3) === 0) return this.lanes(type, next);
    if (!b.isPacked(type) && this.pick(6) === 0) {
      const four = next(b.packedType(type));
      if (this.pick(2) === 0) {
        const lane = this.pick(4);
        return pair(
          (x) => ({ kind: 'extract', type, a: x, lane }),
          (x) => b.extract(x, lane),
          four,
        );
      }
      const lane = next('u32');
      const plain: Expr = { kind: 'extractAt', type, a: four.plain, lane: lane.plain };
      return { plain, simple: b.extractAt(four.simple, lane.simple) };
    }
    switch (this.pick(5)) {
      case 0: {
        const op = one(this.pick, UNARY[scalar]);
        return pair(
          (a) => ({ kind: 'unary', type, op, a }),
          (a) => b.unary(op, a),
          next(type),
        );
      }
      case 1: {
        const from = b.typeLike(type, one(this.pick, SCALARS));
        const bits = from !== type && scalar !== 'bool' && b.scalarType(from) !== 'bool' && this.pick(2) === 0;
        // A NaN may come out with other bits.
        if (bits && b.scalarType(from) === 'f32') return this.leaf(type);
        if (bits)
          return pair(
            (a) => ({ kind: 'bitcast', type, a }),
            (a) => b.bitcast(type, a),
            next(from),
          );
        if (from === type) return next(type);
        if (scalar === 'bool')
          return pair(
            (a) => ({ kind: 'binary', type, op: 'ne', a, b: b.constant(from, 0) }),
            (a) => b.convert(type, a),
            next(from),
          );
        return pair(
          (a) => ({ kind: 'convert', type, a }),
          (a) => b.convert(type, a),
          next(from),
        );
      }
      case 2: {
        const condition = next(b.isPacked(type) && this.pick(2) === 0 ? 'vec4b' : 'bool');
        const [yes, no] = [next(type), next(type)];
        return {
          plain: { kind: 'select', type, condition: condition.plain, yes: yes.plain, no: no.plain },
          simple: b.select(condition.simple, yes.simple, no.simple),
        };
      }
      default: {
        const compares = scalar === 'bool' && this.pick(3) > 0;
        const op = one(this.pick, compares ? COMPARISONS : BINARY[scalar]);
        const operands = compares ? b.typeLike(type, one(this.pick, ['f32', 'i32', 'u32'])) : type;
        const isShift = op === 'shl' || op === 'shr';
        const x = next(operands);
        const y = next(isShift ? b.typeLike(type, 'u32') : operands);
        return {
          plain: { kind: 'binary', type, op, a: x.plain, b: y.plain },
          simple: b.binary(op, x.simple, y.simple),
        };
      }
    }
  }

  private leaf(type: ValueType): Pair {
    const local = this.locals.get(type);
    const e = local && this.pick(5) > 1 ? b.read(local) : b.constant(type, one(this.pick, NUMBERS[b.scalarType(type)]));
    return { plain: e, simple: e };
  }

  private lanes(type: PackedType, next: (type: ValueType) => Pair): Pair {
    const scalar = b.scalarType(type);
    const lane = this.pick(4);
    switch (this.pick(5)) {
      case 0:
        return pair((a) => ({ kind: 'splat', type, a }), b.splat, next(scalar));
      case 1: {
        const parts = [next(scalar), next(scalar), next(scalar), next(scalar)] as const;
        const [x, y, z, w] = parts;
        return {
          plain: { kind: 'compose', type, parts: [x.plain, y.plain, z.plain, w.plain] },
          simple: b.compose([x.simple, y.simple, z.simple, w.simple]),
        };
      }
      case 2: {
        const a = next(type);
        const value = next(scalar);
        return {
          plain: { kind: 'insert', type, a: a.plain, lane, value: value.plain },
          simple: b.insert(a.simple, lane, value.simple),
        };
      }
      case 3: {
        const a = next(type);
        const value = next(scalar);
        const at = next('u32');
        return {
          plain: { kind: 'insertAt', type, a: a.plain, lane: at.plain, value: value.plain },
          simple: b.insertAt(a.simple, at.simple, value.simple),
        };
      }
      default: {
        const a = next(type);
        const c = this.pick(3) === 0 ? a : next(type);
        const lanes = [this.pick(8), this.pick(8), this.pick(8), this.pick(8)] as const;
        return {
          plain: { kind: 'shuffle', type, a: a.plain, b: c.plain, lanes },
          simple: b.shuffle(a.simple, c.simple, lanes),
        };
      }
    }
  }
}

const pair = (plain: (e: Expr) => Expr, simple: (e: Expr) => Expr, a: Pair): Pair => ({
  plain: plain(a.plain),
  simple: simple(a.simple),
});

const TYPES: readonly ValueType[] = ['f32', 'i32', 'u32', 'bool', 'vec4f', 'vec4i', 'vec4u', 'vec4b'];

function run(count: number, seed: number, choose: (p: Pair) => Expr): Uint32Array {
  const pick = random(seed);
  const fresh = new b.Fresh();
  const locals = new Map(TYPES.map((type) => [type, fresh.local('x', type)]));
  const body: Stmt[] = [];
  const source: Readonly<Record<string, number>> = { f32: 0, i32: 1, u32: 2, bool: 2 };
  for (const [type, local] of locals) {
    const scalar = b.scalarType(type);
    const words = b.typeLike(type, scalar === 'bool' ? 'u32' : scalar);
    const loaded = b.load(binding(source[scalar]), b.u32(b.isPacked(type) ? 4 : 0), words, 1);
    const value: Expr =
      scalar === 'bool' ? { kind: 'binary', type, op: 'gt', a: loaded, b: b.constant(words, 3) } : loaded;
    body.push(b.set(local, value));
  }
  const maker = new Maker(pick, locals);
  for (let i = 0; i < count; i++) {
    const type = one(pick, TYPES);
    const e = choose(maker.make(type, 4));
    const isBool = b.scalarType(type) === 'bool';
    const ones = b.constant(b.typeLike(type, 'u32'), 1);
    const zeros = b.constant(b.typeLike(type, 'u32'), 0);
    const value: Expr = isBool ? { kind: 'select', type: ones.type, condition: e, yes: ones, no: zeros } : e;
    body.push(b.store(OUTPUT, b.u32(4 * i), value, 1));
  }
  const output = new Float32Array(4 * count);
  runIr(
    {
      name: 'build',
      width: 1,
      workgroupSize: [1, 1, 1],
      bindings: [0, 1, 2, 3].map((index) => ({ name: `b${index}`, index })),
      paramWords: 0,
      body,
    },
    {
      bindings: [
        Float32Array.of(1.75, 0, 0, 0, -0, 3.25, -1e20, 0.1),
        Int32Array.of(-5, 0, 0, 0, 6, -7, 2147483647, 1),
        Uint32Array.of(5, 0, 0, 0, 4, 0, 4294967290, 33),
        output,
      ],
      grid: [1, 1, 1],
    },
  );
  // One NaN is as good as another.
  const words = new Uint32Array(output.buffer);
  return words.map((w) => ((w & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : w));
}

describe('makers of the middle form', () => {
  it('simplify without changing a bit', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const plain = run(100, seed, (p) => p.plain);
      const simple = run(100, seed, (p) => p.simple);
      expect(simple, `seed ${seed}`).toEqual(plain);
    }
  });

  const x: Expr = b.load(binding(0), b.u32(0), 'u32', 1);
  const f: Expr = b.load(binding(0), b.u32(0), 'f32', 1);

  it('leave out what does nothing', () => {
    for (const e of [
      b.add(x, b.u32(0)),
      b.mul(b.u32(1), x),
      b.div(x, b.u32(1)),
      b.or(x, b.u32(0)),
      b.and(x, b.u32(0xffffffff)),
      b.shl(x, b.u32(32)),
      b.add(b.add(x, b.u32(3)), b.u32(0xfffffffd)),
      b.extract(b.splat(x), 2),
      b.select(b.TRUE, x, b.u32(1)),
      b.select(b.lt(f, b.f32(1)), x, x),
    ])
      expect(e).toBe(x);
    expect(b.mul(f, b.f32(1))).toBe(f);
    expect(b.isConst(b.mul(x, b.u32(0)), 0)).toBe(true);
    expect(b.div(x, b.u32(8))).toEqual(b.shr(x, b.u32(3)));
    expect(b.rem(x, b.u32(8))).toEqual(b.and(x, b.u32(7)));
    const condition = b.gt(f, b.f32(2));
    expect(b.ne(b.select(condition, b.f32(1), b.f32(0)), b.f32(0))).toBe(condition);
    const four = b.load(binding(0), b.u32(0), 'vec4f', 1);
    expect(b.compose([b.extract(four, 0), b.extract(four, 1), b.extract(four, 2), b.extract(four, 3)])).toBe(four);
  });

  it('leave floats alone where −0 or NaN would differ', () => {
    for (const e of [b.add(f, b.f32(0)), b.sub(f, b.f32(-0)), b.mul(f, b.f32(0)), b.not(b.lt(f, b.f32(1)))])
      expect(e.kind).not.toBe('const');
    expect(b.add(f, b.f32(0))).not.toBe(f);
    expect(b.not(b.lt(f, b.f32(1))).kind).toBe('unary');
    expect(b.not(b.lt(x, b.u32(1)))).toEqual(b.ge(x, b.u32(1)));
  });

  it('walk and rebuild trees', () => {
    const tree = b.add(b.mul(x, b.u32(3)), b.shl(x, b.u32(2)));
    let loads = 0;
    b.forEachExpr(tree, (e) => {
      if (e.kind === 'load') loads++;
    });
    expect(loads).toBe(2);
    expect(b.mapExpr(tree, (e) => e)).toBe(tree);
    expect(b.mapExpr(tree, (e) => (e.kind === 'load' ? b.u32(5) : e))).toEqual(b.u32(35));
  });

  it('give fresh locals and labels after those of a function', () => {
    const local: Local = { id: 7, name: 'x', type: 'u32', mutable: false };
    const body = [b.block(4, [b.set(local, x)])];
    const fresh = b.Fresh.after({ name: '', width: 1, workgroupSize: [1, 1, 1], bindings: [], paramWords: 0, body });
    expect([fresh.local('y', 'u32').id, fresh.label()]).toEqual([8, 5]);
  });
});
