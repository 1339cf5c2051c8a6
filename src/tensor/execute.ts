/**
 * Running graphs on the default device: reading values and committing steps. Programs are cached by structure (compile/plan-graph.ts), so
 * that every step after the first replays one.
 */
import type { BufferSlice, Copy, Device, DeviceCounters, KernelTime, MemoryStats } from '../device/device.js';
import { openDevice, type AdapterChoice } from '../device/index.js';
import type { DType } from '../kernels/launch.js';
import { RESULT, Storage, type HostArray } from './storage.js';
import type { Tensor } from './tensor.js';
import type { Node, Value } from './graph.js';
import { NotInitializedError } from './errors.js';
import { inputOp, isScalar, stateOp, type InputAttrs, type ScalarAttrs, type StateAttrs } from './leaf.js';
import type { Op } from './op.js';
import { dropTables } from './ops/fft.js';
import { assertFresh, pendingWork, takePending, type Effect } from './record.js';
import { planGraph, type PlanGraph, type Request } from './compile/plan-graph.js';
import { ArenaPool, CompiledProgram } from './compile/program.js';
import { LossRing } from './loss-ring.js';

export interface InitOptions {
  /** Default: `FORMANT_DEVICE`, else auto. */
  readonly device?: 'auto' | 'webgpu' | 'wasm';
  /** Default: `FORMANT_ADAPTER`, else auto. */
  readonly adapter?: AdapterChoice;
  /** Of the WebAssembly device. Default: `FORMANT_THREADS`, else one for each core, up to 16. */
  readonly threads?: number;
  /** How many programs stay prepared. Default 64. */
  readonly maxPrograms?: number;
}

interface Engine {
  readonly device: Device;
  readonly arenas: ArenaPool;
  readonly ring: LossRing;
  /** By structure; the least recently used one first. */
  readonly programs: Map<string, CompiledProgram>;
  readonly maxPrograms: number;
  last: CompiledProgram | undefined;
}

let engine: Engine | undefined;
let opening: Promise<Device> | undefined;

/** Opens the default device. Reading a value does so by itself; `commit()` and `optimizer.step()` are synchronous and need it done before. */
export function init(options: InitOptions = {}): Promise<Device> {
  if (engine) return Promise.resolve(engine.device);
  opening ??= openDevice(options).then(
    (opened) => {
      engine = {
        device: opened,
        arenas: new ArenaPool(opened),
        ring: new LossRing(),
        programs: new Map(),
        maxPrograms: options.maxPrograms ?? 64,
        last: undefined,
      };
      opening = undefined;
      return opened;
    },
    (error: unknown) => {
      opening = undefined;
      throw error;
    },
  );
  return opening;
}

/** Closes the device and frees everything on it. Variables that lived there cannot be used any more. */
export function shutdown(): void {
  takePending();
  dropTables();
  engine?.device.destroy();
  engine = undefined;
}

function running(): Engine {
  if (!engine) {
    throw new NotInitializedError(
      'There is no device yet: call `await init()` before the first optimizer.step() or commit().',
    );
  }
  return engine;
}

/** The default device. @throws NotInitializedError before `init()` */
export const device = (): Device => running().device;
/** Live buffers and bytes on the device. */
export const memory = (): MemoryStats => running().device.memory();
/** Counts of dispatches, submits and things created; differences of two readings describe a step. */
export const counters = (): DeviceCounters => running().device.counters();

/** Resolves when everything submitted is done; rejects with any error that came up. */
export const sync = (): Promise<void> => running().device.sync();

export interface ProgramStats {
  readonly programs: number;
  /** Of the program that ran last. */
  readonly dispatches: number;
  readonly kernels: readonly string[];
  readonly arenaBytes: number;
}

export function programStats(): ProgramStats {
  const { programs, last } = running();
  return {
    programs: programs.size,
    dispatches: last?.dispatchCount ?? 0,
    kernels: last?.kernelNames ?? [],
    arenaBytes: last?.arenaBytes ?? 0,
  };
}

/** Runs the last program once more with a timestamp round every dispatch. Its effects happen again: for benchmarks only. */
export async function profileLastProgram(): Promise<KernelTime[]> {
  const { device: current, last } = running();
  return last ? current.profile(last.deviceProgram) : [];
}

function programFor(graph: PlanGraph): CompiledProgram {
  const e = running();
  let program = e.programs.get(graph.key);
  if (program) {
    e.programs.delete(graph.key);
  } else {
    program = new CompiledProgram(graph, e.device, e.arenas, `program ${graph.nodes.length} ops`);
    if (e.programs.size >= e.maxPrograms) {
      const [oldest, old] = e.programs.entries().next().value!;
      e.programs.delete(oldest);
      old.destroy();
    }
  }
  e.programs.set(graph.key, program);
  e.last = program;
  return program;
}

/** The safety net for kept values that nobody disposed. */
const forgotten = new FinalizationRegistry<Storage>((storage) => storage.dispose());

const arrayOf = (buffer: ArrayBuffer, dtype: DType, elements: number): HostArray => {
  const type = dtype === 'f32' ? Float32Array : dtype === 'u32' ? Uint32Array : Int32Array;
  return new type(buffer, 0, elements);
};

