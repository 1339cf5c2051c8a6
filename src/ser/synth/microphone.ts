/** The recording: level, treble and room noise of a speaker's microphone. */
import { decibels } from './prosody.js';
import type { Random } from '../random.js';
import type { SyntheticSpeaker } from './speakers.js';

/** Level of a neutral voice recorded at gain 0, dB relative to full scale (root mean square over the loud half). */
const REFERENCE_LEVEL = -27;
const PEAK = 0.97;

/**
 * Sets the voice to its level, colours it, adds room noise and keeps it below full scale. `intensity` in dB is relative to the
 * speaker's neutral voice. Changes and returns `samples`.
 */
export function record(
  samples: Float32Array,
  speaker: SyntheticSpeaker,
  intensity: number,
  random: Random,
): Float32Array<ArrayBufferLike> {
  const level = loudness(samples);
  const gain = level > 0 ? decibels(REFERENCE_LEVEL + speaker.gain + intensity) / level : 0;
  // A first-order shelf: x + k·(x − x[n−1]) lifts or cuts the top of the band by `brightness` dB and leaves 0 Hz.
  const top = decibels(speaker.brightness);
  const shelf = (top - 1) / 2;
  const floor = decibels(speaker.noise) * Math.sqrt(3);
  let before = 0;
  let peak = 0;
  for (let n = 0; n < samples.length; n++) {
    const x = samples[n] * gain;
    const y = x + shelf * (x - before) + random.uniform(-floor, floor);
    before = x;
    samples[n] = y;
    peak = Math.max(peak, Math.abs(y));
  }
  if (peak > PEAK) {
    const scale = PEAK / peak;
    for (let n = 0; n < samples.length; n++) samples[n] *= scale;
  }
  return samples;
}

/** Root mean square of the samples whose 20 ms neighbourhood is louder than the clip's own: pauses do not count. */
function loudness(samples: Float32Array): number {
  const block = 320;
  const energies: number[] = [];
  for (let start = 0; start + block <= samples.length; start += block) {
    let energy = 0;
    for (let n = start; n < start + block; n++) energy += samples[n] * samples[n];
    energies.push(energy / block);
  }
  const mean = energies.reduce((a, e) => a + e, 0) / Math.max(1, energies.length);
  const loud = energies.filter((e) => e >= mean);
  return loud.length === 0 ? 0 : Math.sqrt(loud.reduce((a, e) => a + e, 0) / loud.length);
}
