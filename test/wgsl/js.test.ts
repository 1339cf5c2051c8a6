import { describe, expect, test } from 'vitest';
import * as b from '../../src/wgsl/build.js';
import type {
  BinaryOp,
  Expr,
  IrFunction,
  Memory,
  ScalarValueType,
  Stmt,
  SubgroupOp,
  UnaryOp,
} from '../../src/wgsl/ir.js';
import { runIr } from '../../src/wgsl/js/index.js';

const binding = (index: number, name = `m${index}`): Memory & { kind: 'binding' } => ({ kind: 'binding', index, name });

function kernel(body: readonly Stmt[], options: Partial<IrFunction> = {}, bindings = 3): IrFunction {
  const list = Array.from({ length: bindings }, (_, index) => ({ name: `m${index}`, index }));
  return { name: 'test', width: 1, workgroupSize: [8, 1, 1], bindings: list, paramWords: 0, body, ...options };
}

const lid = b.builtin('lid.x');
const wid = b.builtin('wid.x');
const gid = b.add(b.mul(wid, b.u32(8)), lid);
const load = (index: number, at: Expr, type: Expr['type'] = 'f32'): Expr => b.load(binding(index), at, type, 1);
const put = (index: number, at: Expr, value: Expr): Stmt => b.store(binding(index), at, value, 1);

/** out[0] of `make(a, b)`, where a and b come from memory, so that nothing is folded. */
function compute(type: ScalarValueType, make: (a: Expr, b: Expr) => Expr, a: number, c: number): number {
  const inputs = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, bool: Uint32Array }[type].of(a, c);
  const value = make(load(0, b.u32(0), type), load(0, b.u32(1), type));
  const output = {
    f32: new Float32Array(1),
    i32: new Int32Array(1),
    u32: new Uint32Array(1),
    bool: new Uint32Array(1),
  }[b.scalarType(value.type)];
  runIr(kernel([put(1, b.u32(0), value)], { workgroupSize: [1, 1, 1] }, 2), {
    bindings: [inputs, output],
    grid: [1, 1, 1],
  });
  return output[0];
}
const two = (type: ScalarValueType, op: BinaryOp, x: number, y: number): number =>
  compute(type, (a, c) => b.binary(op, a, c), x, y);
const one = (type: ScalarValueType, op: UnaryOp, x: number): number => compute(type, (a) => b.unary(op, a), x, 0);

describe('operations', () => {
  test.each<[ScalarValueType, BinaryOp, number, number, number]>([
    ['f32', 'add', 1, 2 ** -24, 1],
    ['f32', 'mul', 1 + 2 ** -23, 1 + 2 ** -23, 1 + 2 ** -22],
    ['f32', 'div', 1, 3, Math.fround(1 / 3)],
    ['f32', 'rem', 5.5, 2, 1.5],
    ['f32', 'rem', -5.5, 2, -1.5],
    ['f32', 'min', 3, -2, -2],
    ['f32', 'lt', NaN, 1, 0],
    ['f32', 'ne', NaN, NaN, 1],
    ['i32', 'add', 2147483647, 1, -2147483648],
    ['i32', 'mul', 123456789, 987654321, Math.imul(123456789, 987654321)],
    ['i32', 'div', -7, 2, -3],
    ['i32', 'div', -7, 0, -7],
    ['i32', 'div', -2147483648, -1, -2147483648],
    ['i32', 'rem', -7, 2, -1],
    ['i32', 'rem', -7, 0, 0],
    ['i32', 'shr', -8, 1, -4],
    ['i32', 'shl', 1, 33, 2],
    ['u32', 'sub', 0, 1, 4294967295],
    ['u32', 'mul', 4294967295, 4294967295, 1],
    ['u32', 'div', 4294967295, 2, 2147483647],
    ['u32', 'div', 4294967295, 0, 4294967295],
    ['u32', 'rem', 4294967295, 7, 4294967295 % 7],
    ['u32', 'shr', 4294967288, 1, 2147483644],
    ['u32', 'xor', 4294967295, 1, 4294967294],
    ['u32', 'max', 4294967295, 1, 4294967295],
    ['u32', 'lt', 1, 4294967295, 1],
    ['bool', 'and', 1, 0, 0],
    ['bool', 'or', 1, 0, 1],
    ['bool', 'xor', 1, 1, 0],
    ['bool', 'eq', 1, 1, 1],
  ])('%s %s(%d, %d) is %d', (type, op, x, y, expected) => {
    expect(two(type, op, x, y)).toBe(expected);
  });

  test.each<[ScalarValueType, UnaryOp, number, number]>([
    ['f32', 'neg', 0, -0],
    ['f32', 'nearest', 2.5, 2],
    ['f32', 'nearest', 3.5, 4],
    ['f32', 'nearest', -2.5, -2],
    ['f32', 'nearest', -0.25, -0],
    ['f32', 'trunc', -1.75, -1],
    ['f32', 'floor', -1.25, -2],
    ['f32', 'sqrt', 2, Math.fround(Math.SQRT2)],
    ['i32', 'neg', -2147483648, -2147483648],
    ['i32', 'abs', -2147483648, -2147483648],
    ['i32', 'not', 5, -6],
    ['u32', 'not', 5, 4294967290],
    ['u32', 'countOneBits', 4294967295, 32],
    ['u32', 'countLeadingZeros', 1, 31],
    ['u32', 'countTrailingZeros', 0, 32],
    ['u32', 'countTrailingZeros', 2147483648, 31],
    ['bool', 'not', 0, 1],
  ])('%s %s(%d) is %d', (type, op, x, expected) => {
    expect(one(type, op, x)).toBe(expected);
  });

  test('conversions saturate, and a NaN gives 0', () => {
    const to = (type: 'i32' | 'u32', x: number): number => compute('f32', (a) => b.convert(type, a), x, 0);
    expect([NaN, 3e9, -3e9, -1.9, 1e10].map((x) => to('i32', x))).toEqual([0, 2147483647, -2147483648, -1, 2147483647]);
    expect([NaN, 3e9, -3, -0.5, 1e10].map((x) => to('u32', x))).toEqual([0, 3e9, 0, 0, 4294967295]);
    expect(compute('u32', (a) => b.convert('f32', a), 4294967295, 0)).toBe(4294967296);
    expect(compute('f32', (a) => b.convert('bool', a), -0, 0)).toBe(0);
  });

  test('bits', () => {
    expect(compute('f32', (a) => b.bitcast('u32', a), -1, 0)).toBe(0xbf800000);
    expect(compute('i32', (a) => b.bitcast('f32', a), 0x40490fdb, 0)).toBe(Math.fround(Math.PI));
    expect(compute('i32', (a) => b.bitcast('u32', a), -1, 0)).toBe(4294967295);
  });
});

