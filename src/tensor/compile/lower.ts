/**
 * From fused groups to launches in order: kernels are asked for theirs, generated code is written, assignments come last. bind.ts then gives
 * the launches memory.
 */
import type { BufferSlice, Device } from '../../device/device.js';
import {
  defineLaunch,
  flatIndex,
  gridFor,
  identityEpilogue,
  numel,
  u32,
  type BufferRef,
  type Launch,
  type Problem,
} from '../../kernels/launch.js';
import { elementwiseTask } from '../../kernels/elementwise.js';
import { partsOf, reduceJoinTask, reducePartsTask, reduceTask, type ReduceProblem } from '../../kernels/reduce.js';
import { taskLaunch, type Fragment, type Task } from '../../kernels/tasks.js';
import type { Op, ReduceAttrs } from '../op.js';
import { reshapeOp } from '../ops/views.js';
import type { PackAttrs } from '../ops/pack.js';
import type { Storage } from '../storage.js';
import { FragmentBuilder } from './fragment.js';
import { fuse, type Fusion } from './fuse.js';
import { bindSteps, type Bindable, type Lowered, type Memory } from './bind.js';
import { joinTasks, overlaps, same, type Place, type Step } from './steps.js';
import { isScalarRef, refKey, specOfRef, type PlanGraph, type PlanNode, type Ref } from './plan-graph.js';

/** A graph as the dispatches of a program, in memory that the caller makes once the sizes are known. */
export function lower(graph: PlanGraph, device: Device, memory: Memory): Lowered {
  return bindSteps(new Lowering(graph, device).work(), memory);
}

class Lowering {
  private steps: Step[] = [];
  private readonly fusion: Fusion;
  /** Values that are written straight into stored memory instead of the arena. */
  private readonly pinned = new Map<number, BufferSlice>();
  private readonly snapshots = new Map<number, Ref>();
  /** Values of steps that no node of the graph stands for. */
  private extras = 0;

  constructor(
    private readonly graph: PlanGraph,
    private readonly device: Device,
  ) {
    this.fusion = this.fuseSafely();
    this.pinPacked();
    const assigned = this.pinAssigned();
    for (const group of this.fusion.groups) {
      if (group.anchor?.op.kind === 'pack') this.pack(group.anchor);
      else if (group.anchor) this.anchor(group.anchor, group.out);
      else this.elementwise(group.out, { ref: group.out });
    }
    this.snapshot();
    for (const request of graph.requests) {
      if (request.kind === 'assign' && !assigned.has(request.storage)) this.assign(request.value, request.storage);
      if (request.kind === 'effect') this.effect(request.node.node);
    }
    this.steps = joinTasks(this.steps, {
      maxBindings: device.info.limits.maxStorageBindings,
      fixed: (ref) => this.pinned.get(refKey(ref)) ?? ref.node.storage?.slice(device),
    });
  }

  /** Assignments run last, in order. One that reads state which an earlier one (or itself, elsewhere) overwrites must be computed before. */
  private fuseSafely(): Fusion {
    const early: Ref[] = [];
    for (;;) {
      const fusion = fuse(this.graph, this.device.info.limits, early);
      const written: BufferSlice[] = [];
      let found: Ref | undefined;
      for (const request of this.graph.requests) {
        if (request.kind === 'output') continue;
        const value = request.kind === 'assign' ? request.value : undefined;
        const target = request.kind === 'assign' ? request.storage.slice(this.device) : undefined;
        if (value && target && !fusion.stored(value)) {
          for (const load of fusion.inlineLoads(value)) {
            if (!load.node.storage) continue;
            const slice = load.node.storage.slice(this.device);
            const ownElsewhere = overlaps(slice, target) && !(same(slice, target) && fusion.isPointwise(value));
            if (ownElsewhere || written.some((w) => overlaps(w, slice))) found ??= value;
          }
        }
        if (target) written.push(target);
        if (request.kind === 'effect') written.push(...this.writtenBy(request.node.node));
      }
      if (!found) return fusion;
      early.push(found);
    }
  }

