import { splitPath } from './names.js';
import { EMOTIONS, type Corpus, type Parsed } from './types.js';

/**
 * The built-in synthetic corpus (`formant synth`): `S03/S03_angry_02.wav` = speaker, emotion, take. Speakers with an odd number
 * have women's voices, with an even number men's.
 */
export const synth: Corpus = { name: 'SYNTH', example: 'S03_angry_02.wav', parse };

function parse(path: string): Parsed {
  const { stem, folder } = splitPath(path);
  const match = /^(S(\d{2,3}))_([a-z]+)_(\d{2,3})$/.exec(stem);
  if (!match) return null;
  const [, id, number, name] = match;
  const emotion = EMOTIONS.find((known) => known === name);
  if (!emotion) return { reason: `synthetic emotion "${name}" is not known (${EMOTIONS.join(', ')})` };
  if (/^S\d{2,3}$/.test(folder) && folder !== id) {
    return { reason: `the file name says speaker ${id}, but its folder is ${folder}: the speaker is not certain` };
  }
  return { corpus: 'SYNTH', speaker: `SYNTH/${id}`, emotion, gender: Number(number) % 2 === 1 ? 'female' : 'male' };
}
