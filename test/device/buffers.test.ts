import { describe, expect, test } from 'vitest';
import { DeviceError } from '../../src/device/index.js';
import { testDevice } from '../support/device.js';
import { slice } from './kernels.js';

const device = testDevice();

const bytesOf = (length: number, seed = 7): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255);

describe('memory statistics', () => {
  test('round sizes up to 256 bytes and remember the peak', () => {
    const before = device().memory();
    const a = device().createBuffer(1, 'a');
    const b = device().createBuffer(257, 'b');
    expect([a.bytes, b.bytes]).toEqual([256, 512]);
    expect(a.id).not.toBe(b.id);
    expect(device().memory().buffers).toBe(before.buffers + 2);
    expect(device().memory().bytes).toBe(before.bytes + 768);
    a.destroy();
    b.destroy();
    b.destroy(); // harmless
    expect(device().memory().buffers).toBe(before.buffers);
    expect(device().memory().bytes).toBe(before.bytes);
    expect(device().memory().peakBytes).toBe(Math.max(before.peakBytes, before.bytes + 768));
  });

  test('know an empty buffer, which still has memory to bind', () => {
    const empty = device().createBuffer(0, 'empty');
    expect(empty.bytes).toBe(256);
    empty.destroy();
  });

  test('are spared impossible sizes', () => {
    expect(() => device().createBuffer(-1, 'negative')).toThrow(/-1 bytes/);
    expect(() => device().createBuffer(1.5, 'half')).toThrow(DeviceError);
    expect(() => device().createBuffer(device().info.limits.maxBufferBytes + 1, 'huge')).toThrow(/adapter allows/);
  });
});

