/** A kernel as JavaScript functions, with the memory that belongs to it. */
import type { IrFunction, Memory } from '../ir.js';
import { helpers } from './helpers.js';
import type { Style } from './style.js';
import { SUBGROUP, type Exchange } from './subgroup.js';
import { writeKernel, type Wait } from './write.js';

/** One piece of memory, seen as each scalar type. */
export interface Views {
  readonly f: Float32Array;
  readonly i: Int32Array;
  readonly u: Uint32Array;
}

export function viewsOf(buffer: ArrayBufferLike, byteOffset: number, words: number): Views {
  return {
    f: new Float32Array(buffer, byteOffset, words),
    i: new Int32Array(buffer, byteOffset, words),
    u: new Uint32Array(buffer, byteOffset, words),
  };
}

type Grid = readonly [number, number, number];
type Main = (
  li: number,
  lx: number,
  ly: number,
  lz: number,
  wx: number,
  wy: number,
  wz: number,
) => Iterator<number> | void;
type Bind = (bindings: readonly Views[], own: readonly Views[], params: Views, grid: Grid) => void;

export interface JsKernel {
  readonly ir: IrFunction;
  readonly waits: readonly Wait[];
  readonly exchange: Exchange;
  /** Workgroup memory, zeroed by the runner at the start of each workgroup. */
  readonly workgroupMemory: readonly { readonly memory: Memory; readonly views: Views }[];
  /** Private memory of all invocations of a workgroup. */
  readonly privateMemory: readonly Views[];
  /** Calls of `main` in one workgroup. */
  readonly calls: number;
  readonly main: Main;
  /** `bindings` by their number in the text. */
  bind(bindings: readonly Views[], params: Views, grid: Grid): void;
}

/** `scope`: names that the style's texts use. */
export function makeKernel(ir: IrFunction, style: Style, scope: Readonly<Record<string, unknown>> = {}): JsKernel {
  const [x, y, z] = ir.workgroupSize;
  const invocations = x * y * z;
  const written = writeKernel(ir, style);
  const own = written.memories.map((memory) => {
    const words =
      memory.kind === 'private' ? memory.words * invocations : memory.kind === 'workgroup' ? memory.words : 0;
    return { memory, views: viewsOf(new ArrayBuffer(words * 4), 0, words) };
  });
  const room = Math.ceil(invocations / SUBGROUP) * SUBGROUP;
  const exchange: Exchange = { a: Array(room).fill(0), b: Array(room).fill(0), result: Array(room).fill(0) };
  // The text is written by `writeKernel` alone; names from WGSL appear in it only as quoted strings.
  const make = new Function('helpers', 'exchange', ...Object.keys(scope), written.source) as (...values: unknown[]) => {
    bind: Bind;
    main: Main;
  };
  const { bind, main } = make(helpers, exchange, ...Object.values(scope));
  const ownViews = own.map((o) => o.views);
  return {
    ir,
    waits: written.waits,
    exchange,
    workgroupMemory: own.filter((o) => o.memory.kind === 'workgroup'),
    privateMemory: own.filter((o) => o.memory.kind === 'private').map((o) => o.views),
    calls: invocations / ir.width,
    main,
    bind: (bindings, params, grid) => bind(bindings, ownViews, params, grid),
  };
}
