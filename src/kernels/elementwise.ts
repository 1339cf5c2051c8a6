/**
 * The frame round generated elementwise code: each invocation computes one element, `element(i)`, and stores it. `element` is written by
 * tensor/compile/fragment.ts from a fused piece of the graph.
 */
import type { BufferRef } from './launch.js';
import type { Fragment, Task } from './tasks.js';

/** `fragment.code` defines `fn element(index: u32) -> type`; it may read `out[index]` for an update in place. */
export const elementwiseTask = (
  name: string,
  count: number,
  type: string,
  fragment: Fragment,
  out: BufferRef,
): Task => ({
  name,
  count,
  bindings: [{ name: 'out', type, ref: out }, ...fragment.bindings],
  params: fragment.params,
  fragments: [fragment],
  body: '  out[i] = element(i);',
});
