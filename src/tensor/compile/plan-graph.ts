/**
 * The part of the graph that a run needs, in order, with equal subexpressions merged, and its structure as a string: the key of the
 * program cache. Values (scalars, host data) are no part of the key.
 */
import type { Device } from '../../device/device.js';
import type { Spec } from '../../kernels/launch.js';
import type { Node, Value } from '../graph.js';
import type { Op } from '../op.js';
import { scalarOp, stateOp, inputOp, type StateAttrs } from '../leaf.js';
import type { Storage } from '../storage.js';
import { GraphTooLargeError } from '../errors.js';
import { assertFresh } from '../record.js';

export interface PlanNode {
  readonly n: number;
  readonly op: Op;
  readonly attrs: unknown;
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Spec[];
  /** The recorded node: the first one, where equal ones were merged. */
  readonly source: Node;
  /** Leaves that are memory: where it is. */
  readonly storage?: Storage;
}

/** One output of a plan node. */
export interface Ref {
  readonly node: PlanNode;
  readonly index: number;
}

/** What a run is for, in order. */
export type Request<V> =
  | { readonly kind: 'output'; readonly value: V }
  | { readonly kind: 'assign'; readonly value: V; readonly storage: Storage }
  | { readonly kind: 'effect'; readonly node: V };

export interface PlanGraph {
  readonly nodes: readonly PlanNode[];
  readonly requests: readonly Request<Ref>[];
  readonly key: string;
  /** All recorded nodes behind it. */
  readonly recorded: readonly Node[];
}

/** Largest graph that one program runs. */
const MAX_NODES = 100_000;

export const refKey = (ref: Ref): number => ref.node.n * 8 + ref.index;
export const specOfRef = (ref: Ref): Spec => ref.node.outputs[ref.index];
export const isScalarRef = (ref: Ref): boolean => ref.node.op === (scalarOp as Op);
export const isInput = (node: PlanNode): boolean => node.op === (inputOp as Op);

/** JSON writes infinities and NaN as null, all alike. */
const nonFinite = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
const specKey = (s: Spec): string => `${s.dtype}[${s.shape.join()}]`;
const resultOf = (value: Value): Storage | undefined =>
  value.node.results?.find((r) => r.index === value.index)?.storage;

export function planGraph(requests: readonly Request<Value>[], device: Device): PlanGraph {
  const order = collect(requests.map((r) => (r.kind === 'effect' ? r.node : r.value)));
  const nodes: PlanNode[] = [];
  const keys: string[] = [];
  const byKey = new Map<string, PlanNode>();
  const planned = new Map<Node, PlanNode>();

  const place = (key: string, make: (n: number) => PlanNode): PlanNode => {
    const known = byKey.get(key);
    if (known) return known;
    const node = make(nodes.length);
    nodes.push(node);
    keys.push(key);
    byKey.set(key, node);
    return node;
  };
  /** A leaf of stored memory: a variable, or a value that an earlier commit kept. */
  const memory = (source: Node, storage: Storage, spec: Spec): PlanNode => {
    const slice = storage.slice(device);
    const key = `@${slice.buffer.id}+${slice.offset}${specKey(spec)}`;
    return place(key, (n) => ({ n, op: stateOp as Op, attrs: {}, inputs: [], outputs: [spec], source, storage }));
  };
  const refOf = (value: Value): Ref => {
    const kept = resultOf(value);
    if (kept) return { node: memory(value.node, kept, value.node.outputs[value.index]), index: 0 };
    return { node: planned.get(value.node)!, index: value.index };
  };

  for (const node of order) {
    if (node.op === (stateOp as Op)) {
      planned.set(node, memory(node, (node.attrs as StateAttrs).storage, node.outputs[0]));
    } else if (node.isLeaf) {
      const key = `${node.op.name}#${nodes.length}${specKey(node.outputs[0])}`;
      planned.set(
        node,
        place(key, (n) => ({ n, op: node.op, attrs: node.attrs, inputs: [], outputs: node.outputs, source: node })),
      );
    } else {
      const inputs = node.inputs.map(refOf);
      const attrs = node.op.key ? node.op.key(node.attrs) : JSON.stringify(node.attrs, nonFinite);
      const key = `${node.op.name}${attrs}(${inputs.map((r) => `${r.node.n}.${r.index}`).join()})`;
      planned.set(
        node,
        place(key, (n) => ({ n, op: node.op, attrs: node.attrs, inputs, outputs: node.outputs, source: node })),
      );
    }
  }
  const planRequests = requests.map((r): Request<Ref> => {
    if (r.kind === 'effect') return { kind: 'effect', node: refOf(r.node) };
    return r.kind === 'assign' ? { ...r, value: refOf(r.value) } : { kind: 'output', value: refOf(r.value) };
  });
  const ends = planRequests.map((r) => {
    const ref = r.kind === 'effect' ? r.node : r.value;
    const target = r.kind === 'assign' ? r.storage.slice(device) : undefined;
    return `${r.kind}${ref.node.n}.${ref.index}${target ? `>${target.buffer.id}+${target.offset}` : ''}`;
  });
  return { nodes, requests: planRequests, key: `${keys.join('\n')}\n=${ends.join()}`, recorded: order };
}

/**
 * Every node that the values depend on, in the order recorded, which is an order in which inputs come first. Leaves come where they are first
 * used, not where they were made: an optimizer's moments are made at the end of the first step and yet there at the start of the second, which
 * has the same structure.
 */
function collect(values: readonly Value[]): Node[] {
  const seen = new Set<Node>();
  const stack: Value[] = [...values];
  while (stack.length > 0) {
    const value = stack.pop()!;
    const { node } = value;
    if (seen.has(node) || resultOf(value)) continue;
    assertFresh(value);
    seen.add(node);
    if (seen.size > MAX_NODES) {
      const first = [...seen].reduce((a, b) => (b.id < a.id && !b.isLeaf ? b : a));
      throw new GraphTooLargeError(
        `A graph of more than ${MAX_NODES} ops was asked for at once; it begins with ${first.describe()}. Commit or read values in between.`,
      );
    }
    for (const input of node.inputs) stack.push(input);
  }
  const order = new Set<Node>();
  const ops = [...seen].filter((node) => !node.isLeaf).sort((a, b) => a.id - b.id);
  for (const op of ops) {
    for (const { node } of op.inputs) if (seen.has(node)) order.add(node);
    order.add(op);
  }
  for (const { node } of values) if (seen.has(node)) order.add(node);
  return [...order];
}
