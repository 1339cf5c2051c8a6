/**
 * Weights from and to PyTorch. Names are paths with PyTorch's own last parts (`conv1.weight`, `lstm.weight_ih_l0_reverse`,
 * `bn1.running_mean`), so a model whose properties are named as in Python loads its `state_dict()` as it is; each layer permutes its own
 * weights (Linear (out, in), Conv1d (Cout, Cin, K), Conv2d (Cout, Cin, KH, KW), LSTM gate by gate with two biases that fold into one).
 */
import type { LoadOptions, LoadableState, Module, StateDict, StateEntry } from './module.js';

/** Splits `path.to.name` at its last dot. */
function splitName(name: string): [path: string, key: string] {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? ['', name] : [name.slice(0, dot), name.slice(dot + 1)];
}

/** Entries by the module they belong to. */
function byModule<T>(state: Readonly<Record<string, T>>): Map<string, Record<string, T>> {
  const groups = new Map<string, Record<string, T>>();
  for (const [name, entry] of Object.entries(state)) {
    const [path, key] = splitName(name);
    const group = groups.get(path) ?? {};
    groups.set(path, group);
    group[key] = entry;
  }
  return groups;
}

const prefixed = (path: string, own: StateDict): StateDict =>
  Object.fromEntries(Object.entries(own).map(([key, entry]) => [path === '' ? key : `${path}.${key}`, entry]));

const toFloat32 = (entry: LoadableState[string]): StateEntry => ({
  shape: entry.shape,
  data: Float32Array.from<number | bigint>(entry.data, Number),
});

/**
 * Loads a PyTorch `state_dict()`.
 * @throws StateDictError for missing or unexpected names and for shapes that do not fit; names in it are this library's
 */
export function loadTorchStateDict(module: Module, state: LoadableState, options: LoadOptions = {}): void {
  const modules = new Map(module.namedModules());
  const converted: StateDict = {};
  for (const [path, group] of byModule(state)) {
    const entries = Object.fromEntries(Object.entries(group).map(([key, entry]) => [key, toFloat32(entry)]));
    const owner = modules.get(path);
    Object.assign(converted, prefixed(path, owner ? owner.fromTorch(entries) : entries));
  }
  module.loadStateDict(converted, options);
}

/** The state as PyTorch's `load_state_dict()` takes it (`bias_hh` of an LSTM is 0). */
export async function torchStateDict(module: Module): Promise<StateDict> {
  const modules = new Map(module.namedModules());
  const converted: StateDict = {};
  for (const [path, group] of byModule(await module.stateDict())) {
    const owner = modules.get(path);
    Object.assign(converted, prefixed(path, owner ? owner.toTorch(group) : group));
  }
  return converted;
}
