import { describe, expect, it } from 'vitest';
import * as ir from '../../src/wgsl/build.js';
import { WASM } from '../../src/wgsl/wasm/opcodes.js';
import { runIr } from '../../src/wgsl/js/index.js';
import { emitWasm } from '../../src/wgsl/wasm/emit.js';
import type { Expr } from '../../src/wgsl/ir.js';
import { binding, Body, kernel, load } from './support/hand-made.js';
import { runWasm } from './support/run-wasm.js';

const { u32, read, set } = ir;
const wid = ir.builtin('wid.x');
const N = 24;

/** Runs the body for wid.x = 0 … N − 1, with out[wid.x] (u32) to be written. */
function run(body: Body, input: number[] = [0]): number[] {
  const all = (): Uint32Array[] => [new Uint32Array(N), Uint32Array.from(input)];
  const [a, b] = [all(), all()];
  const f = kernel({ bindings: 2 }, body.list);
  runWasm(f, { bindings: a, grid: [N, 1, 1] });
  runIr(f, { bindings: b, grid: [N, 1, 1] });
  expect(a).toEqual(b);
  return [...a[0]];
}
const each = (f: (i: number) => number): number[] => Array.from({ length: N }, (_, i) => f(i));

describe('control flow', () => {
  it('if and else, empty arms, and jumps out of blocks', () => {
    const body = new Body();
    const v = body.var(u32(1));
    const add = (n: number): void => body.add(set(v, ir.add(read(v), u32(n))));
    body.if(
      ir.lt(wid, u32(4)),
      () => add(10),
      () => add(20),
    );
    body.if(
      ir.lt(wid, u32(6)),
      () => undefined,
      () => add(100),
    );
    body.if(ir.lt(wid, u32(2)), () => undefined);
    body.block((leave) => {
      body.if(ir.eq(wid, u32(3)), leave);
      body.block((inner) => {
        body.if(ir.eq(wid, u32(8)), () => undefined, inner);
        add(1000);
        leave();
      });
      add(5000);
    });
    body.store(binding(0), wid, read(v));
    expect(run(body)).toEqual(
      each((i) => 1 + (i < 4 ? 10 : 20) + (i < 6 ? 0 : 100) + (i === 3 ? 0 : i === 8 ? 1000 : 5000)),
    );
  });

  it('loops in loops, with breaks', () => {
    const body = new Body();
    const sum = body.var(u32(0));
    body.for(0, wid, (i) => {
      body.for(0, u32(100), (j, leave) => {
        body.if(ir.gt(j, i), leave);
        const product = body.let(ir.mul(i, j));
        body.add(set(sum, ir.add(read(sum), product)));
      });
    });
    body.store(binding(0), wid, read(sum));
    const want = each((n) => {
      let total = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) total += i * j;
      return total;
    });
    expect(run(body)).toEqual(want);
  });

  it('a packed choice by a scalar condition', () => {
    const body = new Body();
    const four = ir.select(ir.lt(wid, u32(3)), ir.splat(wid), ir.splat(u32(7)));
    body.store(binding(0), wid, ir.extract(ir.add(four, ir.splat(u32(1))), 2));
    expect(run(body)).toEqual(each((i) => (i < 3 ? i + 1 : 8)));
  });
});

/** The locals of a module, from its code section. */
function localsOf(bytes: Uint8Array): number {
  let at = 8;
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const id = bytes[at++];
    const size = unsigned();
    if (id !== 10) {
      at += size;
      continue;
    }
    unsigned();
    unsigned();
    let total = 0;
    for (let groups = unsigned(); groups > 0; groups--) {
      total += unsigned();
      expect(Object.values(WASM)).toContain(bytes[at++]);
    }
    return total;
  }
}

describe('locals', () => {
  it('are used again once their values are dead', () => {
    const body = new Body();
    let x = body.let(load(binding(1), wid, 'u32'));
    for (let i = 0; i < 500; i++) x = body.let(ir.xor(ir.mul(x, u32(3)), u32(i)));
    body.store(binding(0), wid, x);
    expect(localsOf(emitWasm(kernel({ bindings: 2 }, body.list), { shared: false }).bytes)).toBeLessThan(10);
    let want = each((i) => i * 1000);
    const input = [...want];
    for (let i = 0; i < 500; i++) want = want.map((w) => (Math.imul(w, 3) ^ i) >>> 0);
    expect(run(body, input)).toEqual(want);
  });

  it('keep values that a loop needs in its next turn', () => {
    const body = new Body();
    const kept = body.let(ir.mul(wid, u32(3)));
    const sum = body.var(u32(0));
    let last: Expr = u32(0);
    body.for(0, u32(5), (i) => {
      const a = body.let(ir.add(kept, i));
      const b = body.let(ir.mul(a, u32(7)));
      body.for(0, u32(2), (j) => {
        const c = body.let(ir.add(b, j));
        const d = body.let(ir.xor(c, a));
        body.add(set(sum, ir.add(read(sum), d)));
      });
      last = body.let(ir.add(read(sum), u32(1)));
      body.add(set(sum, last));
    });
    const e = body.let(ir.add(read(sum), wid));
    body.store(binding(0), wid, e);
    const want = each((n) => {
      let total = 0;
      for (let i = 0; i < 5; i++) {
        const a = 3 * n + i;
        for (let j = 0; j < 2; j++) total += (7 * a + j) ^ a;
        total += 1;
      }
      return total + n;
    });
    expect(run(body)).toEqual(want);
  });
});
