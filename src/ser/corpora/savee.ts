import { splitPath } from './names.js';
import type { Corpus, Emotion, Parsed } from './types.js';

const EMOTION: Record<string, Emotion> = {
  a: 'angry',
  d: 'disgust',
  f: 'fear',
  h: 'happy',
  n: 'neutral',
  sa: 'sad',
  su: 'surprise',
};

/**
 * Surrey Audio-Visual Expressed Emotion (Haq & Jackson 2009): `ALL/DC_a01.wav` or `AudioData/DC/a01.wav` = speaker (four men:
 * DC, JE, JK, KL), emotion and number; the same clip in both layouts.
 */
export const savee: Corpus = { name: 'SAVEE', example: 'DC_a01.wav or DC/a01.wav', parse };

function parse(path: string): Parsed {
  const { stem, folder } = splitPath(path);
  const match = /^(?:(DC|JE|JK|KL)_)?(sa|su|[adfhn])(\d\d)$/i.exec(stem);
  if (!match) return null;
  const inFolder = /^(DC|JE|JK|KL)$/i.exec(folder)?.[1].toUpperCase();
  const inName = match[1]?.toUpperCase();
  const speaker = inName ?? inFolder;
  if (!speaker) return null; // a name as short as `a01` means nothing outside a speaker's folder
  if (inName && inFolder && inName !== inFolder) {
    return { reason: `the file name says speaker ${inName}, but its folder is ${folder}: the label is not certain` };
  }
  const code = match[2].toLowerCase();
  return {
    corpus: 'SAVEE',
    speaker: `SAVEE/${speaker}`,
    emotion: EMOTION[code],
    gender: 'male',
    statement: `${code}${match[3]}`,
    name: `${speaker}_${code}${match[3]}`,
  };
}