describe('control', () => {
  test('a loop with its ways out: the sum of 0 … lid', () => {
    const fresh = new b.Fresh();
    const i = fresh.local('i', 'u32', true);
    const sum = fresh.local('sum', 'u32', true);
    const [out, again] = [fresh.label(), fresh.label()];
    const body = [
      b.block(out, [
        b.loop(again, [
          ...b.when(b.gt(b.read(i), lid), [b.branch(out)]),
          b.set(sum, b.add(b.read(sum), b.read(i))),
          b.set(i, b.add(b.read(i), b.u32(1))),
          b.branch(again),
        ]),
      ]),
      put(0, gid, b.read(sum)),
    ];
    const result = new Uint32Array(16);
    runIr(kernel(body, {}, 1), { bindings: [result], grid: [2, 1, 1] });
    expect([...result]).toEqual([0, 1, 3, 6, 10, 15, 21, 28, 0, 1, 3, 6, 10, 15, 21, 28]);
  });

  test('builtins, parameters and lengths over a grid', () => {
    const index = b.add(b.add(lid, b.mul(b.builtin('lid.y'), b.u32(2))), b.mul(b.builtin('lid.z'), b.u32(6)));
    const group = b.add(b.builtin('wid.x'), b.mul(b.builtin('wid.y'), b.builtin('nwg.x')));
    const value = b.add(b.mul(group, b.u32(100)), b.builtin('lindex'));
    const at = b.add(b.mul(group, b.u32(12)), index);
    const body = [put(0, at, b.add(value, b.add(b.param('u32', 1), { kind: 'length', type: 'u32', binding: 0 })))];
    const result = new Uint32Array(48);
    runIr(kernel(body, { workgroupSize: [2, 3, 2], paramWords: 2 }, 1), {
      bindings: [result],
      params: Uint32Array.of(7, 1000),
      grid: [2, 2, 1],
    });
    expect([...result]).toEqual(Array.from({ length: 48 }, (_, i) => 1048 + Math.floor(i / 12) * 100 + (i % 12)));
  });

  test("invocations wait for each other at a barrier; workgroup memory is zero at first, private memory is one's own", () => {
    const shared: Memory = { kind: 'workgroup', id: 0, name: 'shared', words: 9 };
    const own: Memory = { kind: 'private', id: 0, name: 'own', words: 2 };
    const body: Stmt[] = [
      b.store(own, b.u32(1), lid, 1),
      b.store(shared, lid, b.add(lid, b.load(shared, b.u32(8), 'u32', 1)), 1),
      { kind: 'barrier', line: 2 },
      // Only now: the neighbour on the right, who runs later.
      put(
        0,
        gid,
        b.add(
          b.load(shared, b.rem(b.add(lid, b.u32(1)), b.u32(8)), 'u32', 3),
          b.mul(b.load(own, b.u32(1), 'u32', 3), b.u32(10)),
        ),
      ),
      ...b.when(b.eq(lid, b.u32(0)), [b.store(shared, b.u32(8), b.u32(500), 4)]),
    ];
    const result = new Uint32Array(16);
    runIr(kernel(body, {}, 1), { bindings: [result], grid: [2, 1, 1] });
    const expected = Array.from({ length: 8 }, (_, i) => ((i + 1) % 8) + 10 * i);
    expect([...result]).toEqual([...expected, ...expected]);
  });

  test('a barrier that only some reach is an error that names the line', () => {
    const body = b.when(b.lt(lid, b.u32(3)), [{ kind: 'barrier', line: 12 }]);
    expect(() => runIr(kernel(body), { bindings: [0, 1, 2].map(() => new Uint32Array(1)), grid: [1, 1, 1] })).toThrow(
      'line 12',
    );
  });

  test('a store outside is an error, a load outside is 0', () => {
    const run = (body: Stmt[]): void =>
      runIr(kernel(body, {}, 1), { bindings: [new Float32Array(8)], grid: [1, 1, 1] });
    run([put(0, lid, load(0, b.add(lid, b.u32(100))))]);
    expect(() => run([put(0, b.add(lid, b.u32(1)), b.f32(1))])).toThrow('m0[8]');
  });
});

