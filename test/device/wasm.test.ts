/** What only the WebAssembly device has: threads, its queue, its memory. The rest of this folder holds both devices to the same. */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { transformWithEsbuild } from 'vite';
import { afterEach, describe, expect, test } from 'vitest';
import {
  DeviceError,
  DeviceLostError,
  FormantError,
  UnsupportedError,
  type Device,
  type DeviceBuffer,
  type Dispatch,
} from '../../src/device/index.js';
import { findThreads, type ThreadEvents } from '../../src/device/wasm/host.js';
import type { Executor } from '../../src/device/wasm/inline.js';
import { LAYOUT } from '../../src/device/wasm/layout.js';
import { DeviceMemory } from '../../src/device/wasm/memory.js';
import { openWasmDevice, type WasmOptions } from '../../src/device/wasm/open.js';
import { ThreadQueue } from '../../src/device/wasm/threads.js';
import { scaleAdd, scaleAddDispatch, slice } from './kernels.js';
import { byHand } from './wasm-kernels.js';

const THREADS = [1, 2, 4];
const opened: Device[] = [];

async function open(threads: number, options: WasmOptions = {}): Promise<Device> {
  const device = await openWasmDevice({ threads, compile: byHand, ...options });
  opened.push(device);
  return device;
}

afterEach(() => {
  for (const device of opened.splice(0)) device.destroy();
});

async function values(device: Device, b: DeviceBuffer, count = b.bytes / 4): Promise<Uint32Array> {
  const [data] = await device.read([slice(b, 0, count * 4)]);
  return new Uint32Array(data);
}

const named = (name: string, on: DeviceBuffer): Dispatch => ({
  ...scaleAddDispatch(slice(on), 1, 1),
  kernel: { ...scaleAdd(`// ${name}`), name },
});

const iota = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);

describe('the device', () => {
  test('says what it is', async () => {
    for (const threads of [1, 3]) {
      const { info } = await open(threads);
      expect(info).toMatchObject({ device: 'wasm', kind: 'software', description: 'WebAssembly SIMD', threads });
      expect(info.limits.maxBufferBytes % 256).toBe(0);
      expect(info.limits.maxBufferBytes).toBeLessThanOrEqual(2 ** 32 - 65536);
    }
  });

  test.each([0, -1, 1.5, 1000, 'many', '2x'])('refuses %o threads', async (threads) => {
    await expect(openWasmDevice({ threads })).rejects.toThrow(UnsupportedError);
    await expect(openWasmDevice({ threads })).rejects.toThrow(/FORMANT_THREADS is '.+'; .* from 1 to 256/);
  });

  test('takes an unset number of threads from the machine', async () => {
    for (const threads of [undefined, '']) {
      const device = await openWasmDevice({ threads, compile: byHand });
      opened.push(device);
      expect(device.info.threads).toBeGreaterThanOrEqual(1);
      expect(device.info.threads).toBeLessThanOrEqual(16);
    }
  });
});

describe('results', () => {
  test('do not depend on the number of threads', async () => {
    // Lengths round chunks, workgroups and words; a program of them, run several times over with other parameters.
    const lengths = [1, 63, 64, 65, 1000, 64 * 17, 100_003];
    const all = await Promise.all(
      THREADS.map(async (threads) => {
        const device = await open(threads);
        const buffers = lengths.map((n) => {
          const b = device.createBuffer(n * 4, 'x');
          device.write(b, 0, iota(n));
          return b;
        });
        const program = device.createProgram(
          'all',
          [3, 5].flatMap((factor) =>
            buffers.map((b, i) => scaleAddDispatch(slice(b, 0, lengths[i] * 4), factor, factor + i)),
          ),
        );
        for (let run = 0; run < 20; run++) {
          program.setParam(run % program.dispatchCount, 1, run);
          device.run(program);
        }
        return device.read(buffers.map((b) => slice(b)));
      }),
    );
    for (const other of all.slice(1)) expect(other).toEqual(all[0]);
    expect(new Uint32Array(all[0][6])[99_999]).not.toBe(99_999);
  });

  test.each(THREADS)('are right however many dispatches follow one another, with %i threads', async (threads) => {
    const device = await open(threads);
    const b = device.createBuffer(64 * 40 * 4, 'x');
    const dispatches = Array.from({ length: 3000 }, (_, i) =>
      scaleAddDispatch(slice(b, 0, [256, 40 * 256, 2 * 256][i % 3]), 1, 1),
    );
    const program = device.createProgram('many', dispatches);
    device.run(program);
    const got = await values(device, b);
    const expected = Uint32Array.from(got, (_, i) => 1000 * (i < 64 ? 3 : i < 128 ? 2 : 1));
    expect(got).toEqual(expected);
  });
});

