import { describe, expect, it } from 'vitest';
import * as ir from '../../src/wgsl/build.js';
import type { IrFunction, Stmt } from '../../src/wgsl/ir.js';
import { runIr } from '../../src/wgsl/js/index.js';
import { emitWasm } from '../../src/wgsl/wasm/emit.js';
import { binding, Body, globalX, kernel, lanes, load, privately, workgroup } from './support/hand-made.js';
import { runWasm } from './support/run-wasm.js';

const { u32, f32, builtin, splat, read, set } = ir;
const count = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => i + from);
const lid = builtin('lid.x');
const lindex = builtin('lindex');

function run(
  f: IrFunction,
  inputs: number[][],
  out: number,
  grid: [number, number, number],
  params: number[] = [],
): number[] {
  const all = (): Float32Array[] => [...inputs.map((i) => Float32Array.from(i)), new Float32Array(out)];
  const [bindings, reference] = [all(), all()];
  const rest = { grid, params: Uint32Array.from(params) };
  runWasm(f, { bindings, ...rest });
  runIr(f, { bindings: reference, ...rest });
  expect(bindings).toEqual(reference);
  return [...bindings[bindings.length - 1]];
}

describe('barriers', () => {
  it('sum in a tree of workgroup memory', () => {
    const body = new Body();
    const w = workgroup(0, 16);
    body.store(w, lid, load(binding(0), globalX(16)));
    body.barrier();
    const step = body.var(u32(8));
    body.while(
      () => ir.gt(read(step), u32(0)),
      () => {
        body.if(ir.lt(lid, read(step)), () => {
          body.store(w, lid, ir.add(load(w, lid), load(w, ir.add(lid, read(step)))));
        });
        body.barrier();
        body.add(set(step, ir.shr(read(step), u32(1))));
      },
    );
    body.if(ir.eq(lid, u32(0)), () => body.store(binding(1), builtin('wid.x'), load(w, u32(0))));
    const got = run(kernel({ bindings: 2, size: [16, 1, 1] }, body.list), [count(48)], 3, [3, 1, 1]);
    expect(got).toEqual([120, 376, 632]);
  });

  it.each([
    [6, 1, 1],
    [1, 3, 2],
    [4, 3, 2],
  ] as const)('keep values of every type for each of %i × %i × %i invocations', (...size) => {
    const n = size[0] * size[1] * size[2];
    for (const width of size[0] % 4 === 0 ? ([1, 4] as const) : ([1] as const)) {
      const body = new Body();
      const x = ir.convert('f32', lindex);
      const scalars = [
        body.let(ir.mul(x, f32(0.5))),
        body.let(ir.add(lindex, u32(3))),
        body.let(ir.lt(lindex, u32(5))),
      ];
      const four = body.let(ir.compose([x, f32(1), ir.neg(x), f32(2)]));
      const mask = body.let(ir.gt(four, splat(f32(1.5))));
      const p = privately(0, 2);
      const kept = ir.mul(splat(x), splat(f32(3)));
      body.store(p, u32(1), width === 4 ? kept : ir.extract(kept, 0));
      const late = body.var(f32(0));
      body.if(ir.gt(lindex, u32(2)), () => body.add(set(late, f32(8))));
      body.barrier();
      body.if(ir.gt(lindex, u32(3)), () => body.add(set(late, ir.add(read(late), f32(1)))));
      const w = workgroup(0, n);
      body.store(w, lindex, x);
      body.barrier();
      const at = ir.mul(lindex, u32(12));
      scalars.forEach((value, i) => body.store(binding(0), ir.add(at, u32(i)), ir.convert('f32', value)));
      const again = width === 4 ? ir.extract(load(p, u32(1), 'vec4f'), 2) : load(p, u32(1));
      body.store(binding(0), ir.add(at, u32(3)), again);
      body.store(binding(0), ir.add(at, u32(4)), ir.add(four, ir.convert('f32', mask)));
      body.store(binding(0), ir.add(at, u32(8)), read(late));
      body.store(binding(0), ir.add(at, u32(9)), load(w, ir.sub(u32(n - width), lindex)));
      const got = run(kernel({ bindings: 1, size, width }, body.list), [], 12 * n, [2, 1, 1]);
      for (let i = 0; i < n; i += width) {
        const late = (i > 2 ? 8 : 0) + (i > 3 ? 1 : 0);
        const lanes = [i + (i > 1.5 ? 1 : 0), 1, -i, 3].map((lane) => lane + 0);
        const want = [i / 2, i + 3, i < 5 ? 1 : 0, 3 * i, ...lanes, late, n - width - i, 0, 0];
        expect(got.slice(12 * i, 12 * i + 12)).toEqual(want);
      }
    }
  });

  it('in uniform loops and conditions, with breaks and early returns', () => {
    const body = new Body();
    const [turns, stop] = [ir.param('u32', 0), ir.param('u32', 1)];
    const w = workgroup(0, 8);
    const sum = body.var(f32(0));
    body.block((quit) => {
      body.if(ir.ge(builtin('wid.x'), ir.param('u32', 2)), quit);
      body.for(0, turns, (i, leave) => {
        body.if(ir.eq(i, stop), leave);
        body.store(w, lid, ir.add(read(sum), ir.convert('f32', ir.add(lid, i))));
        body.barrier();
        body.if(
          ir.eq(ir.and(i, u32(1)), u32(1)),
          () => {
            body.add(set(sum, ir.add(read(sum), load(w, ir.sub(u32(7), lid)))));
            body.barrier();
          },
          () => {
            body.for(0, lid, (j) => body.add(set(sum, ir.add(read(sum), load(w, j)))));
            body.barrier();
          },
        );
      });
      body.store(binding(0), globalX(8), read(sum));
    });
    const f = kernel({ bindings: 1, size: [8, 1, 1], paramWords: 3 }, body.list);
    for (const [turns, stop] of [
      [3, 9],
      [5, 2],
      [0, 0],
      [4, 4],
    ]) {
      const got = run(f, [], 24, [3, 1, 1], [turns, stop, 2]);
      let sums = count(8).map(() => 0);
      for (let i = 0; i < Math.min(turns, stop); i++) {
        const w = sums.map((s, l) => s + l + i);
        sums = sums.map((s, l) => (i % 2 === 1 ? s + w[7 - l] : w.slice(0, l).reduce((a, b) => a + b, s)));
      }
      expect(got).toEqual([...sums, ...sums, ...count(8).map(() => 0)]);
    }
  });

  it('count once for the whole workgroup', () => {
    const body = new Body();
    const w = workgroup(0, 4);
    const i = body.var(ir.param('u32', 0));
    const sum = body.var(u32(0));
    body.while(
      () => ir.lt(read(i), u32(20)),
      () => {
        const before = body.let(ir.mul(read(i), u32(500)));
        body.add(set(sum, ir.add(read(sum), ir.add(ir.add(before, ir.mul(read(i), u32(500))), lid))));
        // Between what reads the old count and what reads the new one.
        body.add(set(i, ir.add(read(i), u32(3))));
        body.add(set(sum, ir.add(read(sum), read(i))));
        const after = body.let(ir.add(read(i), u32(1)));
        body.store(w, lid, ir.convert('f32', ir.add(read(sum), after)));
        body.barrier();
        body.add(set(i, after));
      },
    );
    body.store(binding(0), globalX(4), load(w, ir.sub(u32(3), lid)));
    const f = kernel({ bindings: 1, size: [4, 1, 1], paramWords: 1 }, body.list);
    const got = run(f, [], 8, [2, 1, 1], [7]);
    const want = count(4).map((l) => {
      let [i, sum, last] = [7, 0, 0];
      while (i < 20) {
        sum += 1000 * i + l;
        i += 3;
        sum += i;
        last = sum + i + 1;
        i += 1;
      }
      return last;
    });
    want.reverse();
    expect(got).toEqual([...want, ...want]);
    // The record holds the sum alone.
    expect(emitWasm(f, { shared: false }).scratchBytes).toBe(16 + 4 * 16);
  });

  it('let invocations end early after the last one', () => {
    const body = new Body();
    const w = workgroup(0, 8);
    body.block((end) => {
      body.store(w, lid, ir.convert('f32', lid));
      body.barrier();
      body.if(ir.gt(lid, u32(4)), end);
      body.store(binding(0), globalX(8), f32(1));
      body.for(0, u32(9), (i) => {
        body.if(ir.eq(i, lid), () => {
          body.store(binding(0), globalX(8), ir.add(load(w, i), f32(10)));
          body.if(ir.eq(i, u32(3)), end);
        });
      });
      body.store(binding(0), globalX(8), ir.add(load(binding(0), globalX(8)), f32(100)));
    });
    const got = run(kernel({ bindings: 1, size: [8, 1, 1] }, body.list), [], 16, [2, 1, 1]);
    const want = count(8).map((l) => (l > 4 ? 0 : l === 3 ? 13 : 110 + l));
    expect(got).toEqual([...want, ...want]);
  });

  it('let invocations end early where more follows', () => {
    const body = new Body();
    const w = workgroup(0, 8);
    body.block((end) => {
      body.if(ir.lt(builtin('wid.x'), u32(2)), () => {
        body.store(w, lid, ir.convert('f32', lid));
        body.barrier();
        body.block((inner) => {
          body.if(ir.gt(lid, u32(5)), inner);
          body.if(ir.eq(load(w, ir.sub(u32(7), lid)), f32(6)), end);
          body.store(binding(0), globalX(8), f32(1));
        });
        body.store(binding(0), globalX(8), ir.add(load(binding(0), globalX(8)), f32(10)));
        body.if(ir.eq(lid, u32(7)), end);
      });
      body.store(binding(0), globalX(8), ir.add(load(binding(0), globalX(8)), f32(100)));
    });
    const got = run(kernel({ bindings: 1, size: [8, 1, 1] }, body.list), [], 24, [3, 1, 1]);
    const want = count(8).map((l) => (l === 1 ? 0 : (l > 5 ? 0 : 1) + 10 + (l === 7 ? 0 : 100)));
    expect(got).toEqual([...want, ...want, ...count(8).map(() => 100)]);
  });

  it('evaluate what the workgroup decides with its first invocation', () => {
    const body = new Body();
    const w = workgroup(0, 4);
    const p = privately(0, 2);
    body.store(p, u32(0), ir.convert('f32', builtin('wid.x')));
    body.if(ir.eq(lindex, u32(0)), () => body.store(w, u32(2), ir.convert('f32', builtin('wid.x'))));
    body.barrier();
    const shared = body.let(load(w, u32(2)));
    body.if(ir.and(ir.eq(shared, f32(1)), ir.eq(load(p, u32(0)), f32(1))), () => {
      body.barrier();
      body.store(w, lindex, f32(5));
      body.barrier();
    });
    body.store(binding(0), globalX(4), ir.add(shared, load(w, ir.sub(u32(3), lindex))));
    const got = run(kernel({ bindings: 1, size: [4, 1, 1] }, body.list), [], 12, [3, 1, 1]);
    expect(got).toEqual([0, 0, 0, 0, 6, 6, 6, 6, 2, 4, 2, 2]);
  });

  it('with width 4 and a prologue', () => {
    const body = new Body();
    const w = workgroup(0, 16);
    const first = new ir.Fresh(500).local('first', 'u32');
    const prologue: Stmt[] = [set(first, ir.mul(builtin('wid.x'), u32(16)))];
    const at = ir.add(read(first), lid);
    const x = body.let(load(binding(0), at, 'vec4f'));
    body.store(w, lid, x);
    body.barrier();
    const other = ir.gather(w, ir.sub(splat(ir.sub(u32(15), lid)), lanes), 'vec4f', undefined, 1);
    body.if(ir.lt(read(first), u32(20)), () => {
      body.barrier();
      body.store(binding(1), at, ir.add(ir.mul(x, splat(f32(100))), other));
    });
    const f = kernel({ bindings: 2, width: 4, size: [16, 1, 1], prologue }, body.list);
    const out = new Float32Array(48);
    runWasm(f, { bindings: [Float32Array.from(count(48)), out], grid: [3, 1, 1] });
    expect([...out]).toEqual(count(48).map((i) => (i < 32 ? 100 * i + 15 - (i % 16) + 16 * Math.floor(i / 16) : 0)));
  });

  it('ask for a record for each invocation', () => {
    const body = new Body();
    const x = body.let(load(binding(0), lid));
    body.store(privately(0, 4), u32(0), x);
    body.barrier();
    body.store(binding(0), lid, x);
    const scratch = (width: 1 | 4): number =>
      emitWasm(kernel({ bindings: 1, size: [8, 1, 1], width }, body.list), { shared: false }).scratchBytes;
    expect(scratch(1)).toBe(8 * (16 + 16));
    expect(scratch(4)).toBe(2 * (64 + 16));
  });
});
