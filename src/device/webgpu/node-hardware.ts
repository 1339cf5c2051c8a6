/** Apart from node-adapter.ts, because that loads Dawn. */
import { readdirSync } from 'node:fs';

/** Kernel drivers of graphics processors as /dev shows them: PCs, NVIDIA's own, WSL, Adreno, Mali, PowerVR, Tegra. */
const DEVICE_FILE = /^(dri|nvidia|dxg|kgsl|mali|pvr|nvhost|nvmap)/;

/** False only where there is surely no graphics card: on Linux, one without a device file cannot be used by any driver. */
export function mayHaveHardware(): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readdirSync('/dev').some((name) => DEVICE_FILE.test(name));
  } catch {
    return true;
  }
}
