/** The way between PyTorch's names and layouts, which the fixtures have, and a model's own. */
import { loadTorchStateDict, type Module, type StateDict } from '../../../src/nn/index.js';
import type { NdArray } from '../../support/nd-array.js';

export type Arrays = ReadonlyMap<string, NdArray>;

/** `path.to.name` cut at its last dot. */
function byPath(names: Iterable<string>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const path = name.slice(0, name.lastIndexOf('.'));
    groups.set(path, [...(groups.get(path) ?? []), name]);
  }
  return groups;
}

type Convert = (module: Module, own: StateDict) => StateDict;

function convert(model: Module, arrays: Arrays, change: Convert): StateDict {
  const modules = new Map(model.namedModules());
  const out: StateDict = {};
  for (const [path, names] of byPath(arrays.keys())) {
    const owner = modules.get(path);
    if (!owner) throw new Error(`the model has no layer ${path}, only ${[...modules.keys()].join(', ')}`);
    const own: StateDict = {};
    for (const name of names) {
      const { shape, data } = arrays.get(name)!;
      own[name.slice(path.length + 1)] = { shape, data: Float32Array.from(data) };
    }
    for (const [key, entry] of Object.entries(change(owner, own))) out[`${path}.${key}`] = entry;
  }
  return out;
}

/** Arrays a parameter (gradients, moments) under PyTorch's names, from those under the model's. */
export const toTorch = (model: Module, arrays: Arrays): StateDict => convert(model, arrays, (m, own) => m.toTorch(own));

/** The reverse. The second LSTM bias, which the fixtures freeze at 0, is put in. */
export const fromTorch = (model: Module, arrays: Arrays): StateDict =>
  convert(model, withSecondBias(arrays), (m, own) => m.fromTorch(own));

/** Loads a state of the fixtures. */
export const loadState = (model: Module, arrays: Arrays): void =>
  loadTorchStateDict(model, Object.fromEntries(withSecondBias(arrays)));

function withSecondBias(arrays: Arrays): Arrays {
  const all = new Map(arrays);
  for (const [name, { shape }] of arrays) {
    const other = name.replace('.bias_ih_', '.bias_hh_');
    if (!all.has(other)) all.set(other, { shape, data: new Float32Array(shape[0]) });
  }
  return all;
}
