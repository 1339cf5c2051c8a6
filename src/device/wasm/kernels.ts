import type { CompiledKernel, CompileOptions } from '../../wgsl/compile.js';
import { WgslError } from '../../wgsl/error.js';
import { checkFeatures } from '../checks.js';
import { describeCompilation } from '../compilation.js';
import type { DeviceInfo, KernelSource } from '../device.js';
import { DeviceError, FormantError, KernelError } from '../errors.js';
import type { KernelPlace, Queue } from './queue.js';

export type Compile = (name: string, code: string, options: CompileOptions) => CompiledKernel;

export interface Kernel extends KernelPlace {
  readonly scratchBytes: number;
  /** 32-bit words of its uniform block. */
  readonly paramWords: number;
}

/** Kernels by their WGSL, for the life of the device. */
export class KernelCache {
  readonly #kernels = new Map<string, Kernel>();
  /** By number, for errors. */
  readonly #names: string[] = [];

  constructor(
    private readonly compile: Compile,
    private readonly shared: boolean,
    private readonly queue: Queue,
    private readonly info: DeviceInfo,
  ) {}

  get created(): number {
    return this.#kernels.size;
  }

  nameOf(number: number): string {
    return this.#names[number] ?? `number ${number}`;
  }

  /** The kernel, or what is wrong with it. Not remembered, so that using it again tells of it again. @throws UnsupportedError */
  get(kernel: KernelSource): Kernel | FormantError {
    const known = this.#kernels.get(kernel.code);
    if (known) return known;
    checkFeatures(kernel, (feature) => this.info.features.includes(feature));
    let made: Kernel;
    try {
      const compiled = this.compile(kernel.name, kernel.code, { shared: this.shared });
      this.#check(kernel, compiled);
      const { scratchBytes, needs } = compiled;
      made = { ...this.queue.addKernel(compiled), scratchBytes, paramWords: needs.paramWords };
    } catch (error) {
      return error instanceof FormantError ? error : describe(kernel, error);
    }
    this.#kernels.set(kernel.code, made);
    this.#names[made.number] = kernel.name;
    return made;
  }

  #check({ name, storageBindings }: KernelSource, { needs }: CompiledKernel): void {
    const { maxInvocations } = this.info.limits;
    if (needs.invocations > maxInvocations) {
      throw new DeviceError(
        `Kernel '${name}' has ${needs.invocations} invocations in a workgroup; this adapter allows ${maxInvocations}.`,
      );
    }
    if (needs.bindings > storageBindings) {
      throw new DeviceError(
        `Kernel '${name}' declares ${storageBindings} storage bindings; its code has ${needs.bindings}.`,
      );
    }
  }
}

function describe(kernel: KernelSource, error: unknown): KernelError {
  const { reason, line, column } =
    error instanceof WgslError ? error : { reason: `the compiler failed: ${String(error)}`, line: 0, column: 0 };
  return new KernelError(
    describeCompilation(kernel, [{ type: 'error', message: reason, lineNum: line, linePos: column }]),
    { cause: error },
  );
}
