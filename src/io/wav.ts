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
 * @param called what messages call bytes, say the path that they were read from.
 * @returns samples (frames) in −1…1 at the stored sample rate (int16 / 32768, as soundfile and librosa), and what was stored.
 * @throws AudioFormatError if it is empty, truncated, not audio, of an unsupported codec, or holds NaN or infinite samples;
 *   FileAccessError if the path cannot be read.
 */
export function readWav(source: Source, called = 'WAV bytes'): Audio {
  const { bytes, name } = load(source, called);
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
  const { bitDepth, encoding, channels } = layout;
  const stored = storedValues(bytes, layout);
  if (stored instanceof Int16Array && channels === 1) return fromInt16(stored);
  const scale = encoding === 'int' ? 2 ** (bitDepth - 1) : 1;
  return mixToMono(stored, channels, bitDepth === 8 ? 128 : 0, scale, name); // 8-bit WAV is unsigned
}

/** What nearly all clips of speech are: no mix, and nothing that could be infinite. Ten times as fast as the general way. */
function fromInt16(stored: Int16Array): Float32Array {
  const samples = new Float32Array(stored.length);
  for (let i = 0; i < samples.length; i++) samples[i] = stored[i] / 32768;
  return samples;
}

/** The interleaved samples in the container's own scale. */
function storedValues(bytes: Uint8Array, layout: AudioLayout): ArrayLike<number> {
  const { bitDepth, encoding, dataStart, dataBytes } = layout;
  const data = bytes.subarray(dataStart, dataStart + dataBytes);
  if (bitDepth === 8) return data;
  if (bitDepth === 24) return int24Values(data);
  // A typed array begins at a multiple of its width; where the file has it otherwise, a copy does.
  const aligned = data.byteOffset % (bitDepth / 8) === 0 ? data : Uint8Array.from(data);
  const { buffer, byteOffset } = aligned;
  const count = dataBytes / (bitDepth / 8);
  if (bitDepth === 16) return new Int16Array(buffer, byteOffset, count);
  if (bitDepth === 64) return new Float64Array(buffer, byteOffset, count);
  return encoding === 'int' ? new Int32Array(buffer, byteOffset, count) : new Float32Array(buffer, byteOffset, count);
}

function int24Values(data: Uint8Array): Int32Array {
  const values = new Int32Array(data.length / 3);
  for (let i = 0, at = 0; i < values.length; i++, at += 3) {
    values[i] = ((data[at] << 8) | (data[at + 1] << 16) | (data[at + 2] << 24)) >> 8; // the sign comes with the shift
  }
  return values;
}

function toInt16(samples: Float32Array | readonly number[]): Int16Array {
  return Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
}
