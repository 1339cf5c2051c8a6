import { DeviceError, KernelError, type FormantError } from '../errors.js';
import type { KernelSource } from '../device.js';

/** Source lines shown on either side of a message. */
const CONTEXT = 4;

type Message = Pick<GPUCompilationMessage, 'type' | 'message' | 'lineNum' | 'linePos'>;

/** The part of the WGSL round each error, with line numbers, a caret below the place and the message beside it. */
export function describeCompilation(kernel: KernelSource, messages: readonly Message[]): string {
  const errors = messages.filter((m) => m.type === 'error');
  const source = kernel.code.split('\n');
  const width = String(source.length).length;
  const shown = new Set<number>();
  for (const { lineNum } of errors) {
    for (let i = lineNum - CONTEXT; i <= lineNum + CONTEXT; i++) if (i >= 1 && i <= source.length) shown.add(i);
  }
  const lines: string[] = [];
  let previous = 0;
  for (const number of [...shown].sort((a, b) => a - b)) {
    if (number > previous + 1) lines.push(`${' '.repeat(width)} ⋮`);
    previous = number;
    lines.push(`${String(number).padStart(width)} | ${source[number - 1]}`);
    for (const error of errors) {
      if (error.lineNum !== number) continue;
      lines.push(`${' '.repeat(width)} | ${' '.repeat(Math.max(0, error.linePos - 1))}^ ${error.message}`);
    }
  }
  const placeless = errors.filter((m) => m.lineNum === 0).map((m) => m.message);
  const first = errors[0];
  const title = `Kernel '${kernel.name}' does not compile: line ${first?.lineNum ?? 0}: ${first?.message ?? 'unknown error'}`;
  return [title, ...placeless, ...lines].join('\n');
}

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