describe.each(THREADS)('the queue, with %i threads', (threads) => {
  test('takes far more commands than its ring holds, in order', async () => {
    const device = await open(threads);
    const x = device.createBuffer(4, 'x');
    const log = device.createBuffer(4 * 5000, 'log');
    const program = device.createProgram('p', [scaleAddDispatch(slice(x, 0, 4), 1, 1)]);
    for (let i = 0; i < 5000; i++) {
      if (i % 1000 === 0) device.write(x, 0, new Uint32Array([i * 10]));
      device.run(program, [{ from: slice(x, 0, 4), to: slice(log, i * 4, 4) }]);
    }
    const got = await values(device, log, 5000);
    expect([...got]).toEqual(Array.from({ length: 5000 }, (_, i) => Math.floor(i / 1000) * 10_000 + (i % 1000) + 1));
  });

  test('lets a write wait for the runs before it, and a read be seen by none after it', async () => {
    const device = await open(threads);
    const n = 1 << 20;
    const x = device.createBuffer(n * 4, 'x');
    const program = device.createProgram('p', [scaleAddDispatch(slice(x), 1, 1)]);
    const reads: Promise<Uint32Array>[] = [];
    for (let i = 0; i < 8; i++) {
      device.write(x, 0, new Uint32Array([100 * i]));
      device.run(program);
      reads.push(values(device, x, n));
    }
    (await Promise.all(reads)).forEach((got, i) => {
      expect([got[0], got[1], got[n - 1]]).toEqual([100 * i + 1, i + 1, i + 1]);
    });
  });

  test('keeps memory that was given back until the commands that use it are done', async () => {
    const device = await open(threads);
    const n = 1 << 18;
    for (let i = 0; i < 50; i++) {
      const x = device.createBuffer(n * 4, 'x');
      const program = device.createProgram('p', [scaleAddDispatch(slice(x), 2, 1), scaleAddDispatch(slice(x), 2, 1)]);
      const to = device.createBuffer(4, 'result');
      device.run(program, [{ from: slice(x, n * 4 - 4, 4), to: slice(to, 0, 4) }]);
      program.destroy();
      x.destroy();
      // Fresh buffers are zero, whoever had their memory.
      const fresh = device.createBuffer(n * 4, 'fresh');
      const zero = values(device, fresh, n);
      expect((await values(device, to, 1))[0]).toBe(3);
      expect((await zero).every((word) => word === 0)).toBe(true);
      fresh.destroy();
      to.destroy();
    }
    expect(device.memory().buffers).toBe(0);
  });

  test('profiles every dispatch', async () => {
    const device = await open(threads);
    const x = device.createBuffer(1 << 22, 'x');
    const program = device.createProgram('p', [
      scaleAddDispatch(slice(x), 1, 1),
      scaleAddDispatch(slice(x, 0, 4), 1, 1),
    ]);
    const [long, short] = await device.profile(program);
    expect([long.name, short.name]).toEqual(['scale-add', 'scale-add']);
    expect(long.ms).toBeGreaterThan(short.ms);
    expect(short.ms).toBeGreaterThanOrEqual(0);
    expect((await values(device, x, 1))[0]).toBe(2);
    expect(await device.profile(device.createProgram('empty', []))).toEqual([]);
  });

  test('lets the event loop turn while a program awaits nothing but the device', async () => {
    const device = await open(threads);
    const x = device.createBuffer(1 << 16, 'x');
    const program = device.createProgram('p', [scaleAddDispatch(slice(x), 1, 1)]);
    let rung = false;
    setTimeout(() => (rung = true), 5);
    const end = performance.now() + 10_000;
    while (!rung && performance.now() < end) {
      device.run(program);
      await device.sync();
    }
    expect(rung).toBe(true);
  });
});

