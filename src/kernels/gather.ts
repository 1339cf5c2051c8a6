/**
 * Row look-up (embedding) and its gradient.
 *
 * `gather`: table (V, E), indices (M) u32 → (M, E). An invocation copies one element (`scalar`) or four (`vec4`, where E % 4 = 0). An
 * index ≥ V gives a row of zeros and never reads outside; whoever knows the indices on the host checks them there.
 *
 * `gatherGrad`: dy (M, E), indices (M) → (V, E). An invocation owns one element (or four) of the result and scans all indices in order, adding
 * the rows that are its own: no atomics, so the sum's order, and with it every bit, is the same in each run. Costs V·M look-ups of
 * indices that the whole workgroup shares; meant for the small tables of this library.
 */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  input,
  numel,
  output,
  u32,
  type Kernel,
  type LaunchPlan,
  type Problem,
} from './launch.js';

const WORKGROUP = 64;

type Attrs = Readonly<Record<string, never>>;

const variantsFor = (columns: number): readonly string[] => (columns % 4 === 0 ? ['scalar', 'vec4'] : ['scalar']);
const last = (names: readonly string[]): string => names[names.length - 1];

const gatherVariants = (problem: Problem<Attrs>): readonly string[] => variantsFor(problem.inputs[0].shape[1]);

export const gather: Kernel<Attrs> = {
  name: 'gather',
  fusesEpilogue: false,
  variants: gatherVariants,
  choose: (problem) => last(gatherVariants(problem)),
  launch(problem): LaunchPlan {
    const variant = problem.variant ?? gather.choose(problem);
    const [rows, columns] = problem.inputs[0].shape;
    const width = variant === 'vec4' ? 4 : 1;
    const type = width === 4 ? 'vec4<f32>' : 'f32';
    const count = numel(problem.outputs[0].shape) / width;
    if (count === 0) return { launches: [] };
    return {
      launches: [
        defineLaunch({
          name: `gather.${variant}`,
          bindings: [
            { name: 'table', type, ref: input(0) },
            { name: 'indices', type: 'u32', ref: input(1) },
            { name: 'result', type, ref: output(0) },
          ],
          params: [u32('count', count), u32('rows', rows), u32('columns', columns / width)],
          workgroupSize: [WORKGROUP, 1, 1],
          body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.count) { return; }
  let row = indices[i / p.columns];
  var value = ${type}(0.0);
  if (row < p.rows) { value = table[row * p.columns + i % p.columns]; }
  result[i] = value;`,
          grid: gridFor(count, WORKGROUP),
        }),
      ],
    };
  },
  cost(problem) {
    const n = numel(problem.outputs[0].shape);
    return { flops: 0, bytes: 8 * n + 4 * numel(problem.inputs[1].shape) };
  },
};

const gatherGradVariants = (problem: Problem<Attrs>): readonly string[] => variantsFor(problem.outputs[0].shape[1]);

export const gatherGrad: Kernel<Attrs> = {
  name: 'gatherGrad',
  fusesEpilogue: false,
  variants: gatherGradVariants,
  choose: (problem) => last(gatherGradVariants(problem)),
  launch(problem): LaunchPlan {
    const variant = problem.variant ?? gatherGrad.choose(problem);
    const columns = problem.outputs[0].shape[1];
    const picks = numel(problem.inputs[1].shape);
    const width = variant === 'vec4' ? 4 : 1;
    const type = width === 4 ? 'vec4<f32>' : 'f32';
    const count = numel(problem.outputs[0].shape) / width;
    if (count === 0) return { launches: [] };
    // With no picks there is nothing to bind but the result, which is zero.
    const scan = picks > 0;
    return {
      launches: [
        defineLaunch({
          name: `gatherGrad.${variant}${scan ? '' : '.empty'}`,
          bindings: [
            ...(scan
              ? [
                  { name: 'dy', type, ref: input(0) },
                  { name: 'indices', type: 'u32', ref: input(1) },
                ]
              : []),
            { name: 'result', type, ref: output(0) },
          ],
          params: [u32('count', count), u32('picks', picks), u32('columns', columns / width)],
          workgroupSize: [WORKGROUP, 1, 1],
          body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.count) { return; }
  var sum = ${type}(0.0);
${
  scan
    ? `  let row = i / p.columns;
  let column = i % p.columns;
  for (var m = 0u; m < p.picks; m++) {
    if (indices[m] == row) { sum += dy[m * p.columns + column]; }
  }`
    : ''
}
  result[i] = sum;`,
          grid: gridFor(count, WORKGROUP),
        }),
      ],
    };
  },
  cost(problem) {
    const picked = numel(problem.inputs[0].shape);
    return { flops: picked, bytes: 4 * (picked + numel(problem.outputs[0].shape) + numel(problem.inputs[1].shape)) };
  },
};
