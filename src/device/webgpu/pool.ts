/**
 * The device's own small buffers (uniform blocks, read-back, scratch), kept for reuse by size: many programs run only once, and
 * making a buffer costs more than running one.
 */
export class BufferPool {
  #free = new Map<number, GPUBuffer[]>();
  #kept = 0;

  constructor(
    private readonly create: (bytes: number) => GPUBuffer,
    private readonly keepBytes: number,
  ) {}

  /** A buffer of at least `bytes`. Sizes go by powers of two up to 1 MiB and by whole MiB above. */
  take(bytes: number): GPUBuffer {
    const size = sizeClass(bytes);
    const free = this.#free.get(size)?.pop();
    if (free) {
      this.#kept -= size;
      return free;
    }
    return this.create(size);
  }

  give(buffer: GPUBuffer): void {
    if (this.#kept + buffer.size > this.keepBytes) {
      buffer.destroy();
      return;
    }
    this.#kept += buffer.size;
    const list = this.#free.get(buffer.size);
    if (list) list.push(buffer);
    else this.#free.set(buffer.size, [buffer]);
  }

  clear(): void {
    for (const list of this.#free.values()) for (const buffer of list) buffer.destroy();
    this.#free.clear();
    this.#kept = 0;
  }
}

const MIB = 2 ** 20;

export function sizeClass(bytes: number): number {
  if (bytes > MIB) return Math.ceil(bytes / MIB) * MIB;
  return Math.max(256, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
}
