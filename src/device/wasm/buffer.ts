import type { DeviceBuffer } from '../device.js';

/** A range of the device's memory. */
export class WasmBuffer implements DeviceBuffer {
  /** Number of the last command that touches it. */
  lastUse = 0;
  #destroyed = false;

  constructor(
    readonly id: number,
    readonly bytes: number,
    readonly label: string,
    readonly address: number,
    private readonly onDestroy: (buffer: WasmBuffer) => void,
  ) {}

  get destroyed(): boolean {
    return this.#destroyed;
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.onDestroy(this);
  }
}
