/** The small sound inventory of the synthetic corpus: vowels as formant targets, consonants as what happens before a vowel. */

/** The first three formants in Hz of an average man's vowel (Peterson and Barney, JASA 24, 1952, rounded to 10 Hz). */
export type Vowel = readonly [f1: number, f2: number, f3: number];

export const VOWELS: Readonly<Record<string, Vowel>> = {
  i: [270, 2290, 3010],
  I: [390, 1990, 2550],
  e: [530, 1840, 2480],
  a: [660, 1720, 2410],
  A: [730, 1090, 2440],
  O: [570, 840, 2410],
  U: [440, 1020, 2240],
  u: [300, 870, 2240],
  V: [640, 1190, 2390],
};

/** Formants above the third hardly depend on the vowel; a tract of 17.5 cm has one a kilohertz. */
export const HIGH_FORMANTS: readonly number[] = [3500, 4500, 5500, 6500];

/** Half-power bandwidths in Hz of the seven formants (the range that Klatt 1980 gives, widening upward). */
export const BANDWIDTHS: readonly number[] = [70, 90, 130, 200, 260, 340, 420];

export interface Consonant {
  /** Part of a syllable's time that the consonant takes. */
  readonly share: number;
  /** Level of voicing during it, 0 (none) to 1 (as in the vowel). */
  readonly voicing: number;
  /** Level of the noise. */
  readonly noise: number;
  /** Where the noise's energy lies, Hz, and how wide it is. */
  readonly centre: number;
  readonly width: number;
  /** The noise fills the last part of the consonant: 1 for a fricative, small for the burst of a stop after its closure. */
  readonly noiseShare: number;
}

export const CONSONANTS: Readonly<Record<string, Consonant>> = {
  p: { share: 0.26, voicing: 0, noise: 0.5, centre: 900, width: 900, noiseShare: 0.2 },
  t: { share: 0.28, voicing: 0, noise: 0.7, centre: 4200, width: 1800, noiseShare: 0.25 },
  k: { share: 0.3, voicing: 0, noise: 0.7, centre: 1900, width: 700, noiseShare: 0.3 },
  b: { share: 0.2, voicing: 0.12, noise: 0.25, centre: 700, width: 700, noiseShare: 0.15 },
  d: { share: 0.2, voicing: 0.12, noise: 0.3, centre: 3600, width: 1600, noiseShare: 0.18 },
  s: { share: 0.34, voicing: 0, noise: 0.5, centre: 5600, width: 2000, noiseShare: 1 },
  S: { share: 0.34, voicing: 0, noise: 0.55, centre: 3000, width: 1400, noiseShare: 1 },
  f: { share: 0.3, voicing: 0, noise: 0.2, centre: 4500, width: 4000, noiseShare: 1 },
  z: { share: 0.28, voicing: 0.3, noise: 0.3, centre: 5400, width: 2000, noiseShare: 1 },
  m: { share: 0.24, voicing: 0.35, noise: 0, centre: 1000, width: 1000, noiseShare: 1 },
  l: { share: 0.2, voicing: 0.55, noise: 0, centre: 1000, width: 1000, noiseShare: 1 },
};

export interface Syllable {
  readonly consonant: string;
  readonly vowel: string;
  readonly stressed: boolean;
}
