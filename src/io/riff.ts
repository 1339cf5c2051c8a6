import { AudioFormatError } from './errors.js';
import { checkPlausible, type AudioLayout } from './pcm.js';
import { describeBytes, latin1, quote } from './sniff.js';

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;

const CODECS: Record<number, string> = {
  0x0002: 'Microsoft ADPCM',
  0x0006: 'A-law',
  0x0007: 'µ-law',
  0x0011: 'IMA ADPCM',
  0x0031: 'GSM 6.10',
  0x0050: 'MPEG audio',
  0x0055: 'MP3',
  0x00ff: 'AAC',
  0x0161: 'Windows Media Audio',
};

/** Sizes that programs write when they stream to a pipe and cannot come back to fill in the true one (ffmpeg; SoX; ALSA). */
const STREAMED_SIZES = new Set([0xffffffff, 0x7ffff000, 0x80000000]);

interface Format {
  codec: number;
  channels: number;
  sampleRate: number;
  blockAlign: number;
  bitDepth: number;
}

/**
 * Reads and checks the header of a RIFF/WAVE file (Microsoft and IBM, "Multimedia Programming Interface and Data
 * Specifications 1.0", 1991; WAVE_FORMAT_EXTENSIBLE as in mmreg.h). Chunks other than `fmt ` and `data` are skipped, wherever
 * they stand; an odd-sized chunk is followed by a padding byte. What comes after `data` is never looked at.
 * @throws AudioFormatError if the file is empty, truncated, of another kind, of a codec other than PCM or IEEE float, or
 *   contradicts itself.
 */
export function parseWavHeader(bytes: Uint8Array, name: string): AudioLayout {
  if (bytes.length === 0) throw new AudioFormatError(`${name}: the file is empty (0 bytes); expected a WAV file.`);
  if (latin1(bytes, 0, 4) !== 'RIFF' || (bytes.length >= 12 && latin1(bytes, 8, 12) !== 'WAVE')) {
    throw new AudioFormatError(
      `${name}: not a WAV file but ${describeBytes(bytes)}. Convert it to WAV (PCM, 16 bits) or leave it out.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const id = latin1(bytes, at, at + 4);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (id === 'data') {
      if (!format)
        throw new AudioFormatError(`${name}: the data chunk comes before any fmt chunk; the file is damaged.`);
      return layout(format, start, dataSize(view, start, size, name), name);
    }
    if (start + size > bytes.length) {
      throw new AudioFormatError(
        `${name}: chunk ${quote(id)} claims ${size} bytes, but only ${bytes.length - start} are left; the file is truncated or damaged.`,
      );
    }
    if (id === 'fmt ') format = readFormat(view, start, size, name);
    at = start + size + (size % 2);
  }
  throw new AudioFormatError(
    `${name}: the header is truncated: the file ends after ${bytes.length} bytes with no ${format ? 'data' : 'fmt'} chunk.`,
  );
}

function readFormat(view: DataView, start: number, size: number, name: string): Format {
  if (size < 16)
    throw new AudioFormatError(`${name}: the fmt chunk has ${size} bytes; expected at least 16. The file is damaged.`);
  let codec = view.getUint16(start, true);
  if (codec === FORMAT_EXTENSIBLE) {
    if (size < 40) {
      throw new AudioFormatError(
        `${name}: the extensible fmt chunk has ${size} bytes; expected 40. The file is damaged.`,
      );
    }
    // The first two bytes of the sub-format GUID are the plain format code.
    codec = view.getUint16(start + 24, true);
  }
  return {
    codec,
    channels: view.getUint16(start + 2, true),
    sampleRate: view.getUint32(start + 4, true),
    blockAlign: view.getUint16(start + 12, true),
    bitDepth: view.getUint16(start + 14, true),
  };
}

/** How many bytes of samples there are; decides whether a size that disagrees with the file is a stream's or a lie. */
function dataSize(view: DataView, start: number, size: number, name: string): number {
  const left = view.byteLength - start;
  const riffSize = view.getUint32(4, true);
  // A size of 0 is a stream's only if the RIFF size was never filled in either (it covers no more than the header).
  const streamed = STREAMED_SIZES.has(size) || (size === 0 && (STREAMED_SIZES.has(riffSize) || riffSize + 8 <= start));
  if (streamed) return left;
  if (size > left) {
    throw new AudioFormatError(
      `${name}: the header promises ${size} bytes of samples, but the file holds ${left}: it is truncated. Copy or download it again.`,
    );
  }
  return size;
}

function layout(format: Format, dataStart: number, dataBytes: number, name: string): AudioLayout {
  const { codec, channels, sampleRate, blockAlign, bitDepth } = format;
  const accepted = codec === FORMAT_PCM ? [8, 16, 24, 32] : codec === FORMAT_FLOAT ? [32, 64] : [];
  if (!accepted.includes(bitDepth)) {
    const what =
      accepted.length > 0
        ? `${bitDepth}-bit ${codec === FORMAT_PCM ? 'PCM' : 'float'} samples`
        : `the codec ${CODECS[codec] ?? `0x${codec.toString(16).padStart(4, '0')}`}`;
    throw new AudioFormatError(
      `${name}: ${what} cannot be read; expected PCM of 8, 16, 24 or 32 bits, or float of 32 or 64 bits. Convert the file.`,
    );
  }
  checkPlausible(sampleRate, channels, name);
  const frameBytes = (channels * bitDepth) / 8;
  if (blockAlign !== frameBytes) {
    throw new AudioFormatError(
      `${name}: the header says ${blockAlign} bytes a frame, but ${channels} × ${bitDepth} bits make ${frameBytes}. The file is damaged.`,
    );
  }
  const frames = Math.floor(dataBytes / frameBytes);
  if (frames === 0) throw new AudioFormatError(`${name}: the file holds 0 samples; expected at least one.`);
  return {
    container: 'wav',
    sampleRate,
    channels,
    bitDepth,
    encoding: codec === FORMAT_PCM ? 'int' : 'float',
    frames,
    seconds: frames / sampleRate,
    dataStart,
    dataBytes: frames * frameBytes,
    littleEndian: true,
  };
}
