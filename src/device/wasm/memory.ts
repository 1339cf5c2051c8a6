import { DeviceError } from '../errors.js';
import { alignUp } from '../checks.js';
import { RangeAllocator, UNIT } from './allocator.js';
import { FIRST_ADDRESS, PAGE, SPARE } from './layout.js';

const MIB = 2 ** 20;
/** A 32-bit address reaches 65,536 pages; where so much address space cannot be had (phones, limits on a process), less must do. */
const MOST_PAGES = [65536, 32768, 16384, 8192, 4096];

/** The device's WebAssembly memory and who has which part of it. */
export class DeviceMemory {
  readonly memory: WebAssembly.Memory;
  /** Address at which memory ends for good. */
  readonly limit: number;
  readonly #ranges: RangeAllocator;

  constructor(
    readonly shared: boolean,
    mostPages: readonly number[] = MOST_PAGES,
  ) {
    const initial = (FIRST_ADDRESS + MIB) / PAGE;
    const { memory, maximum } = reserve(initial, shared, mostPages);
    this.memory = memory;
    this.limit = maximum * PAGE;
    this.#ranges = new RangeAllocator(FIRST_ADDRESS, usable(initial * PAGE));
  }

  /** Largest range that could be had if everything were free. */
  get largest(): number {
    return usable(this.limit) - FIRST_ADDRESS;
  }

  /** The address of so many bytes, whatever they hold. @throws DeviceError where memory is full */
  take(bytes: number, what: string): number {
    const found = this.#ranges.take(bytes);
    if (found !== undefined) return found;
    this.#grow(alignUp(bytes, UNIT), bytes, what);
    const address = this.#ranges.take(bytes);
    if (address === undefined) throw new Error('memory that has grown has no room');
    return address;
  }

  /** The same, filled with zeros. Nobody may use the range any more. */
  takeZeroed(bytes: number, what: string): number {
    const fresh = this.#ranges.highest;
    const address = this.take(bytes, what);
    // What was never handed out is zero by itself, and touching it would only make the machine find memory for it.
    const used = Math.min(bytes, fresh - address);
    if (used > 0) this.bytes(address, used).fill(0);
    return address;
  }

  give(address: number, bytes: number): void {
    this.#ranges.give(address, bytes);
  }

  // Growing leaves old views short (shared memory) or empty, so that they are made anew each time.
  bytes(address: number, length: number): Uint8Array<ArrayBufferLike> {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  words(address: number, length: number): Uint32Array<ArrayBufferLike> {
    return new Uint32Array(this.memory.buffer, address, length);
  }

  #grow(needed: number, bytes: number, what: string): void {
    const missing = needed - this.#ranges.freeAtEnd;
    const now = this.memory.buffer.byteLength;
    const room = usable(this.limit) - this.#ranges.end;
    // In steps, because growing is a matter between all threads.
    const wanted = [Math.max(missing, MIB, now / 8), missing];
    for (const step of wanted) {
      if (missing > room) break;
      const pages = Math.ceil(Math.min(step, room) / PAGE);
      try {
        this.memory.grow(pages);
      } catch {
        continue; // less may do
      }
      this.#ranges.grow(usable(this.memory.buffer.byteLength) - this.#ranges.end);
      return;
    }
    const mib = (n: number): string => `${(n / MIB).toFixed(1)} MiB`;
    throw new DeviceError(
      `The device is out of memory: ${what} needs ${mib(bytes)}; ${mib(now)} are in use ` +
        `(${mib(this.#ranges.freeBytes)} of them free, in pieces), and WebAssembly's memory ends at ${mib(this.limit)}` +
        `${missing > room ? '' : ', but this machine gave no more'}. Use a smaller batch or split the data.`,
    );
  }
}

/** Where the last buffer must end in a memory of so many bytes. */
const usable = (bytes: number): number => Math.floor((bytes - SPARE) / UNIT) * UNIT;

function reserve(
  initial: number,
  shared: boolean,
  mostPages: readonly number[],
): { memory: WebAssembly.Memory; maximum: number } {
  let refused: unknown;
  for (const maximum of mostPages) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared }), maximum };
    } catch (error) {
      refused = error;
    }
  }
  throw new DeviceError(`This machine gave no WebAssembly memory: ${String(refused)}`, { cause: refused });
}
