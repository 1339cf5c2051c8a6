/** From (speaker, emotion, sentence) to control tracks: what glottis and tract do, every 5 ms. */
import type { Emotion } from '../corpora/types.js';
import { VOCAL_EFFECTS, type VocalEffect } from './emotions.js';
import { BANDWIDTHS, CONSONANTS, HIGH_FORMANTS, VOWELS, type Consonant, type Syllable } from './phonemes.js';
import type { Random } from '../random.js';
import type { SyntheticSpeaker } from './speakers.js';

/** Control frames a second. */
export const CONTROL_RATE = 200;
/** Neutral syllables a second. */
const SYLLABLE_RATE = 4.6;
const FORMANTS = BANDWIDTHS.length;

/** One clip's performance: control tracks of `frames` values each (formants: `frames` × 7). */
export interface Performance {
  readonly frames: number;
  /** Hz. */
  readonly pitch: Float64Array;
  /** Amplitude of voicing and of breath. */
  readonly voicing: Float64Array;
  readonly breath: Float64Array;
  /** Amplitude, centre and width (Hz) of consonant noise. */
  readonly noise: Float64Array;
  readonly noiseCentre: Float64Array;
  readonly noiseWidth: Float64Array;
  /** Hz, row by row. */
  readonly formants: Float64Array;
  /** The effect as performed: the table's, with the speaker's and the moment's variation in it. */
  readonly effect: VocalEffect;
}

/** A random sentence of `count` syllables: no vowel twice in a row, about every second syllable stressed, never two neighbours. */
export function makeSentence(count: number, random: Random): Syllable[] {
  const consonants = Object.keys(CONSONANTS);
  const vowels = Object.keys(VOWELS);
  const sentence: Syllable[] = [];
  for (let i = 0; i < count; i++) {
    const before = sentence[i - 1];
    const vowel = random.pick(vowels.filter((name) => name !== before?.vowel));
    const stressed = before?.stressed ? false : i === count - 2 || random.uniform() < 0.55;
    sentence.push({ consonant: random.pick(consonants), vowel, stressed });
  }
  if (!sentence.some((syllable) => syllable.stressed)) sentence[0] = { ...sentence[0], stressed: true };
  return sentence;
}

/** The table's effect, pulled towards or away from neutral by the speaker's expressiveness, and never twice the same. */
function perform(emotion: Emotion, speaker: SyntheticSpeaker, random: Random): VocalEffect {
  const base = VOCAL_EFFECTS.neutral;
  const target = VOCAL_EFFECTS[emotion];
  const strength = speaker.expressiveness * random.boundedNormal(1, 0.05);
  const mix = (key: keyof VocalEffect): number => base[key] + (target[key] - base[key]) * strength;
  /** Times and ratios go by factors, so that they stay positive. */
  const mixRatio = (key: keyof VocalEffect): number => base[key] * (target[key] / base[key]) ** strength;
  return {
    rate: mixRatio('rate') * speaker.rate * random.boundedNormal(1, 0.05),
    pitch: mix('pitch') + random.boundedNormal(0, 0.8),
    accent: mix('accent') * random.boundedNormal(1, 0.15),
    inflection: mix('inflection') + random.boundedNormal(0, 0.4),
    ending: mix('ending') + random.boundedNormal(0, 0.7),
    glide: mixRatio('glide'),
    intensity: mix('intensity') + random.boundedNormal(0, 1.2),
    stress: mix('stress') + random.boundedNormal(0, 0.8),
    attack: mixRatio('attack') * random.boundedNormal(1, 0.15),
    legato: clamp(mixRatio('legato') * random.boundedNormal(1, 0.1), 0, 0.9),
    swell: mix('swell') + random.boundedNormal(0, 0.8),
    openQuotient: clamp(mix('openQuotient') + speaker.openQuotient + random.boundedNormal(0, 0.02), 0.3, 0.85),
    tilt: Math.max(0, mix('tilt') + speaker.tilt + random.boundedNormal(0, 1)),
    breath: Math.max(0, mix('breath') + speaker.breath),
    jitter: mixRatio('jitter'),
    shimmer: mixRatio('shimmer'),
    tremor: mixRatio('tremor') * random.boundedNormal(1, 0.15),
    tremorRate: mix('tremorRate') * random.boundedNormal(1, 0.06),
    creak: clamp(mix('creak') * random.boundedNormal(1, 0.1), 0, 0.95),
    lengthening: mixRatio('lengthening'),
    damping: mixRatio('damping'),
  };
}

