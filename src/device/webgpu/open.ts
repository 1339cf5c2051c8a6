import type { DeviceInfo } from '../device.js';
import { DeviceError } from '../errors.js';
import { findAdapter, isSoftware, type AdapterChoice } from './adapter.js';
import { WebGpuDevice } from './webgpu-device.js';

const FEATURES: readonly GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query'];

/** WebGPU gives its modest defaults unless asked for more; these are what kernels can use more of. */
const LIMITS = [
  'maxStorageBuffersPerShaderStage',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
] as const;

/** Opens the WebGPU device with all that its adapter offers. */
export async function openWebGpu(choice: AdapterChoice, powerPreference: GPUPowerPreference): Promise<WebGpuDevice> {
  const { adapter, wait } = await findAdapter(choice, powerPreference);
  const features = FEATURES.filter((feature) => adapter.features.has(feature));
  const requiredLimits: Record<string, number> = {};
  for (const name of LIMITS) requiredLimits[name] = adapter.limits[name];
  let gpu: GPUDevice;
  try {
    gpu = await wait(adapter.requestDevice({ label: 'formant', requiredFeatures: features, requiredLimits }));
  } catch (cause) {
    throw new DeviceError(`The adapter '${adapter.info.description}' gave no device: ${String(cause)}`, { cause });
  }
  const info: DeviceInfo = {
    device: 'webgpu',
    kind: isSoftware(adapter) ? 'software' : 'hardware',
    vendor: adapter.info.vendor,
    architecture: adapter.info.architecture,
    description: adapter.info.description,
    limits: {
      // Sizes are handled in multiples of 256; some drivers report one less than a round number.
      maxBindingBytes: floorTo256(gpu.limits.maxStorageBufferBindingSize),
      maxBufferBytes: floorTo256(gpu.limits.maxBufferSize),
      maxStorageBindings: gpu.limits.maxStorageBuffersPerShaderStage,
      maxInvocations: gpu.limits.maxComputeInvocationsPerWorkgroup,
      maxWorkgroupBytes: gpu.limits.maxComputeWorkgroupStorageSize,
    },
    features,
  };
  return new WebGpuDevice({ gpu, info, wait });
}

const floorTo256 = (bytes: number): number => Math.floor(bytes / 256) * 256;
