/** From WGSL to a WebAssembly module: the way through the rooms of this folder. */
import type { Module } from './ast.js';
import type { IrFunction } from './ir.js';
import { lower } from './lower/lower.js';
import { optimize } from './optimize.js';
import { parseWgsl } from './parse.js';
import { usesPacked, usesSubgroups } from './usage.js';
import { vectorize } from './vectorize.js';
import { emitWasm } from './wasm/emit.js';

export interface CompileOptions {
  /** True where the device's memory is shared between threads. */
  readonly shared: boolean;
  /** Invocations side by side; undefined: chosen by what the kernel does (`chooseWidth`). Tests and benchmarks overrule it. */
  readonly width?: 1 | 4;
  /** False: leaves the middle form as it is. For tests. */
  readonly optimize?: boolean;
}

/**
 * A kernel as a WebAssembly module. It imports `env.memory` and exports `run(begin, end, args, scratch)`, all i32: runs workgroups
 * begin … end − 1 of the grid, counted x fastest. `args`: byte address of the dispatch's block of 32-bit words: grid x, y, z; byte address
 * of the uniform block; then for each binding its byte address and its length in bytes. `scratch`: byte address of `scratchBytes` bytes,
 * 16-aligned, that nobody else uses during the call. Buffers lie at or above byte 65,536 (so that constant parts of an index may go into an
 * instruction's offset), bindings begin at multiples of 16 (so that whole fours of words are whole in addresses too), and 64 bytes after the
 * last buffer are still memory (packed loads may read past its end).
 */
export interface CompiledKernel {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly scratchBytes: number;
  readonly width: 1 | 4;
  readonly needs: KernelNeeds;
}

/** What a dispatch of the kernel must bring, and what its device must allow. */
export interface KernelNeeds {
  /** Invocations of a workgroup. */
  readonly invocations: number;
  /** One more than the highest storage binding. */
  readonly bindings: number;
  /** 32-bit words of the uniform block. */
  readonly paramWords: number;
}

export function needsOf({ workgroupSize: [x, y, z], bindings, paramWords }: IrFunction): KernelNeeds {
  return { invocations: x * y * z, bindings: Math.max(0, ...bindings.map(({ index }) => index + 1)), paramWords };
}

/**
 * Compiles one kernel.
 *
 * @throws WgslError where the text is wrong or uses what is not supported; it names the line.
 */
export function compileKernel(name: string, code: string, options: CompileOptions): CompiledKernel {
  const ir = toIr(name, code, options);
  return { name, width: ir.width, needs: needsOf(ir), ...emitWasm(ir, { shared: options.shared }) };
}

/** The middle form as it goes into the emitter. */
export function toIr(name: string, code: string, options: Omit<CompileOptions, 'shared'> = {}): IrFunction {
  const module = parseWgsl(code);
  const width = options.width ?? chooseWidth(module);
  const scalar = lower(module, { name, packed: width === 1 });
  const ir = width === 4 ? vectorize(scalar) : scalar;
  return options.optimize === false ? ir : optimize(ir);
}

/**
 * A kernel written in vec4 fills the four lanes by itself, one invocation after the other; one written in scalars runs four neighbours at
 * once. Subgroup operations are between those four.
 */
export function chooseWidth(module: Module): 1 | 4 {
  if (usesSubgroups(module)) return 4;
  return usesPacked(module) || module.workgroupSize[0] % 4 !== 0 ? 1 : 4;
}
