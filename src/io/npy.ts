import { writeFileAtomic } from './atomic.js';
import { FileFormatError } from './errors.js';
import { load, type Source } from './files.js';
import { float16ToFloat32 } from './float16.js';
import {
  fromBytes,
  ITEM_BYTES,
  ndarray,
  sizeOf,
  toBytes,
  type ArrayData,
  type DType,
  type NdArray,
} from './ndarray.js';
import { latin1 } from './sniff.js';

/** NumPy's type codes (kind and bytes). */
const CODE_OF: Readonly<Record<DType, string>> = {
  float32: 'f4',
  float64: 'f8',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  bool: 'b1',
};
const DTYPE_OF = new Map(Object.entries(CODE_OF).map(([dtype, code]) => [code, dtype as DType]));

/**
 * Reads a .npy file (NumPy's NEP 1; format versions 1 to 3) of floats, integers or booleans, of either byte order, in C or
 * Fortran order (which is rearranged to C order). float16 becomes float32.
 * @param source a path, or the bytes of a file.
 * @throws FileFormatError if it is no .npy file, holds another type (strings, records, Python objects), or is truncated;
 *   FileAccessError if the path cannot be read.
 */
export function readNpy(source: Source): NdArray {
  const { bytes, name } = load(source, 'NPY bytes');
  return decodeNpy(bytes, name);
}

/** Writes an array as .npy (version 1, C order, little-endian), whole or not at all. */
export function writeNpy(path: string, array: NdArray): void {
  writeFileAtomic(path, encodeNpy(array));
}

/** Decodes the bytes of a .npy file; `name` is for messages. See {@link readNpy}. */
export function decodeNpy(bytes: Uint8Array, name = 'NPY bytes'): NdArray {
  const { header, dataStart } = splitHeader(bytes, name);
  const { code, bigEndian, fortran, shape } = parseHeader(header, name);
  const half = code === 'f2';
  const dtype = half ? 'uint16' : DTYPE_OF.get(code);
  if (!dtype) {
    throw new FileFormatError(
      `${name}: elements of NumPy type '${code}' cannot be read; expected floats, integers or booleans. Convert with astype().`,
    );
  }
  const expected = sizeOf(shape) * ITEM_BYTES[dtype];
  const present = bytes.length - dataStart;
  if (present !== expected) {
    throw new FileFormatError(
      `${name}: shape (${shape.join(', ')}) of '${code}' needs ${expected} bytes of data, but the file holds ${present}: ` +
        `it is ${present < expected ? 'truncated' : 'damaged, or several arrays were saved into one file'}.`,
    );
  }
  // slice, not subarray of a Buffer: Buffer.prototype.slice would share memory, and swapping would change the caller's bytes.
  const raw = Uint8Array.prototype.slice.call(bytes, dataStart);
  if (bigEndian) swapBytes(raw, ITEM_BYTES[dtype]);
  let data: ArrayData = fromBytes(dtype, raw);
  if (half && data instanceof Uint16Array) data = float16ToFloat32(data);
  if (fortran) data = toRowMajor(data, shape);
  return ndarray(shape, data, half ? 'float32' : dtype);
}

/** Encodes an array as the bytes of a .npy file. See {@link writeNpy}. */
export function encodeNpy(array: NdArray): Uint8Array {
  const { shape, dtype, data } = ndarray(array.shape, array.data, array.dtype);
  const order = ITEM_BYTES[dtype] === 1 ? '|' : '<';
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${order}${CODE_OF[dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // Padded with spaces and one newline, so that the data start at a multiple of 64 bytes.
  const total = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = `${dictionary.padEnd(total - 11)}\n`;
  const bytes = new Uint8Array(total + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(toBytes(data), total);
  return bytes;
}

function splitHeader(bytes: Uint8Array, name: string): { header: string; dataStart: number } {
  if (latin1(bytes, 0, 6) !== '\x93NUMPY') {
    throw new FileFormatError(`${name}: not a .npy file (it does not begin with \\x93NUMPY).`);
  }
  const version = bytes[6];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthBytes = version === 1 ? 2 : 4;
  if (bytes.length < 8 + lengthBytes)
    throw new FileFormatError(`${name}: the file ends within its header; it is truncated.`);
  if (version < 1 || version > 3) {
    throw new FileFormatError(`${name}: .npy format version ${version} is not known; expected 1, 2 or 3.`);
  }
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = 8 + lengthBytes + length;
  if (dataStart > bytes.length) {
    throw new FileFormatError(
      `${name}: the header claims ${length} bytes, but the file has only ${bytes.length}; it is truncated or damaged.`,
    );
  }
  return { header: new TextDecoder().decode(bytes.subarray(8 + lengthBytes, dataStart)), dataStart };
}

function parseHeader(
  header: string,
  name: string,
): { code: string; bigEndian: boolean; fortran: boolean; shape: number[] } {
  const descr = /'descr'\s*:\s*'([<>|=]?)([A-Za-z]\w*)'/.exec(header);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header);
  if (!descr && /'descr'\s*:/.test(header)) {
    throw new FileFormatError(
      `${name}: structured or unusual NumPy types cannot be read; save one plain array a file.`,
    );
  }
  if (!descr || !fortran || !shape) {
    throw new FileFormatError(`${name}: the .npy header is damaged: ${JSON.stringify(header.trim().slice(0, 80))}.`);
  }
  return {
    code: descr[2],
    bigEndian: descr[1] === '>',
    fortran: fortran[1] === 'True',
    shape: shape[1]
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number),
  };
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** Rearranges column-major data (first index fastest) to row-major. */
function toRowMajor(source: ArrayData, shape: readonly number[]): ArrayData {
  const result = source.slice();
  const strides: number[] = [];
  let step = 1;
  for (const n of shape) {
    strides.push(step);
    step *= n;
  }
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < source.length; to++) {
    result[to] = source[from];
    // Count the index up like an odometer, last digit first, moving `from` along.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
