/**
 * The frame round generated elementwise code: each invocation computes one element, `element(i)`, and stores it. `element` is written by
 * tensor/compile/fragment.ts from a fused piece of the graph.
 */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  u32,
  type Binding,
  type BufferRef,
  type LaunchPlan,
  type Param,
} from './launch.js';

const WORKGROUP = 64;

/** WGSL functions with the memory and the uniform words they use. */
export interface Fragment {
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly params: readonly Param[];
}

/** `fragment.code` defines `fn element(index: u32) -> type`; it may read `out[index]` for an update in place. */
export function elementwiseLaunch(
  name: string,
  count: number,
  type: string,
  fragment: Fragment,
  out: BufferRef,
): LaunchPlan {
  if (count === 0) return { launches: [] };
  return {
    launches: [
      defineLaunch({
        name,
        bindings: [{ name: 'out', type, ref: out }, ...fragment.bindings],
        params: [u32('count', count), ...fragment.params],
        workgroupSize: [WORKGROUP, 1, 1],
        declarations: fragment.code,
        body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) { out[i] = element(i); }`,
        grid: gridFor(count, WORKGROUP),
      }),
    ],
  };
}
