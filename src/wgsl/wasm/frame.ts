/** The locals of the function that is being written: numbered as they are asked for, used again once they are free. */
import { isPacked } from '../build.js';
import type { ValueType } from '../ir.js';
import { WASM, type WasmType } from './opcodes.js';

/** Parameters of `run`. */
export const PARAMETER = { begin: 0, end: 1, args: 2, scratch: 3 } as const;
export const PARAMETERS = 4;

/** bool is an i32, 0 or 1; every packed four is a v128. */
export function wasmType(type: ValueType): WasmType {
  if (isPacked(type)) return WASM.v128;
  return type === 'f32' ? WASM.f32 : WASM.i32;
}

export class Frame {
  /** Types of the locals after the parameters. */
  readonly types: WasmType[] = [];
  private readonly unused = new Map<WasmType, number[]>();
  private readonly temporaries = new Set<number>();

  /** A local that nobody had before. */
  fresh(type: WasmType): number {
    this.types.push(type);
    return PARAMETERS + this.types.length - 1;
  }

  take(type: WasmType): number {
    return this.unused.get(type)?.pop() ?? this.fresh(type);
  }

  free(local: number): void {
    const type = this.types[local - PARAMETERS];
    const list = this.unused.get(type);
    if (list) list.push(local);
    else this.unused.set(type, [local]);
  }

  /** A local for a value in the middle of an expression. `release` it. */
  temporary(type: WasmType): number {
    const local = this.take(type);
    this.temporaries.add(local);
    return local;
  }

  /** Frees a temporary; anything else it leaves alone. */
  release(...locals: number[]): void {
    for (const local of locals) if (this.temporaries.delete(local)) this.free(local);
  }
}
