import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Dawn and the Vulkan loader read the process' real environment, which only a process of its own has (threads see a copy).
    pool: 'forks',
    // A software driver uses every core by itself.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The device that the tests are about: FORMANT_DEVICE=wasm runs them on the other one.
    env: { FORMANT_QUIET: '1', FORMANT_DEVICE: process.env.FORMANT_DEVICE || 'webgpu' },
  },
});
