/**
 * Standard normal numbers for the rows of a batch, each row under a key of its own: element i of row n is Philox's i-th normal number
 * under the key (seed, ids[n]) (kernels/random.ts), so that a row's numbers depend neither on the batch it is in nor on its place there.
 *
 * An invocation makes one element; neighbours of a row share their key.
 */
import { defineLaunch, flatIndex, gridFor, input, numel, output, u32, type Kernel, type LaunchPlan } from './launch.js';
import { randomFunctions } from './random.js';

const WORKGROUP = 64;

/** Inputs: ids (N) u32, seed (scalar u32). Output (N, L). */
export const normalRows: Kernel<{ readonly columns: number }> = {
  name: 'normalRows',
  fusesEpilogue: false,
  variants: () => ['plain'],
  choose: () => 'plain',
  launch({ inputs, attrs: { columns } }): LaunchPlan {
    const count = inputs[0].shape[0] * columns;
    if (count === 0) return { launches: [] };
    return {
      launches: [
        defineLaunch({
          name: 'normalRows.plain',
          bindings: [
            { name: 'ids', type: 'u32', ref: input(0) },
            { name: 'result', type: 'f32', ref: output(0) },
          ],
          params: [u32('count', count), u32('columns', columns), u32('seed', { scalarInput: 1 })],
          workgroupSize: [WORKGROUP, 1, 1],
          declarations: randomFunctions,
          body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) {
    result[i] = random_normal(vec2<u32>(p.seed, ids[i / p.columns]), i % p.columns);
  }`,
          grid: gridFor(count, WORKGROUP),
        }),
      ],
    };
  },
  cost({ outputs: [out] }) {
    const n = numel(out.shape);
    // Ten rounds of two products of 32 bits, and a logarithm, a root and a cosine.
    return { flops: 150 * n, bytes: 4 * n };
  },
};
