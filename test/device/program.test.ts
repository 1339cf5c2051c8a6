import { afterEach, describe, expect, test } from 'vitest';
import {
  DeviceError,
  UnsupportedError,
  type Copy,
  type DeviceBuffer,
  type Dispatch,
  type Program,
} from '../../src/device/index.js';
import { ON_WEBGPU, testDevice } from '../support/device.js';
import { copyKernel, scaleAdd, scaleAddDispatch, slice } from './kernels.js';

const device = testDevice();
const made: DeviceBuffer[] = [];

function buffer(values: readonly number[], bytes = values.length * 4): DeviceBuffer {
  const b = device().createBuffer(bytes, `buffer ${made.length}`);
  made.push(b);
  device().write(b, 0, new Uint32Array(values));
  return b;
}

async function values(b: DeviceBuffer, count: number, offset = 0): Promise<number[]> {
  const [data] = await device().read([slice(b, offset, count * 4)]);
  return [...new Uint32Array(data)];
}

afterEach(() => {
  for (const b of made.splice(0)) b.destroy();
});

describe('a program', () => {
  test('runs its dispatches in order, each seeing the one before', async () => {
    const x = buffer([1, 2, 3]);
    const on = slice(x, 0, 12);
    const program = device().createProgram('chain', [
      scaleAddDispatch(on, 1, 10),
      scaleAddDispatch(on, 2, 0),
      scaleAddDispatch(on, 1, 1),
    ]);
    expect(program.dispatchCount).toBe(3);
    device().run(program);
    expect(await values(x, 3)).toEqual([23, 25, 27]);
    program.destroy();
  });

  test('takes new parameters between runs, each run with those set before it', async () => {
    const x = buffer([1]);
    const program = device().createProgram('params', [
      scaleAddDispatch(slice(x, 0, 4), 10, 1),
      scaleAddDispatch(slice(x, 0, 4), 10, 2),
    ]);
    device().run(program); // 1 → 11 → 112
    program.setParam(0, 1, 5);
    program.setParam(1, 1, 6);
    device().run(program); // → 1125 → 11256
    program.setParam(0, 0, 1);
    device().run(program); // → 11261 → 112616
    expect(await values(x, 1)).toEqual([112616]);
    program.destroy();
  });

  test('keeps the queue order of writes, runs and copies', async () => {
    const x = buffer([1]);
    const log = buffer([0, 0, 0]);
    const program = device().createProgram('order', [scaleAddDispatch(slice(x, 0, 4), 2, 0)]);
    [10, 20, 30].forEach((start, i) => {
      device().write(x, 0, new Uint32Array([start]));
      device().run(program, [{ from: slice(x, 0, 4), to: slice(log, i * 4, 4) }]);
    });
    expect(await values(log, 3)).toEqual([20, 40, 60]);
    program.destroy();
  });

  test('copies within one buffer after its dispatches', async () => {
    const x = buffer([3, 0]);
    const program = device().createProgram('copy', [scaleAddDispatch(slice(x, 0, 4), 2, 0)]);
    device().run(program, [{ from: slice(x, 0, 4), to: slice(x, 4, 4) }]);
    expect(await values(x, 2)).toEqual([6, 6]);
    program.destroy();
  });

  test('binds disjoint slices of one buffer in one dispatch, and a binding its code does not use', async () => {
    const x = buffer([7, 8, 9], 768);
    const program = device().createProgram('slices', [
      {
        kernel: copyKernel,
        buffers: [slice(x, 0, 12), slice(x, 256, 4), slice(x, 512, 8)],
        params: new Uint32Array(0),
        grid: [1, 1, 1],
      },
    ]);
    device().run(program);
    expect(await values(x, 3, 512)).toEqual([7, 8, 0]);
    program.destroy();
  });

  test('of 500 dispatches runs them all with their own parameters', async () => {
    const n = 500;
    const x = buffer([], n * 256);
    const dispatches = Array.from({ length: n }, (_, i) => scaleAddDispatch(slice(x, i * 256, 256), 1, i + 1));
    const program = device().createProgram('many', dispatches);
    device().run(program);
    device().run(program);
    const all = await values(x, n * 64);
    expect(all.every((value, i) => value === 2 * (Math.floor(i / 64) + 1))).toBe(true);
    program.destroy();
  });

  test('without dispatches only copies', async () => {
    const x = buffer([4, 0]);
    const program = device().createProgram('empty', []);
    device().run(program, [{ from: slice(x, 0, 4), to: slice(x, 4, 4) }]);
    expect(await values(x, 2)).toEqual([4, 4]);
    program.destroy();
  });

  test('whose uniform memory was another program’s before has its own parameters', async () => {
    const x = buffer([1]);
    const first = device().createProgram('first', [scaleAddDispatch(slice(x, 0, 4), 3, 0)]);
    device().run(first);
    first.destroy(); // its run is still in the queue
    const second = device().createProgram('second', [scaleAddDispatch(slice(x, 0, 4), 5, 0)]);
    device().run(second);
    expect(await values(x, 1)).toEqual([15]);
    second.destroy();
    second.destroy(); // harmless
    expect(() => device().run(second)).toThrow(/'second' was destroyed/);
    expect(() => second.setParam(0, 0, 1)).toThrow(DeviceError);
  });
});

