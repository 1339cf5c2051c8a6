/** Kernels assembled by hand, for tests of the device alone: what the compiler makes of WGSL is tested in test/wgsl. */
import type { Compile } from '../../src/device/wasm/kernels.js';

const I32 = 0x7f;
const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body];

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

/** A module with one function `run(begin, end, args, scratch)` of this body, with five more i32 locals. */
function assemble(shared: boolean, body: readonly number[]): Uint8Array<ArrayBuffer> {
  const code = [1, 5, I32, ...body, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 4, I32, I32, I32, I32, 0]),
    ...section(2, [1, ...name('env'), ...name('memory'), 2, ...(shared ? [3, 1, ...leb(65536)] : [0, 1])]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('run'), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const load = (offset: number): number[] => [0x28, 2, ...leb(offset)];
const [BEGIN, END, ARGS, SCRATCH, AT, STOP, FACTOR, TERM, PARAMS] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const [ADD, MUL, LESS, SHL] = [0x6a, 0x6c, 0x49, 0x74];

/** x[i] = x[i] · factor + term, 64 to a workgroup. The new value goes by way of scratch memory, so that threads that share it are found out. */
const scaleAdd = [
  ...[...get(ARGS), ...load(12), ...set(PARAMS)],
  ...[...get(PARAMS), ...load(0), ...set(FACTOR)],
  ...[...get(PARAMS), ...load(4), ...set(TERM)],
  ...[...get(ARGS), ...load(16), ...get(BEGIN), 0x41, 8, SHL, ADD, ...set(AT)],
  // stop = min(end · 256, length)
  ...[...get(END), 0x41, 8, SHL, ...set(STOP)],
  ...[...get(STOP), ...get(ARGS), ...load(20), ...get(STOP), ...get(ARGS), ...load(20), LESS, 0x1b, ...set(STOP)],
  ...[...get(ARGS), ...load(16), ...get(STOP), ADD, ...set(STOP)],
  ...[0x02, 0x40, 0x03, 0x40],
  ...[...get(AT), ...get(STOP), LESS, 0x45, 0x0d, 1],
  ...[...get(SCRATCH), ...get(AT), ...load(0), ...get(FACTOR), MUL, ...get(TERM), ADD, 0x36, 2, 0],
  ...[...get(AT), ...get(SCRATCH), ...load(0), 0x36, 2, 0],
  ...[...get(AT), 0x41, 4, ADD, ...set(AT), 0x0c, 0, 0x0b, 0x0b],
];

/** Loads from the last word below 4 GiB. */
const outside = [0x41, 0x7c, ...load(0), 0x1a];

const BODIES: Readonly<Record<string, readonly number[]>> = {
  'scale-add': scaleAdd,
  unreachable: [0x00],
  outside,
  invalid: [0x6a],
};

/** Stands in for the compiler: takes a kernel by its name, whatever its WGSL says. */
export const byHand: Compile = (kernel, _code, { shared }) => ({
  name: kernel,
  bytes: assemble(shared, BODIES[kernel]),
  scratchBytes: 4,
  width: 1,
  needs: { invocations: 64, bindings: 1, paramWords: 2 },
});
