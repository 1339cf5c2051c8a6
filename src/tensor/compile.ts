/**
 * `compile(fn)`: traces a function once for each shape of its arguments and from then on replays the programs that it committed, with new data.
 * What it saves is the recording, some microseconds an op; results are the same.
 */
import { Tensor } from './tensor.js';
import type { Value } from './graph.js';
import {
  inputLeaf,
  inputOp,
  resultLeaf,
  scalarOp,
  stateOp,
  type InputAttrs,
  type ScalarAttrs,
  type StateAttrs,
} from './leaf.js';
import type { Op } from './op.js';
import type { Storage } from './storage.js';
import { AsyncCallbackError, CompileError } from './errors.js';
import { isPromise, markKept, pendingWork } from './record.js';
import { commit, listenToCommits, runCommit, type Committed } from './execute.js';

/** What a compiled function may return. */
export type Compilable = void | Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

interface Trace<R> {
  readonly commits: readonly Committed[];
  /** The stand-ins that the arguments' data is put into. */
  readonly inputs: readonly Value[];
  readonly result: R;
}

/**
 * A version of `fn` that records its ops only once for each shape of its arguments. Calls after the first run the same programs with the
 * data of their arguments, new random numbers and the optimizers' present learning rates; other JavaScript in `fn` does not run again.
 * Everything that `fn` assigns takes effect, and the tensors it returns are kept: release them with `using` or dispose (losses excepted).
 *
 * @param fn takes and returns tensors; arguments are tensors of host data or variables. It must not be async.
 * @throws CompileError for arguments or results of other kinds, or where work of before is not committed; AsyncCallbackError
 */
export function compile<A extends readonly Tensor[], R extends Compilable>(fn: (...args: A) => R): (...args: A) => R {
  const traces = new Map<string, Trace<R>>();
  /** Storage has no name of its own; its number stands for it in the signature. */
  const storages = new Map<Storage, number>();
  const signatureOf = (arg: Tensor, i: number): string => {
    const { node } = arg.value;
    const spec = `${arg.dtype}[${arg.shape.join()}]`;
    if (node.op === (inputOp as Op)) return spec;
    if (node.op !== (stateOp as Op)) {
      throw new CompileError(
        `Argument ${i} of the compiled function is the result of ${node.describe()}; pass tensors made by tensor() or variable().`,
      );
    }
    const { storage } = node.attrs as StateAttrs;
    if (!storages.has(storage)) storages.set(storage, storages.size);
    return `${spec}@${storages.get(storage)}`;
  };
  return (...args: A): R => {
    const signature = args.map(signatureOf).join(' ');
    const known = traces.get(signature);
    if (known) return replay(known, args);
    const trace = record(fn, args);
    traces.set(signature, trace);
    return trace.result;
  };
}

function record<A extends readonly Tensor[], R extends Compilable>(fn: (...args: A) => R, args: A): Trace<R> {
  const { effects, kept, losses } = pendingWork();
  if (effects.length + kept.length + losses.length > 0) {
    throw new CompileError('Work of before waits for a commit; call commit() before a compiled function.');
  }
  const standIns = args.map((arg) => {
    const { node } = arg.value;
    if (node.op !== (inputOp as Op)) return arg;
    return new Tensor(inputLeaf((node.attrs as InputAttrs).data, arg.shape, arg.dtype));
  });
  const commits: Committed[] = [];
  const result = listenToCommits(
    (committed) => commits.push(committed),
    () => {
      const value = fn(...(standIns as unknown as A));
      if (isPromise(value))
        throw new AsyncCallbackError('compile() takes a synchronous function; read values outside of it.');
      for (const t of tensorsOf(value)) if (!t.value.node.isLeaf && !t.value.node.results) markKept(t.value);
      commit();
      return value;
    },
  );
  return { commits, inputs: standIns.map((t) => t.value), result };
}

function replay<A extends readonly Tensor[], R extends Compilable>(trace: Trace<R>, args: A): R {
  trace.inputs.forEach((input, i) => {
    if (input.node.op === (inputOp as Op)) {
      (input.node.attrs as InputAttrs).data = (args[i].value.node.attrs as InputAttrs).data;
    }
  });
  const made = new Map<string, Tensor>();
  for (const committed of trace.commits) {
    for (const node of committed.graph.nodes) {
      if (node.op !== (scalarOp as Op)) continue;
      const attrs = node.attrs as ScalarAttrs;
      if (attrs.next) attrs.value = attrs.next();
    }
    const owners = committed.outputs.map(({ value }) => resultLeaf(value.node.outputs[value.index]));
    committed.outputs.forEach(({ value }, i) => made.set(keyOf(value), new Tensor(owners[i])));
    runCommit(committed, owners);
  }
  return mapTensors(trace.result, (t) => made.get(keyOf(t.value)) ?? t);
}

const keyOf = (value: Value): string => `${value.node.id}:${value.index}`;

function tensorsOf(result: Compilable): Tensor[] {
  if (result === undefined) return [];
  if (result instanceof Tensor) return [result];
  if (typeof result !== 'object') return refuse();
  const list = Array.isArray(result) ? (result as readonly unknown[]) : Object.values(result as object);
  return list.map((t) => (t instanceof Tensor ? t : refuse()));
}

function refuse(): never {
  throw new CompileError('A compiled function returns nothing, a tensor, or an array or object of tensors.');
}

function mapTensors<R extends Compilable>(result: R, map: (t: Tensor) => Tensor): R {
  if (result === undefined) return result;
  if (result instanceof Tensor) return map(result) as R;
  if (Array.isArray(result)) return result.map(map) as unknown as R;
  return Object.fromEntries(Object.entries(result as Record<string, Tensor>).map(([k, t]) => [k, map(t)])) as R;
}
