/**
 * Decides what is computed together. Every value is either *stored* (in memory) or computed inside the kernels that read it. Stored are:
 * leaves, outputs of kernels and reductions, what kernels read, what a run is asked for, and elementwise work that is dear and used more
 * than once. A kernel or reduction whose result has one elementwise reader takes that reader along as its epilogue.
 */
import type { DeviceLimits } from '../../device/device.js';
import { numel } from '../../kernels/launch.js';
import { sameShape } from '../shape.js';
import { isScalarRef, refKey, specOfRef, type PlanGraph, type PlanNode, type Ref } from './plan-graph.js';
import type { Resolver } from './fragment.js';

/** One kernel to launch, or one generated loop: writes `out` (and, for kernels of several outputs, all of `anchor`'s). */
export interface Group {
  readonly out: Ref;
  /** The kernel or reduction at its heart; without one the group is elementwise. */
  readonly anchor?: PlanNode;
}

export interface Fusion extends Resolver {
  readonly groups: readonly Group[];
  /** The stored value that `ref` is when views that keep the order are looked through. Throws if it is not stored. */
  storedRef(ref: Ref): Ref;
  /** Stored values that computing `ref` inline reads. */
  inlineLoads(ref: Ref): Ref[];
  /** True where element i of `ref` depends on memory only at element i. */
  isPointwise(ref: Ref): boolean;
}

/** Work beyond which an expression with several readers is stored instead of computed in each. A load counts 1, an addition 1. */
const DEAR = 5;
/** Work, in all elements together, that is cheaper done again than stored: a dispatch costs more. */
const TRIFLE = 4096;
/** A view is a few integer instructions. */
const VIEW_WEIGHT = 0.25;
/** Expressions larger than this are cut: pipelines with huge bodies compile slowly. */
const MAX_WEIGHT = 400;

/** @param early values that must be in memory before the assignments at the end run */
export function fuse(graph: PlanGraph, limits: DeviceLimits, early: readonly Ref[] = []): Fusion {
  return new Fuser(graph, limits, early);
}

const isAnchor = ({ op }: PlanNode): boolean => ['kernel', 'reduce', 'pack', 'effect'].includes(op.kind);
const isInline = ({ op }: PlanNode): boolean => ['elementwise', 'view', 'source'].includes(op.kind);
const keepsOrder = ({ op }: PlanNode): boolean => op.kind === 'view' && op.sameOrder === true;
/** Stored without a decision of ours. */
const isMemory = (ref: Ref): boolean => (ref.node.op.kind === 'leaf' && !isScalarRef(ref)) || isAnchor(ref.node);
const output = (node: PlanNode): Ref => ({ node, index: 0 });

class Fuser implements Fusion {
  readonly groups: readonly Group[];
  private readonly maxLoads: number;
  private readonly uses = new Map<number, number>();
  /** A reader of each value; the only one, where it is used once. */
  private readonly readers = new Map<number, PlanNode>();
  /** Values stored by our decision. */
  private readonly forced = new Set<number>();
  /** Of inline values: work of an element, and the stored values that computing it reads. */
  private readonly weights = new Map<number, number>();
  private readonly loads = new Map<number, Map<number, Ref>>();
  /** Outputs of anchors that are nowhere in memory, since an epilogue goes on with them. */
  private readonly replaced = new Set<number>();

  constructor(
    private readonly graph: PlanGraph,
    limits: DeviceLimits,
    early: readonly Ref[],
  ) {
    // The output and, for kernels, three or four operands need bindings, too.
    this.maxLoads = Math.max(2, limits.maxStorageBindings - 4);
    this.countUses();
    this.forceOperands();
    early.forEach((ref) => this.force(ref));
    for (const node of graph.nodes) if (isInline(node)) this.weigh(node);
    this.groups = this.makeGroups(this.findEpilogues());
  }

  private countUses(): void {
    const use = (ref: Ref): void => {
      this.uses.set(refKey(ref), this.usesOf(ref) + 1);
    };
    for (const node of this.graph.nodes) {
      for (const ref of node.inputs) {
        use(ref);
        this.readers.set(refKey(ref), node);
      }
    }
    for (const r of this.graph.requests) if (r.kind !== 'effect') use(r.value);
  }

