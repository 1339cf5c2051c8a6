/** The machine room's door: opens a device and passes on the types that the rooms above talk to. */
import type { Device } from './device.js';
import { NoAdapterError, UnsupportedError } from './errors.js';
import { noticeNoGpu } from './notice.js';
import { hasSimd } from './wasm/simd.js';
import type { WasmDevice } from './wasm/wasm-device.js';
import { mayHaveHardware, parseAdapterChoice, type AdapterChoice } from './webgpu/adapter.js';
import { openWebGpu } from './webgpu/open.js';

export * from './device.js';
export * from './errors.js';
export type { AdapterChoice } from './webgpu/adapter.js';

export interface OpenDeviceOptions {
  /** Which device; else `FORMANT_DEVICE`, else `auto`: WebGPU on a graphics card, else WebAssembly on the CPU. */
  readonly device?: 'auto' | 'webgpu' | 'wasm';
  /** Which WebGPU adapter; else `FORMANT_ADAPTER`, else `auto`: hardware first, then software drivers. Where one is named, `auto` above means WebGPU. */
  readonly adapter?: AdapterChoice;
  /** Between two graphics cards: the fast one (the default) or the thrifty one. */
  readonly powerPreference?: 'high-performance' | 'low-power';
  /** How many threads of the CPU WebAssembly uses; else `FORMANT_THREADS`, else one for each core, up to 16. Results do not depend on it. */
  readonly threads?: number;
}

/**
 * Opens a device. Call its `destroy()` when done. `FORMANT_SANITIZE=1` runs every kernel on the CPU under the sanitizer (slow), unless
 * WebGPU is asked for.
 *
 * @throws NoAdapterError where WebGPU was asked for and no adapter can be had; the message lists the ways out.
 * @throws UnsupportedError on an unknown choice, or on one that this build or platform lacks.
 */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<Device> {
  const device = options.device ?? environment('FORMANT_DEVICE') ?? 'auto';
  if (device !== 'auto' && device !== 'webgpu' && device !== 'wasm') {
    throw new UnsupportedError(`FORMANT_DEVICE is '${device}'; expected auto, webgpu or wasm.`);
  }
  const named = options.adapter ?? environment('FORMANT_ADAPTER');
  const adapter = parseAdapterChoice(named ?? 'auto');
  const powerPreference = options.powerPreference ?? 'high-performance';
  const sanitize = environment('FORMANT_SANITIZE') === '1';
  if (device === 'wasm' || (device === 'auto' && sanitize)) return openWasm(options, sanitize);
  // Without SIMD there is only WebGPU, be it through a software driver.
  if (device === 'webgpu' || named !== undefined || !hasSimd()) return openWebGpu(adapter, powerPreference);
  const hardware = await openHardware(powerPreference);
  if (hardware) return hardware;
  const wasm = await openWasm(options, false);
  noticeNoGpu(`${wasm.info.description}, ${wasm.info.threads === 1 ? '1 thread' : `${wasm.info.threads} threads`}`);
  return wasm;
}

async function openHardware(powerPreference: GPUPowerPreference): Promise<Device | undefined> {
  if (!(await mayHaveHardware())) return undefined;
  try {
    return await openWebGpu('hardware', powerPreference);
  } catch (error) {
    if (error instanceof NoAdapterError) return undefined;
    throw error;
  }
}

async function openWasm(options: OpenDeviceOptions, sanitize: boolean): Promise<WasmDevice> {
  // Loaded when needed: it brings a compiler along.
  const { openWasmDevice } = await import('./wasm/open.js');
  const checks = sanitize ? (await import('./wasm/sanitize.js')).sanitizing() : {};
  return openWasmDevice({ threads: options.threads ?? environment('FORMANT_THREADS'), ...checks });
}

/** An environment variable, where there is an environment; empty counts as unset. */
function environment(name: string): string | undefined {
  const value = typeof process === 'undefined' ? undefined : process.env?.[name];
  return value === '' ? undefined : value;
}
