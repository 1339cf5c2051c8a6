import { splitPath } from './names.js';
import { EMOTIONS, type Corpus, type Parsed } from './types.js';

/** The built-in synthetic corpus, as `formant synth` writes it: `S01/S01_angry_02.wav` = speaker, emotion, take;
 * odd speakers are women. */
export const synth: Corpus = { name: 'SYNTH', example: 'S01_angry_02.wav', parse };

function parse(path: string): Parsed {
  const match = /^(S\d{2,3})_([a-z]+)_(\d{2,3})$/.exec(splitPath(path).stem);
  const emotion = EMOTIONS.find((name) => name === match?.[2]);
  if (!match || !emotion) return null;
  const gender = Number(match[1].slice(1)) % 2 === 1 ? 'female' : 'male';
  return { corpus: 'SYNTH', speaker: `SYNTH/${match[1]}`, emotion, gender };
}