  private usesOf(ref: Ref): number {
    return this.uses.get(refKey(ref)) ?? 0;
  }

  /** What kernels read, and what the run is asked for, must lie in memory. */
  private forceOperands(): void {
    for (const node of this.graph.nodes) {
      if (!isAnchor(node) || node.op.kind === 'reduce') continue;
      for (const ref of node.inputs) if (!isScalarRef(ref)) this.force(ref);
    }
    for (const r of this.graph.requests) if (r.kind === 'output') this.force(r.value);
  }

  private force(ref: Ref): void {
    const r = this.through(ref);
    if (!isMemory(r)) this.forced.add(refKey(r));
  }

  /** The value behind views that keep the order of elements. */
  private through(ref: Ref): Ref {
    let r = ref;
    // A number is no memory: a view of one has to be written out where memory is wanted.
    while (keepsOrder(r.node) && !this.forced.has(refKey(r)) && !isScalarRef(r.node.inputs[0])) r = r.node.inputs[0];
    return r;
  }

  private isStored(ref: Ref): boolean {
    return isMemory(ref) || this.forced.has(refKey(ref));
  }

  private weightOf(ref: Ref): number {
    if (isScalarRef(ref)) return 0;
    return this.isStored(this.through(ref)) ? 1 : (this.weights.get(refKey(ref)) ?? 1);
  }

  private loadsOf(ref: Ref): Map<number, Ref> {
    const r = this.through(ref);
    if (isScalarRef(r)) return new Map();
    return this.isStored(r) ? new Map([[refKey(r), r]]) : (this.loads.get(refKey(r)) ?? new Map());
  }

  /** Decides which inputs of an inline node are stored, and whether it is itself. Inputs come before. */
  private weigh(node: PlanNode): void {
    const ref = output(node);
    this.forceRepeated(node);
    const union = (): Map<number, Ref> => new Map(node.inputs.flatMap((input) => [...this.loadsOf(input)]));
    while (union().size > this.maxLoads) {
      const widest = node.inputs.reduce((a, b) => (this.loadsOf(b).size > this.loadsOf(a).size ? b : a));
      if (this.loadsOf(widest).size <= 1) break;
      this.force(widest);
    }
    const own = node.op.kind === 'elementwise' || node.op.kind === 'source' ? node.op.weight : VIEW_WEIGHT;
    const total = (): number => own + node.inputs.reduce((sum, input) => sum + this.weightOf(input), 0);
    if (total() > MAX_WEIGHT) for (const input of node.inputs) if (!isScalarRef(input)) this.force(input);
    this.weights.set(refKey(ref), total());
    this.loads.set(refKey(ref), union());
    if (this.usesOf(ref) > 1 && total() > DEAR && !keepsOrder(node)) this.forced.add(refKey(ref));
  }

  /** Stores inputs that would be computed again for every copy: under a view that repeats elements, or as a row vector under a matrix. */
  private forceRepeated(node: PlanNode): void {
    const { shape } = node.outputs[0];
    const size = numel(shape);
    const multiplies =
      node.op.kind === 'view' && !keepsOrder(node) && size > 2 * numel(specOfRef(node.inputs[0]).shape);
    for (const input of node.inputs) {
      if (isScalarRef(input)) continue;
      const repeated = multiplies || (node.op.kind === 'elementwise' && !sameShape(specOfRef(input).shape, shape));
      const weight = this.weightOf(input);
      if (repeated && weight > 2 && weight * size > TRIFLE) this.force(input);
    }
  }

  /** The end of each anchor's epilogue. Later anchors choose first: what they add together with is then already stored. */
  private findEpilogues(): Map<PlanNode, Ref> {
    const claimed = new Set<PlanNode>();
    const ends = new Map<PlanNode, Ref>();
    for (const anchor of [...this.graph.nodes].reverse()) {
      const fuses = anchor.op.kind === 'reduce' || (anchor.op.kind === 'kernel' && anchor.op.kernel.fusesEpilogue);
      if (fuses && anchor.outputs.length === 1) ends.set(anchor, this.epilogueOf(anchor, claimed));
    }
    return ends;
  }

