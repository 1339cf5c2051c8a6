/**
 * The machine room's small interface. A device knows buffers, kernels and programs; it knows nothing of tensors.
 * Everything above this folder talks to these types only, so that a second device is a drop-in.
 */

/** One compiled unit of WGSL. Kernels with the same `code` share one pipeline. */
export interface KernelSource {
  /** Shown in errors, profiles and benchmarks. */
  readonly name: string;
  /**
   * WGSL with one entry point `main`. Convention of the bindings, all in group 0: storage buffers
   * `0 … storageBindings − 1`, each `var<storage, read_write>` (slices of one arena may meet in one dispatch, which
   * WebGPU allows only when every one of them is read_write); then, where `hasParams`, one `var<uniform>` of 32-bit words.
   */
  readonly code: string;
  readonly storageBindings: number;
  readonly hasParams: boolean;
  /** True where the code uses `subgroups` or `shader-f16`; the code then carries its own `enable` lines. */
  readonly features?: readonly ('subgroups' | 'shader-f16')[];
}

/** A piece of device memory, zero-filled when it is made. Sizes are rounded up to 256 bytes. */
export interface DeviceBuffer {
  readonly id: number;
  /** After rounding: a multiple of 256, at least 256. */
  readonly bytes: number;
  readonly label: string;
  /** Returns the memory to the device. Calling it twice is harmless. */
  destroy(): void;
}

/** A range of a buffer. `offset` is a multiple of 256 wherever it is bound; `bytes` a multiple of 4. */
export interface BufferSlice {
  readonly buffer: DeviceBuffer;
  readonly offset: number;
  readonly bytes: number;
}

/** One kernel launch of a program. No two slices of one dispatch may overlap. */
export interface Dispatch {
  readonly kernel: KernelSource;
  readonly buffers: readonly BufferSlice[];
  /** The uniform block as 32-bit words (u32, or the bits of f32). */
  readonly params: Uint32Array;
  /** Memory that gets a new owner with this dispatch: what it holds is nobody's. Only checks want to know (`FORMANT_SANITIZE`). */
  readonly fresh?: readonly BufferSlice[];
  /** Workgroups in x, y, z; each 1 … 65,535 (`gridFor` in kernels/launch.ts folds a long line into two dimensions). */
  readonly grid: readonly [number, number, number];
}

/** A prepared list of dispatches: pipelines, bind groups and uniform memory exist, nothing is made when it runs. */
export interface Program {
  readonly label: string;
  readonly dispatchCount: number;
  /** Changes one word of a dispatch's uniform block for the runs that follow. */
  setParam(dispatch: number, word: number, bits: number): void;
  destroy(): void;
}

export interface Copy {
  readonly from: BufferSlice;
  readonly to: BufferSlice;
}

/** The buffers of `createBuffer`; the device's own uniform, read-back and scratch buffers are not among them. */
export interface MemoryStats {
  readonly buffers: number;
  readonly bytes: number;
  readonly peakBytes: number;
}

/** Counts since the device was made; differences between two readings describe a step. */
export interface DeviceCounters {
  readonly dispatches: number;
  readonly submits: number;
  readonly buffersCreated: number;
  readonly bindGroupsCreated: number;
  readonly pipelinesCreated: number;
}

export interface DeviceLimits {
  /** Largest slice that can be bound, in bytes. */
  readonly maxBindingBytes: number;
  readonly maxBufferBytes: number;
  readonly maxStorageBindings: number;
  readonly maxInvocations: number;
  readonly maxWorkgroupBytes: number;
}

export interface DeviceInfo {
  readonly device: 'webgpu' | 'wasm';
  /** `software` is a CPU behind a Vulkan driver: barrier-free kernel variants do best there. */
  readonly kind: 'hardware' | 'software';
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** How many threads compute, where the device knows. Results do not depend on it. */
  readonly threads?: number;
  readonly limits: DeviceLimits;
  readonly features: readonly string[];
}

export interface KernelTime {
  readonly name: string;
  readonly ms: number;
}

export interface Device {
  readonly info: DeviceInfo;
  createBuffer(bytes: number, label: string): DeviceBuffer;
  /** Copies host data in, in queue order: work submitted before sees the old contents. */
  write(buffer: DeviceBuffer, offset: number, data: ArrayBufferView): void;
  /** Reads slices back (copies of the data) after all work submitted so far. Rejects with any error that came up before. */
  read(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]>;
  /** Device-to-device copy, in queue order. */
  copy(copies: readonly Copy[]): void;
  createProgram(label: string, dispatches: readonly Dispatch[]): Program;
  /** One submit: the program's dispatches in order in one pass, then the copies. */
  run(program: Program, copies?: readonly Copy[]): void;
  /** Runs the program once with timestamps around every dispatch. Throws `UnsupportedError` where the adapter has none. */
  profile(program: Program): Promise<KernelTime[]>;
  /** Resolves when all submitted work is done; rejects with the first error since the last call (WGSL, validation, out of memory, lost). */
  sync(): Promise<void>;
  memory(): MemoryStats;
  counters(): DeviceCounters;
  /** Frees everything; the process can then exit by itself. */
  destroy(): void;
}