describe('subgroups', () => {
  test.each<[SubgroupOp, number | undefined, number[]]>([
    ['broadcast', 2, [12, 12, 12, 12, 16, 16, 16, 16]],
    ['shuffleXor', 1, [11, 10, 13, 12, 15, 14, 17, 16]],
    ['shuffleUp', 1, [0, 10, 11, 12, 0, 14, 15, 16]],
    ['shuffleDown', 2, [12, 13, 0, 0, 16, 17, 0, 0]],
    ['add', undefined, [46, 46, 46, 46, 62, 62, 62, 62]],
    ['max', undefined, [13, 13, 13, 13, 17, 17, 17, 17]],
    ['exclusiveAdd', undefined, [0, 10, 21, 33, 0, 14, 29, 45]],
    ['inclusiveAdd', undefined, [10, 21, 33, 46, 14, 29, 45, 62]],
    ['invocationId', undefined, [0, 1, 2, 3, 0, 1, 2, 3]],
  ])('%s', (op, lane, expected) => {
    const value: Expr = {
      kind: 'subgroup',
      type: 'u32',
      op,
      a: b.add(lid, b.u32(10)),
      b: lane === undefined ? undefined : b.u32(lane),
      line: 1,
    };
    const result = new Uint32Array(8);
    runIr(kernel([put(0, lid, value)], {}, 1), { bindings: [result], grid: [1, 1, 1] });
    expect([...result]).toEqual(expected);
  });
});

describe('packed fours', () => {
  const iota = Float32Array.from({ length: 16 }, (_, i) => i);

  test('width 4: contiguous and scattered accesses under masks, private memory, byte addresses', () => {
    const lanes = b.compose([b.u32(0), b.u32(1), b.u32(2), b.u32(3)]);
    const ids = b.add(b.splat(lid), lanes);
    const own: Memory = { kind: 'private', id: 0, name: 'own', words: 2 };
    const odd = b.eq(b.and(ids, b.splat(b.u32(1))), b.splat(b.u32(1)));
    const address: Expr = b.add({ kind: 'base', type: 'u32', memory: binding(0) }, b.mul(lid, b.u32(4)));
    const body: Stmt[] = [
      b.store(own, b.u32(1), load(0, lid, 'vec4f'), 1),
      put(1, lid, b.add(b.load(own, b.u32(1), 'vec4f', 1), b.splat(b.f32(0.5)))),
      {
        kind: 'scatter',
        memory: binding(2),
        index: b.sub(b.splat(b.u32(7)), ids),
        value: b.convert('f32', ids),
        mask: odd,
        line: 1,
      },
      { kind: 'barrier', line: 1 },
      put(1, b.add(lid, b.u32(8)), b.gather(binding(2), b.xor(ids, b.splat(b.u32(1))), 'vec4f', odd, 1)),
      put(3, lid, {
        kind: 'load',
        type: 'vec4f',
        memory: binding(0),
        index: b.add(address, b.u32(8)),
        line: 1,
        bytes: true,
      }),
    ];
    const [m1, m2, m3] = [new Float32Array(16), new Float32Array(8), new Float32Array(8)];
    runIr(kernel(body, { width: 4 }, 4), { bindings: [iota, m1, m2, m3], grid: [1, 1, 1] });
    expect([...m2]).toEqual([7, 0, 5, 0, 3, 0, 1, 0]);
    expect([...m1]).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 0, 7, 0, 5, 0, 3, 0, 1]);
    expect([...m3]).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('width 1: lanes by number, by variable, in another order', () => {
    const v = load(0, b.u32(3), 'vec4f');
    const body = [
      put(1, b.u32(0), b.shuffle(v, b.splat(b.f32(9)), [3, 4, 1, 0])),
      put(1, b.u32(4), b.insertAt(v, lid, b.extractAt(v, b.add(lid, b.u32(6))))),
      put(1, b.u32(8), b.select(b.gt(v, b.splat(b.f32(4))), v, b.neg(v))),
      put(1, b.u32(12), b.select(b.any(b.gt(v, b.splat(b.f32(5)))), b.insert(v, 1, b.f32(0)), v)),
    ];
    const result = new Float32Array(16);
    runIr(kernel(body, { workgroupSize: [1, 1, 1] }, 2), { bindings: [iota, result], grid: [1, 1, 1] });
    expect([...result]).toEqual([6, 9, 4, 3, 5, 4, 5, 6, -3, -4, 5, 6, 3, 0, 5, 6]);
  });
});
