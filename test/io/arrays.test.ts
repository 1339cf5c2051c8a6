import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  decodeNpy,
  decodeSafetensors,
  encodeNpy,
  encodeSafetensors,
  FileAccessError,
  FileFormatError,
  ndarray,
  readNpy,
  readNpz,
  readSafetensors,
  toFloat32,
  toNumbers,
  writeNpy,
  writeNpz,
  writeSafetensors,
  type ArrayData,
  type NdArray,
} from '../../src/io/index.js';
import { elements, expected, fixture } from './fixtures.js';

const folder = mkdtempSync(path.join(tmpdir(), 'formant-arrays-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Bit-true comparison with what numpy read: Object.is tells −0 from 0 and knows NaN. */
function expectSame(array: NdArray | undefined, entry: (typeof expected.arrays)[string]): void {
  if (!array) throw new Error('the array is missing');
  expect(array.dtype).toBe(entry.dtype);
  expect(array.shape).toEqual(entry.shape);
  const values = elements(entry);
  expect(array.data).toHaveLength(values.length);
  values.forEach((value, i) => expect(array.data[i], `element ${i}`).toBe(value));
}

/** One array of every type, with the extremes it holds. */
const EVERY_TYPE: [string, NdArray][] = [
  ['float32', ndarray([2, 2], Float32Array.of(0.1, -0, NaN, -Infinity))],
  ['float64', ndarray([3], Float64Array.of(Math.PI, Number.MAX_VALUE, 5e-324))],
  ['int8', ndarray([1, 2], Int8Array.of(-128, 127))],
  ['uint8', ndarray([2], Uint8Array.of(0, 255))],
  ['int16', ndarray([2], Int16Array.of(-32768, 32767))],
  ['uint16', ndarray([1], Uint16Array.of(65535))],
  ['int32', ndarray([], Int32Array.of(-(2 ** 31)))],
  ['uint32', ndarray([1], Uint32Array.of(2 ** 32 - 1))],
  ['int64', ndarray([2], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n))],
  ['uint64', ndarray([1], BigUint64Array.of(2n ** 64n - 1n))],
  ['bool', ndarray([3], Uint8Array.of(1, 0, 1), 'bool')],
  ['empty', ndarray([0, 7], new Float32Array(0))],
];

describe('.npy against NumPy', () => {
  for (const [name, entry] of Object.entries(expected.arrays).filter(([name]) => name.endsWith('.npy'))) {
    it(`${name}: same type, shape and values`, () => expectSame(readNpy(fixture(name)), entry));
  }

  it("what is written in NumPy's own type and order is byte for byte what NumPy writes", () => {
    for (const name of ['f4', 'f4_special', 'f8', 'i4', 'i8', 'u8', 'u1', 'i1', 'i2', 'bool', 'scalar', 'empty']) {
      const file = fixture(`${name}.npy`);
      expect(Buffer.from(encodeNpy(readNpy(file))).equals(readFileSync(file)), name).toBe(true);
    }
  });

  for (const [name, array] of EVERY_TYPE) {
    it(`${name}: comes back from a file as it was`, () => {
      const file = path.join(folder, `${name}.npy`);
      writeNpy(file, array);
      expect(readNpy(file)).toEqual(array);
    });
  }

  it('does not change the bytes that it reads, and does not share memory with them', () => {
    const bytes = readFileSync(fixture('big_endian.npy'));
    const before = Uint8Array.from(bytes);
    const array = decodeNpy(bytes);
    expect(Uint8Array.from(bytes)).toEqual(before);
    const first = array.data[0];
    bytes.fill(0);
    expect(array.data[0]).toBe(first);
  });

  it('refuses text, records and complex numbers by their type', () => {
    expect(() => readNpy(fixture('text.npy'))).toThrow(/type 'U5'/);
    expect(() => readNpy(fixture('record.npy'))).toThrow(/structured/);
    expect(() => readNpy(fixture('complex.npy'))).toThrow(/type 'c8'/);
  });

  it('refuses every prefix of a file, and data after its end', () => {
    const bytes = readFileSync(fixture('f4.npy'));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeNpy(bytes.subarray(0, length))).toThrow(FileFormatError);
    }
    expect(() => decodeNpy(bytes.subarray(0, bytes.length - 1))).toThrow(/needs 60 bytes.*holds 59.*truncated/);
    expect(() => decodeNpy(Buffer.concat([bytes, bytes]))).toThrow(/several arrays/);
  });

  it('refuses an unknown version and a file of another kind, naming the file', () => {
    const bytes = Uint8Array.from(readFileSync(fixture('f4.npy')));
    bytes[6] = 9;
    expect(() => decodeNpy(bytes)).toThrow(/version 9/);
    expect(() => readNpy(fixture('plain.npz'))).toThrow(/plain\.npz: not a \.npy file/);
    expect(() => readNpy(path.join(folder, 'missing.npy'))).toThrow(FileAccessError);
  });
});

