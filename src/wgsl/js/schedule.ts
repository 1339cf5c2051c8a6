/** Runs the workgroups of a dispatch one after the other; invocations of one take turns at barriers. */
import type { JsKernel } from './kernel.js';
import { runSubgroup, SUBGROUP } from './subgroup.js';
import type { Wait } from './write.js';

/** Told of what happens between invocations. */
export interface Observer {
  workgroup(x: number, y: number, z: number): void;
  /** All invocations have come to this barrier. */
  barrier(wait: Wait & { kind: 'barrier' }): void;
  /**
   * Invocations of a workgroup (or of the subgroup from `first` on) that should be at one place are at several: `at[i]` is the number of the wait of
   * invocation first + i, −1 if it has ended. False: the workgroup is given up.
   */
  uneven(first: number, at: readonly number[]): boolean;
  /** Before a subgroup operation of the active lanes from `first` on. */
  exchange?(first: number, active: readonly boolean[], wait: Wait & { kind: 'subgroup' }): void;
}

const ENDED = -1;
/** Private memory has no value of its own: what reads it before it writes gets a NaN, and a number that is no index. */
const LEFTOVER = 0xffc0dead;

export function runGrid(kernel: JsKernel, grid: readonly [number, number, number], observer: Observer): void {
  const [gx, gy, gz] = grid;
  for (let z = 0; z < gz; z++) {
    for (let y = 0; y < gy; y++) {
      for (let x = 0; x < gx; x++) {
        for (const { views } of kernel.workgroupMemory) views.u.fill(0);
        for (const views of kernel.privateMemory) views.u.fill(LEFTOVER);
        observer.workgroup(x, y, z);
        runWorkgroup(kernel, [x, y, z], observer);
      }
    }
  }
}

function runWorkgroup(kernel: JsKernel, [x, y, z]: readonly [number, number, number], observer: Observer): void {
  const [sx, sy] = kernel.ir.workgroupSize;
  const { calls, main } = kernel;
  const { width } = kernel.ir;
  const running: Iterator<number>[] = [];
  for (let i = 0; i < calls; i++) {
    const invocation = i * width;
    const row = Math.floor(invocation / sx);
    const started = main(i, invocation % sx, row % sy, Math.floor(row / sy), x, y, z);
    if (started) running.push(started);
  }
  if (running.length > 0) new Turns(kernel, running, observer).run();
}

class Turns {
  private readonly at: number[];
  private readonly hasSubgroups: boolean;

  constructor(
    private readonly kernel: JsKernel,
    private readonly running: readonly Iterator<number>[],
    private readonly observer: Observer,
  ) {
    this.at = running.map(() => ENDED);
    this.hasSubgroups = kernel.waits.some((w) => w.kind === 'subgroup');
  }

  run(): void {
    const { at, running } = this;
    for (let i = 0; i < at.length; i++) this.step(i);
    for (;;) {
      if (this.hasSubgroups) {
        for (let first = 0; first < running.length; first += SUBGROUP) if (!this.subgroup(first)) return;
      }
      const place = at[0];
      if (at.some((p) => p !== place) && !this.observer.uneven(0, at)) return;
      if (at.every((p) => p === ENDED)) return;
      const wait = this.kernel.waits[Math.max(...at)];
      if (wait.kind === 'barrier') this.observer.barrier(wait);
      for (let i = 0; i < at.length; i++) if (at[i] !== ENDED) this.step(i);
    }
  }

  private step(i: number): void {
    const next = this.running[i].next();
    this.at[i] = next.done ? ENDED : next.value;
  }

  /** Runs four invocations until none of them waits for another of the four. False: given up. */
  private subgroup(first: number): boolean {
    const { at, kernel, observer } = this;
    const count = Math.min(SUBGROUP, at.length - first);
    for (;;) {
      let place = ENDED;
      let even = true;
      for (let lane = 0; lane < count; lane++) {
        const p = at[first + lane];
        if (p !== at[first]) even = false;
        if (p !== ENDED && kernel.waits[p].kind === 'subgroup') place = p;
      }
      if (place === ENDED) return true;
      if (!even && !observer.uneven(first, at.slice(first, first + count))) return false;
      const wait = kernel.waits[place];
      if (wait.kind !== 'subgroup') return true;
      const active = [0, 1, 2, 3].map((lane) => lane < count && at[first + lane] === place);
      observer.exchange?.(first, active, wait);
      runSubgroup(wait.op, wait.type, kernel.exchange, first, active);
      for (let lane = 0; lane < count; lane++) if (active[lane]) this.step(first + lane);
    }
  }
}
