import { splitPath } from './names.js';
import type { Corpus, Parsed } from './types.js';

const EMOTION: Record<string, string> = {
  '01': 'neutral',
  '02': 'calm',
  '03': 'happy',
  '04': 'sad',
  '05': 'angry',
  '06': 'fear',
  '07': 'disgust',
  '08': 'surprise',
};
const INTENSITY: Record<string, 'normal' | 'strong'> = { '01': 'normal', '02': 'strong' };
const STATEMENT: Record<string, string> = {
  '01': 'Kids are talking by the door',
  '02': 'Dogs are sitting by the door',
};

/**
 * Ryerson Audio-Visual Database of Emotional Speech and Song (Livingstone & Russo 2018, doi:10.1371/journal.pone.0196391):
 * `Actor_19/03-01-05-02-01-01-19.wav` = modality, channel, emotion, intensity, statement, repetition, actor. Only audio (03) of
 * speech (01) is used; odd actors are male.
 */
export const ravdess: Corpus = { name: 'RAVDESS', example: '03-01-05-02-01-01-19.wav', parse };

function parse(path: string): Parsed {
  const { stem } = splitPath(path);
  const match = /^(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)$/.exec(stem);
  if (!match) return null;
  const [, modality, channel, emotionCode, intensityCode, statementCode, , actor] = match;
  if (modality === '01' || modality === '02')
    return { reason: `RAVDESS video (modality ${modality}); only audio (03) is used` };
  if (modality !== '03') return { reason: `RAVDESS modality ${modality} does not exist (01 to 03)` };
  if (channel === '02') return { reason: 'RAVDESS song (channel 02); only speech (01) is used' };
  if (channel !== '01') return { reason: `RAVDESS channel ${channel} does not exist (01 or 02)` };
  const emotion = EMOTION[emotionCode];
  if (!emotion) return { reason: `RAVDESS emotion ${emotionCode} does not exist (01 to 08)` };
  const number = Number(actor);
  if (number < 1 || number > 24) return { reason: `RAVDESS actor ${actor} does not exist (01 to 24)` };
  return {
    corpus: 'RAVDESS',
    speaker: `RAVDESS/${actor}`,
    emotion,
    gender: number % 2 === 1 ? 'male' : 'female',
    intensity: INTENSITY[intensityCode],
    statement: STATEMENT[statementCode],
  };
}
