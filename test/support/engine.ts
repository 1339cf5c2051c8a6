import { afterAll, beforeAll, expect } from 'vitest';
import type { Device, DeviceBuffer } from '../../src/device/index.js';
import { init, programStats, shutdown, type InitOptions } from '../../src/tensor/index.js';

/** What the engine itself may hold between steps, and how much of it; everything else was made by a test and must be gone. */
const OWN: readonly { readonly label: RegExp; readonly most: (programs: number) => number }[] = [
  // One that is current, and those that older programs still use.
  { label: /^arena$/, most: (programs) => programs + 1 },
  { label: /^inputs$/, most: (programs) => programs },
  { label: /^losses$/, most: () => 1 },
  { label: /^twiddles \d+( real)?$/, most: () => 1 },
];
/** Memory of disposed results that waits to be used again, for each size. */
const SPARE_RESULTS = 4;

/**
 * Starts the engine for the test file (call it once, at the top level) and shuts it down after the last test. Fails if buffers are left
 * over that are not the engine's own: variables and kept results that no test disposed.
 */
export function testEngine(options?: InitOptions): () => Device {
  let device: Device | undefined;
  const live = new Set<DeviceBuffer>();
  beforeAll(async () => {
    device = await init(options);
    watch(device, live);
  });
  afterAll(() => {
    const left = device ? leftOver(live, programStats().programs) : [];
    device = undefined;
    shutdown();
    expect(left, 'buffers left over after the tests of this file').toEqual([]);
  });
  return () => {
    if (!device) throw new Error('testEngine() can be used inside tests and hooks only');
    return device;
  };
}

/** Keeps `live` as the set of the device's buffers. */
function watch(device: Device, live: Set<DeviceBuffer>): void {
  const create = device.createBuffer.bind(device);
  device.createBuffer = (bytes, label) => {
    const buffer = create(bytes, label);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      live.delete(buffer);
      destroy();
    };
    live.add(buffer);
    return buffer;
  };
}

function leftOver(live: ReadonlySet<DeviceBuffer>, programs: number): string[] {
  const counts = new Map<string, number>();
  for (const { label, bytes } of live) {
    const name = label === 'result' ? `result of ${bytes} bytes` : label;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].flatMap(([name, count]) => {
    const own = OWN.find(({ label }) => label.test(name));
    const most = own ? own.most(programs) : name.startsWith('result of') ? SPARE_RESULTS : 0;
    return count > most ? [`${count} × ${name}`] : [];
  });
}

/** Runs `body` as if the device allowed no more than `most` storage bindings, and fails if a dispatch has more. */
export async function withBindings<T>(device: Device, most: number, body: () => Promise<T>): Promise<T> {
  const { info } = device;
  const create = device.createProgram.bind(device);
  const limits = { ...info.limits, maxStorageBindings: most };
  Object.defineProperty(device, 'info', { value: { ...info, limits }, configurable: true });
  device.createProgram = (label, dispatches) => {
    for (const { kernel, buffers } of dispatches) {
      if (buffers.length > most) throw new Error(`${kernel.name} has ${buffers.length} bindings of ${most}`);
    }
    return create(label, dispatches);
  };
  try {
    return await body();
  } finally {
    Object.defineProperty(device, 'info', { value: info, configurable: true });
    device.createProgram = create;
  }
}