describe('a program is refused', () => {
  const refused = (change: Partial<Dispatch>, message: RegExp | typeof UnsupportedError): void => {
    const x = buffer([1], 1024);
    const dispatch = { ...scaleAddDispatch(slice(x, 0, 256), 1, 1), ...change };
    expect(() => device().createProgram('wrong', [dispatch])).toThrow(message);
  };

  test('with too few buffers', () => refused({ buffers: [] }, /given 0 buffers; its kernel has 1 bindings/));
  test('without its parameters', () => refused({ params: new Uint32Array(0) }, /needs some/));
  test('with an empty grid', () => refused({ grid: [0, 1, 1] }, /\[0, 1, 1\]/));
  test('with a grid beyond 65,535', () => refused({ grid: [1, 65536, 1] }, /65,535/));
  test('with an offset off 256', () => refused({ buffers: [slice(buffer([], 1024), 128, 4)] }, /multiples of 256/));
  test('with an empty slice', () => refused({ buffers: [slice(buffer([], 1024), 0, 0)] }, /has 0 bytes/));
  test('with a slice past the end', () => refused({ buffers: [slice(buffer([], 256), 256, 256)] }, /it has 256/));
  test('with overlapping slices', () => {
    const x = buffer([], 1024);
    const buffers = [slice(x, 0, 512), slice(x, 512, 256), slice(x, 256, 256)];
    refused({ kernel: copyKernel, params: new Uint32Array(0), buffers }, /buffers 0 and 2 overlap/);
  });
  test('with a destroyed buffer', () => {
    const x = buffer([1]);
    x.destroy();
    refused({ buffers: [slice(x, 0, 4)] }, /was destroyed/);
  });
  test('with a feature that the adapter lacks', ({ skip }) => {
    const lacking = (['subgroups', 'shader-f16'] as const).filter((f) => !device().info.features.includes(f));
    skip(lacking.length === 0, 'this adapter lacks none');
    for (const feature of lacking) {
      refused({ kernel: { ...scaleAdd(`// ${feature}`), features: [feature] } }, UnsupportedError);
    }
  });
  test('with a parameter word that it does not have', () => {
    const x = buffer([1]);
    const program = device().createProgram('words', [scaleAddDispatch(slice(x, 0, 4), 1, 1)]);
    expect(() => program.setParam(0, 2, 1)).toThrow(/2 parameter words/);
    expect(() => program.setParam(1, 0, 1)).toThrow(/1 dispatches/);
    expect(() => program.setParam(0, -1, 1)).toThrow(DeviceError);
    program.destroy();
  });
});

/** Counts calls of the WebGPU objects themselves, behind the device's back. */
async function spyOn(
  owner: string,
  methods: readonly string[],
): Promise<{ calls: Map<string, number>; restore(): void }> {
  const { globals } = await import('webgpu');
  const constructor: unknown = Reflect.get(globals, owner);
  if (typeof constructor !== 'function') throw new Error(`no ${owner}`);
  const prototype: object = constructor.prototype;
  const calls = new Map<string, number>();
  const originals = methods.map((name) => {
    const original: unknown = Reflect.get(prototype, name);
    if (typeof original !== 'function') throw new Error(`no ${owner}.${name}`);
    calls.set(name, 0);
    Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]): unknown {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return Reflect.apply(original, this, args);
    });
    return [name, original] as const;
  });
  return { calls, restore: () => originals.forEach(([name, original]) => Reflect.set(prototype, name, original)) };
}

