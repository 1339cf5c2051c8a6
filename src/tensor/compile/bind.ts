/**
 * The last stage of lowering: memory is laid out (input slots, arena by lifetime), and every binding and uniform word of the launches is
 * resolved to a dispatch.
 */
import type { BufferSlice, Device, Dispatch } from '../../device/device.js';
import { numel, type BufferRef } from '../../kernels/launch.js';
import { align256 } from '../storage.js';
import { planArena, type ArenaItem } from './arena.js';
import { isInput, isScalarRef, refKey, specOfRef, type PlanGraph, type PlanNode, type Ref } from './plan-graph.js';
import type { Step } from './steps.js';

/** A uniform word that takes the value of a scalar leaf at every run. */
export interface ScalarPatch {
  readonly dispatch: number;
  readonly word: number;
  /** Number of the scalar's node in the plan. */
  readonly node: number;
  readonly type: 'u32' | 'f32' | 'i32';
}

export interface Lowered {
  readonly dispatches: readonly Dispatch[];
  readonly patches: readonly ScalarPatch[];
  /** Host inputs: the plan's node and the slot it is written to. */
  readonly inputs: readonly { readonly node: number; readonly slice: BufferSlice }[];
  /** Where each requested output lies after a run, in the order of the requests of kind `output`. */
  readonly outputs: readonly BufferSlice[];
  readonly arenaBytes: number;
}

/** Memory that the program owns; the caller makes it once the sizes are known. */
export interface Memory {
  readonly arena: (bytes: number) => BufferSlice;
  readonly inputs: (bytes: number) => BufferSlice;
}

/** What lowering hands over: the steps in order, and what lies where already. */
export interface Bindable {
  readonly graph: PlanGraph;
  readonly device: Device;
  readonly steps: readonly Step[];
  /** Values that are written straight into stored memory instead of the arena, by `refKey`. */
  readonly pinned: ReadonlyMap<number, BufferSlice>;
  /** Values that must be in memory when the program has run. */
  readonly outputs: readonly Ref[];
}

export function bindSteps(work: Bindable, memory: Memory): Lowered {
  const { graph, device, steps, pinned, outputs } = work;
  const inputs = inputSlots(graph, memory);
  const { slices, temps, begins, bytes } = arenaSlots(work, memory);
  const sliceOf = (ref: Ref): BufferSlice => {
    const fixed = pinned.get(refKey(ref));
    if (fixed) return { ...fixed, bytes: bytesOf(ref) };
    return ref.node.storage?.slice(device) ?? inputs.get(ref.node.n) ?? slices.get(refKey(ref))!;
  };
  const dispatches: Dispatch[] = [];
  const patches: ScalarPatch[] = [];
  steps.forEach((step, s) => {
    const resolve = (ref: BufferRef): BufferSlice => {
      switch (ref.kind) {
        case 'input':
          return sliceOf(step.inputs[ref.index]);
        case 'epilogue':
          return sliceOf(step.loads[ref.index]);
        case 'temp':
          return temps[s][ref.index];
        case 'output': {
          const place = step.outputs[ref.index];
          return 'ref' in place ? sliceOf(place.ref) : place.slice;
        }
      }
    };
    step.plan.launches.forEach((launch, l) => {
      const params = new Uint32Array(launch.params.length);
      launch.params.forEach((param, word) => {
        const { value } = param;
        if (typeof value === 'number') {
          params[word] = bitsOf(value, param.type);
          return;
        }
        const node: PlanNode | undefined =
          'scalarInput' in value ? step.scalarInputs[value.scalarInput] : step.scalars[value.epilogueScalar];
        if (!node) throw new Error(`${launch.kernel.name}: ${param.name} names an input that is no scalar`);
        patches.push({ dispatch: dispatches.length, word, node: node.n, type: param.type });
      });
      const fresh = l === 0 ? [...begins[s], ...temps[s]] : [];
      dispatches.push({
        kernel: launch.kernel,
        buffers: launch.buffers.map(resolve),
        params,
        grid: launch.grid,
        fresh,
      });
    });
  });
  return {
    dispatches,
    patches,
    inputs: [...inputs].map(([node, slice]) => ({ node, slice })),
    outputs: outputs.map(sliceOf),
    arenaBytes: bytes,
  };
}

