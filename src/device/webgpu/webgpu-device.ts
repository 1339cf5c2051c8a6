import { ALIGNMENT, alignUp, bufferSize, checkCopy, checkRange } from '../checks.js';
import { DeviceError, DeviceLostError, UnsupportedError, type FormantError } from '../errors.js';
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
import { MAP_READ, USAGE } from './constants.js';
import { Failures } from './failures.js';
import { PipelineCache } from './pipelines.js';
import { BufferPool } from './pool.js';
import { WebGpuProgram, type ProgramHost } from './program.js';
import type { Wait } from './wait.js';

/** Read-back goes through staging buffers of at most this size, so that a read of gigabytes needs no second gigabyte in one piece. */
const STAGING_BYTES = 64 * 2 ** 20;
const UNIFORM_KEEP_BYTES = 4 * 2 ** 20;
/** Largest query set that WebGPU allows, in timestamps. */
const QUERIES = 4096;
const LOST_GRACE_MS = 50;

class WebGpuBuffer implements DeviceBuffer {
  #destroyed = false;

  constructor(
    readonly id: number,
    readonly bytes: number,
    readonly label: string,
    readonly gpu: GPUBuffer,
    private readonly onDestroy: (buffer: WebGpuBuffer) => void,
  ) {}

  get destroyed(): boolean {
    return this.#destroyed;
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.gpu.destroy();
    this.onDestroy(this);
  }
}

interface Piece {
  readonly slice: BufferSlice;
  readonly source: GPUBuffer;
  readonly result: number;
  readonly at: number;
  readonly bytes: number;
  readonly staged: number;
}

export interface WebGpuParts {
  readonly gpu: GPUDevice;
  readonly info: DeviceInfo;
  readonly wait: Wait;
}

/** The first device: WebGPU in browsers and Deno, Dawn in Node. */
export class WebGpuDevice implements Device {
  readonly info: DeviceInfo;
  readonly #gpu: GPUDevice;
  readonly #wait: Wait;
  readonly #failures = new Failures();
  readonly #host: ProgramHost;
  readonly #pipelines: PipelineCache;
  readonly #uniforms: BufferPool;
  readonly #staging: BufferPool;
  readonly #live = new Set<WebGpuBuffer>();
  #scratch: GPUBuffer | undefined;
  #lost: DeviceLostError | undefined;
  #destroyed = false;
  #nextId = 1;
  #bytes = 0;
  #peakBytes = 0;
  #dispatches = 0;
  #submits = 0;
  #buffersCreated = 0;
  #bindGroupsCreated = 0;

