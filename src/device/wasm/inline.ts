import type { CompiledKernel } from '../../wgsl/compile.js';
import type { DeviceMemory } from './memory.js';
import type { KernelFailure, KernelPlace, PreparedDispatch, PreparedProgram, Queue, Scratch } from './queue.js';

/** What computes dispatches on the calling thread. */
export interface Executor {
  /** Called once for each kernel, before it runs. */
  prepare(kernel: CompiledKernel, number: number): void;
  /** Called before the dispatches of a program. */
  begin?(): void;
  /** All workgroups of a dispatch, with `scratch` as the address of its scratch memory. What it throws becomes an error of the device. */
  run(dispatch: PreparedDispatch, scratch: number): void;
}

type RunWorkgroups = (begin: number, end: number, args: number, scratch: number) => void;

/** A kernel in so many calls: engines swap in their better machine code only between calls. */
const CHUNKS = 16;

export class WasmExecutor implements Executor {
  readonly #kernels: RunWorkgroups[] = [];

  constructor(private readonly memory: WebAssembly.Memory) {}

  prepare(kernel: CompiledKernel, number: number): void {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernel.bytes), {
      env: { memory: this.memory },
    });
    this.#kernels[number] = exports.run as RunWorkgroups;
  }

  run({ kernel, args, workgroups }: PreparedDispatch, scratch: number): void {
    const run = this.#kernels[kernel.number];
    const chunk = Math.ceil(workgroups / CHUNKS);
    for (let begin = 0; begin < workgroups; begin += chunk) {
      run(begin, Math.min(begin + chunk, workgroups), args, scratch);
    }
  }
}

/** Between two turns of the event loop, at most. */
const TURN_MS = 10;

/** One thread: everything is done at once, inside the call. */
export class InlineQueue implements Queue {
  readonly threads = 1;
  #kernels = 0;
  #commands = 0;
  #failure: KernelFailure | undefined;
  #turned = performance.now();

  constructor(
    private readonly memory: DeviceMemory,
    private readonly executor: Executor,
  ) {}

  get submitted(): number {
    return this.#commands;
  }

  get done(): number {
    return this.#commands;
  }

  addKernel(kernel: CompiledKernel): KernelPlace {
    const number = this.#kernels++;
    this.executor.prepare(kernel, number);
    return { number, code: 0, codeBytes: 0 };
  }

  run({ dispatches }: PreparedProgram, scratch: Scratch, times: number): void {
    this.#commands++;
    this.executor.begin?.();
    const taken = new Float64Array(dispatches.length);
    dispatches.forEach((dispatch, i) => {
      const began = performance.now();
      try {
        this.executor.run(dispatch, scratch.base);
      } catch (error) {
        this.#failure ??= { kernel: dispatch.kernel.number, text: String(error) };
      }
      taken[i] = performance.now() - began;
    });
    if (times) this.memory.bytes(times, taken.byteLength).set(new Uint8Array(taken.buffer));
  }

  copy(from: number, to: number, bytes: number): void {
    this.#commands++;
    new Uint8Array(this.memory.memory.buffer).copyWithin(to, from, from + bytes);
  }

  /** Everything is done, but a program that only ever awaits the device must still hear timers and signals. */
  drained(): Promise<void> {
    if (performance.now() - this.#turned < TURN_MS) return Promise.resolve();
    return nextTurn().then(() => {
      this.#turned = performance.now();
    });
  }

  takeFailure(): KernelFailure | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  destroy(): void {}
}

/** After the events that wait. A timer would do everywhere, but browsers delay those that follow one another by 4 ms. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
