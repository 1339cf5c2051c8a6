import { compileKernel } from '../../wgsl/compile.js';
import type { DeviceInfo } from '../device.js';
import { UnsupportedError } from '../errors.js';
import { chooseThreads, findThreads } from './host.js';
import { InlineQueue, WasmExecutor, type Executor } from './inline.js';
import type { Compile } from './kernels.js';
import { DeviceMemory } from './memory.js';
import type { Queue } from './queue.js';
import { hasSimd } from './simd.js';
import { ThreadQueue } from './threads.js';
import { WasmDevice } from './wasm-device.js';

export interface WasmOptions {
  /**
   * How many threads compute; else `FORMANT_THREADS`, else one for each core, up to 16. With 1, or where threads cannot share memory,
   * `run()` computes before it returns. Results do not depend on it.
   */
  readonly threads?: number | string;
  /** Other than the project's own compiler: for tests. */
  readonly compile?: Compile;
  /** Computes in place of WebAssembly, on the calling thread: the kernel sanitizer. */
  readonly executor?: (memory: DeviceMemory) => Executor;
  /** Sizes of memory to try, in pages of 64 KiB: for tests. */
  readonly mostPages?: readonly number[];
}

/** Opens the WebAssembly device. @throws UnsupportedError where WebAssembly or its SIMD is missing, or on an impossible number of threads */
export async function openWasmDevice(options: WasmOptions = {}): Promise<WasmDevice> {
  if (!hasSimd()) {
    throw new UnsupportedError(
      'The WebAssembly device needs WebAssembly with SIMD (Node 20, Chrome 91, Firefox 89, Safari 16.4 or newer). Use FORMANT_DEVICE=webgpu.',
    );
  }
  const wanted = options.executor ? 1 : await chooseThreads(options.threads);
  const start = wanted > 1 ? await findThreads() : undefined;
  const threads = start ? wanted : 1;
  const memory = new DeviceMemory(start !== undefined, options.mostPages);
  const openQueue = (onLost: (reason: string) => void): Queue =>
    start
      ? new ThreadQueue(memory, threads, start, onLost)
      : new InlineQueue(memory, options.executor?.(memory) ?? new WasmExecutor(memory.memory));
  return new WasmDevice({
    memory,
    info: describe(memory, threads, options.executor !== undefined),
    compile: options.compile ?? compileKernel,
    openQueue,
  });
}

function describe(memory: DeviceMemory, threads: number, checked: boolean): DeviceInfo {
  return {
    device: 'wasm',
    kind: 'software',
    vendor: 'wasm',
    architecture: 'wasm',
    // Without the number of threads: a run may be resumed with another and stays the same bit for bit.
    description: checked ? 'kernel sanitizer' : 'WebAssembly SIMD',
    threads,
    limits: {
      maxBindingBytes: memory.largest,
      maxBufferBytes: memory.largest,
      maxStorageBindings: 64,
      maxInvocations: 1024,
      maxWorkgroupBytes: 65536,
    },
    // Times of dispatches need no special feature here, but programs ask by WebGPU's name for them.
    features: ['subgroups', 'timestamp-query'],
  };
}
