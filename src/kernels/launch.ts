/**
 * How a kernel says what to run. A kernel file exports a function that takes a `Problem` (shapes and attributes) and returns a
 * `LaunchPlan`: one or more launches over the node's inputs, outputs and temporaries. `tensor/compile` gives them memory.
 */
import type { DeviceInfo, KernelSource } from '../device/device.js';

export type DType = 'f32' | 'u32' | 'i32';

export interface Spec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Which memory a launch binds: a node's input or output, a temporary of the plan, or an extra input of the fused epilogue. */
export type BufferRef =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'output'; readonly index: number }
  | { readonly kind: 'temp'; readonly index: number }
  | { readonly kind: 'epilogue'; readonly index: number };

export const input = (index: number): BufferRef => ({ kind: 'input', index });
export const output = (index = 0): BufferRef => ({ kind: 'output', index });
export const temp = (index: number): BufferRef => ({ kind: 'temp', index });

/**
 * A 32-bit word of the uniform block: a number fixed by the shapes, or the value of the node's scalar input `scalarInput` (learning rate,
 * seed), which may change from run to run without a new program.
 */
export type ParamValue = number | { readonly scalarInput: number } | { readonly epilogueScalar: number };

export interface Param {
  readonly name: string;
  readonly type: 'u32' | 'f32' | 'i32';
  readonly value: ParamValue;
}

export interface Binding {
  readonly name: string;
  /** WGSL element type of the runtime-sized array: `f32`, `vec4<f32>`, `u32`. */
  readonly type: string;
  readonly ref: BufferRef;
}

/**
 * Elementwise work that the compiler has fused behind a kernel. A template that supports it calls `epilogue(value, index)` on each
 * finished element, `index` being the linear index in output 0, and stores what it returns.
 */
export interface Epilogue {
  /** The WGSL of `fn epilogue(value: f32, index: u32) -> f32`, over the bindings and params below. */
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly params: readonly Param[];
}

/** The epilogue that does nothing, so that templates need no second form. */
export const identityEpilogue: Epilogue = {
  code: 'fn epilogue(value: f32, index: u32) -> f32 { return value; }',
  bindings: [],
  params: [],
};

export interface Launch {
  readonly kernel: KernelSource;
  readonly buffers: readonly BufferRef[];
  readonly params: readonly Param[];
  readonly grid: readonly [number, number, number];
}

export interface LaunchPlan {
  readonly launches: readonly Launch[];
  /** Sizes in bytes of the temporaries that the launches name. */
  readonly temps?: readonly number[];
}

/** What a kernel is asked to do. `attrs` is the op's own attribute object. */
export interface Problem<Attrs = unknown> {
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
  readonly attrs: Attrs;
  readonly device: DeviceInfo;
  readonly epilogue: Epilogue;
  /** A variant's name, to overrule the kernel's own choice (tests, benchmarks, tuner). */
  readonly variant?: string;
}

/** Work of one launch plan, for the roofline. */
export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

export interface Kernel<Attrs = unknown> {
  readonly name: string;
  /** The ladder, plainest first: every name that `launch` accepts for this problem on this device. */
  variants(problem: Problem<Attrs>): readonly string[];
  /** The variant taken when nobody overrules it; one of `variants(problem)`. */
  choose(problem: Problem<Attrs>): string;
  launch(problem: Problem<Attrs>): LaunchPlan;
  cost(problem: Problem<Attrs>): Cost;
  /** True where the template applies `problem.epilogue` to output 0. */
  readonly fusesEpilogue: boolean;
}

export interface LaunchSpec {
  readonly name: string;
  readonly bindings: readonly Binding[];
  readonly params?: readonly Param[];
  readonly workgroupSize: readonly [number, number, number];
  /** Declarations outside of `main` (functions, workgroup variables, constants). */
  readonly declarations?: string;
  /** The body of `main`; it sees `gid`, `lid`, `wid` (vec3<u32>), `lindex` (u32) and `nwg` (vec3<u32>). */
  readonly body: string;
  readonly grid: readonly [number, number, number];
  readonly features?: KernelSource['features'];
}

/**
 * Writes the WGSL module round a body and pairs it with its bindings: each binding becomes `name: array<type>`, each param a member
 * of the uniform `p` (read as `p.name`). Shapes live in params, not in the text, so that launches of other shapes share the pipeline.
 */
export function defineLaunch(spec: LaunchSpec): Launch {
  const params = spec.params ?? [];
  const lines: string[] = [];
  for (const feature of spec.features ?? []) lines.push(`enable ${feature === 'shader-f16' ? 'f16' : feature};`);
  spec.bindings.forEach((b, i) => {
    lines.push(`@group(0) @binding(${i}) var<storage, read_write> ${b.name}: array<${b.type}>;`);
  });
  if (params.length > 0) {
    lines.push(`struct Params { ${params.map((q) => `${q.name}: ${q.type}`).join(', ')} }`);
    lines.push(`@group(0) @binding(${spec.bindings.length}) var<uniform> p: Params;`);
  }
  if (spec.declarations) lines.push(spec.declarations.trim());
  lines.push(`@compute @workgroup_size(${spec.workgroupSize.join(', ')})`);
  lines.push(
    'fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,',
    '        @builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lindex: u32,',
    '        @builtin(num_workgroups) nwg: vec3<u32>) {',
    spec.body.replace(/^\n+|\s+$/g, ''),
    '}',
  );
  return {
    kernel: {
      name: spec.name,
      code: lines.join('\n') + '\n',
      storageBindings: spec.bindings.length,
      hasParams: params.length > 0,
      features: spec.features,
    },
    buffers: spec.bindings.map((b) => b.ref),
    params,
    grid: spec.grid,
  };
}

/** Workgroups along one dimension that WebGPU accepts. */
const MAX_GRID = 65535;

/**
 * Folds `count` invocations of a one-dimensional kernel into a grid. In the body, `flatIndex` gives the invocation's number, which can be
 * past the end: compare it with the count.
 */
export function gridFor(count: number, workgroupSize: number): [number, number, number] {
  const groups = Math.max(1, Math.ceil(count / workgroupSize));
  if (groups <= MAX_GRID) return [groups, 1, 1];
  const rows = Math.ceil(groups / MAX_GRID);
  return [Math.ceil(groups / rows), rows, 1];
}

/** WGSL expression of the invocation's number under `gridFor`. */
export const flatIndex = (workgroupSize: number): string => `((wid.y * nwg.x + wid.x) * ${workgroupSize}u + lindex)`;

export const numel = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const u32 = (name: string, value: ParamValue): Param => ({ name, type: 'u32', value });
export const f32 = (name: string, value: ParamValue): Param => ({ name, type: 'f32', value });
