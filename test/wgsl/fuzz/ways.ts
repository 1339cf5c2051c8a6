/** The ways through our compiler that a kernel can take, each of which must give the same. */
import type { IrFunction } from '../../../src/wgsl/ir.js';
import { runIr } from '../../../src/wgsl/js/index.js';
import { lower } from '../../../src/wgsl/lower/lower.js';
import { optimize } from '../../../src/wgsl/optimize.js';
import { parseWgsl } from '../../../src/wgsl/parse.js';
import { vectorize } from '../../../src/wgsl/vectorize.js';
import { runWasm } from '../support/run-wasm.js';
import { compare, type Difference } from './compare.js';
import type { Kernel } from './kernel.js';
import type { Value } from './tree.js';

/** `scalar`: everything taken apart. `packed`: vectors of four stay whole. `four`: four invocations side by side. */
export type Form = 'scalar' | 'packed' | 'four';
export interface Way {
  readonly form: Form;
  readonly optimized: boolean;
  readonly by: 'js' | 'wasm';
}

export const wayName = (w: Way): string => `${w.form}${w.optimized ? ', optimized' : ''}, by ${w.by}`;

/** Simplest first, so that the first that fails names the stage at fault. */
export const WAYS: readonly Way[] = (['js', 'wasm'] as const).flatMap((by) =>
  (['scalar', 'packed', 'four'] as const).flatMap((form) =>
    [false, true].map((optimized): Way => ({ form, optimized, by })),
  ),
);

export const applies = (way: Way, kernel: Kernel): boolean =>
  way.form === 'scalar' || (way.form === 'packed' ? /vec4/.test(kernel.code) : kernel.workgroupSize[0] % 4 === 0);

function toForm(kernel: Kernel, way: Way): IrFunction {
  const lowered = lower(parseWgsl(kernel.code), { name: `seed ${kernel.seed}`, packed: way.form === 'packed' });
  const formed = way.form === 'four' ? vectorize(lowered) : lowered;
  return way.optimized ? optimize(formed) : formed;
}

export interface Failure {
  readonly way: Way;
  readonly difference?: Difference;
  readonly error?: Error;
}

/** Compiles and runs the kernel; tells what went wrong, if anything. */
export function tryWay(kernel: Kernel, expected: readonly Value[][], way: Way): Failure | undefined {
  const bindings = kernel.bindings.map((b) => b.words.slice());
  try {
    const ir = toForm(kernel, way);
    const run = way.by === 'js' ? runIr : runWasm;
    run(ir, { bindings, params: kernel.params, grid: kernel.grid });
  } catch (error) {
    return { way, error: error instanceof Error ? error : new Error(String(error)) };
  }
  const difference = compare(kernel, expected, bindings);
  return difference && { way, difference };
}

export function describeFailure(kernel: Kernel, { way, difference, error }: Failure): string {
  const what = error
    ? (error.stack ?? error.message)
    : `${difference?.binding}[${difference?.element}] component ${difference?.component}: ` +
      `${difference?.found} instead of ${difference?.expected} (${difference?.count} words differ)`;
  return `seed ${kernel.seed}, ${wayName(way)}: ${what}`;
}
