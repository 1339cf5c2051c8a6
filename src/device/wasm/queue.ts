import type { CompiledKernel } from '../../wgsl/compile.js';

/** A kernel that can be run, by its number. */
export interface KernelPlace {
  readonly number: number;
  /** Where its bytes lie for the workers to compile; 0 where there are none. */
  readonly code: number;
  readonly codeBytes: number;
}

/** One dispatch as `compileKernel`'s contract has it. */
export interface PreparedDispatch {
  readonly kernel: KernelPlace;
  /** Address of its block of arguments. */
  readonly args: number;
  readonly workgroups: number;
  /** Memory that gets a new owner with it. */
  readonly fresh: readonly { readonly address: number; readonly bytes: number }[];
}

/** Memory that one thread's workgroups use and nobody else: `base` + thread · `stride`. */
export interface Scratch {
  readonly base: number;
  readonly stride: number;
}

export interface PreparedProgram {
  /** Address of its table of dispatches (layout.ts). */
  readonly table: number;
  readonly dispatches: readonly PreparedDispatch[];
}

/** What went wrong in a kernel. */
export interface KernelFailure {
  readonly kernel: number;
  readonly text: string;
}

/** Does commands one after the other, each seeing what those before it did. Commands are numbered from 1. */
export interface Queue {
  readonly threads: number;
  /** Numbers of the last command handed in and of the last one finished. */
  readonly submitted: number;
  readonly done: number;
  addKernel(kernel: CompiledKernel): KernelPlace;
  /** `times`: address where each dispatch's milliseconds go as float64, or 0. */
  run(program: PreparedProgram, scratch: Scratch, times: number): void;
  /** Ranges may overlap: the target gets what the source was. */
  copy(from: number, to: number, bytes: number): void;
  /** Resolves when all commands handed in so far are done, or the queue is gone. */
  drained(): Promise<void>;
  /** The first failure since the last call. */
  takeFailure(): KernelFailure | undefined;
  destroy(): void;
}