describe.each(THREADS)('a failure, with %i threads', (threads) => {
  test.each([
    ['unreachable', /unreachable/],
    ['outside', /out of bounds/],
    ['invalid', /Compile|compile|WebAssembly/],
  ])('of a kernel (%s) becomes an error that names it, and the device goes on', async (name, message) => {
    const device = await open(threads);
    const x = device.createBuffer(64 * 64 * 4, 'x');
    const bad = (): void => device.run(device.createProgram('bad', [named(name, x), scaleAddDispatch(slice(x), 1, 1)]));
    const good = device.createProgram('good', [scaleAddDispatch(slice(x), 1, 1)]);
    for (const wait of [() => device.sync(), () => device.read([slice(x)]).then(() => undefined)]) {
      bad();
      device.run(good);
      const error: unknown = await wait().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(FormantError);
      expect(String(error)).toContain(`'${name}'`);
      expect(String(error)).toMatch(message);
      await device.sync(); // told once
    }
    device.write(x, 0, new Uint32Array([7]));
    device.run(good);
    expect((await values(device, x, 1))[0]).toBe(8);
  });

  test('for want of memory names the sizes, and leaves the device usable', async () => {
    const device = await open(threads, { mostPages: [64] });
    const { maxBufferBytes } = device.info.limits;
    expect(maxBufferBytes).toBeLessThan(4 * 2 ** 20);
    expect(() => device.createBuffer(maxBufferBytes + 256, 'more than all')).toThrow(/adapter allows/);
    const most = device.createBuffer(3 * 2 ** 20, 'most');
    const before = device.memory();
    expect(() => device.createBuffer(2 ** 20, 'too much')).toThrow(DeviceError);
    expect(() => device.createBuffer(2 ** 20, 'too much')).toThrow(/'too much'\) needs 1\.0 MiB.*ends at 4\.0 MiB/);
    expect(device.memory()).toEqual(before);
    most.destroy();
    const again = device.createBuffer(2 ** 20, 'now');
    device.write(again, 0, new Uint32Array([5]));
    expect((await values(device, again, 1))[0]).toBe(5);
  });
});

describe('memory', () => {
  test.each(THREADS)('may grow while work is under way, with %i threads', async (threads) => {
    const device = await open(threads);
    const n = 1 << 16;
    const first = device.createBuffer(n * 4, 'first');
    device.write(first, 0, iota(n));
    const on = device.createProgram('on', [scaleAddDispatch(slice(first), 1, 1)]);
    const made: DeviceBuffer[] = [];
    for (let i = 0; i < 40; i++) {
      device.run(on);
      const b = device.createBuffer(2 ** 20, `buffer ${i}`);
      made.push(b);
      device.write(b, 0, new Uint32Array([i]));
      device.run(device.createProgram('its own', [scaleAddDispatch(slice(b), 2, i)]));
      device.copy([{ from: slice(b, 0, 4), to: slice(b, 2 ** 20 - 4, 4) }]);
    }
    const read = await device.read(made.map((b) => slice(b, 2 ** 20 - 4, 4)));
    expect(read.map((data) => new Uint32Array(data)[0])).toEqual(made.map((_, i) => 3 * i));
    expect((await values(device, first)).every((x, i) => x === i + 40)).toBe(true);
  });

  test.each(THREADS)('of 10,000 runs with writes and reads is used again, with %i threads', async (threads) => {
    const device = await open(threads);
    const x = device.createBuffer(4096, 'x');
    const b = device.createBuffer(2 ** 20, 'big');
    const slow = device.createProgram('slow', [scaleAddDispatch(slice(b), 1, 1)]);
    const data = new Uint32Array(1024);
    for (let i = 0; i < 10_000; i++) {
      if (i % 100 === 0) device.run(slow); // so that there is something to wait for
      device.write(x, 0, data.fill(i));
      const program = device.createProgram('p', [scaleAddDispatch(slice(x), 1, 1)]);
      device.run(program);
      program.destroy();
      if (i % 10 === 9) await device.read([slice(x)]);
    }
    // 64 KiB below all, 1 MiB of buffer, and at most some hundred KiB of what was under way; a leak of 4 KiB a run would be 40 MiB.
    const probe = device.createBuffer(256, 'probe');
    expect(Reflect.get(probe, 'address')).toBeLessThan(4 * 2 ** 20);
    expect(device.memory().bytes).toBe(4096 + 2 ** 20 + 256);
  });

  test('is one block up to 4 GiB: reads and writes reach its upper half', async ({ skip }) => {
    const device = await open(2);
    skip(device.info.limits.maxBufferBytes < 2 ** 32 - 2 ** 20, 'this machine gives less address space');
    // Memory that is never touched costs nothing.
    const low = device.createBuffer(3 * 2 ** 30, 'low');
    const high = device.createBuffer(1 << 16, 'high');
    device.write(high, 0, iota(1 << 14));
    device.run(device.createProgram('high', [scaleAddDispatch(slice(high), 3, 1)]), [
      { from: slice(high, 8, 8), to: slice(low, 3 * 2 ** 30 - 8, 8) },
    ]);
    const [a, b] = await device.read([slice(low, 3 * 2 ** 30 - 8, 8), slice(high, 4, 8)]);
    expect([...new Uint32Array(a), ...new Uint32Array(b)]).toEqual([7, 10, 4, 7]);
  });
});

