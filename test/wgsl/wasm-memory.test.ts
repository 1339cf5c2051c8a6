import { describe, expect, it } from 'vitest';
import * as ir from '../../src/wgsl/build.js';
import type { Expr, IrFunction, Stmt } from '../../src/wgsl/ir.js';
import { runIr } from '../../src/wgsl/js/index.js';
import { emitWasm } from '../../src/wgsl/wasm/emit.js';
import { binding, Body, globalX, kernel, lanes, load, privately, workgroup } from './support/hand-made.js';
import { runWasm } from './support/run-wasm.js';

const { u32, f32, builtin, splat } = ir;
const count = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => i + from);

/** Through WebAssembly, and the same through JavaScript. */
function run(
  f: IrFunction,
  inputs: number[][],
  out: number,
  more: { params?: number[]; grid?: [number, number, number] } = {},
): number[] {
  const all = (): Float32Array[] => [...inputs.map((i) => Float32Array.from(i)), new Float32Array(out)];
  const rest = {
    grid: more.grid ?? ([1, 1, 1] as const),
    ...(more.params ? { params: Uint32Array.from(more.params) } : {}),
  };
  const bindings = all();
  runWasm(f, { bindings, ...rest });
  const reference = all();
  runIr(f, { bindings: reference, ...rest });
  expect(bindings).toEqual(reference);
  return [...bindings[bindings.length - 1]];
}

describe('builtins', () => {
  const names = ['lid.x', 'lid.y', 'lid.z', 'wid.x', 'wid.y', 'wid.z', 'nwg.x', 'nwg.y', 'nwg.z', 'lindex'] as const;
  const invocation = (size: readonly number[]): Expr => {
    const [wx, wy, wz] = [builtin('wid.x'), builtin('wid.y'), builtin('wid.z')];
    const line = ir.add(ir.mul(ir.add(ir.mul(wz, builtin('nwg.y')), wy), builtin('nwg.x')), wx);
    return ir.add(ir.mul(line, u32(size[0] * size[1] * size[2])), builtin('lindex'));
  };

  it.each([
    [1, 1, 1],
    [8, 1, 1],
    [1, 4, 1],
    [4, 3, 2],
    [1, 2, 3],
  ] as const)('of workgroups of %i × %i × %i', (...size) => {
    const n = size[0] * size[1] * size[2];
    const grid: [number, number, number] = [3, 2, 2];
    for (const width of size[0] % 4 === 0 ? ([1, 4] as const) : ([1] as const)) {
      for (const name of names) {
        const body = new Body();
        const value = ir.convert('f32', builtin(name));
        body.store(binding(0), invocation(size), width === 4 ? splat(value) : value);
        const got = run(kernel({ bindings: 1, size, width }, body.list), [], n * 12, { grid });
        got.forEach((value, i) => {
          const [group, index] = [Math.floor(i / n), (i % n) - (i % width)];
          const all = {
            'lid.x': index % size[0],
            'lid.y': Math.floor(index / size[0]) % size[1],
            'lid.z': Math.floor(index / size[0] / size[1]),
            'wid.x': group % 3,
            'wid.y': Math.floor(group / 3) % 2,
            'wid.z': Math.floor(group / 6),
            'nwg.x': 3,
            'nwg.y': 2,
            'nwg.z': 2,
            lindex: index,
          };
          expect(value).toBe(all[name]);
        });
      }
    }
  });

  it('runs the workgroups it is told to run', () => {
    const body = new Body();
    body.store(binding(0), globalX(4), f32(1));
    const f = kernel({ bindings: 1, size: [4, 1, 1] }, body.list);
    for (const shared of [false, true]) {
      const out = new Float32Array(20);
      runWasm(f, { bindings: [out], grid: [5, 1, 1], range: [1, 3], shared });
      expect([...out]).toEqual(count(20).map((i) => (i >= 4 && i < 12 ? 1 : 0)));
      runWasm(f, { bindings: [out.fill(0)], grid: [5, 1, 1], range: [2, 2], shared });
      expect(out.every((x) => x === 0)).toBe(true);
    }
  });
});

describe('params and lengths', () => {
  it('are read as their types', () => {
    const bits = new Uint32Array(Float32Array.of(2.5).buffer)[0];
    const body = new Body();
    const values = [
      ir.param('f32', 1),
      ir.convert('f32', ir.param('u32', 2)),
      ir.convert('f32', ir.param('i32', 2)),
      ir.convert('f32', { kind: 'length', type: 'u32', binding: 1 }),
      ir.convert('f32', { kind: 'length', type: 'u32', binding: 0 }),
    ];
    values.forEach((value, i) => body.store(binding(1), u32(i), value));
    body.store(binding(1), u32(8), ir.mul(splat(ir.param('f32', 1)), splat(ir.param('f32', 1))));
    const f = kernel({ bindings: 2, paramWords: 3 }, body.list);
    const got = run(f, [[1, 2, 3]], 12, { params: [7, bits, 0xffffffff] });
    expect(got).toEqual([2.5, 4294967296, -1, 12, 3, 0, 0, 0, 6.25, 6.25, 6.25, 6.25]);
  });
});

