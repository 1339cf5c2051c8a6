/** What every device checks in the same words: sizes, slices and dispatches. */
import type { BufferSlice, Copy, DeviceBuffer, DeviceLimits, Dispatch, KernelSource } from './device.js';
import { DeviceError, UnsupportedError } from './errors.js';

/** Offsets at which a buffer may be bound, and the unit of every size: WebGPU's default, which every adapter meets. */
export const ALIGNMENT = 256;

export const alignUp = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;

/** The bytes that a buffer of `bytes` gets. */
export function bufferSize(bytes: number, label: string, limits: DeviceLimits): number {
  if (!Number.isInteger(bytes) || bytes < 0) {
    throw new DeviceError(`createBuffer('${label}') was given ${bytes} bytes; expected a whole number.`);
  }
  const size = Math.max(ALIGNMENT, alignUp(bytes, ALIGNMENT));
  if (size > limits.maxBufferBytes) {
    throw new DeviceError(
      `createBuffer('${label}') was given ${bytes} bytes; this adapter allows ${limits.maxBufferBytes}. ` +
        'Use a smaller batch or split the data.',
    );
  }
  return size;
}

/** A slice of a live buffer, with both ends on words and inside of it. */
export function checkRange({ buffer, offset, bytes }: BufferSlice, destroyed: boolean, what: string): void {
  if (destroyed) throw new DeviceError(`${what}: ${describeDestroyed(buffer)}`);
  if (!(offset >= 0) || !(bytes >= 0) || offset % 4 !== 0 || bytes % 4 !== 0 || offset + bytes > buffer.bytes) {
    throw new DeviceError(
      `${what}: bytes ${offset} … ${offset + bytes} of buffer '${buffer.label}' were asked for; ` +
        `it has ${buffer.bytes}, and both ends must be multiples of 4.`,
    );
  }
}

export const describeDestroyed = ({ label, bytes }: DeviceBuffer): string =>
  `buffer '${label}' (${bytes} bytes) was destroyed.`;

export function checkCopy({ from, to }: Copy): void {
  if (from.bytes === to.bytes) return;
  throw new DeviceError(
    `A copy from '${from.buffer.label}' (${from.bytes} bytes) to '${to.buffer.label}' (${to.bytes} bytes): sizes must agree.`,
  );
}

export function checkFeatures(kernel: KernelSource, has: (feature: 'subgroups' | 'shader-f16') => boolean): void {
  for (const feature of kernel.features ?? []) {
    if (!has(feature)) {
      throw new UnsupportedError(
        `Kernel '${kernel.name}' needs the feature '${feature}', which this adapter lacks. Choose another variant of the kernel.`,
      );
    }
  }
}

/** A dispatch by itself; whether its buffers are alive is `checkRange`'s matter. */
export function checkDispatch(dispatch: Dispatch, what: string, limits: DeviceLimits): void {
  const { kernel, buffers, params, grid } = dispatch;
  if (buffers.length !== kernel.storageBindings) {
    throw new DeviceError(
      `${what} was given ${buffers.length} buffers; its kernel has ${kernel.storageBindings} bindings.`,
    );
  }
  if (buffers.length > limits.maxStorageBindings) {
    throw new DeviceError(
      `${what} binds ${buffers.length} buffers; this adapter allows ${limits.maxStorageBindings}. Split the kernel.`,
    );
  }
  if (kernel.hasParams !== params.length > 0) {
    throw new DeviceError(
      `${what} was given ${params.length} parameter words; its kernel ${kernel.hasParams ? 'needs some' : 'takes none'}.`,
    );
  }
  for (const groups of grid) {
    if (!Number.isInteger(groups) || groups < 1 || groups > 65535) {
      throw new DeviceError(`${what} has the grid [${grid.join(', ')}]; each dimension must be 1 … 65,535 workgroups.`);
    }
  }
  buffers.forEach((slice, i) => {
    if (slice.offset % ALIGNMENT !== 0) {
      throw new DeviceError(
        `${what}: buffer ${i} starts at byte ${slice.offset}; offsets must be multiples of ${ALIGNMENT}.`,
      );
    }
    if (slice.bytes <= 0 || slice.bytes % 4 !== 0 || slice.bytes > limits.maxBindingBytes) {
      throw new DeviceError(
        `${what}: buffer ${i} has ${slice.bytes} bytes; a binding takes 4 … ${limits.maxBindingBytes}, in multiples of 4.`,
      );
    }
    for (let j = 0; j < i; j++) {
      const other = buffers[j];
      if (other.buffer !== slice.buffer) continue;
      if (slice.offset < other.offset + other.bytes && other.offset < slice.offset + slice.bytes) {
        throw new DeviceError(
          `${what}: buffers ${j} and ${i} overlap in '${slice.buffer.label}'. Bind disjoint slices.`,
        );
      }
    }
  });
}
