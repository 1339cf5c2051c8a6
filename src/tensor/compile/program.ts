/** A graph made ready to run: dispatches, memory and the way in for its inputs. Replayed with new values as long as the structure is the same. */
import type { BufferSlice, Copy, Device, DeviceBuffer, Program } from '../../device/device.js';
import { DeviceError } from '../../device/errors.js';
import type { InputAttrs, ScalarAttrs } from '../leaf.js';
import { bitsOf, type Lowered } from './bind.js';
import { lower } from './lower.js';
import type { PlanGraph } from './plan-graph.js';

/**
 * The arenas of a device. Nothing in an arena outlives a run, so programs share one; it grows by replacement, and an old one goes when the
 * last program that uses it does.
 */
export class ArenaPool {
  private current: { buffer: DeviceBuffer; users: number } | undefined;

  constructor(private readonly device: Device) {}

  acquire(bytes: number): { slice: BufferSlice; release: () => void } {
    if (bytes > this.device.info.limits.maxBufferBytes) {
      throw new DeviceError(
        `This step needs ${Math.ceil(bytes / 2 ** 20)} MiB for intermediates; the adapter allows ${Math.floor(this.device.info.limits.maxBufferBytes / 2 ** 20)} MiB a buffer. Use a smaller batch.`,
      );
    }
    if (!this.current || this.current.buffer.bytes < bytes) {
      const old = this.current;
      this.current = { buffer: this.device.createBuffer(bytes, 'arena'), users: 0 };
      if (old && old.users === 0) old.buffer.destroy();
    }
    const arena = this.current;
    arena.users++;
    return {
      slice: { buffer: arena.buffer, offset: 0, bytes },
      release: () => {
        arena.users--;
        if (arena.users === 0 && arena !== this.current) arena.buffer.destroy();
      },
    };
  }
}

export class CompiledProgram {
  private readonly program: Program;
  private readonly lowered: Lowered;
  private readonly releases: (() => void)[] = [];
  /** What the uniform words hold now, so that unchanged scalars cost nothing. */
  private readonly written: Int32Array;

  constructor(
    graph: PlanGraph,
    private readonly device: Device,
    arenas: ArenaPool,
    label: string,
  ) {
    this.lowered = lower(graph, device, {
      arena: (bytes) => {
        const { slice, release } = arenas.acquire(bytes);
        this.releases.push(release);
        return slice;
      },
      inputs: (bytes) => {
        const buffer = device.createBuffer(bytes, 'inputs');
        this.releases.push(() => buffer.destroy());
        return { buffer, offset: 0, bytes };
      },
    });
    this.program = device.createProgram(label, this.lowered.dispatches);
    this.written = new Int32Array(this.lowered.patches.length);
  }

  get dispatchCount(): number {
    return this.program.dispatchCount;
  }
  get kernelNames(): string[] {
    return this.lowered.dispatches.map((d) => d.kernel.name);
  }
  get arenaBytes(): number {
    return this.lowered.arenaBytes;
  }
  /** Where each requested output lies after a run. */
  get outputs(): readonly BufferSlice[] {
    return this.lowered.outputs;
  }
  get deviceProgram(): Program {
    return this.program;
  }

  /** Runs with the values of `graph`'s leaves, which has the structure that this was made for. */
  run(graph: PlanGraph, copies: readonly Copy[]): void {
    for (const { node, slice } of this.lowered.inputs) {
      const { data } = graph.nodes[node].attrs as InputAttrs;
      if (data.length > 0) this.device.write(slice.buffer, slice.offset, data);
    }
    this.lowered.patches.forEach((patch, i) => {
      const { value } = graph.nodes[patch.node].attrs as ScalarAttrs;
      const bits = bitsOf(value, patch.type);
      if (this.written[i] === (bits | 0)) return;
      this.written[i] = bits;
      this.program.setParam(patch.dispatch, patch.word, bits);
    });
    this.device.run(this.program, copies);
  }

  destroy(): void {
    this.program.destroy();
    for (const release of this.releases) release();
  }
}