describe('.npz against NumPy', () => {
  for (const name of ['plain.npz', 'compressed.npz']) {
    it(`${name}: same arrays`, () => {
      const arrays = readNpz(fixture(name));
      expect([...arrays.keys()].sort()).toEqual(['labels', 'x']);
      for (const [key, array] of arrays) expectSame(array, expected.arrays[`${name}/${key}`]);
    });
  }

  it('comes back as it was, compressed or not, and the same arrays give the same bytes', () => {
    for (const compress of [false, true]) {
      const [a, b] = ['a.npz', 'b.npz'].map((name) => path.join(folder, name));
      writeNpz(a, EVERY_TYPE, { compress });
      writeNpz(b, EVERY_TYPE, { compress });
      expect([...readNpz(a)]).toEqual(EVERY_TYPE);
      expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
    }
  });

  it('refuses what is no archive, a cut one, and one that holds other files', () => {
    expect(() => readNpz(fixture('f4.npy'))).toThrow(FileFormatError);
    const bytes = readFileSync(fixture('compressed.npz'));
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => readNpz(bytes.subarray(0, length))).toThrow(FileFormatError);
    }
    // The archive names each entry twice; rename both.
    const renamed = Buffer.from(
      readFileSync(fixture('plain.npz')).toString('latin1').replaceAll('x.npy', 'x.txt'),
      'latin1',
    );
    expect(() => readNpz(renamed)).toThrow(/"x\.txt", which is no \.npy file/);
  });
});

