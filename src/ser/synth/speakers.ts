/** Synthetic speakers: everything about a voice and its microphone that has nothing to do with emotion. */
import { Random } from '../random.js';

export interface SyntheticSpeaker {
  readonly id: string;
  readonly gender: 'male' | 'female';
  /** Pitch of the neutral voice, Hz. */
  readonly pitch: number;
  /** Factor on all formants: a shorter vocal tract has higher ones. */
  readonly tract: number;
  /** Factor on the speaking rate. */
  readonly rate: number;
  /** How strongly the speaker shows an emotion, as a factor on the effect's distance from neutral. */
  readonly expressiveness: number;
  /** Level of the recording in dB, voice and microphone gain together. */
  readonly gain: number;
  /** The microphone's treble in dB at the top of the band (positive is bright). */
  readonly brightness: number;
  /** Noise of the room in dB relative to full scale. */
  readonly noise: number;
  /** Offsets of the speaker's own voice: breath (added), tilt in dB, open quotient. */
  readonly breath: number;
  readonly tilt: number;
  readonly openQuotient: number;
}

/** Speaker `index` of the corpus with this seed; even ones are women, odd ones men. */
export function makeSpeaker(index: number, seed: number): SyntheticSpeaker {
  const random = new Random(seed, 'speaker', index);
  const gender = index % 2 === 0 ? 'female' : 'male';
  const female = gender === 'female';
  return {
    id: `S${String(index + 1).padStart(2, '0')}`,
    gender,
    pitch: female ? random.uniform(172, 222) : random.uniform(98, 132),
    tract: random.boundedNormal(female ? 1.14 : 1, 0.03),
    rate: random.uniform(0.95, 1.06),
    expressiveness: random.uniform(0.98, 1.14),
    gain: random.uniform(-2, 2),
    brightness: random.uniform(-1.5, 1.5),
    noise: random.uniform(-66, -60),
    breath: random.uniform(0, 0.03),
    tilt: random.boundedNormal(0, 1),
    openQuotient: random.boundedNormal(0, 0.02),
  };
}
