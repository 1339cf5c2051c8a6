import { defineConfig } from 'vitest/config';

const EVERYTHING = ['test/**/*.test.ts'];
/** Where the device matters: what needs none, or opens its own, runs once. */
const DEVICE_TESTS = [
  'test/device/{adapter,buffers,errors,process,program}.test.ts',
  'test/kernels/**/*.test.ts',
  'test/tensor/**/*.test.ts',
  'test/ser/models/**/*.test.ts',
];
const OPENS_ITS_OWN = ['test/tensor/devices.test.ts'];

/** The tests on one device. */
const on = (device: string, include: readonly string[], exclude: readonly string[] = []) => ({
  extends: true as const,
  test: { name: device, include: [...include], exclude: [...exclude], env: { FORMANT_DEVICE: device } },
});

// Everything on WebAssembly, and what concerns the device on WebGPU too; FORMANT_DEVICE=wasm or webgpu: everything on that device alone.
const chosen = process.env.FORMANT_DEVICE || 'both';

export default defineConfig({
  test: {
    // Dawn and the Vulkan loader read the process' real environment, which only a process of its own has (threads see a copy).
    pool: 'forks',
    // A software driver uses every core by itself.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { FORMANT_QUIET: '1' },
    projects:
      chosen === 'both'
        ? [on('wasm', EVERYTHING), on('webgpu', DEVICE_TESTS, OPENS_ITS_OWN)]
        : [on(chosen, EVERYTHING)],
  },
});
