import { ALIGNMENT, alignUp, checkDispatch } from '../checks.js';
import type { BufferSlice, DeviceLimits, Dispatch, Program } from '../device.js';
import { DeviceError } from '../errors.js';
import { ParamBlock } from '../params.js';
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
  readonly #params: ParamBlock;
  #destroyed = false;

  constructor(host: ProgramHost, label: string, dispatches: readonly Dispatch[]) {
    this.#host = host;
    this.label = label;
    this.dispatchCount = dispatches.length;
    dispatches.forEach((dispatch, index) => {
      checkDispatch(dispatch, `dispatch ${index} ('${dispatch.kernel.name}') of program '${label}'`, host.limits);
    });
    this.#params = new ParamBlock(label, dispatches, ALIGNMENT);
    const { words, firstWord } = this.#params;

    const compiled = dispatches.map((d) => host.pipelines.get(d.kernel));
    const resources = dispatches.map((d, index) =>
      d.buffers.map((slice, i) =>
        host.resolve(slice, `buffer ${i} of dispatch ${index} ('${d.kernel.name}') of '${label}'`),
      ),
    );
    // Taken last: everything above may throw, and a uniform buffer in hand would then be lost.
    this.#uniform = words.length > 0 ? host.takeUniform(words.byteLength) : undefined;
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
    this.#params.set(dispatch, word, bits);
  }

  /** Brings the uniform buffer up to date: one write, or none. */
  flush(): void {
    const dirty = this.#params.takeDirty();
    if (!this.#uniform || !dirty) return;
    const { queue } = this.#host.gpu;
    queue.writeBuffer(this.#uniform, dirty.from * 4, this.#params.words, dirty.from, dirty.to - dirty.from);
  }

  /** Gives the uniform buffer back. Work already submitted is not touched: a later write to it comes after, in queue order. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    if (this.#uniform) this.#host.giveUniform(this.#uniform);
  }
}
