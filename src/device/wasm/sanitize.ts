import type { CompiledKernel } from '../../wgsl/compile.js';
import { Sanitizer, type CheckedKernel, type Range } from '../../wgsl/sanitize/index.js';
import type { Executor } from './inline.js';
import type { DeviceMemory } from './memory.js';
import type { WasmOptions } from './open.js';
import type { PreparedDispatch } from './queue.js';

/** Words of a block of arguments before its bindings: the grid, and the address of the parameters. */
const GRID_WORDS = 4;

/** Runs kernels under the sanitizer: `FORMANT_SANITIZE=1`. What it finds is an error of the next `sync()` or `read()`. */
class SanitizingExecutor implements Executor {
  readonly #sanitizer: Sanitizer;
  readonly #compiled = new WeakMap<CompiledKernel, CheckedKernel>();
  readonly #kernels: CheckedKernel[] = [];

  constructor(private readonly memory: DeviceMemory) {
    this.#sanitizer = new Sanitizer(memory.memory);
  }

  compile(name: string, code: string): CompiledKernel {
    const checked = this.#sanitizer.kernel(name, code);
    const { invocations, bindings, paramWords } = checked;
    const needs = { invocations, bindings, paramWords };
    const compiled: CompiledKernel = { name, bytes: new Uint8Array(0), scratchBytes: 0, width: 1, needs };
    this.#compiled.set(compiled, checked);
    return compiled;
  }

  prepare(kernel: CompiledKernel, number: number): void {
    const checked = this.#compiled.get(kernel);
    if (!checked) throw new Error(`${kernel.name} was not compiled for the sanitizer`);
    this.#kernels[number] = checked;
  }

  /** Owners are of one run: what is left at its end has been copied away. */
  begin(): void {
    this.#sanitizer.defineAll();
  }

  run({ kernel, args, fresh }: PreparedDispatch): void {
    for (const range of fresh) this.#sanitizer.undefine(range);
    const checked = this.#kernels[kernel.number];
    const { bindings, paramWords } = checked;
    const [x, y, z, params, ...places] = this.memory.words(args, GRID_WORDS + 2 * bindings);
    const ranges = Array.from({ length: bindings }, (_, k): Range => ({
      address: places[2 * k],
      bytes: places[2 * k + 1],
    }));
    checked.run({ bindings: ranges, params: this.memory.words(params, paramWords), grid: [x, y, z] });
    const error = this.#sanitizer.take();
    if (error) throw error;
  }
}

/** Options of a device that runs everything under the sanitizer. */
export function sanitizing(): Pick<WasmOptions, 'compile' | 'executor'> {
  let executor: SanitizingExecutor | undefined;
  return {
    executor: (memory) => (executor = new SanitizingExecutor(memory)),
    compile: (name, code) => {
      if (!executor) throw new Error('the device has no memory yet');
      return executor.compile(name, code);
    },
  };
}
