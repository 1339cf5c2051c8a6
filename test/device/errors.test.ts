import { describe, expect, test } from 'vitest';
import {
  DeviceError,
  DeviceLostError,
  KernelError,
  openDevice,
  type DeviceBuffer,
  type KernelSource,
} from '../../src/device/index.js';
import { ON_WEBGPU, testDevice } from '../support/device.js';
import { scaleAdd, scaleAddDispatch, slice } from './kernels.js';

const device = testDevice();

const broken: KernelSource = {
  name: 'broken',
  storageBindings: 1,
  hasParams: false,
  code: `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(1)
fn main() {
  let a = 1.0;
  x[0] = a + 2u;
}
`,
};

function use(kernel: KernelSource, buffer: DeviceBuffer): void {
  const program = device().createProgram('failing', [
    { kernel, buffers: [slice(buffer, 0, 4)], params: new Uint32Array(kernel.hasParams ? 2 : 0), grid: [1, 1, 1] },
  ]);
  device().run(program);
  program.destroy();
}

describe('a kernel that does not compile', () => {
  test('rejects the next sync() with its numbered source and the message at its line', async () => {
    const buffer = device().createBuffer(4, 'x');
    use(broken, buffer);
    const error: unknown = await device()
      .sync()
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KernelError);
    const lines = String(error).split('\n');
    expect(lines[0]).toMatch(/Kernel 'broken' does not compile: line 5: .+/);
    const at = lines.findIndex((line) => line === '5 |   x[0] = a + 2u;');
    expect(at).toBeGreaterThan(0);
    expect(lines[at - 1]).toBe('4 |   let a = 1.0;');
    expect(lines[at + 1]).toMatch(/^ {2}\| +\^ .*f32.*u32/);
    await device().sync(); // told once
    buffer.destroy();
  });

  test('is told of again when it is used again, by read() too', async () => {
    const buffer = device().createBuffer(4, 'x');
    use(broken, buffer);
    await expect(device().read([slice(buffer, 0, 4)])).rejects.toThrow(/'broken' does not compile/);
    use(broken, buffer);
    await expect(device().read([slice(buffer, 0, 4)])).rejects.toThrow(KernelError);
    buffer.destroy();
  });
});

describe('a validation error', () => {
  test('of a pipeline rejects the next read(); the device goes on working', async () => {
    const buffer = device().createBuffer(4, 'x');
    device().write(buffer, 0, new Uint32Array([5]));
    const wide = device().info.limits.maxInvocations * 2;
    use({ ...scaleAdd(), code: scaleAdd().code.replace('workgroup_size(64)', `workgroup_size(${wide})`) }, buffer);
    const error: unknown = await device()
      .read([slice(buffer, 0, 4)])
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DeviceError);
    expect(String(error)).toMatch(/workgroup/i);
    const [back] = await device().read([slice(buffer, 0, 4)]);
    expect(new Uint32Array(back)[0]).toBe(5);
    buffer.destroy();
  });

  test.each([
    ['more bindings', scaleAdd().code.replace('binding(0)', 'binding(3)')],
    [
      'more parameters',
      scaleAdd().code.replace('term: u32', 'term: u32, a: u32, b: u32, c: u32').replace('p.term', 'p.c'),
    ],
  ])('of a kernel whose code has %s than its dispatch rejects the next sync()', async (_what, code) => {
    const buffer = device().createBuffer(4, 'x');
    use({ ...scaleAdd(), code }, buffer);
    await expect(device().sync()).rejects.toThrow(DeviceError);
    await device().sync();
    buffer.destroy();
  });

  test('of a run with a buffer destroyed meanwhile rejects the next sync()', async () => {
    const buffer = device().createBuffer(4, 'gone');
    const program = device().createProgram('stale', [scaleAddDispatch(slice(buffer, 0, 4), 1, 1)]);
    buffer.destroy();
    device().run(program);
    await expect(device().sync()).rejects.toThrow(/destroyed/);
    program.destroy();
  });
});

describe('a device', () => {
  test('refuses buffers and programs of another', async () => {
    const other = await openDevice();
    const theirs = other.createBuffer(4, 'theirs');
    const program = other.createProgram('theirs', [scaleAddDispatch(slice(theirs, 0, 4), 1, 1)]);
    expect(() => device().write(theirs, 0, new Uint32Array(1))).toThrow(/another device/);
    expect(() => device().run(program)).toThrow(/another device/);
    other.destroy();
  });

  test('that was destroyed says so on every call, and a second destroy() is harmless', async () => {
    const other = await openDevice();
    const buffer = other.createBuffer(4, 'x');
    const program = other.createProgram('p', [scaleAddDispatch(slice(buffer, 0, 4), 1, 1)]);
    const pending = other.read([slice(buffer, 0, 4)]).catch((e: unknown) => e);
    other.destroy();
    other.destroy();
    expect(await pending).toBeInstanceOf(DeviceLostError);
    expect(() => other.createBuffer(4, 'late')).toThrow(DeviceLostError);
    expect(() => other.write(buffer, 0, new Uint32Array(1))).toThrow(/destroyed by destroy\(\)/);
    expect(() => other.run(program)).toThrow(DeviceLostError);
    expect(() => other.createProgram('late', [])).toThrow(DeviceLostError);
    await expect(other.read([])).rejects.toThrow(DeviceLostError);
    await expect(other.sync()).rejects.toThrow(DeviceLostError);
    await expect(other.profile(program)).rejects.toThrow(DeviceLostError);
    expect(other.memory()).toMatchObject({ buffers: 0, bytes: 0 });
    program.destroy();
    buffer.destroy();
  });

  test.runIf(ON_WEBGPU)('that is lost rejects what waits and throws on every later call', async () => {
    const { globals } = await import('webgpu');
    // A driver reset cannot be had on demand; pulling the GPU device from under ours looks the same to it.
    let raw: object | undefined;
    const prototype: object = Reflect.get(globals, 'GPUAdapter').prototype;
    const requestDevice: unknown = Reflect.get(prototype, 'requestDevice');
    if (typeof requestDevice !== 'function') throw new Error('no requestDevice');
    Reflect.set(prototype, 'requestDevice', async function (this: unknown, ...args: unknown[]) {
      raw = await Reflect.apply(requestDevice, this, args);
      return raw;
    });
    const other = await openDevice().finally(() => Reflect.set(prototype, 'requestDevice', requestDevice));
    const buffer = other.createBuffer(4, 'x');
    const pending = other.read([slice(buffer, 0, 4)]).catch((e: unknown) => e);
    const destroy: unknown = raw && Reflect.get(raw, 'destroy');
    if (typeof destroy !== 'function') throw new Error('no destroy');
    Reflect.apply(destroy, raw, []);
    expect(await pending).toBeInstanceOf(DeviceLostError);
    expect(() => other.createBuffer(4, 'late')).toThrow(/was lost .* checkpoint/s);
    await expect(other.sync()).rejects.toThrow(DeviceLostError);
    other.destroy();
  });
});
