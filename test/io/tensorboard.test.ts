/** Event files: checksums by their published answers, frames and messages by a decoder that shares nothing with the writer. */
import { describe, expect, test } from 'vitest';
import { crc32c, tensorBoardHeader, tensorBoardScalars } from '../../src/io/index.js';

describe('CRC-32C', () => {
  test('gives the answers of RFC 3720, B.4, and of "123456789"', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });
});

/** The checksum bit by bit, and the mask in whole numbers. */
function maskedChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

function records(file: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedChecksum(file.subarray(at, at + 8)));
    const bytes = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedChecksum(bytes));
    found.push(bytes);
    at += 16 + length;
  }
  return found;
}

type Field = readonly [number: number, value: number | Uint8Array];

/** A protocol buffer's fields in their order: wire types 0 (varint), 1 (64 bits), 2 (bytes) and 5 (32 bits). */
function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        found.push([number, varint()]);
        break;
      case 1:
        found.push([number, view.getFloat64(at, true)]);
        at += 8;
        break;
      case 2: {
        const length = varint();
        found.push([number, bytes.subarray(at, at + length)]);
        at += length;
        break;
      }
      case 5:
        found.push([number, view.getFloat32(at, true)]);
        at += 4;
        break;
      default:
        throw new Error(`wire type ${key % 8}`);
    }
  }
  return found;
}

const text = (value: number | Uint8Array): string => new TextDecoder().decode(value as Uint8Array);

test('a file begins with its version, and with a session that starts at a step', () => {
  const [version, start, ...more] = records(tensorBoardHeader(1234.5, 7));
  expect(more).toEqual([]);
  const [time, name] = fields(version);
  expect(time).toEqual([1, 1234.5]);
  expect(name[0]).toBe(3);
  expect(text(name[1])).toBe('brain.Event:2');
  const [, step, log] = fields(start);
  expect(step).toEqual([2, 7]);
  expect(log[0]).toBe(7);
  expect(fields(log[1] as Uint8Array)).toEqual([[1, 1]]);
});

test('scalars are one event with a value a tag, also at steps that take several bytes', () => {
  const scalars = { 'loss/train': 0.25, 'validation/größe': -1e-20 };
  const [event, ...more] = records(tensorBoardScalars({ wallTime: 1.75e9, step: 300_000, scalars }));
  expect(more).toEqual([]);
  const [time, step, summary] = fields(event);
  expect(time).toEqual([1, 1.75e9]);
  expect(step).toEqual([2, 300_000]);
  expect(summary[0]).toBe(5);
  const values = fields(summary[1] as Uint8Array).map(([number, value]) => {
    expect(number).toBe(1);
    const [tag, simple, ...rest] = fields(value as Uint8Array);
    expect([tag[0], simple[0], rest]).toEqual([1, 2, []]);
    return [text(tag[1]), simple[1]];
  });
  expect(values).toEqual([
    ['loss/train', 0.25],
    ['validation/größe', Math.fround(-1e-20)],
  ]);
});
