/** Leaves of the graph: data that exists before any op runs. */
import type { DType, Spec } from '../kernels/launch.js';
import type { LeafOp } from './op.js';
import type { HostArray, Storage } from './storage.js';
import { Node, type Value } from './graph.js';

const leaf = <A>(name: string, key: (attrs: A) => string): LeafOp<A> => ({
  kind: 'leaf',
  name,
  shape: () => [],
  gradient: () => [],
  key,
});

export interface InputAttrs {
  data: HostArray;
}
export interface ScalarAttrs {
  value: number;
  /** Makes the value of the next replay of a compiled function (a new random key, say). */
  readonly next?: () => number;
}
export interface StateAttrs {
  readonly storage: Storage;
}

/** Host data, uploaded into a slot of the program at every run. */
export const inputOp = leaf<InputAttrs>('input', () => '');
/** A number that may change from run to run; the value lives in the uniform block of the kernels that use it. */
export const scalarOp = leaf<ScalarAttrs>('scalar', () => '');
/** Memory that outlives programs. */
export const stateOp = leaf<StateAttrs>('state', () => '');

/** What a replayed commit has saved; the memory is in the node's results. */
export const resultOp = leaf<Record<string, never>>('result', () => '');

const make = (op: LeafOp, attrs: unknown, spec: Spec, requiresGrad = false): Value => ({
  node: new Node(op, [], attrs, [spec], { generation: -1, requiresGrad }),
  index: 0,
});

export const inputLeaf = (data: HostArray, shape: readonly number[], dtype: DType): Value =>
  make(inputOp as LeafOp, { data } satisfies InputAttrs, { shape, dtype });

export const scalarLeaf = (value: number, dtype: DType, next?: () => number): Value =>
  make(scalarOp as LeafOp, { value, next } satisfies ScalarAttrs, { shape: [], dtype });

export const stateLeaf = (storage: Storage, shape: readonly number[], requiresGrad: boolean): Value =>
  make(stateOp as LeafOp, { storage } satisfies StateAttrs, { shape, dtype: storage.dtype }, requiresGrad);

export const isScalar = (value: Value): boolean => value.node.op === (scalarOp as LeafOp);

export const resultLeaf = (spec: Spec): Value => make(resultOp as LeafOp, {}, spec);
