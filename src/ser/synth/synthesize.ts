/** The synthetic corpus as an iterable of clips in memory. */
import { EMOTIONS, type Emotion } from '../corpora/types.js';
import { record } from './microphone.js';
import { makePerformance, makeSentence } from './prosody.js';
import { Random } from '../random.js';
import { makeSpeaker } from './speakers.js';
import { renderVoice } from './voice.js';
import { SynthError } from './errors.js';

export interface SynthOptions {
  /** Number of speakers, half women, half men. Default 12. */
  readonly speakers?: number;
  /** Clips of each emotion by each speaker. Default 6. */
  readonly clipsPerEmotion?: number;
  /** Shortest and longest clip in seconds. Default 1.0 to 1.6. */
  readonly seconds?: readonly [minimum: number, maximum: number];
  /** Hz. Default 16,000. */
  readonly sampleRate?: number;
  /** Same seed, same bytes. Default 1. */
  readonly seed?: number;
  /** Classes to speak. Default: all seven. */
  readonly emotions?: readonly Emotion[];
}

export interface SynthClip {
  /** 'S01', 'S02', … */
  readonly speaker: string;
  readonly gender: 'male' | 'female';
  readonly emotion: Emotion;
  /** Which of the corpus' sentences is spoken. */
  readonly sentence: number;
  /** 1, 2, … among the clips of this speaker and emotion. */
  readonly take: number;
  readonly sampleRate: number;
  /** (samples,) in −1 … 1. */
  readonly samples: Float32Array;
}

/** Sentences that all speakers share, as the actors of the real corpora do. */
const SENTENCES = 12;

export type ResolvedSynthOptions = Required<SynthOptions>;

/** Fills in the defaults and refuses what cannot be spoken (`SynthError`). */
export function resolveSynthOptions(options: SynthOptions = {}): ResolvedSynthOptions {
  const resolved: ResolvedSynthOptions = {
    speakers: options.speakers ?? 12,
    clipsPerEmotion: options.clipsPerEmotion ?? 6,
    seconds: options.seconds ?? [1, 1.6],
    sampleRate: options.sampleRate ?? 16000,
    seed: options.seed ?? 1,
    emotions: options.emotions ?? EMOTIONS,
  };
  const whole = (name: 'speakers' | 'clipsPerEmotion', most: number): void => {
    const value = resolved[name];
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new SynthError(`${name} is ${value}; it must be a whole number from 1 to ${most}.`);
    }
  };
  whole('speakers', 999);
  whole('clipsPerEmotion', 999);
  const [shortest, longest] = resolved.seconds;
  if (!(shortest > 0.3 && longest >= shortest && longest <= 30)) {
    throw new SynthError(`seconds is [${shortest}, ${longest}]; give [minimum, maximum] between 0.3 and 30 seconds.`);
  }
  const { sampleRate } = resolved;
  if (!Number.isInteger(sampleRate) || sampleRate < 16000 || sampleRate > 96000 || sampleRate % 200 !== 0) {
    throw new SynthError(`sampleRate is ${sampleRate}; give a multiple of 200 Hz from 16000 to 96000.`);
  }
  if (!Number.isSafeInteger(resolved.seed) || resolved.seed < 0) {
    throw new SynthError(`seed is ${resolved.seed}; it must be a whole number from 0 to 2^53 − 1.`);
  }
  if (resolved.emotions.length === 0) throw new SynthError('emotions is empty; name at least one emotion.');
  return resolved;
}

/** How many clips `synthesize` will yield. */
export function countSynthClips(options: SynthOptions = {}): number {
  const { speakers, clipsPerEmotion, emotions } = resolveSynthOptions(options);
  return speakers * clipsPerEmotion * emotions.length;
}

/**
 * Speaks the synthetic corpus, clip by clip: speaker by speaker, emotion by emotion. A clip depends only on the seed, its speaker,
 * emotion and take, so a larger corpus contains the smaller ones. Throws `SynthError` on impossible options.
 */
export function* synthesize(options: SynthOptions = {}): Generator<SynthClip, void, undefined> {
  const { speakers, clipsPerEmotion, seconds, sampleRate, seed, emotions } = resolveSynthOptions(options);
  // About as many syllables as a neutral voice says in the longest clip.
  const most = Math.max(3, Math.round(seconds[1] * 4));
  const sentences = Array.from({ length: SENTENCES }, (_, i) => {
    const random = new Random(seed, 'sentence', i);
    return makeSentence(most - random.integer(2), random);
  });
  for (let s = 0; s < speakers; s++) {
    const speaker = makeSpeaker(s, seed);
    for (const emotion of emotions) {
      for (let take = 1; take <= clipsPerEmotion; take++) {
        const random = new Random(seed, 'clip', s, emotion, take);
        const sentence = random.integer(SENTENCES);
        const performance = makePerformance({ speaker, emotion, sentence: sentences[sentence], seconds }, random);
        const voice = renderVoice(performance, sampleRate, random);
        const samples = record(voice, speaker, performance.effect.intensity, random);
        yield { speaker: speaker.id, gender: speaker.gender, emotion, sentence, take, sampleRate, samples };
      }
    }
  }
}
