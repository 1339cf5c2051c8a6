/**
 * The steps of a program before memory is known, and the joining of small ones: generated tasks wait until something needs what they write,
 * and then run together, in one dispatch.
 */
import type { BufferSlice } from '../../device/device.js';
import { numel, type BufferRef, type LaunchPlan, type Param } from '../../kernels/launch.js';
import { tasksLaunch, type Task } from '../../kernels/tasks.js';
import { isScalarRef, refKey, specOfRef, type PlanNode, type Ref } from './plan-graph.js';

/** A stored value, or a fixed piece of stored memory. */
export type Place = { readonly ref: Ref } | { readonly slice: BufferSlice };

export interface Step {
  readonly plan: LaunchPlan;
  /** The one generated task that the plan is, if so: it can share a dispatch with others. */
  readonly task?: Task;
  /** True where stored memory is written that `outputs` does not name. */
  readonly effect?: boolean;
  /** What `input`, `output` and `epilogue` of the launches mean here. */
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Place[];
  readonly loads: readonly Ref[];
  readonly scalars: readonly PlanNode[];
  readonly scalarInputs: readonly (PlanNode | undefined)[];
}

type TaskStep = Step & { readonly task: Task };

/** Bindings of a joined dispatch at most: text and compile time grow with it. */
const MAX_BINDINGS = 12;
/** What a task reads in the arena, in bytes, from which on it does not wait: memory would stay taken for longer. */
const MAX_WAITING = 1 << 18;

/** Waves that wait at most, so that a search for a task's place stays short. */
const MAX_WAVES = 256;

export interface JoinOptions {
  readonly maxBindings: number;
  /** Memory of a value that lies outside of the arena, or in a fixed place. */
  readonly fixed: (ref: Ref) => BufferSlice | undefined;
}

/**
 * The same work in the same order, wherever order matters. Tasks wait in waves, each one dispatch: a task joins the first wave behind all that it
 * depends on. When a kernel needs something, the waves up to that run.
 */
export function joinTasks(steps: readonly Step[], options: JoinOptions): Step[] {
  return new Joining(options).run(steps);
}

class Joining {
  private readonly done: Step[] = [];
  private waves: TaskStep[][] = [];
  private readonly maxBindings: number;

  constructor(private readonly options: JoinOptions) {
    this.maxBindings = Math.min(options.maxBindings, MAX_BINDINGS);
  }

  run(steps: readonly Step[]): Step[] {
    for (const step of steps) {
      const { task } = step;
      if (task)
        this.wait(
          { ...step, task },
          this.countUntil((other) => this.conflict(step, other)),
        );
      else {
        this.flush(this.countUntil((other) => !!step.effect || this.conflict(step, other) || this.holdsMuch(other)));
        this.done.push(step);
      }
    }
    this.flush(this.waves.length);
    return this.done;
  }

  /** How many waves there are up to the last one with a task of which `test` is true. */
  private countUntil(test: (other: TaskStep) => boolean): number {
    // From the back: the last one found is the answer, and long chains depend on what came just before.
    for (let count = this.waves.length; count > 0; count--) if (this.waves[count - 1].some(test)) return count;
    return 0;
  }

  private wait(step: TaskStep, first: number): void {
    let w = first;
    while (w < this.waves.length && !this.fits(step, this.waves[w])) w++;
    if (w === this.waves.length) this.waves.push([]);
    this.waves[w].push(step);
    if (this.waves.length > MAX_WAVES) this.flush(1);
  }

  private flush(count: number): void {
    for (const wave of this.waves.splice(0, count)) this.done.push(wave.length === 1 ? wave[0] : this.joined(wave));
  }

  /** True where the two must stay in order: one writes what the other reads or writes. */
  private conflict(a: Step, b: Step): boolean {
    const meet = (p: readonly Place[], q: readonly Place[]): boolean =>
      p.some((x) => q.some((y) => this.overlap(x, y)));
    return meet(a.outputs, b.outputs) || meet(a.outputs, places(b)) || meet(places(a), b.outputs);
  }

  private sliceOf(place: Place): BufferSlice | undefined {
    return 'slice' in place ? place.slice : this.options.fixed(place.ref);
  }

  private overlap(x: Place, y: Place): boolean {
    if ('ref' in x && 'ref' in y && refKey(x.ref) === refKey(y.ref)) return true;
    const [a, b] = [this.sliceOf(x), this.sliceOf(y)];
    return !!a && !!b && overlaps(a, b);
  }

  private same(x: Ref, y: Ref): boolean {
    if (refKey(x) === refKey(y)) return true;
    const [a, b] = [this.options.fixed(x), this.options.fixed(y)];
    return !!a && !!b && same(a, b) && specOfRef(x).dtype === specOfRef(y).dtype;
  }

  /** True where the step can be bound together with a wave; reads that overlap without being the same cannot. */
  private fits(step: Step, wave: readonly Step[]): boolean {
    const known = this.reads(wave);
    const own = this.reads([step]);
    if (own.some((x) => known.some((y) => !this.same(x, y) && this.overlap({ ref: x }, { ref: y })))) return false;
    const outputs = wave.reduce((sum, other) => sum + other.outputs.length, step.outputs.length);
    return outputs + this.reads([...wave, step]).length <= this.maxBindings;
  }

  /** What steps read, each memory once. */
  private reads(steps: readonly Step[]): Ref[] {
    const found: Ref[] = [];
    for (const { ref } of steps.flatMap(places)) if (!found.some((other) => this.same(other, ref))) found.push(ref);
    return found;
  }

  private holdsMuch(step: Step): boolean {
    const held = this.reads([step]).filter((ref) => !this.options.fixed(ref) && ref.node.op.kind !== 'leaf');
    return held.reduce((sum, ref) => sum + numel(specOfRef(ref).shape) * 4, 0) > MAX_WAITING;
  }

  private joined(steps: readonly TaskStep[]): Step {
    const inputs = this.reads(steps);
    const outputs: Place[] = [];
    const scalars: PlanNode[] = [];
    const tasks = steps.map((step): Task => {
      const firstOutput = outputs.length;
      const firstScalar = scalars.length;
      outputs.push(...step.outputs);
      scalars.push(...step.scalars);
      const place = (ref: BufferRef): BufferRef => {
        if (ref.kind === 'output') return { kind: 'output', index: firstOutput + ref.index };
        const read = ref.kind === 'input' ? step.inputs[ref.index] : step.loads[ref.index];
        return { kind: 'input', index: inputs.findIndex((other) => this.same(other, read)) };
      };
      const shift = (param: Param): Param =>
        typeof param.value === 'object' && 'epilogueScalar' in param.value
          ? { ...param, value: { epilogueScalar: firstScalar + param.value.epilogueScalar } }
          : param;
      const { task } = step;
      return {
        ...task,
        bindings: task.bindings.map((binding) => ({ ...binding, ref: place(binding.ref) })),
        params: task.params.map(shift),
      };
    });
    return { plan: { launches: [tasksLaunch(tasks)] }, inputs, outputs, loads: [], scalars, scalarInputs: [] };
  }
}

/** What a step reads. */
const places = (step: Step): { readonly ref: Ref }[] =>
  [...step.inputs, ...step.loads].filter((ref) => !isScalarRef(ref)).map((ref) => ({ ref }));

export const overlaps = (a: BufferSlice, b: BufferSlice): boolean =>
  a.buffer === b.buffer && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
export const same = (a: BufferSlice, b: BufferSlice): boolean =>
  a.buffer === b.buffer && a.offset === b.offset && a.bytes === b.bytes;
