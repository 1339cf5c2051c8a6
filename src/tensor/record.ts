/** Recording: an op call becomes a node; effects wait for the commit. */
import type { EffectOp, Op } from './op.js';
import { Node, type Value } from './graph.js';
import { Tensor, Variable } from './tensor.js';
import { resultOp } from './leaf.js';
import { AsyncCallbackError, DTypeError, GraphTooLargeError, ShapeError, StaleTensorError } from './errors.js';
import { generation, nextGeneration } from './generation.js';

/** Longest chain of ops, and largest number of effects, before a commit must come. */
const MAX_DEPTH = 20_000;
const MAX_EFFECTS = 20_000;

let gradDepth = 0;

/** True where ops are recorded for `backward()`. */
export const gradEnabled = (): boolean => gradDepth === 0;

/**
 * Runs `body` without recording gradients, as PyTorch's `torch.no_grad`.
 * @throws AsyncCallbackError if `body` returns a promise: ops after its first await would escape.
 */
export function noGrad<T>(body: () => T): T {
  gradDepth++;
  try {
    const result = body();
    if (isPromise(result)) {
      throw new AsyncCallbackError('noGrad() takes a synchronous function; await values outside of it instead.');
    }
    return result;
  } finally {
    gradDepth--;
  }
}

export const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** Throws where a value was dropped by a commit. */
export function assertFresh(value: Value): void {
  const { node } = value;
  if ((node.isLeaf && node.op !== (resultOp as Op)) || node.generation === generation()) return;
  if (node.results?.some((r) => r.index === value.index)) return;
  throw new StaleTensorError(
    `The value of ${node.describe()} is gone: a commit (optimizer.step()) ended the step it belongs to. ` +
      'Call keep() on the tensor before the commit, or compute it again after.',
  );
}

/** Records `op` and returns its outputs. */
export function recordAll<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor[] {
  const values = inputs.map((t) => t.value);
  values.forEach(assertFresh);
  const specs = op.shape(
    values.map((v) => v.node.outputs[v.index]),
    attrs,
  );
  const requiresGrad = gradEnabled() && values.some((v) => v.node.requiresGrad);
  const node = new Node(op as Op, values, attrs, specs, { generation: generation(), requiresGrad });
  if (node.depth > MAX_DEPTH) {
    let first = node;
    for (let next: Node | undefined = node; next; next = next.inputs.find((v) => !v.node.isLeaf)?.node) first = next;
    throw new GraphTooLargeError(
      `The graph is ${node.depth} ops deep and was never committed; it begins with ${first.describe()}. ` +
        'Commit each step (optimizer.step() or commit()), or read the value and go on from the data.',
    );
  }
  return specs.map((_, index) => new Tensor({ node, index }));
}

export const record = <A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor => recordAll(op, inputs, attrs)[0];

/** What the next commit will do, in the order recorded. */
export type Effect =
  | { readonly kind: 'assign'; readonly variable: Variable; readonly value: Value }
  | { readonly kind: 'effect'; readonly node: Value };

export interface Pending {
  effects: Effect[];
  losses: Value[];
  kept: Value[];
}

let pending: Pending = { effects: [], losses: [], kept: [] };

export const pendingWork = (): Pending => pending;

/** Ends the step: returns what was pending, and makes every intermediate stale. */
export function takePending(): Pending {
  const taken = pending;
  pending = { effects: [], losses: [], kept: [] };
  nextGeneration();
  return taken;
}

function pushEffect(effect: Effect): void {
  if (pending.effects.length >= MAX_EFFECTS) {
    throw new GraphTooLargeError(
      `${MAX_EFFECTS} assignments are waiting and were never committed. Call commit() at the end of each step.`,
    );
  }
  pending.effects.push(effect);
}

/** Records that `variable` takes `value` when the step is committed; later ops of the step read `value`. */
export function assign(variable: Variable, value: Tensor): void {
  if (variable.dtype !== value.dtype) {
    throw new DTypeError(`assign(): the variable holds ${variable.dtype}, the value is ${value.dtype}.`);
  }
  if (variable.shape.length !== value.shape.length || variable.shape.some((d, i) => d !== value.shape[i])) {
    throw new ShapeError(
      `assign(): the variable has shape (${variable.shape.join(', ')}), the value (${value.shape.join(', ')}).`,
    );
  }
  const current = value.value;
  assertFresh(current);
  pushEffect({ kind: 'assign', variable, value: current });
  variable.setPending(current);
}

/** Records a kernel that writes some of its inputs (`op.writes`) in place at the commit. */
export function recordEffect<A>(op: EffectOp<A>, inputs: readonly Tensor[], attrs: A): void {
  // What is written in place is the stored memory itself, whatever was assigned to it before in this step.
  const values = inputs.map((t, i) => (op.writes.includes(i) && t instanceof Variable ? t.leaf : t.value));
  values.forEach(assertFresh);
  const node = new Node(op as Op, values, attrs, [], { generation: generation(), requiresGrad: false });
  pushEffect({ kind: 'effect', node: { node, index: 0 } });
}

/** Marks the scalar that `backward()` was called on: the commit outputs it. */
export function markLoss(value: Value): void {
  if (value.node.isLeaf) return;
  if (!pending.losses.some((v) => v.node === value.node && v.index === value.index)) pending.losses.push(value);
}

/** Marks a value that the commit must output. Leaves need no keeping: a copy would hide what the variable holds later. */
export function markKept(value: Value): void {
  if (value.node.isLeaf) return;
  if (!pending.kept.some((v) => v.node === value.node && v.index === value.index)) pending.kept.push(value);
}
