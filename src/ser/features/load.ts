/** Samples as the features want them: mono, at 16 kHz. */
import { resample } from '../../dsp/index.js';
import { readWav } from '../../io/index.js';
import { SAMPLE_RATE } from './settings.js';

export interface LoadedClip {
  /** At 16 kHz. */
  readonly samples: Float32Array;
  /** Hz, as stored. */
  readonly sampleRate: number;
  /** Samples a channel, as stored. */
  readonly stored: number;
  readonly seconds: number;
}

/** @param path what messages call the clip @throws AudioFormatError */
export function decodeClip(bytes: Uint8Array, path: string): LoadedClip {
  const { samples, sampleRate, frames, seconds } = readWav(bytes, path);
  return { samples: atModelRate(samples, sampleRate), sampleRate, stored: frames, seconds };
}

/** Mono samples at 16 kHz. @throws AudioFormatError, FileAccessError */
export function loadSamples(path: string): Float32Array {
  const { samples, sampleRate } = readWav(path);
  return atModelRate(samples, sampleRate);
}

const atModelRate = (samples: Float32Array, sampleRate: number): Float32Array =>
  sampleRate === SAMPLE_RATE ? samples : resample(samples, sampleRate, SAMPLE_RATE);
