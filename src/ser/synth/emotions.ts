/**
 * What each emotion does to a voice, after the table of vocal effects in Murray and Arnott, "Toward the simulation of emotion in
 * synthetic speech" (JASA 93, 1993), which the paper's Table I repeats. Every number is relative to the speaker's own neutral voice.
 */
import type { Emotion } from '../corpora/types.js';

export interface VocalEffect {
  /** Syllables a second, as a factor. */
  readonly rate: number;
  /** Mean pitch in semitones. */
  readonly pitch: number;
  /** How far a stressed syllable rises above the others, semitones. */
  readonly accent: number;
  /** Pitch change within each vowel, semitones from start to end: positive glides up. */
  readonly inflection: number;
  /** Pitch change over the last syllable, semitones. */
  readonly ending: number;
  /** Time in seconds that pitch takes to follow its targets: small is abrupt. */
  readonly glide: number;
  /** Level in dB. */
  readonly intensity: number;
  /** How much louder stressed syllables are, dB. */
  readonly stress: number;
  /** Rise time of a vowel, seconds. */
  readonly attack: number;
  /** Level that remains between two syllables: 0 detached, 1 flowing. */
  readonly legato: number;
  /** Change of level over each vowel, dB from start to end: negative dies away, positive swells. */
  readonly swell: number;
  /** Open quotient of the glottis: small is pressed, large is lax. */
  readonly openQuotient: number;
  /** Loss in dB at 3 kHz of the glottal source: large is soft. */
  readonly tilt: number;
  /** Breath noise relative to the voice. */
  readonly breath: number;
  /** Random change from period to period, fraction. */
  readonly jitter: number;
  /** Random change of strength from pulse to pulse, fraction. */
  readonly shimmer: number;
  /** Trembling: depth (fraction of amplitude, and semitones of pitch alike) and rate in Hz. */
  readonly tremor: number;
  readonly tremorRate: number;
  /** Every second pulse weakened by this fraction: the grumble of a creaky voice. */
  readonly creak: number;
  /** The last syllable's length, as a factor. */
  readonly lengthening: number;
  /** Factor on the formants' bandwidths: below 1 is resonant. */
  readonly damping: number;
}

const NEUTRAL: VocalEffect = {
  rate: 1,
  pitch: 0,
  accent: 2.2,
  inflection: -0.3,
  ending: -1.5,
  glide: 0.03,
  intensity: 0,
  stress: 2.5,
  attack: 0.035,
  legato: 0.4,
  swell: -4,
  openQuotient: 0.55,
  tilt: 8,
  breath: 0.03,
  jitter: 0.006,
  shimmer: 0.03,
  tremor: 0.02,
  tremorRate: 5,
  creak: 0,
  lengthening: 1.15,
  damping: 1,
};

export const VOCAL_EFFECTS: Readonly<Record<Emotion, VocalEffect>> = {
  neutral: NEUTRAL,
  /** Slightly faster, much higher, much wider, louder; breathy chest tone; abrupt changes on stressed syllables; tense. */
  angry: {
    ...NEUTRAL,
    rate: 1.08,
    pitch: 4.5,
    accent: 8,
    inflection: -1.5,
    ending: -3,
    glide: 0.008,
    intensity: 9,
    stress: 11,
    attack: 0.006,
    legato: 0.02,
    swell: -18,
    openQuotient: 0.38,
    tilt: 1,
    breath: 0.14,
    jitter: 0.012,
  },
  /** Very much slower, very much lower, slightly wider, softer; grumbled chest tone; wide falling final contour. */
  disgust: {
    ...NEUTRAL,
    rate: 0.57,
    pitch: -4,
    accent: 3,
    inflection: -2,
    ending: -5,
    intensity: -6,
    stress: 2,
    attack: 0.05,
    legato: 0.3,
    jitter: 0.03,
    shimmer: 0.15,
    creak: 0.9,
    tilt: 9,
    lengthening: 1.4,
  },
  /** Much faster, very much higher, much wider; irregular voicing. */
  fear: {
    ...NEUTRAL,
    rate: 1.55,
    pitch: 9,
    accent: 5,
    inflection: 0.5,
    ending: 0.5,
    glide: 0.015,
    intensity: 0,
    stress: 3,
    attack: 0.02,
    legato: 0.5,
    swell: 0,
    openQuotient: 0.6,
    breath: 0.18,
    jitter: 0.03,
    shimmer: 0.15,
    tremor: 0.6,
    tremorRate: 11,
    lengthening: 1,
  },
  /** Faster or slower, much higher, much wider, louder; smooth upward inflections. */
  happy: {
    ...NEUTRAL,
    rate: 1.05,
    pitch: 5.5,
    accent: 6,
    inflection: 6,
    ending: 2,
    glide: 0.045,
    intensity: 5,
    stress: 5,
    attack: 0.07,
    legato: 0.3,
    swell: 14,
    openQuotient: 0.5,
    tilt: 5,
    breath: 0.06,
  },
  /** Slightly slower, slightly lower, slightly narrower, softer; resonant; downward inflections; slurred. */
  sad: {
    ...NEUTRAL,
    rate: 0.8,
    pitch: -1.5,
    accent: 0.8,
    inflection: -3.5,
    ending: -2.5,
    glide: 0.05,
    intensity: -8,
    stress: 1,
    attack: 0.1,
    legato: 0.85,
    swell: -3,
    openQuotient: 0.66,
    tilt: 16,
    breath: 0.05,
    damping: 0.6,
  },
  /** Much higher, the widest range, and a long rise at the end. (Not in the table of 1993; the paper adds it.) */
  surprise: {
    ...NEUTRAL,
    rate: 1.1,
    pitch: 5,
    accent: 5,
    inflection: 0.5,
    ending: 15,
    glide: 0.025,
    intensity: 3,
    stress: 3,
    attack: 0.02,
    legato: 0.2,
    swell: -1,
    openQuotient: 0.56,
    tilt: 6,
    breath: 0.16,
    lengthening: 3,
  },
};
