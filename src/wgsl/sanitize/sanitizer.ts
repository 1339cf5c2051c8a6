/**
 * Runs kernels in place of the fast way, with every access and every barrier checked. One thread, one invocation at a time; slow, and for
 * finding faults in kernels that give right results by luck.
 */
import { lower } from '../lower/lower.js';
import { parseWgsl } from '../parse.js';
import { CheckedKernel, type Range, type SharedState } from './checked-kernel.js';
import { Epochs } from './checker.js';
import { Reports, type Report, type SanitizerError } from './report.js';
import { Unwritten } from './shadow.js';
import { elementWords } from './strides.js';

export interface SanitizerOptions {
  /** How many reports are kept; default 20. Of each kind of fault there is one for each line and variable. */
  readonly limit?: number;
}

export class Sanitizer {
  private readonly state: SharedState;

  /** `memory`: a `WebAssembly.Memory`, or anything with a buffer. */
  constructor(memory: SharedState['memory'], { limit = 20 }: SanitizerOptions = {}) {
    this.state = {
      memory,
      unwritten: new Unwritten(),
      epochs: new Epochs(),
      reports: new Reports(limit),
      bindings: new Map(),
    };
  }

  /** @throws WgslError where the text is wrong */
  kernel(name: string, code: string): CheckedKernel {
    const module = parseWgsl(code);
    const ir = lower(module, { name, packed: false, checked: true });
    return new CheckedKernel(ir, { name, lines: code.split('\n'), elements: elementWords(module) }, this.state);
  }

  /** The memory has a new owner, who must write before it reads. (What was zero-filled for an owner counts as written.) */
  undefine({ address, bytes }: Range): void {
    this.state.unwritten.add(address, bytes);
  }

  /** The bytes were written from outside, or zero-filled. */
  define({ address, bytes }: Range): void {
    this.state.unwritten.remove(address, bytes);
  }

  defineAll(): void {
    this.state.unwritten.clear();
  }

  /** The bytes were copied. */
  copy(from: Range, to: Range): void {
    this.state.unwritten.copy(from.address, to.address, from.bytes);
  }

  get found(): readonly Report[] {
    return this.state.reports.all;
  }

  /** The error that lists what was found since the last call; undefined if nothing was. */
  take(): SanitizerError | undefined {
    return this.state.reports.take();
  }
}
