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
  const { nodes, requests } = graph;
  // The output and, for kernels, three or four operands need bindings, too.
  const maxLoads = Math.max(2, limits.maxStorageBindings - 4);

  const uses = new Map<number, number>();
  const readers = new Map<number, PlanNode>();
  const use = (ref: Ref, reader?: PlanNode): void => {
    uses.set(refKey(ref), (uses.get(refKey(ref)) ?? 0) + 1);
    if (reader) readers.set(refKey(ref), reader);
  };
  for (const node of nodes) for (const ref of node.inputs) use(ref, node);
  for (const r of requests) if (r.kind !== 'effect') use(r.value);

  const forced = new Set<number>();
  const isAnchor = (node: PlanNode): boolean => ['kernel', 'reduce', 'pack', 'effect'].includes(node.op.kind);
  const isInline = (node: PlanNode): boolean => ['elementwise', 'view', 'source'].includes(node.op.kind);
  const keepsOrder = (node: PlanNode): boolean => node.op.kind === 'view' && node.op.sameOrder === true;
  const through = (ref: Ref): Ref => {
    let r = ref;
    // A number is no memory: a view of one has to be written out where memory is wanted.
    while (keepsOrder(r.node) && !forced.has(refKey(r)) && !isScalarRef(r.node.inputs[0])) r = r.node.inputs[0];
    return r;
  };
  /** Stored without a decision of ours. */
  const isMemory = (ref: Ref): boolean => (ref.node.op.kind === 'leaf' && !isScalarRef(ref)) || isAnchor(ref.node);
  const force = (ref: Ref): void => {
    const r = through(ref);
    if (!isMemory(r)) forced.add(refKey(r));
  };

  for (const node of nodes) {
    if (node.op.kind === 'kernel' || node.op.kind === 'effect' || node.op.kind === 'pack') {
      for (const ref of node.inputs) if (!isScalarRef(ref)) force(ref);
    }
  }
  for (const r of requests) if (r.kind === 'output') force(r.value);
  early.forEach(force);

  // Weights and loads of inline expressions, inputs first.
  const weight = new Map<number, number>();
  const loads = new Map<number, Map<number, Ref>>();
  const isStored = (ref: Ref): boolean => isMemory(ref) || forced.has(refKey(ref));
  const weightOf = (ref: Ref): number =>
    isScalarRef(ref) ? 0 : isStored(through(ref)) ? 1 : (weight.get(refKey(ref)) ?? 1);
  const loadsOf = (ref: Ref): Map<number, Ref> => {
    const r = through(ref);
    if (isScalarRef(r)) return new Map();
    return isStored(r) ? new Map([[refKey(r), r]]) : (loads.get(refKey(r)) ?? new Map());
  };
  for (const node of nodes) {
    if (!isInline(node)) continue;
    const ref: Ref = { node, index: 0 };
    const size = numel(node.outputs[0].shape);
    const multiplies =
      node.op.kind === 'view' && !keepsOrder(node) && size > 2 * numel(specOfRef(node.inputs[0]).shape);
    const repeats = (input: Ref): boolean => weightOf(input) > 2 && weightOf(input) * size > TRIFLE;
    for (const input of node.inputs) {
      // A view that repeats elements would compute them again for every copy.
      if (multiplies && repeats(input)) force(input);
      // A row vector under a matrix is read for every row.
      const own = specOfRef(input).shape;
      if (
        node.op.kind === 'elementwise' &&
        !isScalarRef(input) &&
        !sameShape(own, node.outputs[0].shape) &&
        repeats(input)
      ) {
        force(input);
      }
    }
    const union = (): Map<number, Ref> => new Map(node.inputs.flatMap((input) => [...loadsOf(input)]));
    while (union().size > maxLoads) {
      const widest = node.inputs.reduce((a, b) => (loadsOf(b).size > loadsOf(a).size ? b : a));
      if (loadsOf(widest).size <= 1) break;
      force(widest);
    }
    const own = node.op.kind === 'elementwise' || node.op.kind === 'source' ? node.op.weight : VIEW_WEIGHT;
    const total = (): number => own + node.inputs.reduce((sum, input) => sum + weightOf(input), 0);
    if (total() > MAX_WEIGHT) for (const input of node.inputs) if (!isScalarRef(input)) force(input);
    weight.set(refKey(ref), total());
    loads.set(refKey(ref), union());
    if ((uses.get(refKey(ref)) ?? 0) > 1 && total() > DEAR && !keepsOrder(node)) forced.add(refKey(ref));
  }

  // Epilogues. Later anchors choose first: what they add together with is then already stored.
  const claimed = new Set<number>();
  const outOf = new Map<PlanNode, Ref>();
  for (const anchor of [...nodes].reverse()) {
    const own: Ref = { node: anchor, index: 0 };
    const fuses = anchor.op.kind === 'reduce' || (anchor.op.kind === 'kernel' && anchor.op.kernel.fusesEpilogue);
    if (!fuses || anchor.outputs.length !== 1) continue;
    const operands = new Set(anchor.op.kind === 'reduce' ? [] : anchor.inputs.map((ref) => refKey(through(ref))));
    let budget = maxLoads - (anchor.op.kind === 'reduce' ? loadsOf(anchor.inputs[0]).size : 0);
    let current = own;
    for (;;) {
      const reader = readers.get(refKey(current));
      if (uses.get(refKey(current)) !== 1 || !reader || claimed.has(reader.n)) break;
      if (current !== own && forced.has(refKey(current))) break;
      if (reader.outputs[0].dtype !== 'f32') break;
      if (!keepsOrder(reader)) {
        if (reader.op.kind !== 'elementwise') break;
        if (!sameShape(specOfRef(current).shape, reader.outputs[0].shape)) break;
        const extra = new Map(
          reader.inputs.filter((input) => refKey(input) !== refKey(current)).flatMap((input) => [...loadsOf(input)]),
        );
        // One memory range may not be bound twice in a dispatch.
        if ([...extra.keys()].some((key) => operands.has(key)) || extra.size > budget) break;
        if (weightOf({ node: reader, index: 0 }) > MAX_WEIGHT) break;
        budget -= extra.size;
      }
      claimed.add(reader.n);
      current = { node: reader, index: 0 };
    }
    // Views at the end of the chain are left to the readers.
    while (keepsOrder(current.node) && !forced.has(refKey(current))) {
      claimed.delete(current.node.n);
      current = current.node.inputs[0];
    }
    outOf.set(anchor, current);
  }

  // What an anchor computes on the way to its epilogue's end is nowhere in memory.
  const replaced = new Set<number>();
  const groups: Group[] = [];
  for (const node of nodes) {
    if (node.op.kind === 'kernel' || node.op.kind === 'reduce' || node.op.kind === 'pack') {
      const out = outOf.get(node) ?? { node, index: 0 };
      if (out.node !== node) {
        replaced.add(refKey({ node, index: 0 }));
        forced.add(refKey(out));
      }
      groups.push({ out, anchor: node });
    }
  }
  const byEpilogue = new Set(groups.map((g) => refKey(g.out)));
  for (const node of nodes) {
    const ref: Ref = { node, index: 0 };
    if (forced.has(refKey(ref)) && !byEpilogue.has(refKey(ref))) groups.push({ out: ref });
  }
  groups.sort((a, b) => a.out.node.n - b.out.node.n);

  const storedNow = (ref: Ref): Ref | undefined => {
    const r = through(ref);
    if (isScalarRef(r) || replaced.has(refKey(r))) return undefined;
    return isStored(r) ? r : undefined;
  };
  const inlineLoads = (ref: Ref): Ref[] => {
    const found = new Map<number, Ref>();
    const seen = new Set<number>();
    const walk = (r: Ref): void => {
      if (isScalarRef(r) || seen.has(refKey(r))) return;
      seen.add(refKey(r));
      const stored = storedNow(r);
      if (stored) found.set(refKey(stored), stored);
      else r.node.inputs.forEach(walk);
    };
    walk(ref);
    return [...found.values()];
  };
  const isPointwise = (ref: Ref): boolean => {
    if (isScalarRef(ref) || storedNow(ref)) return true;
    const { node } = ref;
    if (node.op.kind === 'elementwise') {
      return node.inputs.every(
        (i) => (isScalarRef(i) || sameShape(specOfRef(i).shape, node.outputs[0].shape)) && isPointwise(i),
      );
    }
    return keepsOrder(node) && isPointwise(node.inputs[0]);
  };
  return {
    groups,
    stored: storedNow,
    storedRef: (ref) => {
      const stored = storedNow(ref);
      if (!stored) throw new Error(`${ref.node.op.name} was expected in memory`);
      return stored;
    },
    inlineLoads,
    isPointwise,
  };
}