describe('write and read', () => {
  test('a new buffer is zero', async () => {
    const buffer = device().createBuffer(1000, 'fresh');
    const [data] = await device().read([slice(buffer)]);
    expect(new Uint8Array(data).every((x) => x === 0)).toBe(true);
    buffer.destroy();
  });

  test.each([1, 2, 3, 4, 5, 255, 256, 257, 4099])('%i bytes come back as they went in', async (length) => {
    const buffer = device().createBuffer(length, 'round trip');
    const data = bytesOf(length);
    device().write(buffer, 0, data);
    const [back] = await device().read([slice(buffer, 0, Math.ceil(length / 4) * 4)]);
    expect(new Uint8Array(back, 0, length)).toEqual(data);
    buffer.destroy();
  });

  test('an odd length fills its last word with zeros and leaves the rest alone', async () => {
    const buffer = device().createBuffer(16, 'odd');
    device().write(buffer, 0, new Uint8Array(16).fill(9));
    device().write(buffer, 4, new Uint8Array([1, 2, 3, 4, 5]));
    const [back] = await device().read([slice(buffer, 0, 16)]);
    expect([...new Uint8Array(back)]).toEqual([9, 9, 9, 9, 1, 2, 3, 4, 5, 0, 0, 0, 9, 9, 9, 9]);
    buffer.destroy();
  });

  test('views into the middle of an array, and offsets in buffer and slice, are respected', async () => {
    const buffer = device().createBuffer(1024, 'offsets');
    const all = Float32Array.from({ length: 50 }, (_, i) => i + 0.5);
    device().write(buffer, 12, all.subarray(10, 23));
    const [middle, first] = await device().read([slice(buffer, 16, 8), slice(buffer, 0, 16)]);
    expect([...new Float32Array(middle)]).toEqual([11.5, 12.5]);
    expect([...new Float32Array(first)]).toEqual([0, 0, 0, 10.5]);
    buffer.destroy();
  });

  test('shared memory is taken as well', async () => {
    const buffer = device().createBuffer(64, 'shared');
    const shared = new Int32Array(new SharedArrayBuffer(64), 8, 5);
    shared.set([5, -4, 3, -2, 1]);
    device().write(buffer, 0, shared);
    const [back] = await device().read([slice(buffer, 0, 20)]);
    expect([...new Int32Array(back)]).toEqual([5, -4, 3, -2, 1]);
    buffer.destroy();
  });

  test('nothing to write and nothing to read is fine', async () => {
    const buffer = device().createBuffer(8, 'nothing');
    device().write(buffer, 0, new Float32Array(0));
    expect(await device().read([])).toEqual([]);
    const [none] = await device().read([slice(buffer, 0, 0)]);
    expect(none.byteLength).toBe(0);
    buffer.destroy();
  });

  test('a read sees the moment of its call, with many in flight', async () => {
    const buffer = device().createBuffer(4, 'moments');
    const reads = Array.from({ length: 50 }, (_, i) => {
      device().write(buffer, 0, new Uint32Array([i]));
      return device().read([slice(buffer, 0, 4)]);
    });
    const seen = (await Promise.all(reads)).map(([data]) => new Uint32Array(data)[0]);
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => i));
    buffer.destroy();
  });

  test('what was read is a copy that later work does not touch', async () => {
    const buffer = device().createBuffer(4, 'copy');
    device().write(buffer, 0, new Uint32Array([1]));
    const [first] = await device().read([slice(buffer, 0, 4)]);
    device().write(buffer, 0, new Uint32Array([2]));
    await device().read([slice(buffer, 0, 4)]);
    expect(new Uint32Array(first)[0]).toBe(1);
    buffer.destroy();
  });

  test('a read larger than one staging buffer arrives in one piece', async () => {
    const words = 17 * 2 ** 20 + 3; // 68 MiB and a bit; staging is cut at 64 MiB
    const buffer = device().createBuffer(words * 4, 'large');
    const marks = [0, 2 ** 24 - 1, 2 ** 24, words - 1];
    for (const at of marks) device().write(buffer, at * 4, new Uint32Array([at + 1]));
    const [ahead, back] = await device().read([slice(buffer, 0, 12), slice(buffer, 0, words * 4)]);
    const values = new Uint32Array(back);
    expect(new Uint32Array(ahead)[0]).toBe(1);
    expect(marks.map((at) => values[at])).toEqual(marks.map((at) => at + 1));
    expect(values.length).toBe(words);
    buffer.destroy();
  });

  test('ranges outside of the buffer or off a word are refused with the numbers', async () => {
    const buffer = device().createBuffer(256, 'small');
    expect(() => device().write(buffer, 252, new Uint32Array(2))).toThrow(/252 … 260 of buffer 'small'/);
    expect(() => device().write(buffer, 2, new Uint32Array(1))).toThrow(/multiples of 4/);
    expect(() => device().write(buffer, -4, new Uint32Array(1))).toThrow(DeviceError);
    await expect(device().read([slice(buffer, 0, 260)])).rejects.toThrow(/it has 256/);
    buffer.destroy();
    expect(() => device().write(buffer, 0, new Uint32Array(1))).toThrow(/'small' .* was destroyed/);
    await expect(device().read([slice(buffer, 0, 4)])).rejects.toThrow(/was destroyed/);
  });
});

describe('copies', () => {
  test('go from buffer to buffer', async () => {
    const from = device().createBuffer(64, 'from');
    const to = device().createBuffer(64, 'to');
    device().write(from, 0, new Uint32Array([1, 2, 3, 4]));
    device().copy([
      { from: slice(from, 4, 8), to: slice(to, 0, 8) },
      { from: slice(from, 0, 4), to: slice(to, 12, 4) },
    ]);
    device().write(from, 0, new Uint32Array(4)); // queue order: too late for the copy
    const [back] = await device().read([slice(to, 0, 16)]);
    expect([...new Uint32Array(back)]).toEqual([2, 3, 0, 1]);
    from.destroy();
    to.destroy();
  });

  test('go inside one buffer, overlapping too, in the order given', async () => {
    const buffer = device().createBuffer(64, 'one');
    device().write(buffer, 0, new Uint32Array([1, 2, 3, 4, 5, 6]));
    device().copy([
      { from: slice(buffer, 0, 12), to: slice(buffer, 4, 12) },
      { from: slice(buffer, 4, 4), to: slice(buffer, 20, 4) },
    ]);
    const [back] = await device().read([slice(buffer, 0, 24)]);
    expect([...new Uint32Array(back)]).toEqual([1, 1, 2, 3, 5, 1]);
    buffer.destroy();
  });

  test('of different lengths are refused', () => {
    const buffer = device().createBuffer(64, 'one');
    expect(() => device().copy([{ from: slice(buffer, 0, 8), to: slice(buffer, 32, 4) }])).toThrow(/sizes must agree/);
    buffer.destroy();
  });
});
