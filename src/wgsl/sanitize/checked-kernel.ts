/** One kernel with checks, ready to run. */
import type { IrFunction } from '../ir.js';
import { makeKernel, viewsOf, type JsKernel } from '../js/kernel.js';
import { runGrid, type Observer } from '../js/schedule.js';
import { Checker, type Epochs } from './checker.js';
import type { Reports, Triple } from './report.js';
import { Accesses, type Unwritten } from './shadow.js';
import { CheckedStyle } from './style.js';

/** A range of the device's memory, in bytes; multiples of 4. */
export interface Range {
  readonly address: number;
  readonly bytes: number;
}

export interface CheckedDispatch {
  /** By binding number. */
  readonly bindings: readonly Range[];
  /** The uniform block's words. */
  readonly params: Uint32Array;
  /** Workgroups in x, y, z. */
  readonly grid: Triple;
}

/** What all kernels of a device share. */
export interface SharedState {
  /** The device's memory; its buffer may change when it grows. */
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly unwritten: Unwritten;
  readonly epochs: Epochs;
  readonly reports: Reports;
  /** The last accesses of bindings, by number: of the dispatch that runs, earlier ones do not matter. */
  readonly bindings: Map<number, Accesses>;
}

/** What messages are made of. */
export interface KernelText {
  readonly name: string;
  readonly lines: readonly string[];
  /** Words of an element, by the variable's name. */
  readonly elements: ReadonlyMap<string, number>;
}

export class CheckedKernel {
  /** How many bindings a dispatch names, and how many words of parameters. */
  readonly bindings: number;
  readonly paramWords: number;
  readonly invocations: number;
  private readonly style: CheckedStyle;
  private readonly checker: Checker;
  private readonly kernel: JsKernel;
  private readonly observer: Observer;
  /** The last accesses of workgroup memory. */
  private readonly shared = new Map<number, Accesses>();

  /** `ir`: of single invocations and scalars. */
  constructor(
    ir: IrFunction,
    private readonly text: KernelText,
    private readonly state: SharedState,
  ) {
    this.bindings = ir.bindings.length;
    this.paramWords = ir.paramWords;
    this.invocations = ir.workgroupSize.reduce((a, b) => a * b);
    this.style = new CheckedStyle(ir);
    const subject = { ...text, workgroupSize: ir.workgroupSize, style: this.style };
    this.checker = new Checker(subject, state.epochs, state.unwritten, state.reports);
    this.kernel = makeKernel(ir, this.style, { check: this.checker });
    this.observer = observe(this.kernel, this.checker);
  }

  get name(): string {
    return this.text.name;
  }

  /** Runs all workgroups. Faults are collected. */
  run({ bindings, params, grid }: CheckedDispatch): void {
    const { buffer } = this.state.memory;
    const accesses = new Map<string, Accesses>();
    for (const { name, memory } of this.style.tracked()) {
      const isBinding = memory.kind === 'binding';
      const all = isBinding ? this.state.bindings : this.shared;
      const number = isBinding ? memory.index : memory.id;
      const found = all.get(number) ?? new Accesses();
      all.set(number, found);
      found.grow(isBinding ? bindings[memory.index].bytes >>> 2 : memory.words);
      accesses.set(name, found);
    }
    this.checker.beginDispatch(
      bindings.map(({ address }) => address),
      accesses,
    );
    const views = bindings.map(({ address, bytes }) => viewsOf(buffer, address, bytes >>> 2));
    this.kernel.bind(views, viewsOf(params.buffer, params.byteOffset, params.length), grid);
    runGrid(this.kernel, grid, this.observer);
  }
}

const observe = (kernel: JsKernel, checker: Checker): Observer => ({
  workgroup: (x, y, z) => checker.workgroup(x, y, z),
  barrier: (wait) => checker.barrier(wait),
  uneven: (first, at) => checker.uneven(kernel.waits, first, at),
  exchange: (first, active, { line, type }) => {
    if (type !== 'f32') return;
    for (let lane = 0; lane < active.length; lane++)
      if (active[lane] && Number.isNaN(kernel.exchange.a[first + lane])) checker.nanGiven(first + lane, line);
  },
});
