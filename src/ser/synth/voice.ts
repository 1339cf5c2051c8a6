/**
 * Source and filter: glottal pulses (the polynomial pulse of Klatt and Klatt, JASA 87, 1990, differentiated) and breath noise through
 * a cascade of formant resonators (Klatt, JASA 67, 1980), consonant noise through one resonator beside it.
 */
import { BANDWIDTHS } from './phonemes.js';
import { CONTROL_RATE, type Performance } from './prosody.js';
import type { Random } from '../random.js';

const FORMANTS = BANDWIDTHS.length;
const NOISE_GAIN = 0.25;

/** Renders control tracks to samples; the level is arbitrary (the microphone sets it). */
export function renderVoice(performance: Performance, sampleRate: number, random: Random): Float32Array {
  const { frames, effect } = performance;
  const hop = Math.round(sampleRate / CONTROL_RATE);
  const out = new Float32Array(frames * hop);
  const period = 1 / sampleRate;

  // Resonators: y = gain·x + b·y[n−1] + c·y[n−2], coefficients renewed every control frame.
  const gain = new Float64Array(FORMANTS + 1);
  const b = new Float64Array(FORMANTS + 1);
  const c = new Float64Array(FORMANTS + 1);
  const y1 = new Float64Array(FORMANTS + 1);
  const y2 = new Float64Array(FORMANTS + 1);
  const tune = (i: number, frequency: number, bandwidth: number): void => {
    const radius = Math.exp(-Math.PI * bandwidth * period);
    c[i] = -radius * radius;
    b[i] = 2 * radius * Math.cos(2 * Math.PI * Math.min(frequency, sampleRate * 0.47) * period);
    gain[i] = 1 - b[i] - c[i];
  };

  // The source's softness: one pole, placed for the asked loss at 3 kHz.
  const pole = tiltPole(effect.tilt, sampleRate);
  let soft = 0;
  let phase = 1;
  let step = 0;
  let strength = 0;
  let weak = false;
  let voicing = 0;
  let breath = 0;
  let noise = 0;

  for (let frame = 0; frame < frames; frame++) {
    for (let i = 0; i < FORMANTS; i++) {
      tune(i, performance.formants[frame * FORMANTS + i], BANDWIDTHS[i] * effect.damping);
    }
    tune(FORMANTS, performance.noiseCentre[frame], performance.noiseWidth[frame]);
    // Unit gain at the peak, not at 0 Hz, for the noise.
    gain[FORMANTS] = (1 - Math.exp(-Math.PI * performance.noiseWidth[frame] * period)) * 2;
    const voicingStep = (performance.voicing[frame] - voicing) / hop;
    const breathStep = (performance.breath[frame] - breath) / hop;
    const noiseStep = (performance.noise[frame] - noise) / hop;
    for (let n = frame * hop; n < (frame + 1) * hop; n++) {
      voicing += voicingStep;
      breath += breathStep;
      noise += noiseStep;

      if (phase >= 1) {
        phase -= Math.floor(phase);
        weak = !weak;
        strength = (1 + effect.shimmer * random.normal()) * (weak ? 1 - effect.creak : 1);
        const wobble = Math.max(0.5, 1 + effect.jitter * random.normal());
        step = (performance.pitch[frame] * period) / wobble;
      }
      const open = phase / effect.openQuotient;
      const flow = open < 1 ? (2 * open - 3 * open * open) * strength : 0;
      phase += step;
      soft = (1 - pole) * flow + pole * soft;

      const hiss = random.uniform(-1, 1);
      // Breath blows through the open glottis, so it pulses with it.
      let signal = soft * voicing + hiss * breath * (open < 1 ? 1 : 0.4);
      for (let i = 0; i < FORMANTS; i++) {
        const y = gain[i] * signal + b[i] * y1[i] + c[i] * y2[i];
        y2[i] = y1[i];
        y1[i] = y;
        signal = y;
      }
      const fricative =
        gain[FORMANTS] * hiss * noise * NOISE_GAIN + b[FORMANTS] * y1[FORMANTS] + c[FORMANTS] * y2[FORMANTS];
      y2[FORMANTS] = y1[FORMANTS];
      y1[FORMANTS] = fricative;
      out[n] = signal + fricative;
    }
  }
  return out;
}

/** The pole p of y = (1−p)x + p·y[n−1] that loses `db` at 3 kHz, by bisection (the gain falls with p). */
function tiltPole(db: number, sampleRate: number): number {
  const cosine = Math.cos((2 * Math.PI * 3000) / sampleRate);
  let low = 0;
  let high = 0.999;
  for (let i = 0; i < 40; i++) {
    const p = (low + high) / 2;
    const loss = 10 * Math.log10((1 - 2 * p * cosine + p * p) / ((1 - p) * (1 - p)));
    if (loss < db) low = p;
    else high = p;
  }
  return low;
}