  /** Follows the only reader of the result, and the only reader of that, as long as it is elementwise work of the same shape. */
  private epilogueOf(anchor: PlanNode, claimed: Set<PlanNode>): Ref {
    const isReduce = anchor.op.kind === 'reduce';
    const operands = new Set(isReduce ? [] : anchor.inputs.map((ref) => refKey(this.through(ref))));
    let budget = this.maxLoads - (isReduce ? this.loadsOf(anchor.inputs[0]).size : 0);
    let current = output(anchor);
    for (;;) {
      const reader = this.readers.get(refKey(current));
      if (this.usesOf(current) !== 1 || !reader || claimed.has(reader)) break;
      if (current.node !== anchor && this.forced.has(refKey(current))) break;
      if (reader.outputs[0].dtype !== 'f32') break;
      if (!keepsOrder(reader)) {
        if (reader.op.kind !== 'elementwise') break;
        if (!sameShape(specOfRef(current).shape, reader.outputs[0].shape)) break;
        const others = reader.inputs.filter((input) => refKey(input) !== refKey(current));
        const extra = new Map(others.flatMap((input) => [...this.loadsOf(input)]));
        // One memory range may not be bound twice in a dispatch.
        if ([...extra.keys()].some((key) => operands.has(key)) || extra.size > budget) break;
        if (this.weightOf(output(reader)) > MAX_WEIGHT) break;
        budget -= extra.size;
      }
      claimed.add(reader);
      current = output(reader);
    }
    // Views at the end of the chain are left to the readers.
    while (keepsOrder(current.node) && !this.forced.has(refKey(current))) {
      claimed.delete(current.node);
      current = current.node.inputs[0];
    }
    return current;
  }

  private makeGroups(ends: ReadonlyMap<PlanNode, Ref>): Group[] {
    const groups: Group[] = [];
    for (const node of this.graph.nodes) {
      if (!isAnchor(node) || node.op.kind === 'effect') continue;
      const out = ends.get(node) ?? output(node);
      if (out.node !== node) {
        this.replaced.add(refKey(output(node)));
        this.forced.add(refKey(out));
      }
      groups.push({ out, anchor: node });
    }
    const byAnchor = new Set(groups.map((g) => refKey(g.out)));
    for (const node of this.graph.nodes) {
      const key = refKey(output(node));
      if (this.forced.has(key) && !byAnchor.has(key)) groups.push({ out: output(node) });
    }
    return groups.sort((a, b) => a.out.node.n - b.out.node.n);
  }

  stored(ref: Ref): Ref | undefined {
    const r = this.through(ref);
    if (isScalarRef(r) || this.replaced.has(refKey(r))) return undefined;
    return this.isStored(r) ? r : undefined;
  }

  storedRef(ref: Ref): Ref {
    const stored = this.stored(ref);
    if (!stored) throw new Error(`${ref.node.op.name} was expected in memory`);
    return stored;
  }

  inlineLoads(ref: Ref): Ref[] {
    const found = new Map<number, Ref>();
    const seen = new Set<number>();
    const walk = (r: Ref): void => {
      if (isScalarRef(r) || seen.has(refKey(r))) return;
      seen.add(refKey(r));
      const stored = this.stored(r);
      if (stored) found.set(refKey(stored), stored);
      else r.node.inputs.forEach(walk);
    };
    walk(ref);
    return [...found.values()];
  }

  isPointwise(ref: Ref): boolean {
    if (isScalarRef(ref) || this.stored(ref)) return true;
    const { node } = ref;
    if (node.op.kind !== 'elementwise') return keepsOrder(node) && this.isPointwise(node.inputs[0]);
    return node.inputs.every(
      (i) => (isScalarRef(i) || sameShape(specOfRef(i).shape, node.outputs[0].shape)) && this.isPointwise(i),
    );
  }
}