describe('division by params', () => {
  it('takes 0 for 1, and leaves the param what it is', () => {
    const [x, zero, three] = [100, 0, 3].map((_, word) => ir.param('u32', word));
    const body = new Body();
    const values = [ir.div(x, zero), ir.rem(x, zero), ir.div(x, three), ir.rem(x, three), zero];
    values.forEach((value, i) => body.store(binding(0), u32(i), ir.convert('f32', value)));
    values.forEach((value, i) => body.store(binding(0), u32(8 + 4 * i), ir.convert('f32', splat(value))));
    const fours = [zero, three].flatMap((by) => [ir.div(lanes, splat(by)), ir.rem(lanes, splat(by))]);
    fours.forEach((value, i) => body.store(binding(0), u32(28 + 4 * i), ir.convert('f32', value)));
    const signed = ir.rem(ir.param('i32', 3), ir.param('i32', 1));
    body.store(binding(0), u32(44), ir.convert('f32', signed));
    const got = run(kernel({ bindings: 1, paramWords: 4 }, body.list), [], 48, { params: [100, 0, 3, 0xffffff00] });
    expect(got.slice(0, 8)).toEqual([100, 0, 33, 1, 0, 0, 0, 0]);
    expect(got.slice(8, 28)).toEqual([100, 0, 33, 1, 0].flatMap((value) => [value, value, value, value]));
    expect(got.slice(28)).toEqual([0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 0, 0, 0, 0, 0]);
  });
});

describe('addresses', () => {
  /** out[at] = in[index] for several indices. */
  function reads(indices: (p: Expr) => Expr[], p: number, input = count(64)): number[] {
    const body = new Body();
    indices(ir.param('u32', 0)).forEach((index, i) => body.store(binding(1), u32(i), load(binding(0), index)));
    return run(kernel({ bindings: 2, paramWords: 1 }, body.list), [input], 8, { params: [p] });
  }

  it('with constants, factors and shifts', () => {
    const raw = (op: 'add' | 'mul' | 'shl', a: Expr, b: Expr): Expr => ({ kind: 'binary', type: 'u32', op, a, b });
    const got = reads(
      (p) => [
        u32(5),
        ir.add(p, u32(9)),
        raw('mul', p, u32(6)),
        raw('shl', p, u32(3)),
        raw('add', raw('mul', p, u32(4)), u32(2)),
        raw('add', p, u32(0xfffffffe)),
        p,
        raw('add', raw('add', p, u32(0xfffffffd)), u32(20)),
      ],
      3,
    );
    expect(got).toEqual([5, 12, 18, 24, 14, 1, 3, 20]);
  });

  it('with a part below zero that a constant lifts', () => {
    // As unsigned numbers, 2 − 50 + 51 = 3.
    const got = reads((p) => [{ kind: 'binary', type: 'u32', op: 'add', a: ir.sub(p, u32(50)), b: u32(51) }], 2);
    expect(got[0]).toBe(3);
  });

  it('with constants too large for an offset', () => {
    const big = count(40000);
    expect(
      reads((p) => [u32(39999), ir.add(p, u32(20000)), ir.add(p, u32(16383)), ir.add(p, u32(16384))], 7, big).slice(
        0,
        4,
      ),
    ).toEqual([39999, 20007, 16390, 16391]);
  });

  it('in bytes', () => {
    const at = (memory: ReturnType<typeof binding>, words: Expr): Expr =>
      ir.add({ kind: 'base', type: 'u32', memory }, ir.shl(words, u32(2)));
    const w = workgroup(1, 8);
    const bytes = true;
    const line = 1;
    const p = ir.param('u32', 0);
    const body = new Body();
    body.store(workgroup(0, 3), p, f32(77));
    const stored: Stmt[] = [
      { kind: 'store', memory: w, index: at(w, p), value: f32(5), line, bytes },
      {
        kind: 'store',
        memory: binding(1),
        index: ir.add(at(binding(1), p), u32(8)),
        value: { kind: 'load', type: 'f32', memory: binding(0), index: at(binding(0), p), line, bytes },
        line,
        bytes,
      },
      {
        kind: 'store',
        memory: binding(1),
        index: at(binding(1), u32(0)),
        value: { kind: 'load', type: 'f32', memory: w, index: at(w, p), line, bytes },
        line,
        bytes,
      },
    ];
    body.add(...stored);
    const index: Expr = ir.add(
      splat({ kind: 'base', type: 'u32', memory: binding(0) }),
      ir.shl(ir.add(lanes, splat(p)), splat(u32(3))),
    );
    const mask = ir.ne(lanes, splat(u32(2)));
    body.store(binding(1), u32(8), {
      kind: 'gather',
      type: 'vec4f',
      memory: binding(0),
      index: ir.add(index, splat(u32(4))),
      mask: undefined,
      line,
      bytes,
    });
    const wild = ir.select(mask, index, splat(u32(0xfffffff0)));
    body.store(binding(1), u32(12), {
      kind: 'gather',
      type: 'vec4f',
      memory: binding(0),
      index: wild,
      mask,
      line,
      bytes,
    });
    const out: Expr = ir.add(splat({ kind: 'base', type: 'u32', memory: binding(1) }), ir.shl(lanes, splat(u32(3))));
    body.add({
      kind: 'scatter',
      memory: binding(1),
      index: ir.add(out, splat(u32(64))),
      value: splat(f32(-1)),
      mask,
      line,
      bytes,
    });
    const got = run(
      kernel({ bindings: 2, paramWords: 1, width: 4, size: [4, 1, 1] }, body.list),
      [count(40, 100)],
      24,
      { params: [1] },
    );
    expect(got.slice(0, 8)).toEqual([5, 0, 0, 101, 0, 0, 0, 0]);
    expect(got.slice(8, 16)).toEqual([103, 105, 107, 109, 102, 104, 0, 108]);
    expect(got.slice(16)).toEqual([-1, 0, -1, 0, 0, 0, -1, 0]);
  });
});