  private writtenBy(node: PlanNode): BufferSlice[] {
    if (node.op.kind !== 'effect') return [];
    return node.op.writes.flatMap((i) => {
      const { storage } = node.inputs[i].node;
      return storage ? [storage.slice(this.device)] : [];
    });
  }

  /**
   * State that is assigned from other state's old value, after that was overwritten (a swap), is read beforehand; so is state that a run
   * outputs, which is copied out after everything was overwritten.
   */
  private snapshot(): void {
    const written: BufferSlice[] = [];
    for (const request of this.graph.requests) {
      if (request.kind === 'effect') written.push(...this.writtenBy(request.node.node));
      if (request.kind !== 'assign') continue;
      this.saveIfIn(written, this.fusion.stored(request.value));
      written.push(request.storage.slice(this.device));
    }
    for (const request of this.graph.requests) {
      if (request.kind === 'output') this.saveIfIn(written, this.fusion.stored(request.value));
    }
  }

  /** Copies stored state that lies in what is overwritten. */
  private saveIfIn(written: readonly BufferSlice[], stored: Ref | undefined): void {
    const storage = stored?.node.storage;
    if (!stored || !storage || this.snapshots.has(refKey(stored))) return;
    if (!written.some((w) => overlaps(w, storage.slice(this.device)))) return;
    const copy = this.extra({ ...stored.node, op: reshapeOp as Op, storage: undefined });
    this.copyTo(stored, { ref: copy });
    this.snapshots.set(refKey(stored), copy);
  }

  /** A value of its own, like that of `node`. */
  private extra(node: PlanNode): Ref {
    return { node: { ...node, n: this.graph.nodes.length + this.extras++ }, index: 0 };
  }

  /** Values that a group of this program writes. */
  private made(): Set<number> {
    const kernels = this.fusion.groups.filter((g) => g.anchor?.op.kind === 'kernel');
    const others = kernels.flatMap(({ anchor }) =>
      anchor!.outputs.slice(1).map((_, i) => ({ node: anchor!, index: i + 1 })),
    );
    return new Set([...this.fusion.groups.map((g) => g.out), ...others].map(refKey));
  }

  /** Inputs of a pack that a group of their own computes go straight to their place in the flat buffer. */
  private pinPacked(): void {
    const made = this.made();
    for (const node of this.graph.nodes) {
      if (node.op.kind !== 'pack') continue;
      const { storage, offsets } = node.attrs as PackAttrs;
      const flat = storage.slice(this.device);
      this.pinned.set(refKey({ node, index: 0 }), flat);
      node.inputs.forEach((input, i) => {
        const stored = this.fusion.storedRef(input);
        if (made.has(refKey(stored)) && !this.pinned.has(refKey(stored)))
          this.pinned.set(refKey(stored), part(flat, offsets[i], stored));
      });
    }
  }

  /** A value that exists only to be assigned, to state that nothing else here reads or writes, is computed in place. */
  private pinAssigned(): Set<Storage> {
    const done = new Set<Storage>();
    const made = this.made();
    const touched = this.graph.nodes.filter((n) => n.storage).map((n) => n.storage!.slice(this.device));
    const targets = this.graph.requests.flatMap((r) => (r.kind === 'assign' ? [r.storage.slice(this.device)] : []));
    for (const request of this.graph.requests) {
      if (request.kind !== 'assign') continue;
      const stored = this.fusion.stored(request.value);
      const slice = request.storage.slice(this.device);
      if (!stored || !made.has(refKey(stored)) || this.pinned.has(refKey(stored))) continue;
      if (touched.some((s) => overlaps(s, slice)) || targets.filter((s) => overlaps(s, slice)).length > 1) continue;
      this.pinned.set(refKey(stored), slice);
      done.add(request.storage);
    }
    return done;
  }

  private pack(node: PlanNode): void {
    const { storage, offsets } = node.attrs as PackAttrs;
    const flat = storage.slice(this.device);
    node.inputs.forEach((input, i) => {
      const stored = this.fusion.storedRef(input);
      const slice = part(flat, offsets[i], stored);
      const place = this.pinned.get(refKey(stored));
      if (place && place.buffer === slice.buffer && place.offset === slice.offset) return;
      this.copy(stored, slice);
    });
  }

