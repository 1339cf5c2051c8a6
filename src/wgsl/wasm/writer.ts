/** What the files of this folder share while they write one kernel. */
import type { Expr, IrFunction, Memory } from '../ir.js';
import type { Code } from './assembler.js';
import type { Entry } from './entry.js';
import type { Frame } from './frame.js';

/** Where a memory begins: `local` holds a byte address, `offset` comes on top. */
export interface Origin {
  readonly local: number;
  readonly offset: number;
  /** A local with the address in all lanes, where there is one. */
  readonly splat?: () => number;
}

export interface Writer {
  readonly ir: IrFunction;
  readonly code: Code;
  readonly frame: Frame;
  readonly entry: Entry;
  /** Puts a value on the stack. */
  emit(expr: Expr): void;
  /** Puts a value into a local (its own, if it has one), to be read several times. `frame.release` it. */
  hold(expr: Expr): number;
  origin(memory: Memory): Origin;
}
