import { AudioFormatError } from './errors.js';
import { checkPlausible, mixToMono, type AudioLayout } from './pcm.js';
import { latin1, quote } from './sniff.js';

/** AIFF-C compression types that are plain samples: [encoding, little-endian]. */
const PLAIN: Record<string, ['int' | 'float', boolean]> = {
  NONE: ['int', false],
  twos: ['int', false],
  sowt: ['int', true],
  '42n1': ['int', true],
  fl32: ['float', false],
  FL32: ['float', false],
  fl64: ['float', false],
  FL64: ['float', false],
};

/** Whether bytes are AIFF or AIFF-C: two clips of the published TESS corpus are, under a .wav name. */
export function isAiff(bytes: Uint8Array): boolean {
  return latin1(bytes, 0, 4) === 'FORM' && ['AIFF', 'AIFC'].includes(latin1(bytes, 8, 12));
}

/**
 * Reads and checks the header of an AIFF or AIFF-C file (Apple, "Audio Interchange File Format 1.3", 1989; the `sowt` and
 * float types as Apple's tools write them).
 * @throws AudioFormatError if it is truncated, compressed, or contradicts itself.
 */
export function parseAiffHeader(bytes: Uint8Array, name: string): AudioLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const compressed = latin1(bytes, 8, 12) === 'AIFC';
  let common: { channels: number; frames: number; bitDepth: number; sampleRate: number; type: string } | undefined;
  let sound: { start: number; size: number } | undefined;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const id = latin1(bytes, at, at + 4);
    const size = view.getUint32(at + 4, false);
    const start = at + 8;
    if (start + size > bytes.length) {
      throw new AudioFormatError(
        `${name}: AIFF chunk ${quote(id)} claims ${size} bytes, but only ${bytes.length - start} are left; the file is truncated.`,
      );
    }
    if (id === 'COMM') {
      if (size < (compressed ? 22 : 18)) {
        throw new AudioFormatError(`${name}: the AIFF COMM chunk has only ${size} bytes; the file is damaged.`);
      }
      common = {
        channels: view.getUint16(start, false),
        frames: view.getUint32(start + 2, false),
        bitDepth: view.getUint16(start + 6, false),
        sampleRate: float80(view, start + 8),
        type: compressed ? latin1(bytes, start + 18, start + 22) : 'NONE',
      };
    } else if (id === 'SSND') {
      if (size < 8)
        throw new AudioFormatError(`${name}: the AIFF SSND chunk has only ${size} bytes; the file is damaged.`);
      const offset = view.getUint32(start, false);
      sound = { start: start + 8 + offset, size: size - 8 - offset };
    }
    at = start + size + (size % 2);
  }
  if (!common)
    throw new AudioFormatError(`${name}: AIFF audio without a COMM chunk; the file is truncated or damaged.`);
  const { channels, frames, bitDepth, sampleRate, type } = common;
  const [encoding, littleEndian] = PLAIN[type] ?? [];
  const accepted = encoding === 'int' ? [8, 16, 24, 32] : type.endsWith('32') ? [32] : [64];
  if (encoding === undefined || littleEndian === undefined || !accepted.includes(bitDepth)) {
    throw new AudioFormatError(
      `${name}: AIFF audio of type ${quote(type)} with ${bitDepth} bits cannot be read; ` +
        'expected PCM of 8, 16, 24 or 32 bits, or float. Convert it to WAV.',
    );
  }
  checkPlausible(sampleRate, channels, name);
  const dataBytes = (frames * channels * bitDepth) / 8;
  if (frames === 0) throw new AudioFormatError(`${name}: the AIFF file holds 0 samples; expected at least one.`);
  if (!sound || sound.size < dataBytes) {
    throw new AudioFormatError(
      `${name}: the AIFF header promises ${dataBytes} bytes of samples, but the file holds ${Math.max(0, sound?.size ?? 0)}: it is truncated.`,
    );
  }
  return {
    container: 'aiff',
    sampleRate,
    channels,
    bitDepth,
    encoding,
    frames,
    seconds: frames / sampleRate,
    dataStart: sound.start,
    dataBytes,
    littleEndian,
  };
}

/** Decodes the samples that a checked header describes. */
export function decodeAiff(bytes: Uint8Array, layout: AudioLayout, name: string): Float32Array {
  const { bitDepth, encoding, channels, frames, dataStart, dataBytes, littleEndian } = layout;
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart, dataBytes);
  const width = bitDepth / 8;
  const values = new Float64Array(frames * channels);
  const read = reader(view, bitDepth, encoding, littleEndian);
  for (let i = 0; i < values.length; i++) values[i] = read(i * width);
  return mixToMono(values, channels, 0, encoding === 'int' ? 2 ** (bitDepth - 1) : 1, name);
}

/** One sample at a byte offset; unlike WAV, AIFF's 8-bit samples are signed. */
function reader(view: DataView, bits: number, encoding: 'int' | 'float', little: boolean): (at: number) => number {
  if (encoding === 'float')
    return bits === 32 ? (at) => view.getFloat32(at, little) : (at) => view.getFloat64(at, little);
  if (bits === 8) return (at) => view.getInt8(at);
  if (bits === 16) return (at) => view.getInt16(at, little);
  if (bits === 32) return (at) => view.getInt32(at, little);
  return little
    ? (at) => view.getInt8(at + 2) * 65536 + view.getUint16(at, true)
    : (at) => view.getInt8(at) * 65536 + view.getUint16(at + 1, false);
}

/** The 80-bit extended float in which AIFF stores the sample rate: sign and exponent (bias 16383), then a 64-bit mantissa. */
function float80(view: DataView, at: number): number {
  const exponent = view.getUint16(at, false);
  const mantissa = view.getUint32(at + 2, false) * 2 ** 32 + view.getUint32(at + 6, false);
  if (exponent >= 0x7fff) return Number.NaN; // negative, infinite or NaN: no sample rate
  return mantissa * 2 ** (exponent - 16383 - 63);
}
