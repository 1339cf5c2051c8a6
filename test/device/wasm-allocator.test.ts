import { describe, expect, test } from 'vitest';
import { DeviceError } from '../../src/device/index.js';
import { RangeAllocator } from '../../src/device/wasm/allocator.js';
import { DeviceMemory } from '../../src/device/wasm/memory.js';

const MIB = 2 ** 20;

describe('the allocator', () => {
  test('takes the first range that is long enough, at multiples of 256', () => {
    const ranges = new RangeAllocator(1024, 4096);
    expect([ranges.take(1), ranges.take(257), ranges.take(256)]).toEqual([1024, 1280, 1792]);
    ranges.give(1024, 1);
    ranges.give(1280, 257);
    expect(ranges.take(700)).toBe(1024); // both together
    expect(ranges.take(4096)).toBeUndefined();
    expect(ranges.take(2048)).toBe(2048);
    expect(ranges.take(1)).toBeUndefined();
  });

  test('joins neighbours, whatever the order in which they come free', () => {
    for (const order of ['012', '021', '102', '120', '201', '210']) {
      const ranges = new RangeAllocator(0, 768);
      const taken = [256, 256, 256].map((bytes) => ranges.take(bytes) ?? -1);
      for (const i of order) ranges.give(taken[Number(i)], 256);
      expect(ranges.take(768), order).toBe(0);
    }
  });

  test('grows at its end, and knows how much is free there', () => {
    const ranges = new RangeAllocator(0, 512);
    expect(ranges.freeAtEnd).toBe(512);
    ranges.take(256);
    ranges.grow(256);
    expect(ranges.freeAtEnd).toBe(512);
    expect(ranges.take(512)).toBe(256);
    expect([ranges.freeAtEnd, ranges.freeBytes, ranges.highest]).toEqual([0, 0, 768]);
  });

  test('never hands out a byte twice, over 20,000 random steps, and has everything again at the end', () => {
    const ranges = new RangeAllocator(0, MIB);
    const owner = new Uint8Array(MIB / 256);
    const live: { at: number; bytes: number }[] = [];
    let seed = 1;
    const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
    const mark = ({ at, bytes }: { at: number; bytes: number }, value: number): void => {
      for (let unit = at / 256; unit < (at + bytes) / 256; unit++) {
        if (owner[unit] === value) throw new Error(`unit ${unit} was ${value} already`);
        owner[unit] = value;
      }
    };
    for (let i = 0; i < 20_000; i++) {
      if (random(2) === 0) {
        const bytes = 1 + random(random(8) === 0 ? 60_000 : 900);
        const at = ranges.take(bytes);
        if (at === undefined) continue;
        live.push({ at, bytes });
        mark({ at, bytes }, 1);
      } else if (live.length > 0) {
        const [range] = live.splice(random(live.length), 1);
        mark(range, 0);
        ranges.give(range.at, range.bytes);
      }
    }
    for (const { at, bytes } of live) ranges.give(at, bytes);
    expect(ranges.freeBytes).toBe(MIB);
    expect(ranges.take(MIB)).toBe(0);
  });
});

describe.each([true, false])('memory, shared: %s', (shared) => {
  test('begins behind its first 64 KiB and grows in steps, leaving 64 bytes after the last range', () => {
    const memory = new DeviceMemory(shared);
    const first = memory.take(3 * MIB, 'first');
    expect(first).toBe(65536);
    expect(memory.memory.buffer.byteLength).toBeGreaterThanOrEqual(65536 + 3 * MIB + 64);
    const before = memory.memory.buffer.byteLength;
    const second = memory.take(256, 'second');
    expect(second).toBe(65536 + 3 * MIB);
    memory.take(MIB, 'third');
    expect(memory.memory.buffer.byteLength - before).toBeGreaterThanOrEqual(MIB);
  });

  test('is zero where it should be, also where it was used before', () => {
    const memory = new DeviceMemory(shared);
    const at = memory.take(1024, 'used');
    memory.bytes(at, 1024).fill(7);
    memory.give(at, 1024);
    expect(memory.takeZeroed(2048, 'fresh')).toBe(at);
    expect(memory.bytes(at, 2048).every((x) => x === 0)).toBe(true);
  });

  test('uses what is free at its end before it grows', () => {
    const memory = new DeviceMemory(shared, [64]);
    const at = memory.take(memory.largest, 'all of it');
    expect(memory.memory.buffer.byteLength).toBe(64 * 65536);
    memory.give(at, memory.largest);
    expect(memory.take(memory.largest, 'all of it again')).toBe(at);
  });

  test('tells the sizes when there is no more', () => {
    const memory = new DeviceMemory(shared, [64]);
    memory.take(2 * MIB, 'much');
    const more = (): number => memory.take(3 * MIB, "createBuffer('weights')");
    expect(more).toThrow(DeviceError);
    expect(more).toThrow(/out of memory: createBuffer\('weights'\) needs 3\.0 MiB.*2\.\d MiB.*ends at 4\.0 MiB/);
    expect(memory.take(MIB, 'less')).toBeGreaterThan(0);
  });
});
