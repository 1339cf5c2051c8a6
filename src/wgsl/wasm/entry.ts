/** What is computed once, at the start of `run`: the grid, params, and where the bindings lie. Nothing unless it is asked for. */
import type { IrFunction } from '../ir.js';
import { Code } from './assembler.js';
import { PARAMETER, type Frame } from './frame.js';
import { OP, SIMD, WASM, type WasmType } from './opcodes.js';

/** Byte offsets in the block of `args`. */
const UNIFORM = 12;
const BINDINGS = 16;
const BINDING_BYTES = 8;

type Kind =
  | 'grid'
  | 'uniform'
  | 'param'
  | 'floatParam'
  | 'paramSplat'
  | 'divisor'
  | 'divisorSplat'
  | 'base'
  | 'baseSplat'
  | 'length';

export class Entry {
  readonly code = new Code();
  /** Locals by what they hold. */
  private readonly known: Record<Kind, number[]> = {
    grid: [],
    uniform: [],
    param: [],
    floatParam: [],
    paramSplat: [],
    divisor: [],
    divisorSplat: [],
    base: [],
    baseSplat: [],
    length: [],
  };
  private readonly positions = new Map<number, number>();

  constructor(
    private readonly frame: Frame,
    ir: IrFunction,
  ) {
    ir.bindings.forEach((binding, position) => this.positions.set(binding.index, position));
  }

  /** Workgroups along axis 0, 1 or 2. */
  grid(axis: number): number {
    return this.once('grid', axis, WASM.i32, () => this.word(PARAMETER.args, 4 * axis));
  }

  param(word: number, type: 'f32' | 'i32' | 'u32'): number {
    if (type === 'f32') return this.once('floatParam', word, WASM.f32, () => this.loadParam(word, OP.f32Load));
    return this.once('param', word, WASM.i32, () => this.loadParam(word, OP.i32Load));
  }

  /** A param in all four lanes, whatever its type. */
  paramSplat(word: number): number {
    return this.once('paramSplat', word, WASM.v128, () => {
      this.code.get(this.uniform());
      this.code.simdAccess(SIMD.v128Load32Splat, 4 * word);
    });
  }

  /** A param that something is divided by: 1 where it is 0. */
  divisor(word: number): number {
    return this.once('divisor', word, WASM.i32, () => {
      this.code.get(this.param(word, 'u32'));
      this.code.get(this.param(word, 'u32'));
      this.code.op(OP.i32Eqz);
      this.code.op(OP.i32Or);
    });
  }

  divisorSplat(word: number): number {
    return this.once('divisorSplat', word, WASM.v128, () => {
      this.code.get(this.divisor(word));
      this.code.simd(SIMD.i32x4Splat);
    });
  }

  /** Byte address of a binding. */
  base(binding: number): number {
    return this.once('base', binding, WASM.i32, () => this.word(PARAMETER.args, this.place(binding)));
  }

  baseSplat(binding: number): number {
    return this.once('baseSplat', binding, WASM.v128, () => {
      this.code.get(PARAMETER.args);
      this.code.simdAccess(SIMD.v128Load32Splat, this.place(binding));
    });
  }

  /** Length of a binding in words. */
  length(binding: number): number {
    return this.once('length', binding, WASM.i32, () => {
      this.word(PARAMETER.args, this.place(binding) + 4);
      this.code.int(2);
      this.code.op(OP.i32ShrU);
    });
  }

  private uniform(): number {
    return this.once('uniform', 0, WASM.i32, () => this.word(PARAMETER.args, UNIFORM));
  }

  private loadParam(word: number, load: number): void {
    this.code.get(this.uniform());
    this.code.access(load, 4 * word);
  }

  private word(address: number, offset: number): void {
    this.code.get(address);
    this.code.access(OP.i32Load, offset);
  }

  private place(binding: number): number {
    const position = this.positions.get(binding);
    if (position === undefined) throw new Error(`the kernel has no binding ${binding}`);
    return BINDINGS + BINDING_BYTES * position;
  }

  private once(kind: Kind, number: number, type: WasmType, compute: () => void): number {
    const known: number | undefined = this.known[kind][number];
    if (known !== undefined) return known;
    compute();
    const local = this.frame.fresh(type);
    this.code.set(local);
    this.known[kind][number] = local;
    return local;
  }
}
