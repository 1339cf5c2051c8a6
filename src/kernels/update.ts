/**
 * What the optimizer kernels (sgd, rmsprop, adam) share: one elementwise pass over flat arenas, each parameter's new value and state
 * computed from its old ones and its gradient, in place. An invocation owns one element (`scalar`) or four neighbours (`vec4`, where the
 * count allows: a quarter of the invocations, and 16-byte loads). All parameters of a model lie in one arena, so a step is one dispatch.
 */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  input,
  type Cost,
  type LaunchPlan,
  type Param,
  type Problem,
} from './launch.js';

const WORKGROUP = 64;

export const updateVariants = (problem: Problem): readonly string[] =>
  problem.inputs[0].shape.reduce((a, b) => a * b, 1) % 4 === 0 ? ['scalar', 'vec4'] : ['scalar'];

export interface UpdateSpec {
  readonly name: string;
  readonly problem: Problem;
  readonly variant: string;
  /** Names of the tensors that the body sees as `name[i]`, with the index of their input. */
  readonly arenas: readonly (readonly [name: string, inputIndex: number])[];
  readonly scalars: readonly Param[];
  /** Input of a one-element tensor that multiplies every gradient. */
  readonly gradScale?: number;
  /** WGSL over `w` (parameter), `g` (scaled gradient) and `i`, of type `T`; stores its results itself. */
  readonly body: string;
}

/** One launch that runs `body` for every element. Writes inputs in place; there are no outputs. */
export function updateLaunch(spec: UpdateSpec): LaunchPlan {
  const n = spec.problem.inputs[0].shape.reduce((a, b) => a * b, 1);
  if (n === 0) return { launches: [] };
  const width = spec.variant === 'vec4' ? 4 : 1;
  const type = width === 4 ? 'vec4<f32>' : 'f32';
  const bindings = spec.arenas.map(([name, index]) => ({ name, type, ref: input(index) }));
  if (spec.gradScale !== undefined) bindings.push({ name: 'grad_scale', type: 'f32', ref: input(spec.gradScale) });
  return {
    launches: [
      defineLaunch({
        name: `${spec.name}.${spec.variant}`,
        bindings,
        params: [{ name: 'count', type: 'u32', value: n / width }, ...spec.scalars],
        workgroupSize: [WORKGROUP, 1, 1],
        declarations: `alias T = ${type};`,
        body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.count) { return; }
  let w = params[i];
  let g = grads[i]${spec.gradScale === undefined ? '' : ' * grad_scale[0]'};
${spec.body.replace(/^\n+/, '')}`,
        grid: gridFor(n / width, WORKGROUP),
      }),
    ],
  };
}

/** `flops` operations an element; each arena is read, all but the gradients are also written. */
export function updateCost(problem: Problem, arenas: number, flops: number): Cost {
  const n = problem.inputs[0].shape.reduce((a, b) => a * b, 1);
  return { flops: flops * n, bytes: 4 * n * (2 * arenas - 1) };
}
