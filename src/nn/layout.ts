/** Copies between layouts on the host, for weights that come from PyTorch or go there. */
import { StateDictError } from './errors.js';
import type { StateDict, StateEntry } from './module.js';

/** The entry with its dimensions in another order: dimension i of the result is dimension `order[i]` of the entry. */
export function permuteEntry(entry: StateEntry, order: readonly number[], name: string): StateEntry {
  const { shape, data } = entry;
  if (shape.length !== order.length) {
    throw new StateDictError(`"${name}" should have ${order.length} dimensions; it has shape (${shape.join(', ')}).`);
  }
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  const outShape = order.map((d) => shape[d]);
  const out = new Float32Array(data.length);
  const at = new Array<number>(order.length).fill(0);
  for (let i = 0; i < out.length; i++) {
    out[i] = data[order.reduce((sum, d, k) => sum + at[k] * strides[d], 0)];
    for (let k = order.length - 1; k >= 0 && ++at[k] === outShape[k]; k--) at[k] = 0;
  }
  return { shape: outShape, data: out };
}

/** `state` with the entry `name`, if it is there, replaced by what `change` makes of it. */
export function withEntry(state: StateDict, name: string, change: (entry: StateEntry) => StateEntry): StateDict {
  return Object.hasOwn(state, name) ? { ...state, [name]: change(state[name]) } : state;
}