/** Where a value lies already, without running anything. */
function residence(value: Value, on: Device): BufferSlice | undefined {
  const kept = value.node.results?.find((r) => r.index === value.index);
  if (kept) return kept.storage.slice(on);
  return value.node.op === (stateOp as Op) ? (value.node.attrs as StateAttrs).storage.slice(on) : undefined;
}

/**
 * Reads several values with one submit and one wait. Values that are not computed yet are computed, together; assigned state keeps its old
 * value until the commit.
 * @throws StaleTensorError for values that a commit has dropped
 */
export async function readAll(tensors: readonly Tensor[]): Promise<HostArray[]> {
  const values = tensors.map((t) => t.value);
  values.forEach(assertFresh);
  const current = engine?.device ?? (await init());
  // Opening the device took time in which a commit may have come.
  values.forEach(assertFresh);
  const slices = values.map((v) => residence(v, current));
  const missing = values.filter((v, i) => !slices[i] && !isHost(v));
  if (missing.length > 0) {
    const graph = planGraph(
      missing.map((value): Request<Value> => ({ kind: 'output', value })),
      current,
    );
    const program = programFor(graph);
    program.run(graph, []);
    const computed = new Map(missing.map((value, i) => [value, program.outputs[i]]));
    values.forEach((value, i) => (slices[i] ??= computed.get(value)));
  }
  const wanted = slices.filter((s): s is BufferSlice => s !== undefined);
  const buffers = wanted.length > 0 ? await current.read(wanted) : [];
  let next = 0;
  return values.map((value, i) => {
    const { shape, dtype } = value.node.outputs[value.index];
    const elements = shape.reduce((a, b) => a * b, 1);
    if (slices[i]) return arrayOf(buffers[next++], dtype, elements);
    return hostCopy(value);
  });
}

/** Host data and numbers: nothing has to run to know them. */
const isHost = (value: Value): boolean => value.node.op === (inputOp as Op) || isScalar(value);

function hostCopy(value: Value): HostArray {
  if (!isScalar(value)) return (value.node.attrs as InputAttrs).data.slice();
  const copy = arrayOf(new ArrayBuffer(4), value.node.outputs[0].dtype, 1);
  copy[0] = (value.node.attrs as ScalarAttrs).value;
  return copy;
}

/** What a commit ran, so that `compile` can run it again. */
export interface Committed {
  readonly graph: PlanGraph;
  /** Losses and kept values, and which of the two each is. */
  readonly outputs: readonly { readonly value: Value; readonly kept: boolean }[];
}

/** Told of every commit while a function is traced. */
let listener: ((committed: Committed) => void) | undefined;

export function listenToCommits<T>(listen: (committed: Committed) => void, body: () => T): T {
  const outer = listener;
  listener = listen;
  try {
    return body();
  } finally {
    listener = outer;
  }
}

/**
 * Ends the step: everything assigned takes effect, in order; losses and kept values are saved; every other intermediate is gone. All of it is
 * one program and one submit. `optimizer.step()` calls it.
 */
export function commit(): void {
  const e = running();
  const { effects, losses, kept } = pendingWork();
  try {
    const keptOnly = kept.filter((k) => !k.node.results);
    const isKept = (l: Value): boolean => keptOnly.some((k) => k.node === l.node && k.index === l.index);
    const outputs = [
      ...losses.filter((l) => !isKept(l)).map((value) => ({ value, kept: false })),
      ...keptOnly.map((value) => ({ value, kept: true })),
    ];
    if (effects.length + outputs.length === 0) return;
    const requests: Request<Value>[] = [
      ...outputs.map(({ value }): Request<Value> => ({ kind: 'output', value })),
      ...effects.map(requestOf),
    ];
    const graph = planGraph(requests, e.device);
    runCommit(
      { graph, outputs },
      outputs.map(({ value }) => value),
    );
    release(graph.recorded);
    listener?.({ graph, outputs });
  } finally {
    takePending();
  }
}

/** Runs a commit's program with the present values of its leaves; `owners` are the values that then hold its outputs. */
export function runCommit({ graph, outputs }: Committed, owners: readonly Value[]): void {
  const e = running();
  const program = programFor(graph);
  const copies = owners.map((owner, i): Copy => {
    const from = program.outputs[i];
    const storage = outputs[i].kept ? keptStorage(owner) : e.ring.place(owner);
    (owner.node.results ??= []).push({ index: owner.index, storage });
    return { from, to: { ...storage.slice(e.device), bytes: from.bytes } };
  });
  program.run(graph, copies);
}

function requestOf(effect: Effect): Request<Value> {
  return effect.kind === 'effect' ? effect : { kind: 'assign', value: effect.value, storage: effect.variable.storage };
}

function keptStorage(value: Value): Storage {
  const { shape, dtype } = value.node.outputs[value.index];
  const storage = Storage.zeros(
    shape.reduce((a, b) => a * b, 1),
    dtype,
    RESULT,
  );
  forgotten.register(value.node, storage);
  return storage;
}

/** Lets go of the inputs of nodes that have run, so that a tensor that the user holds does not hold its whole history. */
function release(nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (node.isLeaf) continue;
    node.inputs = [];
    node.released = true;
  }
}

/** Gives back what `keep()` saved of a value. */
export function disposeValue(value: Value): void {
  const { node } = value;
  const found = node.results?.find((r) => r.index === value.index);
  if (!found) return;
  node.results = node.results?.filter((r) => r !== found);
  found.storage.dispose();
}
