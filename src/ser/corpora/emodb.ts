import { splitPath } from './names.js';
import type { Corpus, Gender, Parsed } from './types.js';

/** The letter is the emotion's German name: Wut, Langeweile, Ekel, Angst, Freude, Trauer, neutral. */
const EMOTION: Record<string, string> = {
  W: 'angry',
  L: 'boredom',
  E: 'disgust',
  A: 'fear',
  F: 'happy',
  T: 'sad',
  N: 'neutral',
};

/** The ten actors with their ages, as the corpus' own page lists them. */
const SPEAKER: Record<string, [Gender, age: number]> = {
  '03': ['male', 31],
  '08': ['female', 34],
  '09': ['female', 21],
  '10': ['male', 32],
  '11': ['male', 26],
  '12': ['male', 30],
  '13': ['female', 32],
  '14': ['female', 35],
  '15': ['male', 25],
  '16': ['female', 31],
};

/**
 * Berlin Database of Emotional Speech (Burkhardt and others 2005): `wav/03a01Fa.wav` = speaker, sentence (`a01` … `b10`), emotion by its
 * German letter, and the version's letter where one was spoken again. German; 535 clips of ten actors; the only one here with boredom.
 */
export const emodb: Corpus = { name: 'EmoDB', example: '03a01Fa.wav', parse };

function parse(path: string): Parsed {
  const match = /^(\d\d)([ab]\d\d)([A-Z])([a-z]?)$/i.exec(splitPath(path).stem);
  if (!match) return null;
  const [, speaker, sentence, letter] = match;
  const emotion = EMOTION[letter.toUpperCase()];
  if (!emotion) return { reason: `EmoDB emotion ${letter} is not known (${Object.keys(EMOTION).join(', ')})` };
  if (!(speaker in SPEAKER)) {
    return { reason: `EmoDB speaker ${speaker} does not exist (${Object.keys(SPEAKER).sort().join(', ')})` };
  }
  const [gender, age] = SPEAKER[speaker];
  return {
    corpus: 'EmoDB',
    speaker: `EmoDB/${speaker}`,
    emotion,
    gender,
    age,
    statement: sentence.toLowerCase(),
  };
}
