/**
 * Memory that outlives a program: parameters, running statistics, optimizer state, kept results. Storage is made on the host
 * and moves to the device the first time a program touches it, so models can be built before there is a device.
 */
import type { BufferSlice, Device, DeviceBuffer } from '../device/device.js';
import type { DType } from '../kernels/launch.js';
import { FormantError } from '../device/errors.js';

export type HostArray = Float32Array | Uint32Array | Int32Array;

/** Bindings begin at multiples of 256 bytes, and none is empty. */
export const align256 = (bytes: number): number => Math.max(256, Math.ceil(bytes / 256) * 256);

/** Buffers given back by disposed storage, by size, so that a loop that keeps and disposes tensors creates none. */
const spare = new WeakMap<Device, Map<number, DeviceBuffer[]>>();
const SPARE_PER_SIZE = 4;
/** The label of kept values. */
export const RESULT = 'result';

let nextId = 1;

export class Storage {
  readonly id = nextId++;
  private device: Device | undefined;
  private buffer: DeviceBuffer | undefined;
  private parent: Storage | undefined;
  private offset = 0;
  private host: HostArray | undefined;
  private disposed = false;

  private constructor(
    readonly elements: number,
    readonly dtype: DType,
    readonly label: string,
  ) {}

  /** From host data; the array is not copied, so it must not change before the first use. */
  static fromHost(data: HostArray, dtype: DType, label: string): Storage {
    const storage = new Storage(data.length, dtype, label);
    storage.host = data;
    return storage;
  }

  static zeros(elements: number, dtype: DType, label: string): Storage {
    return new Storage(elements, dtype, label);
  }

  /** A part of `parent`, sharing its memory. */
  static within(parent: Storage, offsetElements: number, elements: number, label: string): Storage {
    const storage = new Storage(elements, parent.dtype, label);
    storage.parent = parent;
    storage.offset = offsetElements * 4;
    return storage;
  }

  get bytes(): number {
    return this.elements * 4;
  }

  /** The memory on `device`, made or uploaded now if it is not there yet. */
  slice(device: Device): BufferSlice {
    this.assertUsable();
    if (this.parent) {
      const base = this.parent.slice(device);
      return { buffer: base.buffer, offset: base.offset + this.offset, bytes: Math.max(4, this.bytes) };
    }
    if (!this.buffer || this.device !== device) {
      if (this.buffer) throw new FormantError(`The tensor "${this.label}" lives on a device that was shut down.`);
      this.device = device;
      const size = align256(this.bytes);
      // Used memory goes to results only: others count on zeros.
      const used = this.label === RESULT ? spare.get(device)?.get(size)?.pop() : undefined;
      this.buffer = used ?? device.createBuffer(size, this.label);
      if (this.host) {
        device.write(this.buffer, 0, this.host);
        this.host = undefined;
      }
    }
    return { buffer: this.buffer, offset: 0, bytes: Math.max(4, this.bytes) };
  }

  private assertUsable(): void {
    if (this.disposed) throw new FormantError(`The tensor "${this.label}" was disposed and cannot be used any more.`);
  }

  /** Replaces the contents; queue order makes earlier work see the old ones. */
  write(data: HostArray): void {
    this.assertUsable();
    if (data.length !== this.elements) {
      throw new FormantError(`"${this.label}" holds ${this.elements} elements; ${data.length} were given.`);
    }
    if (!this.parent && !this.buffer) {
      this.host = data;
      return;
    }
    const device = this.rootDevice();
    const { buffer, offset } = this.slice(device);
    device.write(buffer, offset, data);
  }

  private rootDevice(): Device {
    const device = this.parent ? this.parent.rootDevice() : this.device;
    if (!device) throw new FormantError(`The tensor "${this.label}" has no memory on a device yet.`);
    return device;
  }

  /** Moves this storage into `[offset, offset + elements)` of `parent` (in elements), taking its contents along. */
  moveInto(parent: Storage, offsetElements: number, device: Device): void {
    const base = parent.slice(device);
    const to: BufferSlice = {
      buffer: base.buffer,
      offset: base.offset + offsetElements * 4,
      bytes: Math.max(4, this.bytes),
    };
    if (this.host) device.write(to.buffer, to.offset, this.host);
    else if (this.buffer || this.parent) device.copy([{ from: this.slice(device), to }]);
    this.release();
    this.host = undefined;
    this.parent = parent;
    this.offset = offsetElements * 4;
  }

  private release(): void {
    if (this.buffer && this.device) {
      let sizes = spare.get(this.device);
      if (!sizes) spare.set(this.device, (sizes = new Map()));
      const list = sizes.get(this.buffer.bytes) ?? [];
      sizes.set(this.buffer.bytes, list);
      // Only memory whose old contents cannot matter is used again: results are written whole before they are read.
      if (this.label === RESULT && list.length < SPARE_PER_SIZE) list.push(this.buffer);
      else this.buffer.destroy();
    }
    this.buffer = undefined;
  }

  /** Gives the memory back at once. */
  dispose(): void {
    if (this.disposed) return;
    if (!this.parent) this.release();
    this.disposed = true;
    this.host = undefined;
  }
}
