/** The machine room's door: opens a device and passes on the types that the rooms above talk to. */
import type { Device } from './device.js';
import { UnsupportedError } from './errors.js';
import { parseAdapterChoice, type AdapterChoice } from './webgpu/adapter.js';
import { openWebGpu } from './webgpu/open.js';

export * from './device.js';
export * from './errors.js';
export type { AdapterChoice } from './webgpu/adapter.js';

export interface OpenDeviceOptions {
  /** Which device; else `FORMANT_DEVICE`, else `auto`. */
  readonly device?: 'auto' | 'webgpu' | 'wasm';
  /** Which WebGPU adapter; else `FORMANT_ADAPTER`, else `auto`: hardware first, then software drivers. */
  readonly adapter?: AdapterChoice;
  /** Between two graphics cards: the fast one (the default) or the thrifty one. */
  readonly powerPreference?: 'high-performance' | 'low-power';
}

/**
 * Opens a device. Call its `destroy()` when done.
 *
 * @throws NoAdapterError where no WebGPU adapter can be had; the message lists the ways out.
 * @throws UnsupportedError on an unknown choice, or on one that this build or platform lacks.
 */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<Device> {
  const device = options.device ?? environment('FORMANT_DEVICE') ?? 'auto';
  if (device === 'wasm') {
    throw new UnsupportedError("The WebAssembly device does not exist yet. Use FORMANT_DEVICE=webgpu or 'auto'.");
  }
  if (device !== 'auto' && device !== 'webgpu') {
    throw new UnsupportedError(`FORMANT_DEVICE is '${device}'; expected auto, webgpu or wasm.`);
  }
  const adapter = parseAdapterChoice(options.adapter ?? environment('FORMANT_ADAPTER') ?? 'auto');
  return openWebGpu(adapter, options.powerPreference ?? 'high-performance');
}

/** An environment variable, where there is an environment; empty counts as unset. */
function environment(name: string): string | undefined {
  const value = typeof process === 'undefined' ? undefined : process.env?.[name];
  return value === '' ? undefined : value;
}
