/**
 * Tables (windows, filter banks, cosines) made on the host in float64 and kept on the device once for each setting, so that neither
 * their making nor their upload is paid again.
 */
import type { Device } from '../device/device.js';
import { device, tensor, variable, NotInitializedError, type Tensor } from '../tensor/index.js';

/** Tables belong to a device; when it is shut down they go with it. */
const tables = new WeakMap<Device, Map<string, Tensor>>();

function currentDevice(): Device | undefined {
  try {
    return device();
  } catch (error) {
    if (error instanceof NotInitializedError) return undefined;
    throw error;
  }
}

/** The table that `make` builds, under a key that names all it depends on. */
export function constant(key: string, shape: readonly number[], make: () => ArrayLike<number>): Tensor {
  const owner = currentDevice();
  // Graphs may be built before there is a device; such a table is an ordinary input.
  if (!owner) return tensor(Float32Array.from(make()), shape);
  let known = tables.get(owner);
  if (!known) tables.set(owner, (known = new Map()));
  let found = known.get(key);
  if (!found) known.set(key, (found = variable(Float32Array.from(make()), shape, { label: key })));
  return found;
}
