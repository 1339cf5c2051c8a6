import { afterAll, beforeAll, expect } from 'vitest';
import { openDevice, type Device } from '../../src/device/index.js';

/** Which device this run of the tests is about (vitest.config.ts). */
export const ON_WEBGPU = process.env.FORMANT_DEVICE !== 'wasm';

/**
 * Opens one device for the test file (call it once, at the top level) and closes it after the last test. Fails if buffers are left over.
 * The returned function gives the device and can be called inside tests and hooks only.
 */
export function testDevice(): () => Device {
  let device: Device | undefined;
  let before = 0;
  beforeAll(async () => {
    device = await openDevice();
    before = device.memory().buffers;
  });
  afterAll(() => {
    const left = device?.memory().buffers ?? 0;
    device?.destroy();
    device = undefined;
    expect(left, 'buffers left over after the tests of this file').toBe(before);
  });
  return () => {
    if (!device) throw new Error('testDevice() can be used inside tests and hooks only');
    return device;
  };
}
