import { AudioFormatError } from './errors.js';

/** What is known of a clip before its samples are decoded. */
export interface AudioInfo {
  /** The container the bytes really are, whatever the file is called. */
  container: 'wav' | 'aiff';
  /** Samples a second and channel, Hz. */
  sampleRate: number;
  /** Channels as stored; decoded samples are always mixed down to one. */
  channels: number;
  /** Bits a sample as stored: 8, 16, 24, 32 or 64. */
  bitDepth: number;
  /** Integer or floating-point samples. */
  encoding: 'int' | 'float';
  /** Samples a channel. */
  frames: number;
  /** frames / sampleRate. */
  seconds: number;
}

/** A decoded clip. */
export interface Audio extends AudioInfo {
  /** (frames): mono, in −1…1 for integer formats (int16 is divided by 32768, as in soundfile and librosa). */
  samples: Float32Array;
}

/** Header fields that every container has, plus where its sample bytes lie. */
export interface AudioLayout extends AudioInfo {
  dataStart: number;
  dataBytes: number;
  littleEndian: boolean;
}

/** The lowest and highest sample rate taken for real, Hz: a wrong one would silently shift every pitch. */
const SAMPLE_RATES = { least: 1000, most: 768_000 };

/** Refuses sample rates and channel counts that only a damaged header can hold. */
export function checkPlausible(sampleRate: number, channels: number, name: string): void {
  if (channels < 1 || channels > 64) {
    throw new AudioFormatError(`${name}: the header says ${channels} channels; expected 1 to 64. The file is damaged.`);
  }
  if (!(sampleRate >= SAMPLE_RATES.least && sampleRate <= SAMPLE_RATES.most)) {
    throw new AudioFormatError(
      `${name}: the header says a sample rate of ${sampleRate} Hz; expected ${SAMPLE_RATES.least} to ${SAMPLE_RATES.most} Hz. ` +
        'The file is damaged.',
    );
  }
}

/**
 * Mixes interleaved samples to mono by the mean over channels and scales them.
 * @param interleaved frames × channels values in the container's own scale.
 * @param offset subtracted before scaling (128 for unsigned 8-bit audio).
 * @param scale what full scale is divided by.
 * @returns (frames) float32.
 * @throws AudioFormatError if a sample is NaN or infinite, also after the mix.
 */
export function mixToMono(
  interleaved: ArrayLike<number>,
  channels: number,
  offset: number,
  scale: number,
  name: string,
): Float32Array {
  const frames = Math.floor(interleaved.length / channels);
  const mono = new Float32Array(frames);
  const divisor = scale * channels;
  for (let frame = 0, at = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += interleaved[at++] - offset;
    mono[frame] = sum / divisor;
    if (!Number.isFinite(mono[frame])) {
      throw new AudioFormatError(
        `${name}: sample ${frame} is ${Number.isNaN(sum) ? 'NaN' : 'infinite or too large for 32 bits'}; ` +
          'expected finite samples. Export the clip again.',
      );
    }
  }
  return mono;
}
