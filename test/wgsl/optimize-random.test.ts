import { expect, test } from 'vitest';
import type { IrFunction } from '../../src/wgsl/ir.js';
import { runIr } from '../../src/wgsl/js/index.js';
import { optimize } from '../../src/wgsl/optimize.js';
import { printIr } from '../../src/wgsl/print.js';
import { runWasm } from './support/run-wasm.js';
import { PARAMS, program, WORDS, type Shape } from './support/optimize-programs.js';

const SHAPES: readonly Shape[] = [
  { width: 1, workgroupSize: [4, 2, 1], size: 40 },
  { width: 1, workgroupSize: [1, 1, 1], size: 40 },
  { width: 4, workgroupSize: [8, 2, 1], size: 40 },
  { width: 4, workgroupSize: [4, 1, 1], size: 25 },
];

const from = Number(process.env.SEED ?? 0);
const count = Number(process.env.COUNT ?? 30);

test.each(SHAPES)('random functions give the same bits: width $width, workgroup $workgroupSize', (shape) => {
  for (let seed = from; seed < from + count; seed++) {
    const ir = program(seed, shape);
    const want = run(ir);
    const better = optimize(ir);
    const found = run(better);
    if (found.some((w, i) => w !== want[i]))
      throw new Error(`seed ${seed}:\n${printIr(ir)}\n\nbecomes\n\n${printIr(better)}`);
  }
  expect(count).toBeGreaterThan(0);
});

test.each(SHAPES)('and so they do in WebAssembly: width $width, workgroup $workgroupSize', (shape) => {
  for (let seed = from; seed < from + count; seed++) {
    const ir = program(seed, shape);
    const want = run(ir, runWasm);
    const better = optimize(ir);
    const found = run(better, runWasm);
    if (found.some((w, i) => w !== want[i]))
      throw new Error(`seed ${seed}:\n${printIr(ir)}\n\nbecomes\n\n${printIr(better)}`);
  }
  expect(count).toBeGreaterThan(0);
});

/** The bits of all bindings. NaN is NaN. */
function run(ir: IrFunction, how: typeof runIr = runIr): Uint32Array {
  const bindings = [0, 1, 2, 3].map((b) => {
    const words = new Uint32Array(WORDS + 8);
    for (let i = 0; i < words.length; i++) words[i] = (i * 7 + b * 13) % 23;
    if (b % 2 === 1) return words;
    return Float32Array.from(words, (w) => w / 4 - 2);
  });
  const params = Uint32Array.from({ length: PARAMS }, (_, i) => i * i + 1);
  how(ir, { bindings, params, grid: [2, 2, 1] });
  const all = bindings.map((b) => new Uint32Array(b.buffer));
  const bits = new Uint32Array(all.reduce((n, b) => n + b.length, 0));
  let at = 0;
  for (const b of all) {
    bits.set(b, at);
    at += b.length;
  }
  return bits.map((w) => ((w & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : w));
}
