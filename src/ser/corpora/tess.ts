import { splitPath } from './names.js';
import type { Corpus, Emotion, Parsed } from './types.js';

/** Spellings of file and folder names as published, in lower case and without separators. */
const EMOTION: Record<string, Emotion> = {
  angry: 'angry',
  disgust: 'disgust',
  fear: 'fear',
  happy: 'happy',
  neutral: 'neutral',
  sad: 'sad',
  ps: 'surprise',
  pleasantsurprise: 'surprise',
  pleasantsurprised: 'surprise',
  surprise: 'surprise',
  surprised: 'surprise',
};

/**
 * Toronto Emotional Speech Set (Dupuis & Pichora-Fuller 2010, doi:10.5683/SP2/E8H2MF): `OAF_Fear/OAF_back_fear.wav` =
 * speaker (older or younger adult female), carrier word, emotion (`ps` = pleasant surprise), with or without the folders,
 * whose case and spelling vary. A published clip is misnamed `OA_bite_neutral`: its folder tells the speaker.
 */
export const tess: Corpus = { name: 'TESS', example: 'OAF_back_fear.wav', parse };

function parse(path: string): Parsed {
  const { stem, folder } = splitPath(path);
  const match = /^(OAF?|YAF?)_([a-z]+)_([a-z_]+)$/i.exec(stem);
  if (!match) return null;
  const emotion = EMOTION[plain(match[3])];
  if (!emotion) return { reason: `TESS emotion "${match[3]}" is not known (${known()})` };
  const speaker = match[1].toUpperCase().startsWith('O') ? 'OAF' : 'YAF';
  const told = readFolder(folder);
  if (told && (told.speaker !== speaker || (told.emotion && told.emotion !== emotion))) {
    return {
      reason: `the file name says ${speaker} ${emotion}, but its folder is ${folder}: the label is not certain`,
    };
  }
  return {
    corpus: 'TESS',
    speaker: `TESS/${speaker}`,
    emotion,
    gender: 'female',
    age: speaker === 'OAF' ? 64 : 26,
    statement: match[2].toLowerCase(),
  };
}

/** What a folder such as `OAF_Pleasant_surprise` says; undefined for any other folder. */
function readFolder(folder: string): { speaker: string; emotion?: Emotion } | undefined {
  const match = /^(OAF|YAF)(?:[_ -](.+))?$/i.exec(folder);
  return match ? { speaker: match[1].toUpperCase(), emotion: EMOTION[plain(match[2] ?? '')] } : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '');
}

function known(): string {
  return 'angry, disgust, fear, happy, neutral, ps, sad';
}