  private copy(from: Ref, to: BufferSlice): void {
    this.copyTo(from, { slice: to });
  }

  private copyTo(from: Ref, to: Place): void {
    const count = numel(specOfRef(from).shape);
    const { dtype } = specOfRef(from);
    const code = `fn element(index: u32) -> ${dtype} { return source[index]; }`;
    const fragment: Fragment = {
      code,
      own: code,
      helpers: { math: [], texts: [] },
      bindings: [{ name: 'source', type: dtype, ref: { kind: 'epilogue', index: 0 } }],
      params: [],
    };
    this.addTask(elementwiseTask('copy', count, dtype, fragment, { kind: 'output', index: 0 }), {
      outputs: [to],
      loads: [from],
    });
  }

  private elementwise(out: Ref, place: Place, inPlace?: Ref): void {
    const builder = new FragmentBuilder(this.fusion, '');
    builder.elementFunction('element', out, inPlace);
    const { shape, dtype } = specOfRef(out);
    this.addTask(
      elementwiseTask(out.node.op.name, numel(shape), dtype, builder.build(), { kind: 'output', index: 0 }),
      { outputs: [place], loads: builder.loads, scalars: builder.scalars },
    );
  }

  private assign(value: Ref, storage: Storage): void {
    const slice = storage.slice(this.device);
    const stored = this.fusion.stored(value);
    if (stored) {
      if (stored.node.storage && same(stored.node.storage.slice(this.device), slice)) return;
      this.copy(this.snapshots.get(refKey(stored)) ?? stored, slice);
      return;
    }
    const own = this.fusion
      .inlineLoads(value)
      .find((ref) => ref.node.storage && same(ref.node.storage.slice(this.device), slice));
    this.elementwise(value, { slice }, own);
  }

  private anchor(node: PlanNode, out: Ref): void {
    const own: Ref = { node, index: 0 };
    if (node.op.kind === 'reduce') {
      this.reduce(node, out, node.op.reduction);
      return;
    }
    if (node.op.kind !== 'kernel') throw new Error(`${node.op.name} is no kernel`);
    const builder = new FragmentBuilder(this.fusion, 'e');
    const fused = refKey(out) !== refKey(own);
    if (fused) builder.epilogueFunction(out, own);
    const problem: Problem = {
      inputs: node.inputs.map(specOfRef),
      outputs: node.outputs,
      attrs: node.attrs,
      device: this.device.info,
      epilogue: fused ? builder.build() : identityEpilogue,
    };
    this.add({
      plan: node.op.kernel.launch(problem),
      inputs: node.inputs,
      outputs: node.outputs.map((_, index): Place => ({ ref: index === 0 ? out : { node, index } })),
      loads: builder.loads,
      scalars: builder.scalars,
    });
  }

  private reduce(node: PlanNode, out: Ref, reduction: ReduceProblem['reduction']): void {
    const { axes } = node.attrs as ReduceAttrs;
    const input = node.inputs[0];
    const { shape } = specOfRef(input);
    const kept = shape.map((_, d) => d).filter((d) => !axes.includes(d));
    const problem: ReduceProblem = {
      reduction,
      outputs: numel(node.outputs[0].shape),
      operands: axes.reduce((n, d) => n * shape[d], 1),
      contiguous: [...kept, ...axes].every((d, i) => d === i),
    };
    const parts = partsOf(problem.outputs, problem.operands, reduction);
    const builder = new FragmentBuilder(this.fusion, 'v');
    builder.operandFunction(input, axes);
    if (parts === 1) {
      builder.epilogueFunction(out, { node, index: 0 });
      const task = reduceTask(problem, builder.build());
      this.addTask(task, { outputs: [{ ref: out }], loads: builder.loads, scalars: builder.scalars });
      return;
    }
    const partial = this.extra({ ...node, outputs: [{ shape: [parts, problem.outputs], dtype: 'f32' }] });
    this.addTask(reducePartsTask(problem, builder.build()), {
      outputs: [{ ref: partial }],
      loads: builder.loads,
      scalars: builder.scalars,
    });
    const end = new FragmentBuilder(this.fusion, 'v');
    end.epilogueFunction(out, { node, index: 0 });
    this.addTask(reduceJoinTask(problem, end.build()), {
      inputs: [partial],
      outputs: [{ ref: out }],
      loads: end.loads,
      scalars: end.scalars,
    });
  }

