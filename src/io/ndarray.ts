import { FileFormatError } from './errors.js';

/** The typed array that holds each element type. Booleans are bytes of 0 and 1. */
export interface ArrayTypes {
  float32: Float32Array;
  float64: Float64Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
}

export type DType = keyof ArrayTypes;

/** An array as files hold it: row-major (C order), `data.length` = product of `shape`; shape `[]` is a scalar. */
export type NdArray = { [T in DType]: { shape: number[]; dtype: T; data: ArrayTypes[T] } }[DType];

/** Any of the typed arrays. */
export type ArrayData = ArrayTypes[DType];

/** Bytes an element takes. */
export const ITEM_BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
};

/** Elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}

/**
 * Pairs data with a shape; the element type is the typed array's (`dtype: 'bool'` for bytes that are truth values).
 * @throws FileFormatError if the shape does not hold as many elements as there are data.
 */
export function ndarray(shape: readonly number[], data: ArrayData, dtype: DType = dtypeOf(data)): NdArray {
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || sizeOf(shape) !== data.length) {
    throw new FileFormatError(
      `Shape [${shape.join(', ')}] does not fit ${data.length} elements; expected whole numbers whose product is ${data.length}.`,
    );
  }
  if (dtype !== dtypeOf(data) && !(dtype === 'bool' && data instanceof Uint8Array)) {
    throw new FileFormatError(`Data of type ${dtypeOf(data)} cannot be stored as ${dtype}; convert them first.`);
  }
  return { shape: [...shape], dtype, data } as NdArray;
}

/** The element type of a typed array. */
export function dtypeOf(data: ArrayData): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int16Array) return 'int16';
  if (data instanceof Uint16Array) return 'uint16';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint32Array) return 'uint32';
  if (data instanceof BigInt64Array) return 'int64';
  return 'uint64';
}

/** Elements as JavaScript numbers. @throws FileFormatError if a 64-bit integer is beyond 2^53 and would lose digits. */
export function toNumbers(array: NdArray): number[] {
  return Array.from<number | bigint, number>(array.data, (value) => {
    const number = Number(value);
    if (typeof value === 'bigint' && !Number.isSafeInteger(number)) {
      throw new FileFormatError(
        `The integer ${value} is beyond 2^53 and is no exact JavaScript number; read array.data instead.`,
      );
    }
    return number;
  });
}

/** Elements as float32 (the very array where it already is); 64-bit numbers are rounded. */
export function toFloat32(array: NdArray): Float32Array {
  if (array.dtype === 'float32') return array.data;
  return Float32Array.from<number | bigint>(array.data, Number);
}

/**
 * Views little-endian bytes, copied so that they are aligned and do not pin the whole file, as a typed array.
 * (Typed arrays have the machine's byte order; every platform that runs WebGPU is little-endian.)
 */
export function fromBytes(dtype: DType, bytes: Uint8Array): ArrayData {
  const buffer = bytes.slice().buffer;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint64':
      return new BigUint64Array(buffer);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer);
  }
}

/** The bytes of a typed array, without a copy. */
export function toBytes(data: ArrayData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
