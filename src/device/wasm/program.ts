import { alignUp, checkDispatch } from '../checks.js';
import type { BufferSlice, Dispatch, DeviceLimits, Program } from '../device.js';
import { DeviceError, FormantError } from '../errors.js';
import { ParamBlock } from '../params.js';
import type { WasmBuffer } from './buffer.js';
import type { Kernel, KernelCache } from './kernels.js';
import { LAYOUT } from './layout.js';
import type { PreparedDispatch, PreparedProgram } from './queue.js';

/** Workgroups are counted in 32 bits with a sign. */
const MOST_WORKGROUPS = 2 ** 31 - 1;
const GRID_WORDS = 4;

/** What a program needs of its device. */
export interface ProgramHost {
  readonly kernels: KernelCache;
  readonly limits: DeviceLimits;
  /** Checks that the slice lies in a live buffer of this device, and returns it. */
  resolve(slice: BufferSlice, what: string): WasmBuffer;
  /** Room for words, which may be written at once. */
  takeWords(count: number, what: string): number;
  /** Writes words in queue order. */
  writeWords(address: number, words: Uint32Array<ArrayBuffer>, lastUse: number): void;
  /** Gives memory back once the commands that use it are done. */
  give(address: number, bytes: number, lastUse: number): void;
}

/** A program as one block of memory: its table of dispatches, their arguments, and all parameters. */
export class WasmProgram implements Program, PreparedProgram {
  readonly label: string;
  readonly dispatchCount: number;
  readonly table: number;
  readonly dispatches: readonly PreparedDispatch[];
  readonly names: readonly string[];
  readonly buffers: ReadonlySet<WasmBuffer>;
  /** What a thread needs to run any of its kernels. */
  readonly scratchBytes: number;
  /** Why it cannot run. */
  readonly error: FormantError | undefined;
  /** Number of the last command that runs it. */
  lastUse = 0;
  readonly #host: ProgramHost;
  readonly #params: ParamBlock;
  readonly #paramsAt: number;
  readonly #words: number;
  #destroyed = false;

  constructor(host: ProgramHost, label: string, dispatches: readonly Dispatch[]) {
    this.#host = host;
    this.label = label;
    this.dispatchCount = dispatches.length;
    this.names = dispatches.map((d) => d.kernel.name);
    const what = (index: number): string => `dispatch ${index} ('${this.names[index]}') of program '${label}'`;
    dispatches.forEach((dispatch, index) => check(dispatch, what(index), host.limits));
    this.#params = new ParamBlock(label, dispatches, 16);

    const kernels: Kernel[] = [];
    for (const { kernel } of dispatches) {
      const found = host.kernels.get(kernel);
      if (found instanceof FormantError) this.error ??= found;
      else kernels.push(found);
    }
    if (!this.error) this.error = missingParams(dispatches, kernels, what);
    const buffers = new Set<WasmBuffer>();
    const place = (slice: BufferSlice, role: string): { address: number; bytes: number } => {
      const buffer = host.resolve(slice, role);
      buffers.add(buffer);
      return { address: buffer.address + slice.offset, bytes: slice.bytes };
    };
    const slices = dispatches.map((dispatch, index) =>
      dispatch.buffers.map((slice, i) => place(slice, `buffer ${i} of ${what(index)}`)),
    );
    const fresh = dispatches.map((dispatch, index) =>
      (dispatch.fresh ?? []).map((slice, i) => place(slice, `fresh slice ${i} of ${what(index)}`)),
    );
    this.buffers = buffers;
    this.scratchBytes = Math.max(0, ...kernels.map((kernel) => kernel.scratchBytes));
    if (this.error || dispatches.length === 0) {
      this.table = this.#paramsAt = this.#words = 0;
      this.dispatches = [];
      return;
    }

    // In words: the table, then each dispatch's arguments, then the parameters at a multiple of 16 bytes.
    const tableWords = dispatches.length * LAYOUT.dispatchWords;
    const argWords = dispatches.map((d) => GRID_WORDS + 2 * d.buffers.length);
    const before = alignUp(tableWords + argWords.reduce((a, b) => a + b, 0), 4);
    this.#words = before + this.#params.words.length;
    this.table = host.takeWords(this.#words, `program '${label}'`);
    this.#paramsAt = this.table + before * 4;
    const block = new Uint32Array(before);
    let at = tableWords;
    this.dispatches = dispatches.map(({ grid: [x, y, z] }, index) => {
      const kernel = kernels[index];
      const args = this.table + at * 4;
      const workgroups = x * y * z;
      block.set([kernel.number, kernel.code, kernel.codeBytes, args, workgroups], index * LAYOUT.dispatchWords);
      block.set([x, y, z, this.#paramsAt + this.#params.firstWord[index] * 4], at);
      slices[index].forEach(({ address, bytes }, i) => block.set([address, bytes], at + GRID_WORDS + 2 * i));
      at += argWords[index];
      return { kernel, args, workgroups, fresh: fresh[index] };
    });
    host.writeWords(this.table, block, 0);
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  belongsTo(host: ProgramHost): boolean {
    return this.#host === host;
  }

  setParam(dispatch: number, word: number, bits: number): void {
    if (this.#destroyed) throw new DeviceError(`Program '${this.label}' was destroyed; its parameters cannot be set.`);
    this.#params.set(dispatch, word, bits);
  }

  /** Brings the parameters in memory up to date: one write, or none. */
  flush(): void {
    const dirty = this.#params.takeDirty();
    if (!dirty || this.#words === 0) return;
    this.#host.writeWords(
      this.#paramsAt + dirty.from * 4,
      this.#params.words.subarray(dirty.from, dirty.to),
      this.lastUse,
    );
  }

  /** Gives its memory back; runs already handed in still find it. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    if (this.#words > 0) this.#host.give(this.table, this.#words * 4, this.lastUse);
  }
}

/** The uniform block may end up to a multiple of four words later than its parameters. */
function missingParams(
  dispatches: readonly Dispatch[],
  kernels: readonly Kernel[],
  what: (index: number) => string,
): DeviceError | undefined {
  const index = dispatches.findIndex(({ params }, i) => kernels[i].paramWords > alignUp(params.length, 4));
  if (index < 0) return undefined;
  return new DeviceError(
    `${what(index)} was given ${dispatches[index].params.length} parameter words; its code has ${kernels[index].paramWords}.`,
  );
}

function check(dispatch: Dispatch, what: string, limits: DeviceLimits): void {
  checkDispatch(dispatch, what, limits);
  const [x, y, z] = dispatch.grid;
  if (x * y * z > MOST_WORKGROUPS) {
    throw new DeviceError(`${what} has ${x * y * z} workgroups; this device counts to ${MOST_WORKGROUPS}.`);
  }
}