describe('a steady run', () => {
  const steady = (): { x: DeviceBuffer; program: Program; copies: Copy[] } => {
    const x = buffer([1, 0], 512);
    const program = device().createProgram('steady', [
      scaleAddDispatch(slice(x, 0, 4), 3, 1),
      scaleAddDispatch(slice(x, 0, 4), 3, 2, '// another pipeline'),
    ]);
    return { x, program, copies: [{ from: slice(x, 0, 4), to: slice(x, 256, 4) }] };
  };

  test('is one submit and makes nothing new, says the device', async () => {
    const { x, program, copies } = steady();
    device().run(program, copies);
    await device().sync();
    const before = device().counters();
    program.setParam(0, 1, 4);
    program.setParam(1, 0, 2);
    device().run(program, copies);
    const after = device().counters();
    expect(after).toEqual({ ...before, dispatches: before.dispatches + 2, submits: before.submits + 1 });
    expect(await values(x, 1, 256)).toEqual([(14 * 3 + 4) * 2 + 2]);
    program.destroy();
  });

  test.runIf(ON_WEBGPU)('makes one submit, one parameter write, and nothing new, says WebGPU', async () => {
    const { program, copies } = steady();
    device().run(program, copies);
    await device().sync();
    const onDevice = await spyOn('GPUDevice', [
      'createBuffer',
      'createBindGroup',
      'createComputePipeline',
      'createShaderModule',
      'createCommandEncoder',
    ]);
    const onQueue = await spyOn('GPUQueue', ['submit', 'writeBuffer']);
    try {
      program.setParam(0, 1, 4);
      program.setParam(1, 0, 2);
      device().run(program, copies);
    } finally {
      onDevice.restore();
      onQueue.restore();
    }
    expect(Object.fromEntries(onDevice.calls)).toEqual({
      createBuffer: 0,
      createBindGroup: 0,
      createComputePipeline: 0,
      createShaderModule: 0,
      createCommandEncoder: 1,
    });
    expect(Object.fromEntries(onQueue.calls)).toEqual({ submit: 1, writeBuffer: 1 });
    program.destroy();
  });

  test('shares pipelines between programs by their code', async () => {
    const x = buffer([1]);
    const dispatch = scaleAddDispatch(slice(x, 0, 4), 1, 1, '// a pipeline of its own');
    const before = device().counters();
    const programs = [1, 2, 3].map((i) => device().createProgram(`sharing ${i}`, [dispatch, { ...dispatch }]));
    const after = device().counters();
    expect(after.pipelinesCreated - before.pipelinesCreated).toBe(1);
    expect(after.bindGroupsCreated - before.bindGroupsCreated).toBe(6);
    for (const program of programs) device().run(program);
    expect(await values(x, 1)).toEqual([7]);
    for (const program of programs) program.destroy();
  });

  test('that comes after others of its size needs no new buffer to be prepared', async () => {
    const x = buffer([1]);
    const once = (): void => {
      const program = device().createProgram('once', [scaleAddDispatch(slice(x, 0, 4), 1, 1)]);
      device().run(program);
      program.destroy();
    };
    once();
    const before = device().counters().buffersCreated;
    for (let i = 0; i < 20; i++) once();
    expect(device().counters().buffersCreated).toBe(before);
    expect(await values(x, 1)).toEqual([22]);
  });
});

describe('a profile', () => {
  test('names every dispatch with its time and runs the program once', async () => {
    const x = buffer([2], 256 * 64);
    const program = device().createProgram('profiled', [
      scaleAddDispatch(slice(x), 3, 0),
      {
        kernel: copyKernel,
        buffers: [slice(x, 0, 4), slice(x, 256, 4), slice(x, 512, 4)],
        params: new Uint32Array(0),
        grid: [1, 1, 1],
      },
    ]);
    if (device().info.features.includes('timestamp-query')) {
      const times = await device().profile(program);
      expect(times.map((t) => t.name)).toEqual(['scale-add', 'copy']);
      for (const { ms } of times) {
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(10_000);
      }
      expect(times[0].ms).toBeGreaterThan(0);
      expect(await values(x, 1)).toEqual([6]);
    } else {
      await expect(device().profile(program)).rejects.toThrow(UnsupportedError);
    }
    program.destroy();
  });

  test('reaches beyond one query set of 2,048 dispatches', async ({ skip }) => {
    skip(!device().info.features.includes('timestamp-query'), 'no timestamps on this adapter');
    const x = buffer([0]);
    const dispatch = scaleAddDispatch(slice(x, 0, 4), 1, 1);
    const program = device().createProgram(
      'long',
      Array.from({ length: 2050 }, () => dispatch),
    );
    const times = await device().profile(program);
    expect(times).toHaveLength(2050);
    expect(times.every(({ ms }) => ms >= 0 && ms < 10_000)).toBe(true);
    expect(await values(x, 1)).toEqual([2050]);
    program.destroy();
  });
});
