/**
 * Formant: tensors, automatic differentiation, layers, losses and optimizers on hand-written WebGPU kernels. Audio features are in
 * `formant/dsp`, file formats in `formant/io`, speech emotion recognition in `formant/ser`.
 */
export * from './tensor/index.js';
export * from './nn/index.js';
export {
  DeviceError,
  DeviceLostError,
  FormantError,
  KernelError,
  NoAdapterError,
  UnsupportedError,
  openDevice,
  type AdapterChoice,
  type Device,
  type DeviceCounters,
  type DeviceInfo,
  type DeviceLimits,
  type KernelTime,
  type MemoryStats,
  type OpenDeviceOptions,
} from './device/index.js';