export interface PerformanceRequest {
  readonly speaker: SyntheticSpeaker;
  readonly emotion: Emotion;
  readonly sentence: readonly Syllable[];
  /** Shortest and longest clip, seconds. A slow voice that would take longer says fewer syllables. */
  readonly seconds: readonly [minimum: number, maximum: number];
}

/** Plays a sentence: timing, pitch contour, level envelope and formant movements. */
export function makePerformance(request: PerformanceRequest, random: Random): Performance {
  const { speaker, emotion, seconds } = request;
  const effect = perform(emotion, speaker, random);
  const lead = random.uniform(0.03, 0.1);
  let tail = random.uniform(0.05, 0.12);

  let sentence = [...request.sentence];
  const lengths = (): number[] =>
    sentence.map((syllable, i) => {
      const last = i === sentence.length - 1 ? effect.lengthening : 1;
      return ((syllable.stressed ? 1.12 : 0.94) * last) / (SYLLABLE_RATE * effect.rate);
    });
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  // The last two syllables carry the final contour: what does not fit is dropped in front.
  while (sentence.length > 2 && lead + tail + sum(lengths()) > seconds[1]) sentence = sentence.slice(1);
  const durations = lengths().map((length) => length * random.boundedNormal(1, 0.06));
  const spoken = sum(durations);
  tail = Math.max(tail, seconds[0] - lead - spoken);
  const frames = Math.min(Math.round((lead + spoken + tail) * CONTROL_RATE), Math.floor(seconds[1] * CONTROL_RATE));

  const tracks: Performance = {
    frames,
    pitch: new Float64Array(frames),
    voicing: new Float64Array(frames),
    breath: new Float64Array(frames),
    noise: new Float64Array(frames),
    noiseCentre: new Float64Array(frames).fill(1000),
    noiseWidth: new Float64Array(frames).fill(1000),
    formants: new Float64Array(frames * FORMANTS),
    effect,
  };
  const tremorPhase = random.uniform(0, 2 * Math.PI);
  const declination = -1.5;
  let start = lead;
  let semitones = effect.pitch;
  let settled = 0;
  for (let k = 0; k < sentence.length; k++) {
    const syllable = sentence[k];
    const last = k === sentence.length - 1;
    const end = last ? start + durations[k] + tail : start + durations[k];
    const consonant = CONSONANTS[syllable.consonant];
    // A consonant hardly stretches with its syllable.
    const onset = Math.min(0.5, consonant.share * Math.sqrt(0.2 / durations[k]));
    const level = decibels((syllable.stressed ? effect.stress : 0) + random.boundedNormal(0, 0.7));
    const from = Math.round((k === 0 ? 0 : start) * CONTROL_RATE);
    const to = last ? frames : Math.min(frames, Math.round(end * CONTROL_RATE));
    for (let frame = from; frame < to; frame++) {
      const time = frame / CONTROL_RATE;
      /** Progress through the syllable, and through its vowel. */
      const along = clamp((time - start) / durations[k], 0, 1);
      const inVowel = clamp((along - onset) / (1 - onset), 0, 1);
      const speaking = time >= start && time < start + durations[k];

      const tremble = Math.sin(2 * Math.PI * effect.tremorRate * time + tremorPhase);
      const accent = syllable.stressed ? effect.accent * accentShape(inVowel, effect.glide) : 0;
      const ending = last ? effect.ending * smoothstep(inVowel) : 0;
      const target =
        effect.pitch +
        (declination * (time - lead)) / spoken +
        accent +
        effect.inflection * (inVowel - 0.5) +
        ending +
        effect.tremor * tremble;
      const follow = settled++ === 0 ? 1 : 1 - Math.exp(-1 / (CONTROL_RATE * effect.glide));
      semitones += (target - semitones) * follow;
      tracks.pitch[frame] = clamp(speaker.pitch * 2 ** (semitones / 12), 55, 600);

      if (speaking) {
        const vowelSeconds = durations[k] * (1 - onset);
        const envelope = vowelEnvelope(inVowel, vowelSeconds, effect, last) * (1 + effect.tremor * tremble);
        const inConsonant = along < onset;
        const amplitude = inConsonant ? consonant.voicing * 0.6 : envelope;
        tracks.voicing[frame] = Math.max(0, amplitude) * level;
        tracks.breath[frame] = tracks.voicing[frame] * effect.breath;
        if (inConsonant) addNoise(tracks, frame, along / onset, consonant, Math.sqrt(level), speaker.tract);
      }
      writeFormants(tracks.formants, frame, sentence, k, along, speaker.tract);
    }
    start += durations[k];
  }
  return tracks;
}

