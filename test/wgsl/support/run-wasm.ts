/** Runs a function of the middle form through WebAssembly, on one thread. */
import type { IrFunction } from '../../../src/wgsl/ir.js';
import { emitWasm } from '../../../src/wgsl/wasm/emit.js';

export interface WasmInputs {
  /** By binding number, as `runIr` takes them; changed in place. */
  readonly bindings: readonly (Float32Array | Uint32Array | Int32Array)[];
  readonly params?: Uint32Array;
  readonly grid: readonly [number, number, number];
  /** Memory shared between threads; false by default. */
  readonly shared?: boolean;
  /** Workgroups begin … end − 1 instead of all. */
  readonly range?: readonly [number, number];
}

const PAGE = 65536;
const ALIGN = 256;
/** Packed loads may read past the end of the last buffer. */
const TAIL = 64;

export function runWasm(ir: IrFunction, inputs: WasmInputs): void {
  const kernel = emitWasm(ir, { shared: inputs.shared === true });
  runModule(kernel.bytes, kernel.scratchBytes, ir.bindings, inputs);
}

/** `bindings`: in the order of the argument block. */
export function runModule(
  bytes: Uint8Array<ArrayBuffer>,
  scratchBytes: number,
  bindings: readonly { readonly index: number }[],
  inputs: WasmInputs,
): void {
  let end = PAGE;
  const place = (size: number): number => {
    const at = end;
    end += Math.ceil(size / ALIGN) * ALIGN;
    return at;
  };
  const args = place(16 + 8 * bindings.length);
  const params = inputs.params ?? new Uint32Array(0);
  const uniform = place(params.byteLength);
  const scratch = place(scratchBytes);
  const places = bindings.map(({ index }) => ({
    array: inputs.bindings[index],
    at: place(inputs.bindings[index].byteLength),
  }));
  const initial = Math.ceil((end + TAIL) / PAGE);
  const shared = inputs.shared === true;
  const memory = new WebAssembly.Memory(shared ? { initial, maximum: initial + 1, shared } : { initial });
  const words = new Uint32Array(memory.buffer);
  // What nobody wrote must not pass for zero.
  words.fill(0xdeadbeef, PAGE / 4);
  words.set([...inputs.grid, uniform, ...places.flatMap(({ array, at }) => [at, array.byteLength])], args / 4);
  words.set(params, uniform / 4);
  for (const { array, at } of places) words.set(bits(array), at / 4);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const run = instance.exports.run as (begin: number, end: number, args: number, scratch: number) => void;
  const [x, y, z] = inputs.grid;
  const [first, last] = inputs.range ?? [0, x * y * z];
  run(first, last, args, scratch);
  for (const { array, at } of places) bits(array).set(words.subarray(at / 4, at / 4 + array.length));
}

const bits = (a: Float32Array | Uint32Array | Int32Array): Uint32Array =>
  new Uint32Array(a.buffer, a.byteOffset, a.length);
