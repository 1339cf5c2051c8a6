/** From WGSL to a WebAssembly module: the way through the rooms of this folder. */
import type { IrFunction } from './ir.js';

export interface CompileOptions {
  /** True where the device's memory is shared between threads. */
  readonly shared: boolean;
  /** Invocations side by side; undefined: chosen by what the kernel does (see `chooseWidth`). Tests and benchmarks overrule it. */
  readonly width?: 1 | 4;
}

/**
 * A kernel as a WebAssembly module. It imports `env.memory` and exports `run(begin, end, args, scratch)`, all i32: runs workgroups
 * begin … end − 1 of the grid, counted x fastest. `args`: byte address of the dispatch's block of 32-bit words: grid x, y, z; byte address
 * of the uniform block; then for each binding its byte address and its length in bytes. `scratch`: byte address of `scratchBytes` bytes, 16-aligned,
 * that nobody else uses during the call. Buffers lie at or above byte 65,536 (so that constant parts of an index may go into an instruction's offset),
 * and 64 bytes after the last buffer are still memory (packed loads may read past its end).
 */
export interface CompiledKernel {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly scratchBytes: number;
  readonly width: 1 | 4;
  readonly ir: IrFunction;
}
