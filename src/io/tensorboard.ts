/**
 * TensorBoard's event files: scalars over steps. A file is a row of TFRecords (tensorflow/core/lib/io/record_writer.h: length, checksum of
 * the length, bytes, checksum of the bytes), each of them an `Event` (tensorflow/core/util/event.proto, framework/summary.proto) as a protocol
 * buffer. TensorBoard reads every file of a folder whose name contains `tfevents`.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { crc32c } from './crc32c.js';

export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  /** By tag; a `/` makes groups. */
  readonly scalars: Readonly<Record<string, number>>;
}

const DOUBLE = WireType.Bit64;
const FLOAT = WireType.Bit32;
const BYTES = WireType.LengthDelimited;

/**
 * How a file begins: its version, and the word that a session starts at `firstStep`. Where another file of the folder has gone further,
 * TensorBoard drops what that one says from there on.
 */
export function tensorBoardHeader(wallTime: number, firstStep: number): Uint8Array {
  const version = new BinaryWriter().tag(1, DOUBLE).double(wallTime).tag(3, BYTES).string('brain.Event:2').finish();
  const sessionLog = new BinaryWriter().tag(1, WireType.Varint).int32(1).finish(); // status: START
  const start = eventAt(wallTime, firstStep).tag(7, BYTES).bytes(sessionLog).finish();
  return joined([record(version), record(start)]);
}

/** One event with all its scalars. */
export function tensorBoardScalars({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const summary = new BinaryWriter();
  for (const [tag, value] of Object.entries(scalars)) {
    const entry = new BinaryWriter().tag(1, BYTES).string(tag).tag(2, FLOAT).float(value).finish();
    summary.tag(1, BYTES).bytes(entry);
  }
  return record(eventAt(wallTime, step).tag(5, BYTES).bytes(summary.finish()).finish());
}

const eventAt = (wallTime: number, step: number): BinaryWriter =>
  new BinaryWriter().tag(1, DOUBLE).double(wallTime).tag(2, WireType.Varint).int64(step);

/** A TFRecord. */
function record(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(8 + 4 + bytes.length + 4);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, masked(crc32c(framed.subarray(0, 8))), true);
  framed.set(bytes, 12);
  view.setUint32(12 + bytes.length, masked(crc32c(bytes)), true);
  return framed;
}

/** Checksums are turned and moved, so that a record that holds checksums is no special case (tensorflow/core/lib/hash/crc32c.h). */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