describe('.safetensors against the safetensors package', () => {
  it('arrays.safetensors: same types, shapes, values and metadata; F16 becomes float32', () => {
    const { tensors, metadata } = readSafetensors(fixture('arrays.safetensors'));
    const names = Object.keys(expected.arrays).filter((name) => name.startsWith('arrays.safetensors/'));
    expect(tensors.size).toBe(names.length);
    for (const name of names) expectSame(tensors.get(name.split('/')[1]), expected.arrays[name]);
    expect(metadata).toEqual({ format: 'np', title: 'Tensoren für Prüfungen' });
  });

  it('bf16.safetensors: BF16 becomes float32', () => {
    expectSame(readSafetensors(fixture('bf16.safetensors')).tensors.get('x'), expected.arrays['bf16.safetensors/x']);
  });

  it('comes back from a file as it was, with its metadata, whatever the names', () => {
    const file = path.join(folder, 'all.safetensors');
    const given: [string, NdArray][] = [
      ...EVERY_TYPE,
      ['lstm.weight_ih_l0', EVERY_TYPE[0][1]],
      ['__proto__', EVERY_TYPE[1][1]],
    ];
    writeSafetensors(file, given, { epoch: '7', note: 'é "quoted"' });
    const { tensors, metadata } = readSafetensors(file);
    expect(new Map([...tensors].sort())).toEqual(new Map([...given].sort()));
    expect(metadata).toEqual({ epoch: '7', note: 'é "quoted"' });
  });

  it('an empty file of tensors, and metadata alone', () => {
    expect(decodeSafetensors(encodeSafetensors([]))).toEqual({ tensors: new Map(), metadata: {} });
    expect(decodeSafetensors(encodeSafetensors([], { a: 'b' })).metadata).toEqual({ a: 'b' });
  });

  it('starts the data at a multiple of 8 bytes and every tensor at a multiple of its element', () => {
    const bytes = encodeSafetensors(EVERY_TYPE);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
      string,
      { data_offsets: number[] }
    >;
    for (const [name, array] of EVERY_TYPE) {
      expect(header[name].data_offsets[0] % (array.data as ArrayData).BYTES_PER_ELEMENT).toBe(0);
    }
  });

  it('refuses two tensors of one name and a shape that does not fit', () => {
    const x = ndarray([1], Float32Array.of(1));
    expect(() =>
      encodeSafetensors([
        ['x', x],
        ['x', x],
      ]),
    ).toThrow(/two tensors named "x"/);
    expect(() => encodeSafetensors([['__metadata__', x]])).toThrow(FileFormatError);
    expect(() => encodeSafetensors([['x', { ...x, shape: [2] }]])).toThrow(/\[2\] does not fit 1 elements/);
  });

  it('refuses every prefix of a file', () => {
    const bytes = readFileSync(fixture('arrays.safetensors'));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(FileFormatError);
    }
  });

  const tensor = (begin: number, end: number, shape = [1], dtype = 'F32') => ({
    dtype,
    shape,
    data_offsets: [begin, end],
  });
  const lies: [string, unknown, number, RegExp][] = [
    ['overlapping tensors', { a: tensor(0, 4), b: tensor(2, 6) }, 6, /"b" begins at byte 2.*4 was expected.*overlap/],
    ['a gap between tensors', { a: tensor(0, 4), b: tensor(8, 12) }, 12, /gap/],
    ['data past the last tensor', { a: tensor(0, 4) }, 8, /describes 4 bytes.*holds 8.*damaged/],
    ['a tensor past the data', { a: tensor(0, 4) }, 3, /truncated/],
    ['offsets that disagree with the shape', { a: tensor(0, 4, [2]) }, 4, /takes 8 bytes.*span 4/],
    ['offsets backwards', { a: tensor(4, 0) }, 4, /\[4, 0\]/],
    ['negative offsets', { a: tensor(-4, 0) }, 0, /whole numbers/],
    ['three offsets', { a: { ...tensor(0, 4), data_offsets: [0, 2, 4] } }, 4, /expected \[begin, end\]/],
    ['a fractional shape', { a: tensor(0, 4, [0.5]) }, 4, /whole numbers/],
    ['an unknown type', { a: tensor(0, 4, [4], 'F8_E4M3') }, 4, /type F8_E4M3/],
    ['metadata that is no text', { __metadata__: { a: 1 } }, 0, /__metadata__/],
    ['a list for a header', [], 0, /no JSON object/],
  ];
  for (const [what, header, dataBytes, reason] of lies) {
    it(`refuses ${what}`, () => {
      const json = new TextEncoder().encode(JSON.stringify(header));
      const bytes = new Uint8Array(8 + json.length + dataBytes);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
      bytes.set(json, 8);
      expect(() => decodeSafetensors(bytes)).toThrow(FileFormatError);
      expect(() => decodeSafetensors(bytes)).toThrow(reason);
    });
  }

  it('refuses a header length that is garbage, and a header that is no JSON', () => {
    expect(() => decodeSafetensors(new Uint8Array(64).fill(0xff))).toThrow(/claims 18446744073709551615 bytes/);
    const file = path.join(folder, 'text.safetensors');
    writeFileSync(file, Buffer.concat([Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0), Buffer.from('oops')]));
    expect(() => readSafetensors(file)).toThrow(/text\.safetensors: the header is not JSON/);
  });
});

describe('ndarray', () => {
  it("takes its type from the data, and refuses a shape that does not fit or a type that is not the data's", () => {
    expect(ndarray([2], Int32Array.of(1, 2)).dtype).toBe('int32');
    expect(() => ndarray([3], Int32Array.of(1, 2))).toThrow(/\[3\] does not fit 2/);
    expect(() => ndarray([-1, -2], Int32Array.of(1, 2))).toThrow(FileFormatError);
    expect(() => ndarray([2], Int32Array.of(1, 2), 'float32')).toThrow(/int32 cannot be stored as float32/);
  });

  it('toNumbers gives numbers, of 64-bit integers only those that are exact; toFloat32 rounds', () => {
    expect(toNumbers(ndarray([2], BigInt64Array.of(-3n, 2n ** 53n - 1n)))).toEqual([-3, 2 ** 53 - 1]);
    expect(() => toNumbers(ndarray([1], BigInt64Array.of(2n ** 53n)))).toThrow(/9007199254740992 is beyond 2\^53/);
    expect(toNumbers(ndarray([1], Float32Array.of(0.5)))).toEqual([0.5]);
    expect(toFloat32(ndarray([2], Float64Array.of(0.1, 1e300)))).toEqual(Float32Array.of(0.1, Infinity));
    expect(toFloat32(ndarray([1], BigInt64Array.of(7n)))).toEqual(Float32Array.of(7));
  });
});
