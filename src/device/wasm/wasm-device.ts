import { alignUp, bufferSize, checkCopy, checkRange, describeDestroyed } from '../checks.js';
import type {
  BufferSlice,
  Copy,
  Device,
  DeviceBuffer,
  DeviceCounters,
  DeviceInfo,
  Dispatch,
  KernelTime,
  MemoryStats,
  Program,
} from '../device.js';
import { DeviceError, DeviceLostError, type FormantError } from '../errors.js';
import { WasmBuffer } from './buffer.js';
import { KernelCache, type Compile } from './kernels.js';
import type { DeviceMemory } from './memory.js';
import { WasmProgram, type ProgramHost } from './program.js';
import type { Queue, Scratch } from './queue.js';

/** Between two threads' scratch memory, so that they do not meet in one cache line. */
const SCRATCH_UNIT = 256;

export interface WasmParts {
  readonly memory: DeviceMemory;
  readonly info: DeviceInfo;
  readonly compile: Compile;
  /** The queue; it calls back when its threads are gone. */
  readonly openQueue: (onLost: (reason: string) => void) => Queue;
}

/** Memory that comes free once the queue has done command `after`. */
interface Retired {
  readonly after: number;
  readonly address: number;
  readonly bytes: number;
}

/**
 * The second device: kernels compiled to WebAssembly SIMD, on threads that share one memory.
 *
 * Every piece of memory knows the last command that touches it. What no open command touches, the calling thread writes and reads at once;
 * otherwise the data goes by a staging range and a copy that takes its turn in the queue.
 */
export class WasmDevice implements Device {
  readonly info: DeviceInfo;
  readonly #memory: DeviceMemory;
  readonly #queue: Queue;
  readonly #kernels: KernelCache;
  readonly #host: ProgramHost;
  readonly #live = new Set<WasmBuffer>();
  #retired: Retired[] = [];
  #scratch: Scratch = { base: 0, stride: 0 };
  #failure: FormantError | undefined;
  #lost: DeviceLostError | undefined;
  #destroyed = false;
  #nextId = 1;
  #bytes = 0;
  #peakBytes = 0;
  #dispatches = 0;
  #submits = 0;
  #buffersCreated = 0;
  #bindGroupsCreated = 0;

