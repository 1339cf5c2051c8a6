import { splitPath } from './names.js';
import type { Corpus, Emotion, Parsed } from './types.js';

const EMOTION: Record<string, Emotion> = {
  ANG: 'angry',
  DIS: 'disgust',
  FEA: 'fear',
  HAP: 'happy',
  NEU: 'neutral',
  SAD: 'sad',
};
const INTENSITY: Record<string, 'low' | 'medium' | 'high'> = { LO: 'low', MD: 'medium', HI: 'high' };

/** The 43 women among the 91 actors, by the corpus' VideoDemographics.csv; their numbers after 1000. */
const WOMEN = new Set([
  2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 18, 20, 21, 24, 25, 28, 29, 30, 37, 43, 46, 47, 49, 52, 53, 54, 55, 56, 58, 60, 61,
  63, 72, 73, 74, 75, 76, 78, 79, 82, 84, 89, 91,
]);

/**
 * Crowd-sourced Emotional Multimodal Actors Dataset (Cao et al. 2014, doi:10.1109/TAFFC.2014.2336244):
 * `AudioWAV/1001_DFA_ANG_XX.wav` = actor (1001 to 1091), sentence, emotion, level (`LO`, `MD`, `HI`; `XX`, in one clip `X`,
 * where none was asked for).
 */
export const cremad: Corpus = { name: 'CREMA-D', example: '1001_DFA_ANG_XX.wav', parse };

function parse(path: string): Parsed {
  const match = /^(\d{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})$/.exec(splitPath(path).stem.toUpperCase());
  if (!match) return null;
  const [, actor, sentence, code, level] = match;
  const emotion = EMOTION[code];
  if (!emotion) return { reason: `CREMA-D emotion ${code} is not known (${Object.keys(EMOTION).join(', ')})` };
  if (!(level in INTENSITY) && level !== 'XX' && level !== 'X') {
    return { reason: `CREMA-D level ${level} is not known (LO, MD, HI, XX)` };
  }
  if (Number(actor) < 1001 || Number(actor) > 1091)
    return { reason: `CREMA-D actor ${actor} does not exist (1001 to 1091)` };
  return {
    corpus: 'CREMA-D',
    speaker: `CREMA-D/${actor}`,
    emotion,
    gender: WOMEN.has(Number(actor) - 1000) ? 'female' : 'male',
    intensity: INTENSITY[level],
    statement: sentence,
  };
}