describe('gather and scatter', () => {
  const index = ir.add(ir.mul(lanes, splat(u32(5))), splat(ir.param('u32', 0)));
  const mask = ir.gt(ir.and(lanes, splat(u32(1))), splat(u32(0)));

  it('read and write lane by lane', () => {
    const body = new Body();
    body.store(binding(1), u32(0), ir.gather(binding(0), index, 'vec4f', undefined, 1));
    body.store(binding(1), u32(4), ir.gather(binding(0), ir.add(index, splat(u32(3))), 'vec4f', undefined, 1));
    body.store(binding(1), u32(8), ir.gather(binding(0), ir.constant('vec4u', 7), 'vec4f', undefined, 1));
    body.add({
      kind: 'scatter',
      memory: binding(1),
      index: ir.add(index, splat(u32(10))),
      value: ir.convert('f32', lanes),
      mask: undefined,
      line: 1,
    });
    const got = run(kernel({ bindings: 2, paramWords: 1, width: 4, size: [4, 1, 1] }, body.list), [count(32)], 32, {
      params: [2],
    });
    expect(got.slice(0, 12)).toEqual([2, 7, 12, 17, 5, 10, 15, 20, 7, 7, 7, 7]);
    expect(got.slice(12)).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0]);
  });

  it('leave what the mask leaves out', () => {
    const body = new Body();
    // The masked-out lanes would lie outside of all memory.
    const wild = body.let(ir.select(mask, index, splat(u32(0x30000000))));
    body.store(binding(1), u32(0), ir.gather(binding(0), ir.add(wild, splat(u32(2))), 'vec4f', mask, 1));
    body.add({ kind: 'scatter', memory: binding(1), index: wild, value: splat(f32(9)), mask, line: 1 });
    const got = run(kernel({ bindings: 2, paramWords: 1, width: 4, size: [4, 1, 1] }, body.list), [count(32)], 24, {
      params: [4],
    });
    expect(got).toEqual([0, 11, 0, 21, ...count(20, 4).map((i) => (i === 9 || i === 19 ? 9 : 0))]);
  });

  it('of bool', () => {
    const body = new Body();
    const w = workgroup(0, 40);
    body.add({ kind: 'scatter', memory: w, index, value: mask, mask: undefined, line: 1 });
    body.store(binding(1), u32(0), ir.convert('f32', ir.gather(w, index, 'vec4b', undefined, 1)));
    body.store(binding(1), u32(4), ir.convert('f32', load(w, ir.add(ir.param('u32', 0), u32(5)), 'bool')));
    body.store(w, u32(20), ir.TRUE);
    body.store(binding(1), u32(8), ir.convert('f32', load(w, u32(19), 'vec4b')));
    const got = run(kernel({ bindings: 2, paramWords: 1, width: 4, size: [4, 1, 1] }, body.list), [[0]], 12, {
      params: [2],
    });
    expect(got).toEqual([0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0]);
  });
});