/** At least a word: an empty value has no memory, and a binding must not be empty. */
const bytesOf = (ref: Ref): number => Math.max(4, numel(specOfRef(ref).shape) * 4);

/** A fixed slot for every host input, by its node's number. */
function inputSlots(graph: PlanGraph, memory: Memory): Map<number, BufferSlice> {
  const nodes = graph.nodes.filter(isInput);
  const sizes = nodes.map((node) => bytesOf({ node, index: 0 }));
  const total = sizes.reduce((sum, bytes) => sum + align256(bytes), 0);
  const slots = new Map<number, BufferSlice>();
  if (total === 0) return slots;
  const base = memory.inputs(total);
  let offset = base.offset;
  nodes.forEach((node, i) => {
    slots.set(node.n, { buffer: base.buffer, offset, bytes: sizes[i] });
    offset += align256(sizes[i]);
  });
  return slots;
}

interface ArenaSlots {
  /** By `refKey`. */
  readonly slices: ReadonlyMap<number, BufferSlice>;
  /** Temporaries of each step. */
  readonly temps: readonly (readonly BufferSlice[])[];
  /** Slices whose values come into being in each step. */
  readonly begins: readonly (readonly BufferSlice[])[];
  readonly bytes: number;
}

/** Places for all intermediates and temporaries, by lifetime. */
function arenaSlots({ steps, pinned, outputs }: Bindable, memory: Memory): ArenaSlots {
  const lifetimes = new Map<number, { bytes: number; first: number; last: number }>();
  const touch = (ref: Ref, step: number): void => {
    if (ref.node.op.kind === 'leaf' || pinned.has(refKey(ref))) return;
    const known = lifetimes.get(refKey(ref));
    if (known) known.last = step;
    else lifetimes.set(refKey(ref), { bytes: bytesOf(ref), first: step, last: step });
  };
  steps.forEach((step, s) => {
    for (const ref of [...step.inputs, ...step.loads]) if (!isScalarRef(ref)) touch(ref, s);
    for (const place of step.outputs) if ('ref' in place) touch(place.ref, s);
  });
  for (const ref of outputs) touch(ref, steps.length);
  const temps = steps.flatMap((step, s) =>
    (step.plan.temps ?? []).map((bytes): ArenaItem => ({ bytes, first: s, last: s })),
  );
  const items = [...lifetimes.values(), ...temps];
  const plan = planArena(items);
  if (items.length === 0)
    return { slices: new Map(), temps: steps.map(() => []), begins: steps.map(() => []), bytes: 0 };
  const arena = memory.arena(plan.bytes);
  const places = items.map(({ bytes }, i): BufferSlice => ({
    buffer: arena.buffer,
    offset: arena.offset + plan.offsets[i],
    bytes: Math.max(4, bytes),
  }));
  const begins = steps.map((): BufferSlice[] => []);
  [...lifetimes.values()].forEach(({ first }, i) => begins[first]?.push(places[i]));
  let next = lifetimes.size;
  return {
    slices: new Map([...lifetimes.keys()].map((key, i) => [key, places[i]])),
    temps: steps.map((step) => (step.plan.temps ?? []).map(() => places[next++])),
    begins,
    bytes: plan.bytes,
  };
}

const word = new DataView(new ArrayBuffer(4));

/** The bits of a uniform word. */
export function bitsOf(value: number, type: 'u32' | 'f32' | 'i32'): number {
  if (type !== 'f32') return value >>> 0;
  word.setFloat32(0, value);
  return word.getUint32(0);
}
