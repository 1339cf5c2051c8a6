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

/** The table that `make` builds, under a key that names all it depends on; float64 becomes f32. Without a shape it is a vector. */
export function constant(
  key: string,
  make: () => Float64Array | Float32Array | Uint32Array,
  shape?: readonly number[],
): Tensor {
  const host = (): Float32Array | Uint32Array => {
    const made = make();
    return made instanceof Float64Array ? Float32Array.from(made) : made;
  };
  const owner = currentDevice();
  // Graphs may be built before there is a device; such a table is an ordinary input.
  if (!owner) return tensor(host(), shape);
  let known = tables.get(owner);
  if (!known) tables.set(owner, (known = new Map()));
  let found = known.get(key);
  if (!found) known.set(key, (found = variable(host(), shape, { label: key })));
  return found;
}