describe('threads', () => {
  test('that end by themselves make the device lost', async () => {
    const start = await findThreads();
    if (!start) throw new Error('no threads here');
    const events: ThreadEvents[] = [];
    const lost: string[] = [];
    const memory = new DeviceMemory(true);
    const queue = new ThreadQueue(
      memory,
      2,
      (first, on) => {
        events.push(on);
        return start(first, on);
      },
      (reason) => lost.push(reason),
    );
    const pending = queue.drained();
    events[1].onDeath('out of memory');
    await pending;
    expect(lost).toEqual(['a worker thread ended: out of memory']);
    events[0].onDeath('exit code 1'); // follows from it, and is not told
    expect(lost).toHaveLength(1);
    queue.copy(65536, 65540, 4); // too late, and harmless
    await queue.drained();
  });

  test('are gone soon after destroy(), also in the middle of work, and reads under way are refused', async () => {
    const device = await open(2);
    const x = device.createBuffer(1 << 23, 'x');
    const program = device.createProgram(
      'p',
      Array.from({ length: 200 }, () => scaleAddDispatch(slice(x), 1, 1)),
    );
    device.run(program);
    const pending = device.read([slice(x, 0, 4)]).catch((e: unknown) => e);
    const began = performance.now();
    device.destroy();
    expect(await pending).toBeInstanceOf(DeviceLostError);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

test("the workers' script survives bundlers that rename everything and keep functions' names", async () => {
  const source = readFileSync(new URL('../../src/device/wasm/worker.ts', import.meta.url), 'utf8');
  const options = { minify: true, keepNames: true, format: 'esm', target: 'es2022', sourcemap: false } as const;
  const { code } = await transformWithEsbuild(source, 'worker.ts', options);
  const module = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as {
    workerScript(): string;
  };
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const control = new Int32Array(memory.buffer);
  control.set([LAYOUT.opFence, 0, 0, 0, 0, 0, 0, 1], LAYOUT.ring);
  Atomics.store(control, LAYOUT.head, 1);
  const worker = new Worker(module.workerScript(), { eval: true });
  try {
    const told = new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    worker.postMessage({ memory, layout: LAYOUT, index: 0, threads: 1 });
    await told;
    expect(Atomics.load(control, LAYOUT.done)).toBe(1);
  } finally {
    await worker.terminate();
  }
});

test('an executor of another kind computes in place of WebAssembly, on one thread', async () => {
  const ran: number[] = [];
  const device = await open(4, {
    executor: (): Executor => ({
      prepare: () => undefined,
      run: ({ workgroups }) => {
        if (workgroups > 2) throw new RangeError('too many');
        ran.push(workgroups);
      },
    }),
  });
  expect(device.info.threads).toBe(1);
  const x = device.createBuffer(1024, 'x');
  device.run(
    device.createProgram('p', [scaleAddDispatch(slice(x, 0, 512), 1, 1), scaleAddDispatch(slice(x, 0, 4), 1, 1)]),
  );
  await device.sync();
  expect(ran).toEqual([2, 1]);
  device.run(device.createProgram('p', [scaleAddDispatch(slice(x), 1, 1)]));
  await expect(device.sync()).rejects.toThrow(/'scale-add'.*too many/);
});