  private effect(node: PlanNode): void {
    if (node.op.kind !== 'effect') throw new Error(`${node.op.name} is no effect`);
    const problem: Problem = {
      inputs: node.inputs.map(specOfRef),
      outputs: [],
      attrs: node.attrs,
      device: this.device.info,
      epilogue: identityEpilogue,
    };
    this.add({ plan: node.op.kernel.launch(problem), inputs: node.inputs, effect: true });
  }

  private addTask(task: Task, step: Partial<Omit<Step, 'plan' | 'task'>>): void {
    if (task.count === 0) this.add({ ...step, plan: { launches: [] } });
    else this.add({ ...step, plan: { launches: [taskLaunch(task)] }, task });
  }

  private add(step: Partial<Step> & Pick<Step, 'plan'>): void {
    const inputs = step.inputs ?? [];
    this.steps.push(
      this.withoutAliases({
        outputs: [],
        loads: [],
        scalars: [],
        ...step,
        inputs: inputs.map((ref) => (isScalarRef(ref) ? ref : this.fusion.storedRef(ref))),
        scalarInputs: inputs.map((ref) => (isScalarRef(ref) ? ref.node : undefined)),
      }),
    );
  }

  /** WebGPU refuses one memory range bound twice as writable: an operand that appears twice is copied first. */
  private withoutAliases(step: Step): Step {
    const temps = [...(step.plan.temps ?? [])];
    const launches: Launch[] = [];
    for (const launch of step.plan.launches) {
      const buffers: BufferRef[] = [];
      for (const ref of launch.buffers) {
        const value = this.valueOf(ref, step);
        const twice = value && buffers.some((b) => this.aliases(this.valueOf(b, step), value));
        if (!twice || !value) {
          buffers.push(ref);
          continue;
        }
        const { shape, dtype } = specOfRef(value);
        const count = numel(shape);
        const temp: BufferRef = { kind: 'temp', index: temps.length };
        temps.push(count * 4);
        launches.push(
          defineLaunch({
            name: 'copy',
            bindings: [
              { name: 'out', type: dtype, ref: temp },
              { name: 'source', type: dtype, ref },
            ],
            params: [u32('count', count)],
            workgroupSize: [64, 1, 1],
            body: `let i = ${flatIndex(64)};\n  if (i < p.count) { out[i] = source[i]; }`,
            grid: gridFor(count, 64),
          }),
        );
        buffers.push(temp);
      }
      launches.push({ ...launch, buffers });
    }
    const plain = launches.length === step.plan.launches.length;
    return { ...step, task: plain ? step.task : undefined, plan: { launches, temps } };
  }

  /** The stored value behind an operand of a launch; outputs and temporaries never alias. */
  private valueOf(ref: BufferRef, step: Step): Ref | undefined {
    if (ref.kind === 'input') return step.inputs[ref.index];
    return ref.kind === 'epilogue' ? step.loads[ref.index] : undefined;
  }

  private aliases(a: Ref | undefined, b: Ref): boolean {
    if (!a) return false;
    if (refKey(a) === refKey(b)) return true;
    return (
      !!a.node.storage &&
      !!b.node.storage &&
      overlaps(a.node.storage.slice(this.device), b.node.storage.slice(this.device))
    );
  }

  work(): Bindable {
    const outputs = this.graph.requests.flatMap((r) => {
      if (r.kind !== 'output') return [];
      const stored = this.fusion.storedRef(r.value);
      return [this.snapshots.get(refKey(stored)) ?? stored];
    });
    return { graph: this.graph, device: this.device, steps: this.steps, pinned: this.pinned, outputs };
  }
}

const part = (flat: BufferSlice, offset: number, ref: Ref): BufferSlice => ({
  buffer: flat.buffer,
  offset: flat.offset + offset * 4,
  bytes: Math.max(4, numel(specOfRef(ref).shape) * 4),
});
