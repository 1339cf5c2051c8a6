import { writeFileAtomic } from './atomic.js';
import { FileFormatError } from './errors.js';
import { load, type Source } from './files.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './float16.js';
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

/** A .safetensors file: arrays by name, and text that its writer attached. */
export interface Safetensors {
  tensors: Map<string, NdArray>;
  metadata: Record<string, string>;
}

const CODE_OF: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int8: 'I8',
  uint8: 'U8',
  int16: 'I16',
  uint16: 'U16',
  int32: 'I32',
  uint32: 'U32',
  int64: 'I64',
  uint64: 'U64',
  bool: 'BOOL',
};
const DTYPE_OF = new Map(Object.entries(CODE_OF).map(([dtype, code]) => [code, dtype as DType]));
/** Half-precision types are widened to float32 as they are read. */
const WIDEN = new Map([
  ['F16', float16ToFloat32],
  ['BF16', bfloat16ToFloat32],
]);

/** The header's greatest length, as in the format's own reader: guards against a length that is garbage. */
const MOST_HEADER_BYTES = 100_000_000;

interface Entry {
  name: string;
  code: string;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Reads a .safetensors file (https://github.com/huggingface/safetensors: 8 bytes of header length, a JSON header, the data).
 * F16 and BF16 become float32.
 * @param source a path, or the bytes of a file.
 * @throws FileFormatError if it is truncated, its header is no valid one, or tensors overlap, leave gaps or disagree with
 *   their shape; FileAccessError if the path cannot be read.
 */
export function readSafetensors(source: Source): Safetensors {
  const { bytes, name } = load(source, 'safetensors bytes');
  return decodeSafetensors(bytes, name);
}

/** Writes arrays as .safetensors, whole or not at all. Names and metadata are kept; the order is the map's. */
export function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [string, NdArray]>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** Decodes the bytes of a .safetensors file; `name` is for messages. See {@link readSafetensors}. */
export function decodeSafetensors(bytes: Uint8Array, name = 'safetensors bytes'): Safetensors {
  const { header, dataStart } = splitHeader(bytes, name);
  const { entries, metadata } = parseHeader(header, name);
  checkCoverage(entries, bytes.length - dataStart, name);
  const tensors = new Map<string, NdArray>();
  for (const { name: tensor, code, shape, begin, end } of entries) {
    const widen = WIDEN.get(code);
    const dtype = widen ? 'uint16' : DTYPE_OF.get(code);
    if (!dtype) {
      throw new FileFormatError(
        `${name}: tensor ${JSON.stringify(tensor)} is of type ${code}; expected one of ${[...DTYPE_OF.keys(), ...WIDEN.keys()].join(', ')}.`,
      );
    }
    if (end - begin !== sizeOf(shape) * ITEM_BYTES[dtype]) {
      throw new FileFormatError(
        `${name}: tensor ${JSON.stringify(tensor)} of shape [${shape.join(', ')}] and type ${code} takes ` +
          `${sizeOf(shape) * ITEM_BYTES[dtype]} bytes, but its offsets span ${end - begin}; the file is damaged.`,
      );
    }
    const raw = fromBytes(dtype, Uint8Array.prototype.slice.call(bytes, dataStart + begin, dataStart + end));
    const data: ArrayData = widen && raw instanceof Uint16Array ? widen(raw) : raw;
    tensors.set(tensor, ndarray(shape, data, widen ? 'float32' : dtype));
  }
  return { tensors, metadata };
}

/**
 * Encodes arrays as the bytes of a .safetensors file. See {@link writeSafetensors}.
 * @throws FileFormatError if a name occurs twice or is `__metadata__`, or a shape does not fit its data.
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, NdArray]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // A null prototype, so that a tensor may be called `__proto__` like anything else.
  const header = Object.create(null) as Record<string, unknown>;
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  const parts: Uint8Array[] = [];
  let offset = 0;
  // Widest elements first: then every tensor is aligned, as readers that map the file into memory expect.
  const ordered = [...tensors].sort(([, a], [, b]) => ITEM_BYTES[b.dtype] - ITEM_BYTES[a.dtype]);
  for (const [name, given] of ordered) {
    if (name in header || name === '__metadata__') {
      throw new FileFormatError(`Cannot write two tensors named ${JSON.stringify(name)}; give each a name of its own.`);
    }
    const { shape, dtype, data } = ndarray(given.shape, given.data, given.dtype);
    header[name] = { dtype: CODE_OF[dtype], shape, data_offsets: [offset, offset + data.byteLength] };
    parts.push(toBytes(data));
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function splitHeader(bytes: Uint8Array, name: string): { header: unknown; dataStart: number } {
  if (bytes.length < 8) {
    throw new FileFormatError(
      `${name}: ${bytes.length} bytes are too few for a .safetensors file; it is empty or truncated.`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (length > MOST_HEADER_BYTES || Number(length) + 8 > bytes.length) {
    throw new FileFormatError(
      `${name}: the header claims ${length} bytes, but ${bytes.length - 8} follow: not a .safetensors file, or a truncated one.`,
    );
  }
  const dataStart = 8 + Number(length);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart));
    return { header: JSON.parse(text) as unknown, dataStart };
  } catch (error) {
    throw new FileFormatError(`${name}: the header is not JSON; not a .safetensors file, or a damaged one.`, {
      cause: error,
    });
  }
}

function parseHeader(header: unknown, name: string): { entries: Entry[]; metadata: Record<string, string> } {
  if (!isRecord(header)) throw new FileFormatError(`${name}: the header is no JSON object; the file is damaged.`);
  const metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') {
      if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
        throw new FileFormatError(`${name}: __metadata__ must map names to text; the file is damaged.`);
      }
      for (const [field, text] of Object.entries(value)) metadata[field] = String(text);
      continue;
    }
    if (
      !isRecord(value) ||
      typeof value.dtype !== 'string' ||
      !isCounts(value.shape) ||
      !isCounts(value.data_offsets)
    ) {
      throw new FileFormatError(
        `${name}: tensor ${JSON.stringify(key)} needs a dtype, a shape and data_offsets (whole numbers); the header is damaged.`,
      );
    }
    const [begin, end] = value.data_offsets;
    if (value.data_offsets.length !== 2 || begin > end) {
      throw new FileFormatError(
        `${name}: tensor ${JSON.stringify(key)} has data_offsets [${value.data_offsets.join(', ')}]; expected [begin, end].`,
      );
    }
    entries.push({ name: key, code: value.dtype, shape: value.shape, begin, end });
  }
  return { entries, metadata };
}

/** The format wants the data covered exactly: no byte in two tensors, none in no tensor. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, name: string): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name: tensor, begin, end } of sorted) {
    if (begin !== at) {
      throw new FileFormatError(
        `${name}: tensor ${JSON.stringify(tensor)} begins at byte ${begin} of the data where ${at} was expected: ` +
          `tensors ${begin < at ? 'overlap' : 'leave a gap'}; the file is damaged.`,
      );
    }
    at = end;
  }
  if (at !== dataBytes) {
    throw new FileFormatError(
      `${name}: the header describes ${at} bytes of data, but the file holds ${dataBytes}: it is ${at > dataBytes ? 'truncated' : 'damaged'}.`,
    );
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