/** Accent over a vowel: a quick voice jumps up and down again, a smooth one arches. */
function accentShape(inVowel: number, glide: number): number {
  if (glide < 0.015) return inVowel < 0.55 ? 1 : 0.25;
  return Math.sin(Math.PI * Math.min(1, 0.15 + 0.85 * inVowel));
}

/** Level over a vowel: rise, slope in dB, and a release down to the legato level (to silence in the last syllable). */
function vowelEnvelope(inVowel: number, seconds: number, effect: VocalEffect, last: boolean): number {
  if (inVowel <= 0) return effect.legato;
  const time = inVowel * seconds;
  const attack = Math.min(effect.attack, seconds * 0.6);
  const release = Math.min(0.05, seconds * 0.3);
  const rise = effect.legato + (1 - effect.legato) * smoothstep(clamp(time / attack, 0, 1));
  const floor = last ? 0 : effect.legato;
  const fall = floor + (1 - floor) * smoothstep(clamp((seconds - time) / release, 0, 1));
  return Math.min(rise, fall) * decibels(effect.swell * (inVowel - 0.5));
}

function addNoise(
  tracks: Performance,
  frame: number,
  inConsonant: number,
  consonant: Consonant,
  level: number,
  tract: number,
): void {
  if (inConsonant < 1 - consonant.noiseShare) return;
  // A fricative swells and fades, a burst only dies away.
  const along = (inConsonant - (1 - consonant.noiseShare)) / consonant.noiseShare;
  const shape = consonant.noiseShare === 1 ? Math.sin(Math.PI * along) : 1 - 0.7 * along;
  tracks.noise[frame] = consonant.noise * shape * level;
  tracks.noiseCentre[frame] = Math.min(7000, consonant.centre * tract);
  tracks.noiseWidth[frame] = consonant.width;
}

/** Formants glide from the vowel before during the first third of a syllable. */
function writeFormants(
  out: Float64Array,
  frame: number,
  sentence: readonly Syllable[],
  k: number,
  along: number,
  tract: number,
): void {
  const here = VOWELS[sentence[k].vowel];
  const before = VOWELS[sentence[Math.max(0, k - 1)].vowel];
  const weight = smoothstep(clamp(along / 0.35, 0, 1));
  for (let i = 0; i < FORMANTS; i++) {
    const value = i < 3 ? before[i] + (here[i] - before[i]) * weight : HIGH_FORMANTS[i - 3];
    out[frame * FORMANTS + i] = Math.min(7400, value * tract);
  }
}

function smoothstep(x: number): number {
  return x * x * (3 - 2 * x);
}

function clamp(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x));
}

/** dB to an amplitude factor. */
export function decibels(db: number): number {
  return 10 ** (db / 20);
}