  constructor(parts: WebGpuParts) {
    const { gpu } = parts;
    this.info = parts.info;
    this.#gpu = gpu;
    this.#wait = parts.wait;
    this.#pipelines = new PipelineCache(gpu, this.#failures);
    this.#uniforms = new BufferPool(
      (size) => this.#create('uniforms', size, USAGE.uniform | USAGE.copyDst),
      UNIFORM_KEEP_BYTES,
    );
    this.#staging = new BufferPool(
      (size) => this.#create('read-back', size, USAGE.mapRead | USAGE.copyDst),
      2 * STAGING_BYTES,
    );
    gpu.addEventListener('uncapturederror', (event) => {
      event.preventDefault(); // else it is printed as well
      this.#failures.add(event.error);
    });
    void gpu.lost.then((info) => {
      this.#lost ??= new DeviceLostError(
        `The device was lost (${info.reason}): ${info.message}. Open a new device and load the last checkpoint.`,
      );
    });
    this.#host = {
      gpu,
      pipelines: this.#pipelines,
      limits: this.info.limits,
      takeUniform: (bytes) => this.#uniforms.take(bytes),
      giveUniform: (buffer) => {
        if (!this.#lost) this.#uniforms.give(buffer);
      },
      resolve: (slice, what) => this.#resolve(slice, what),
      countBindGroup: () => void this.#bindGroupsCreated++,
    };
  }

  createBuffer(bytes: number, label: string): DeviceBuffer {
    this.#check();
    const size = bufferSize(bytes, label, this.info.limits);
    const gpu = this.#create(label, size, USAGE.storage | USAGE.copySrc | USAGE.copyDst);
    const buffer = new WebGpuBuffer(this.#nextId++, size, label, gpu, (gone) => {
      this.#live.delete(gone);
      this.#bytes -= gone.bytes;
    });
    this.#live.add(buffer);
    this.#bytes += size;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return buffer;
  }

  write(buffer: DeviceBuffer, offset: number, data: ArrayBufferView): void {
    this.#check();
    if (data.byteLength === 0) return;
    const bytes = alignUp(data.byteLength, 4);
    const target = this.#resolve({ buffer, offset, bytes }, 'write()');
    // Dawn dies (signal 11) on shared memory, and lengths must be multiples of 4: both take a copy.
    if (data.buffer instanceof ArrayBuffer && bytes === data.byteLength) {
      this.#gpu.queue.writeBuffer(target, offset, data.buffer, data.byteOffset, bytes);
      return;
    }
    const copy = new Uint8Array(bytes);
    copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.#gpu.queue.writeBuffer(target, offset, copy);
  }

  async read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    this.#check();
    const results = slices.map((slice) => new ArrayBuffer(slice.bytes));
    // Everything is submitted before the first await: a read sees the memory as it is now.
    const batches = this.#stage(slices).map((pieces) => {
      const last = pieces[pieces.length - 1];
      const used = last.staged + last.bytes;
      const staging = this.#staging.take(used);
      const encoder = this.#gpu.createCommandEncoder();
      for (const piece of pieces) {
        encoder.copyBufferToBuffer(piece.source, piece.slice.offset + piece.at, staging, piece.staged, piece.bytes);
      }
      this.#submit(encoder);
      return { pieces, staging, used, mapped: staging.mapAsync(MAP_READ, 0, used) };
    });
    const outcomes = await this.#wait(Promise.allSettled(batches.map((batch) => batch.mapped)));
    batches.forEach(({ pieces, staging, used }, index) => {
      if (outcomes[index].status === 'rejected') {
        if (!this.#lost) staging.destroy();
        return;
      }
      if (this.#lost) return;
      const mapped = new Uint8Array(staging.getMappedRange(0, used));
      for (const { result, at, staged, bytes } of pieces) {
        new Uint8Array(results[result], at, bytes).set(mapped.subarray(staged, staged + bytes));
      }
      staging.unmap();
      this.#staging.give(staging);
    });
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (refused) await this.#refuse('The device could not be read.', refused.reason);
    await this.#settle();
    return results;
  }

  copy(copies: readonly Copy[]): void {
    this.#check();
    if (copies.length === 0) return;
    const encoder = this.#gpu.createCommandEncoder();
    this.#encodeCopies(encoder, copies);
    this.#submit(encoder);
  }

  createProgram(label: string, dispatches: readonly Dispatch[]): Program {
    this.#check();
    return new WebGpuProgram(this.#host, label, dispatches);
  }

  run(program: Program, copies: readonly Copy[] = []): void {
    this.#check();
    const prepared = this.#own(program);
    prepared.flush();
    const encoder = this.#gpu.createCommandEncoder();
    if (prepared.dispatchCount > 0) {
      const pass = encoder.beginComputePass();
      let pipeline: GPUComputePipeline | undefined;
      for (const step of prepared.steps) {
        if (step.pipeline !== pipeline) pass.setPipeline((pipeline = step.pipeline));
        pass.setBindGroup(0, step.group);
        pass.dispatchWorkgroups(step.grid[0], step.grid[1], step.grid[2]);
      }
      pass.end();
    }
    this.#encodeCopies(encoder, copies);
    this.#submit(encoder);
    this.#dispatches += prepared.dispatchCount;
  }

  async profile(program: Program): Promise<KernelTime[]> {
    this.#check();
    if (!this.#gpu.features.has('timestamp-query')) {
      throw new UnsupportedError(
        'This adapter has no timestamps (feature timestamp-query); time whole runs with sync() instead.',
      );
    }
    const prepared = this.#own(program);
    prepared.flush();
    const encoder = this.#gpu.createCommandEncoder();
    const perSet = QUERIES / 2;
    const sets: GPUQuerySet[] = [];
    const total = prepared.dispatchCount * 16;
    if (total === 0) return [];
    // Room for each set's part at a multiple of 256: 4,096 timestamps of 8 bytes fill 32,768.
    const resolved = this.#create('timestamps', alignUp(total, 256), USAGE.queryResolve | USAGE.copySrc);
    prepared.steps.forEach((step, index) => {
      const inSet = index % perSet;
      if (inSet === 0) {
        const left = prepared.dispatchCount - index;
        sets.push(this.#gpu.createQuerySet({ type: 'timestamp', count: 2 * Math.min(perSet, left) }));
      }
      const querySet = sets[sets.length - 1];
      const pass = encoder.beginComputePass({
        timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * inSet, endOfPassWriteIndex: 2 * inSet + 1 },
      });
      pass.setPipeline(step.pipeline);
      pass.setBindGroup(0, step.group);
      pass.dispatchWorkgroups(step.grid[0], step.grid[1], step.grid[2]);
      pass.end();
    });
    sets.forEach((set, i) => encoder.resolveQuerySet(set, 0, set.count, resolved, i * QUERIES * 8));
    const staging = this.#staging.take(total);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, total);
    this.#submit(encoder);
    this.#dispatches += prepared.dispatchCount;
    try {
      await this.#wait(staging.mapAsync(MAP_READ, 0, total));
    } catch (cause) {
      await this.#refuse('The timestamps could not be read.', cause);
    }
    const stamps = new BigUint64Array(staging.getMappedRange(0, total).slice(0));
    staging.unmap();
    this.#staging.give(staging);
    resolved.destroy();
    for (const set of sets) set.destroy();
    await this.#settle();
    return prepared.steps.map((step, i) => ({ name: step.name, ms: Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6 }));
  }

  async sync(): Promise<void> {
    this.#check();
    try {
      await this.#wait(this.#gpu.queue.onSubmittedWorkDone());
    } catch (cause) {
      await this.#refuse('The device did not finish its work.', cause);
    }
    await this.#settle();
  }

  /** The buffers of `createBuffer`; the device's own uniform, read-back and scratch buffers are not among them. */
  memory(): MemoryStats {
    return { buffers: this.#live.size, bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  counters(): DeviceCounters {
    return {
      dispatches: this.#dispatches,
      submits: this.#submits,
      buffersCreated: this.#buffersCreated,
      bindGroupsCreated: this.#bindGroupsCreated,
      pipelinesCreated: this.#pipelines.created,
    };
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#lost ??= new DeviceLostError('The device was destroyed by destroy(). Open a new one with openDevice().');
    for (const buffer of [...this.#live]) buffer.destroy();
    this.#uniforms.clear();
    this.#staging.clear();
    this.#scratch?.destroy();
    this.#gpu.destroy();
  }

  #check(): void {
    if (this.#lost) throw this.#lost;
  }

  /** After a wait: rejects with what went wrong before it. */
  async #settle(): Promise<void> {
    const { reports } = this.#failures;
    if (reports) await this.#wait(reports);
    const error: FormantError | undefined = this.#failures.take();
    this.#check();
    if (error) throw error;
  }

  /** After a wait that failed: throws the reason if the device told one, else an error with this message. */
  async #refuse(message: string, cause: unknown): Promise<never> {
    // A lost device rejects its open promises first and says that it is lost a moment later.
    await Promise.race([this.#gpu.lost, new Promise((resolve) => setTimeout(resolve, LOST_GRACE_MS))]);
    await this.#settle();
    throw new DeviceError(message, { cause });
  }

  #create(label: string, size: number, usage: number): GPUBuffer {
    this.#buffersCreated++;
    return this.#gpu.createBuffer({ label, size, usage });
  }

  #submit(encoder: GPUCommandEncoder): void {
    this.#submits++;
    this.#gpu.queue.submit([encoder.finish()]);
  }

  #own(program: Program): WebGpuProgram {
    if (!(program instanceof WebGpuProgram) || !program.belongsTo(this.#host)) {
      throw new DeviceError(`Program '${program.label}' was made by another device.`);
    }
    if (program.destroyed) throw new DeviceError(`Program '${program.label}' was destroyed; make it again to run it.`);
    return program;
  }

  #resolve(slice: BufferSlice, what: string): GPUBuffer {
    const { buffer } = slice;
    if (!(buffer instanceof WebGpuBuffer) || (!this.#live.has(buffer) && !buffer.destroyed)) {
      throw new DeviceError(`${what}: buffer '${buffer.label}' was made by another device.`);
    }
    checkRange(slice, buffer.destroyed, what);
    return buffer.gpu;
  }

  #encodeCopies(encoder: GPUCommandEncoder, copies: readonly Copy[]): void {
    const resolved = copies.map((copy) => {
      checkCopy(copy);
      const { from, to } = copy;
      return { source: this.#resolve(from, 'copy source'), target: this.#resolve(to, 'copy target'), from, to };
    });
    // WebGPU refuses copies inside one buffer: those take the way round by a scratch buffer, which grows to the largest seen.
    const needed = Math.max(0, ...resolved.map((c) => (c.source === c.target ? c.from.bytes : 0)));
    if (needed > (this.#scratch?.size ?? 0)) {
      this.#scratch?.destroy();
      this.#scratch = this.#create('scratch', alignUp(needed, ALIGNMENT), USAGE.copySrc | USAGE.copyDst);
    }
    for (const { source, target, from, to } of resolved) {
      if (from.bytes === 0) continue;
      if (source === target && this.#scratch) {
        encoder.copyBufferToBuffer(source, from.offset, this.#scratch, 0, from.bytes);
        encoder.copyBufferToBuffer(this.#scratch, 0, target, to.offset, from.bytes);
      } else {
        encoder.copyBufferToBuffer(source, from.offset, target, to.offset, from.bytes);
      }
    }
  }

  /** Lays slices out in staging buffers; long ones are cut. */
  #stage(slices: readonly BufferSlice[]): Piece[][] {
    const batches: Piece[][] = [];
    let room = 0;
    slices.forEach((slice, result) => {
      const source = this.#resolve(slice, `slice ${result} of read()`);
      for (let at = 0; at < slice.bytes;) {
        if (room === 0) {
          batches.push([]);
          room = STAGING_BYTES;
        }
        const bytes = Math.min(room, slice.bytes - at);
        batches[batches.length - 1].push({ slice, source, result, at, bytes, staged: STAGING_BYTES - room });
        at += bytes;
        room -= bytes;
      }
    });
    return batches;
  }
}
