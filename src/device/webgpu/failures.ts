import { describeCompilation } from '../compilation.js';
import { DeviceError, KernelError, type FormantError } from '../errors.js';
import type { KernelSource } from '../device.js';

/**
 * Errors between two waits. WebGPU reports them late and to nobody in particular, so they are kept until a `read()` or `sync()` can reject
 * with them. One broken kernel causes a train of errors after it; its own message comes first.
 */
export class Failures {
  #kernel: KernelError | undefined;
  #other: FormantError | undefined;
  #reports = new Set<Promise<void>>();

  /** An error event of the device. Only the first counts: the others mostly follow from it. */
  add(error: GPUError): void {
    const what = error.constructor.name === 'GPUOutOfMemoryError' ? 'is out of memory' : 'refused an operation';
    this.#other ??= new DeviceError(`The device ${what}: ${error.message.trim()}`, { cause: error });
  }

  /** Asks for the compiler's messages, without waiting for them; `onFailure` is called where they tell of an error. */
  watch(kernel: KernelSource, module: GPUShaderModule, onFailure: () => void): void {
    const report = module.getCompilationInfo().then(
      (info) => {
        if (!info.messages.some((m) => m.type === 'error')) return;
        onFailure();
        this.#kernel ??= new KernelError(describeCompilation(kernel, info.messages));
      },
      () => undefined, // The device is gone; whoever waits learns that from the device itself.
    );
    this.#reports.add(report);
    void report.finally(() => this.#reports.delete(report));
  }

  get reports(): Promise<unknown> | undefined {
    return this.#reports.size === 0 ? undefined : Promise.all(this.#reports);
  }

  /** The error to tell about, if any; the slate is clean afterwards. */
  take(): FormantError | undefined {
    const error = this.#kernel ?? this.#other;
    this.#kernel = undefined;
    this.#other = undefined;
    return error;
  }
}
