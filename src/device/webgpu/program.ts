import { DeviceError } from '../errors.js';
import type { BufferSlice, DeviceLimits, Dispatch, Program } from '../device.js';
import { ALIGNMENT, alignUp } from './constants.js';
import type { PipelineCache } from './pipelines.js';

export interface Step {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly grid: readonly [number, number, number];
}

/** What a program needs of its device. */
export interface ProgramHost {
  readonly gpu: GPUDevice;
  readonly pipelines: PipelineCache;
  readonly limits: DeviceLimits;
  takeUniform(bytes: number): GPUBuffer;
  giveUniform(buffer: GPUBuffer): void;
  /** Checks that the slice lies in a live buffer of this device, and returns it. */
  resolve(slice: BufferSlice, what: string): GPUBuffer;
  countBindGroup(): void;
}

/** Pipelines, bind groups and one uniform buffer for all dispatches, each block at a multiple of 256 bytes. */
export class WebGpuProgram implements Program {
  readonly label: string;
  readonly dispatchCount: number;
  readonly steps: readonly Step[];
  readonly #host: ProgramHost;
  readonly #uniform: GPUBuffer | undefined;
  /** What the uniform buffer holds, or will hold once the dirty words are written. */
  readonly #mirror: Uint32Array<ArrayBuffer>;
  readonly #firstWord: readonly number[];
  readonly #wordCount: readonly number[];
  #dirtyFrom = 0;
  #dirtyTo = 0;
  #destroyed = false;

  constructor(host: ProgramHost, label: string, dispatches: readonly Dispatch[]) {
    this.#host = host;
    this.label = label;
    this.dispatchCount = dispatches.length;
    const firstWord: number[] = [];
    let words = 0;
    dispatches.forEach((dispatch, index) => {
      check(dispatch, `dispatch ${index} ('${dispatch.kernel.name}') of program '${label}'`, host.limits);
      firstWord.push(words);
      words += alignUp(dispatch.params.length * 4, ALIGNMENT) / 4;
    });
    this.#firstWord = firstWord;
    this.#wordCount = dispatches.map((d) => d.params.length);
    this.#mirror = new Uint32Array(words);
    dispatches.forEach((dispatch, index) => this.#mirror.set(dispatch.params, firstWord[index]));
    this.#dirtyTo = words;

    const compiled = dispatches.map((d) => host.pipelines.get(d.kernel));
    const resources = dispatches.map((d, index) =>
      d.buffers.map((slice, i) =>
        host.resolve(slice, `buffer ${i} of dispatch ${index} ('${d.kernel.name}') of '${label}'`),
      ),
    );
    // Taken last: everything above may throw, and a uniform buffer in hand would then be lost.
    this.#uniform = words > 0 ? host.takeUniform(words * 4) : undefined;
    this.steps = dispatches.map((dispatch, index) => {
      const entries: GPUBindGroupEntry[] = dispatch.buffers.map((slice, i) => ({
        binding: i,
        resource: { buffer: resources[index][i], offset: slice.offset, size: slice.bytes },
      }));
      if (this.#uniform && dispatch.kernel.hasParams) {
        entries.push({
          binding: dispatch.buffers.length,
          resource: {
            buffer: this.#uniform,
            offset: firstWord[index] * 4,
            size: alignUp(dispatch.params.length * 4, 16),
          },
        });
      }
      host.countBindGroup();
      const group = host.gpu.createBindGroup({ label: dispatch.kernel.name, layout: compiled[index].layout, entries });
      return { name: dispatch.kernel.name, pipeline: compiled[index].pipeline, group, grid: dispatch.grid };
    });
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  belongsTo(host: ProgramHost): boolean {
    return this.#host === host;
  }

  setParam(dispatch: number, word: number, bits: number): void {
    if (this.#destroyed) throw new DeviceError(`Program '${this.label}' was destroyed; its parameters cannot be set.`);
    const count = this.#wordCount[dispatch];
    if (count === undefined || !(word >= 0 && word < count) || !Number.isInteger(word)) {
      throw new DeviceError(
        `setParam(${dispatch}, ${word}) of program '${this.label}': it has ${this.dispatchCount} dispatches` +
          (count === undefined ? '.' : `, and this one has ${count} parameter words.`),
      );
    }
    const at = this.#firstWord[dispatch] + word;
    if (this.#mirror[at] === bits >>> 0) return;
    this.#mirror[at] = bits;
    if (this.#dirtyFrom === this.#dirtyTo) {
      this.#dirtyFrom = at;
      this.#dirtyTo = at + 1;
    } else {
      this.#dirtyFrom = Math.min(this.#dirtyFrom, at);
      this.#dirtyTo = Math.max(this.#dirtyTo, at + 1);
    }
  }

  /** Brings the uniform buffer up to date: one write, or none. */
  flush(): void {
    if (!this.#uniform || this.#dirtyFrom === this.#dirtyTo) return;
    const { queue } = this.#host.gpu;
    queue.writeBuffer(
      this.#uniform,
      this.#dirtyFrom * 4,
      this.#mirror,
      this.#dirtyFrom,
      this.#dirtyTo - this.#dirtyFrom,
    );
    this.#dirtyFrom = this.#dirtyTo = 0;
  }

  /** Gives the uniform buffer back. Work already submitted is not touched: a later write to it comes after, in queue order. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    if (this.#uniform) this.#host.giveUniform(this.#uniform);
  }
}

function check(dispatch: Dispatch, what: string, limits: DeviceLimits): void {
  const { kernel, buffers, params, grid } = dispatch;
  if (buffers.length !== kernel.storageBindings) {
    throw new DeviceError(
      `${what} was given ${buffers.length} buffers; its kernel has ${kernel.storageBindings} bindings.`,
    );
  }
  if (buffers.length > limits.maxStorageBindings) {
    throw new DeviceError(
      `${what} binds ${buffers.length} buffers; this adapter allows ${limits.maxStorageBindings}. Split the kernel.`,
    );
  }
  if (kernel.hasParams !== params.length > 0) {
    throw new DeviceError(
      `${what} was given ${params.length} parameter words; its kernel ${kernel.hasParams ? 'needs some' : 'takes none'}.`,
    );
  }
  for (const groups of grid) {
    if (!Number.isInteger(groups) || groups < 1 || groups > 65535) {
      throw new DeviceError(`${what} has the grid [${grid.join(', ')}]; each dimension must be 1 … 65,535 workgroups.`);
    }
  }
  buffers.forEach((slice, i) => {
    if (slice.offset % ALIGNMENT !== 0) {
      throw new DeviceError(
        `${what}: buffer ${i} starts at byte ${slice.offset}; offsets must be multiples of ${ALIGNMENT}.`,
      );
    }
    if (slice.bytes <= 0 || slice.bytes % 4 !== 0 || slice.bytes > limits.maxBindingBytes) {
      throw new DeviceError(
        `${what}: buffer ${i} has ${slice.bytes} bytes; a binding takes 4 … ${limits.maxBindingBytes}, in multiples of 4.`,
      );
    }
    for (let j = 0; j < i; j++) {
      const other = buffers[j];
      if (other.buffer !== slice.buffer) continue;
      if (slice.offset < other.offset + other.bytes && other.offset < slice.offset + slice.bytes) {
        throw new DeviceError(
          `${what}: buffers ${j} and ${i} overlap in '${slice.buffer.label}'. Bind disjoint slices.`,
        );
      }
    }
  });
}
