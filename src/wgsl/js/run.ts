/** Runs the middle form in JavaScript: slow and exact, what other ways to run it are held against. */
import type { IrFunction } from '../ir.js';
import { makeKernel, viewsOf, type Views } from './kernel.js';
import { runGrid } from './schedule.js';
import { PlainStyle } from './style.js';

export interface RunInputs {
  /** By binding number; changed in place, bit by bit. */
  readonly bindings: readonly (Float32Array | Uint32Array | Int32Array)[];
  /** The uniform block's words. */
  readonly params?: Uint32Array;
  /** Workgroups in x, y, z. */
  readonly grid: readonly [number, number, number];
}

const words = (a: Float32Array | Uint32Array | Int32Array): Views => viewsOf(a.buffer, a.byteOffset, a.length);

/**
 * All workgroups, one after the other; invocations (with width 4, fours of them) take turns at barriers. Any form of the function will do: packed
 * or not, either width, with byte addresses. A store outside of a memory throws, and so does a barrier that not all invocations reach.
 */
export function runIr(ir: IrFunction, inputs: RunInputs): void {
  const kernel = makeKernel(ir, new PlainStyle(ir.width));
  const params = inputs.params ?? new Uint32Array(0);
  if (params.length < ir.paramWords) throw new Error(`${ir.name} wants ${ir.paramWords} words of params.`);
  for (const { index, name } of ir.bindings)
    if (inputs.bindings[index] === undefined) throw new Error(`${ir.name} wants binding ${index} (${name}).`);
  kernel.bind(inputs.bindings.map(words), words(params), inputs.grid);
  runGrid(kernel, inputs.grid, {
    workgroup: () => undefined,
    barrier: () => undefined,
    uneven: (_, at) => {
      const lines = at.map((p) => (p < 0 ? 'the end' : `line ${kernel.waits[p].line}`));
      throw new Error(`${ir.name}: invocations of one workgroup are at ${[...new Set(lines)].join(' and ')}.`);
    },
  });
}
