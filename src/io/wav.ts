import * as wavefile from 'wavefile';
import { decodeAiff, isAiff, parseAiffHeader } from './aiff.js';
import { writeFileAtomic } from './atomic.js';
import { AudioFormatError } from './errors.js';
import { load, type Source } from './files.js';
import { mixToMono, type Audio, type AudioInfo, type AudioLayout } from './pcm.js';
import { parseWavHeader } from './riff.js';

// Node sees the package's CommonJS build (everything under `default`), bundlers its ES modules (named exports only).
const { WaveFile } = wavefile.default ?? (wavefile as unknown as typeof wavefile.default);

/** How {@link writeWav} stores samples: 16-bit PCM, or 32-bit float. */
export type WavBitDepth = 16 | '32f';

/**
 * Reads a clip: PCM of 8, 16, 24 or 32 bits or float of 32 or 64 bits, any number of channels, mixed to mono by their mean.
 * AIFF audio is read too, also under a .wav name (as two clips of the published TESS corpus are).
 * @param source a path, or the bytes of a file.
 * @returns samples (frames) in −1…1 at the stored sample rate (int16 / 32768, as soundfile and librosa), and what was stored.
 * @throws AudioFormatError if it is empty, truncated, not audio, of an unsupported codec, or holds NaN or infinite samples;
 *   FileAccessError if the path cannot be read.
 */
export function readWav(source: Source): Audio {
  const { bytes, name } = load(source, 'WAV bytes');
  const layout = parseHeader(bytes, name);
  const samples = layout.container === 'aiff' ? decodeAiff(bytes, layout, name) : decode(bytes, layout, name);
  return { ...info(layout), samples };
}

/**
 * Checks that a clip can be read and tells what is in it, with no decoding where the header settles the matter (integer
 * samples cannot be bad; float samples are looked at).
 * @throws as {@link readWav}.
 */
export function inspectWav(source: Source): AudioInfo {
  const { bytes, name } = load(source, 'WAV bytes');
  const layout = parseHeader(bytes, name);
  if (layout.encoding === 'float') readWav(bytes);
  return info(layout);
}

/**
 * Encodes mono samples as a WAV file.
 * @param samples (frames), finite; at 16 bits x is stored as round(32768 x), clipped to the 16-bit range.
 * @param sampleRate Hz, a whole number.
 * @throws AudioFormatError if there are no samples, one is NaN or infinite, or the sample rate is unusable.
 */
export function encodeWav(
  samples: Float32Array | readonly number[],
  sampleRate: number,
  { bitDepth = 16 }: { bitDepth?: WavBitDepth } = {},
): Uint8Array {
  if (!Number.isInteger(sampleRate) || sampleRate < 1) {
    throw new AudioFormatError(`Cannot write a WAV file at ${sampleRate} Hz; expected a positive whole number.`);
  }
  if (samples.length === 0) throw new AudioFormatError('Cannot write a WAV file of 0 samples; expected at least one.');
  const bad = samples.findIndex((sample) => !Number.isFinite(sample));
  if (bad >= 0)
    throw new AudioFormatError(`Cannot write a WAV file: sample ${bad} is ${samples[bad]}; expected finite samples.`);
  const stored = bitDepth === 16 ? toInt16(samples) : Float32Array.from(samples);
  const wav = new WaveFile();
  wav.fromScratch(1, sampleRate, String(bitDepth), stored);
  return wav.toBuffer();
}

/** Writes mono samples to a WAV file, whole or not at all. See {@link encodeWav}; throws FileAccessError if it cannot. */
export function writeWav(
  path: string,
  samples: Float32Array | readonly number[],
  sampleRate: number,
  options: { bitDepth?: WavBitDepth } = {},
): void {
  writeFileAtomic(path, encodeWav(samples, sampleRate, options));
}

function parseHeader(bytes: Uint8Array, name: string): AudioLayout {
  return isAiff(bytes) ? parseAiffHeader(bytes, name) : parseWavHeader(bytes, name);
}

function info(layout: AudioLayout): AudioInfo {
  const { container, sampleRate, channels, bitDepth, encoding, frames, seconds } = layout;
  return { container, sampleRate, channels, bitDepth, encoding, frames, seconds };
}

function decode(bytes: Uint8Array, layout: AudioLayout, name: string): Float32Array {
  const wav = new WaveFile();
  wav.fromBuffer(plainWav(bytes, layout));
  const { bitDepth, encoding, channels } = layout;
  const scale = encoding === 'int' ? 2 ** (bitDepth - 1) : 1;
  return mixToMono(storedValues(wav, layout), channels, bitDepth === 8 ? 128 : 0, scale, name); // 8-bit WAV is unsigned
}

/**
 * The interleaved samples in the container's own scale. Widths that a typed array has are viewed as one: the package unpacks
 * bit by bit, 25 times slower (7 ms for a clip of 3 s), and is left to do so for 24 bits only.
 */
function storedValues(wav: InstanceType<typeof WaveFile>, { bitDepth, encoding }: AudioLayout): ArrayLike<number> {
  const { samples } = wav.data as { samples: Uint8Array };
  // A copy starts at an address that a view of any width accepts.
  const copy = samples.slice().buffer;
  switch (`${encoding}${bitDepth}`) {
    case 'int8':
      return samples;
    case 'int16':
      return new Int16Array(copy);
    case 'int32':
      return new Int32Array(copy);
    case 'float32':
      return new Float32Array(copy);
    case 'float64':
      return new Float64Array(copy);
    default:
      return wav.getSamples(true);
  }
}

/**
 * The same samples behind the shortest header. The package gets this instead of the file: it trusts every size it meets and
 * reads every chunk, so damaged or exotic metadata (LIST, bext, _PMX) would make it fail on audio that is sound.
 */
function plainWav(bytes: Uint8Array, layout: AudioLayout): Uint8Array {
  const { channels, sampleRate, bitDepth, encoding, dataStart, dataBytes } = layout;
  const plain = new Uint8Array(44 + dataBytes);
  const view = new DataView(plain.buffer);
  const text = (at: number, id: string): void => [...id].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, encoding === 'int' ? 1 : 3, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, (sampleRate * channels * bitDepth) / 8, true);
  view.setUint16(32, (channels * bitDepth) / 8, true);
  view.setUint16(34, bitDepth, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  plain.set(bytes.subarray(dataStart, dataStart + dataBytes), 44);
  return plain;
}

function toInt16(samples: Float32Array | readonly number[]): Int16Array {
  return Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
}