  constructor({ memory, info, compile, openQueue }: WasmParts) {
    this.info = info;
    this.#memory = memory;
    this.#queue = openQueue((reason) => {
      this.#lost ??= new DeviceLostError(
        `The device was lost (${reason}). Open a new device and load the last checkpoint.`,
      );
    });
    this.#kernels = new KernelCache(compile, memory.shared, this.#queue, info);
    this.#host = {
      kernels: this.#kernels,
      limits: info.limits,
      resolve: (slice, what) => this.#resolve(slice, what),
      takeWords: (count, what) => this.#take(count * 4, what),
      writeWords: (address, words, lastUse) => {
        this.#write(address, words.byteLength, lastUse, (target) => target.set(asBytes(words)));
      },
      give: (address, bytes, lastUse) => this.#give(address, bytes, lastUse),
    };
  }

  createBuffer(bytes: number, label: string): DeviceBuffer {
    this.#check();
    const size = bufferSize(bytes, label, this.info.limits);
    this.#reclaim();
    const address = this.#memory.takeZeroed(size, `createBuffer('${label}')`);
    const buffer = new WasmBuffer(this.#nextId++, size, label, address, (gone) => {
      this.#live.delete(gone);
      this.#bytes -= gone.bytes;
      this.#give(gone.address, gone.bytes, gone.lastUse);
    });
    this.#live.add(buffer);
    this.#buffersCreated++;
    this.#bytes += size;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return buffer;
  }

  write(buffer: DeviceBuffer, offset: number, data: ArrayBufferView): void {
    this.#check();
    if (data.byteLength === 0) return;
    const bytes = alignUp(data.byteLength, 4);
    const found = this.#resolve({ buffer, offset, bytes }, 'write()');
    const staged = this.#write(found.address + offset, bytes, found.lastUse, (target) => {
      target.set(asBytes(data));
      target.fill(0, data.byteLength);
    });
    if (staged) found.lastUse = this.#queue.submitted;
  }

  async read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    this.#check();
    const sources = slices.map((slice, i) => this.#resolve(slice, `slice ${i} of read()`));
    // Now or in its turn, before the first await: a read sees the memory as it is when it is called.
    const results: { readonly data: ArrayBuffer; readonly staged: number }[] = [];
    slices.forEach((slice, i) => {
      const { address, lastUse } = sources[i];
      const data = new ArrayBuffer(slice.bytes);
      const from = address + slice.offset;
      if (this.#idle(lastUse) || slice.bytes === 0) {
        asBytes(data).set(this.#memory.bytes(from, slice.bytes));
        results.push({ data, staged: 0 });
        return;
      }
      const staged = this.#take(slice.bytes, `read() of '${slice.buffer.label}' while work is under way`);
      this.#queue.copy(from, staged, slice.bytes);
      results.push({ data, staged });
    });
    if (slices.length > 0) this.#submits++;
    await this.#queue.drained();
    for (const { data, staged } of results) {
      if (staged === 0) continue;
      asBytes(data).set(this.#memory.bytes(staged, data.byteLength));
      this.#memory.give(staged, data.byteLength);
    }
    this.#settle();
    return results.map(({ data }) => data);
  }

  copy(copies: readonly Copy[]): void {
    this.#check();
    if (copies.length === 0) return;
    this.#copy(copies);
    this.#submits++;
  }

  createProgram(label: string, dispatches: readonly Dispatch[]): Program {
    this.#check();
    this.#reclaim();
    const program = new WasmProgram(this.#host, label, dispatches);
    this.#bindGroupsCreated += dispatches.length;
    this.#failure ??= program.error;
    return program;
  }

  run(program: Program, copies: readonly Copy[] = []): void {
    this.#check();
    this.#run(this.#own(program), 0, copies);
  }

  async profile(program: Program): Promise<KernelTime[]> {
    this.#check();
    const prepared = this.#own(program);
    const count = prepared.dispatchCount;
    if (count === 0) return [];
    const times = this.#take(count * 8, 'profile()');
    this.#run(prepared, times, []);
    await this.#queue.drained();
    const ms = new Float64Array(this.#memory.bytes(times, count * 8).slice().buffer);
    this.#memory.give(times, count * 8);
    this.#settle();
    return prepared.names.map((name, i) => ({ name, ms: ms[i] }));
  }

  async sync(): Promise<void> {
    this.#check();
    await this.#queue.drained();
    this.#settle();
  }

  memory(): MemoryStats {
    return { buffers: this.#live.size, bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  counters(): DeviceCounters {
    return {
      dispatches: this.#dispatches,
      submits: this.#submits,
      buffersCreated: this.#buffersCreated,
      bindGroupsCreated: this.#bindGroupsCreated,
      pipelinesCreated: this.#kernels.created,
    };
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#lost ??= new DeviceLostError('The device was destroyed by destroy(). Open a new one with openDevice().');
    for (const buffer of [...this.#live]) buffer.destroy();
    this.#queue.destroy();
  }

  #check(): void {
    if (this.#lost) throw this.#lost;
  }

  /** After a wait: throws what went wrong before it. */
  #settle(): void {
    this.#reclaim();
    const failed = this.#queue.takeFailure();
    if (failed) {
      this.#failure ??= new DeviceError(
        `The device failed in kernel '${this.#kernels.nameOf(failed.kernel)}': ${failed.text}`,
      );
    }
    const error = this.#failure;
    this.#failure = undefined;
    this.#check();
    if (error) throw error;
  }

  #run(program: WasmProgram, times: number, copies: readonly Copy[]): void {
    const gone = [...program.buffers].find((buffer) => buffer.destroyed);
    const error = gone
      ? new DeviceError(`The device refused to run '${program.label}': ${describeDestroyed(gone)}`)
      : program.error;
    this.#submits++;
    this.#dispatches += program.dispatchCount;
    if (error) {
      this.#failure ??= error;
      return;
    }
    if (program.dispatches.length > 0) {
      this.#growScratch(program.scratchBytes);
      program.flush();
      this.#queue.run(program, this.#scratch, times);
      program.lastUse = this.#queue.submitted;
      for (const buffer of program.buffers) buffer.lastUse = program.lastUse;
    }
    this.#copy(copies);
  }

  #copy(copies: readonly Copy[]): void {
    const resolved = copies.map((copy) => {
      checkCopy(copy);
      const { from, to } = copy;
      return { source: this.#resolve(from, 'copy source'), target: this.#resolve(to, 'copy target'), from, to };
    });
    for (const { source, target, from, to } of resolved) {
      if (from.bytes === 0) continue;
      this.#queue.copy(source.address + from.offset, target.address + to.offset, from.bytes);
      source.lastUse = target.lastUse = this.#queue.submitted;
    }
  }

  /** Fills memory now if no open command touches it, else in its turn; says whether it was the latter. */
  #write(address: number, bytes: number, lastUse: number, fill: (target: Uint8Array) => void): boolean {
    if (this.#idle(lastUse)) {
      fill(this.#memory.bytes(address, bytes));
      return false;
    }
    const staging = this.#take(bytes, 'write() while work is under way');
    fill(this.#memory.bytes(staging, bytes));
    this.#queue.copy(staging, address, bytes);
    this.#give(staging, bytes, this.#queue.submitted);
    return true;
  }

  #growScratch(bytes: number): void {
    if (bytes <= this.#scratch.stride) return;
    const { base, stride } = this.#scratch;
    const { threads, submitted } = this.#queue;
    const wider = alignUp(bytes, SCRATCH_UNIT);
    this.#scratch = { base: this.#take(wider * threads, 'scratch memory'), stride: wider };
    if (stride > 0) this.#give(base, stride * threads, submitted);
  }

  #idle(lastUse: number): boolean {
    return lastUse <= this.#queue.done;
  }

  #take(bytes: number, what: string): number {
    this.#reclaim();
    return this.#memory.take(bytes, what);
  }

  #give(address: number, bytes: number, lastUse: number): void {
    if (this.#idle(lastUse)) this.#memory.give(address, bytes);
    else this.#retired.push({ after: lastUse, address, bytes });
  }

  #reclaim(): void {
    if (this.#retired.length === 0) return;
    const { done } = this.#queue;
    this.#retired = this.#retired.filter(({ after, address, bytes }) => {
      if (after > done) return true;
      this.#memory.give(address, bytes);
      return false;
    });
  }

  #own(program: Program): WasmProgram {
    if (!(program instanceof WasmProgram) || !program.belongsTo(this.#host)) {
      throw new DeviceError(`Program '${program.label}' was made by another device.`);
    }
    if (program.destroyed) throw new DeviceError(`Program '${program.label}' was destroyed; make it again to run it.`);
    return program;
  }

  #resolve(slice: BufferSlice, what: string): WasmBuffer {
    const { buffer } = slice;
    if (!(buffer instanceof WasmBuffer) || (!this.#live.has(buffer) && !buffer.destroyed)) {
      throw new DeviceError(`${what}: buffer '${buffer.label}' was made by another device.`);
    }
    checkRange(slice, buffer.destroyed, what);
    return buffer;
  }
}

function asBytes(data: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBufferLike> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