describe('private memory', () => {
  it('is one for each invocation in turn, of words', () => {
    const body = new Body();
    const [p, q] = [privately(0, 8), privately(1, 4)];
    const x = body.let(ir.convert('f32', globalX(3)));
    body.for(0, u32(8), (i) => body.store(p, i, ir.mul(x, ir.convert('f32', i))));
    body.store(q, u32(1), ir.f32(1000));
    body.store(binding(0), ir.mul(globalX(3), u32(4)), load(p, ir.add(builtin('lid.x'), u32(2)), 'vec4f'));
    const got = run(kernel({ bindings: 1, size: [3, 1, 1] }, body.list), [], 24, { grid: [2, 1, 1] });
    expect(got).toEqual(count(6).flatMap((x) => count(4).map((l) => x * ((x % 3) + 2 + l))));
  });

  it('of width 4 holds four words an element', () => {
    const body = new Body();
    const [p, q] = [privately(0, 5), privately(1, 6)];
    const x = body.let(ir.convert('f32', ir.add(splat(globalX(8)), lanes)));
    body.for(0, u32(5), (i) => body.store(p, i, ir.add(ir.mul(x, splat(f32(10))), splat(ir.convert('f32', i)))));
    body.for(0, u32(6), (i) => body.store(q, i, splat(f32(-1))));
    body.add({
      kind: 'scatter',
      memory: p,
      index: ir.add(lanes, splat(u32(1))),
      value: splat(f32(7)),
      mask: ir.ne(lanes, splat(u32(1))),
      line: 1,
    });
    const at = ir.mul(globalX(8), u32(3));
    body.store(binding(0), at, load(p, u32(1), 'vec4f'));
    body.store(binding(0), ir.add(at, u32(4)), ir.gather(p, ir.sub(splat(u32(4)), lanes), 'vec4f', undefined, 1));
    body.store(
      binding(0),
      ir.add(at, u32(8)),
      ir.gather(p, ir.add(lanes, splat(u32(1))), 'vec4f', ir.eq(lanes, splat(u32(1))), 1),
    );
    const got = run(kernel({ bindings: 1, width: 4, size: [8, 1, 1] }, body.list), [], 48, { grid: [2, 1, 1] });
    for (const x of [0, 4, 8, 12]) {
      const tens = count(4, x).map((i) => 10 * i);
      expect(got.slice(3 * x, 3 * x + 12)).toEqual([
        7,
        tens[1] + 1,
        tens[2] + 1,
        tens[3] + 1,
        tens[0] + 4,
        tens[1] + 3,
        tens[2] + 2,
        tens[3] + 1,
        0,
        tens[1] + 2,
        0,
        0,
      ]);
    }
  });
});

describe('scratch', () => {
  it('is no larger than the memories', () => {
    const body = new Body();
    body.store(workgroup(0, 5), u32(0), f32(1));
    body.store(privately(0, 9), u32(0), f32(1));
    expect(emitWasm(kernel({ bindings: 0 }, body.list), { shared: true }).scratchBytes).toBe(32 + 48);
    expect(emitWasm(kernel({ bindings: 0 }, []), { shared: true }).scratchBytes).toBe(0);
  });

  it('has workgroup memory zeroed for each workgroup', () => {
    const body = new Body();
    const w = workgroup(0, 6);
    body.store(w, builtin('lid.x'), ir.add(load(w, builtin('lid.x')), f32(1)));
    body.store(binding(0), globalX(6), load(w, ir.sub(u32(5), builtin('lid.x'))));
    const got = run(kernel({ bindings: 1, size: [6, 1, 1] }, body.list), [], 18, { grid: [3, 1, 1] });
    expect(got).toEqual(count(18).map((i) => (i % 6 < 3 ? 0 : 1)));
  });

  it('takes a prologue once for each workgroup', () => {
    const body = new Body();
    const prologue: Stmt[] = [];
    const twice = new ir.Fresh(1000).local('twice', 'u32');
    prologue.push(ir.set(twice, ir.mul(builtin('wid.x'), u32(2))));
    const x = body.let(ir.convert('f32', ir.add(ir.read(twice), builtin('lid.x'))));
    body.store(binding(0), globalX(2), x);
    const f = kernel({ bindings: 1, size: [2, 1, 1], prologue }, body.list);
    const out = new Float32Array(6);
    runWasm(f, { bindings: [out], grid: [3, 1, 1] });
    expect([...out]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
