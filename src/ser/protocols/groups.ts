/** Helpers that several protocols share: duplicates, stratified division, balanced choice of speakers, checks. */
import { compareText } from '../corpora/order.js';
import { Groups } from '../corpora/union.js';
import type { Random } from '../random.js';
import { SplitError } from './errors.js';
import type { Item, Split, SplitClip } from './types.js';

/**
 * Clips of one recording, as lists of indices: those with the same bytes, and those that the scan found to be the same sound
 * (`duplicateOf`). A clip without a twin is a group of its own. In the order of the clips.
 */
export function duplicateGroups(clips: readonly SplitClip[]): number[][] {
  const groups = new Groups(clips.length);
  const first = new Map<string, number>();
  const join = (key: string, index: number): void => {
    const other = first.get(key);
    if (other === undefined) first.set(key, index);
    else groups.join(other, index);
  };
  clips.forEach((clip, index) => {
    if (clip.hash) join(`hash ${clip.hash}`, index);
    if (clip.path !== undefined) join(`path ${clip.path}`, index);
    // The first of the recording may itself be no part of these clips; its name still binds the others.
    if (clip.duplicateOf !== undefined) join(`path ${clip.duplicateOf}`, index);
  });
  const members = new Map<number, number[]>();
  clips.forEach((_, index) => members.set(groups.of(index), [...(members.get(groups.of(index)) ?? []), index]));
  return [...members.values()];
}

/** Unaltered clips. */
export function originals(indices: readonly number[]): Item[] {
  return indices.map((clip) => ({ clip, variant: 0 }));
}

/** The speakers, sorted. */
export function speakersOf(clips: readonly SplitClip[]): string[] {
  return [...new Set(clips.map((clip) => clip.speaker))].sort(compareText);
}

/** `count` of the speakers, by chance, women and men in turn as far as they go. */
export function pickSpeakers(
  speakers: readonly string[],
  count: number,
  clips: readonly SplitClip[],
  random: Random,
): string[] {
  const gender = new Map(clips.map((clip) => [clip.speaker, clip.gender ?? 'unknown']));
  const queues = new Map<string, string[]>();
  for (const speaker of random.shuffle(speakers)) {
    const key = gender.get(speaker) ?? 'unknown';
    queues.set(key, [...(queues.get(key) ?? []), speaker]);
  }
  const turns = random.shuffle([...queues.keys()].sort(compareText)).map((key) => queues.get(key) ?? []);
  const picked: string[] = [];
  for (let turn = 0; picked.length < Math.min(count, speakers.length); turn++) {
    const next = turns[turn % turns.length].shift();
    if (next !== undefined) picked.push(next);
  }
  return picked.sort(compareText);
}

/** A corpus with fewer speakers than this only trains, unless its speakers are named. */
export const FEWEST_SPEAKERS = 3;

/**
 * Validation speakers for a training side: those named, or a seeded tenth of each corpus that has speakers enough to spare one.
 * `candidates` are the speakers that are not tested.
 */
export function chooseValidation(
  candidates: readonly string[],
  clips: readonly SplitClip[],
  named: readonly string[] | undefined,
  random: Random,
): string[] {
  if (named && named.length > 0) {
    const wrong = named.find((speaker) => !candidates.includes(speaker));
    if (wrong !== undefined) {
      throw new SplitError(
        `Validation speaker ${wrong} is a test speaker or outside the training corpora; choose among ${list(candidates)}.`,
      );
    }
    return [...new Set(named)].sort(compareText);
  }
  if (candidates.length < 2) {
    throw new SplitError(
      `Only ${candidates.length} speaker is left beside the test speakers, but one must train and another validate; ` +
        'name fewer test speakers, add speakers, or use --protocol random.',
    );
  }
  const chosen: string[] = [];
  for (const [corpus, all] of speakersByCorpus(clips)) {
    const spare = all.filter((speaker) => candidates.includes(speaker));
    if (all.length < FEWEST_SPEAKERS || spare.length < 2) continue;
    const count = Math.max(1, Math.round(spare.length * 0.1));
    chosen.push(
      ...pickSpeakers(
        spare,
        count,
        clips.filter((clip) => clip.corpus === corpus),
        random,
      ),
    );
  }
  // Only small corpora: one speaker still has to watch over the training.
  if (chosen.length === 0) chosen.push(...pickSpeakers(candidates, 1, clips, random));
  return chosen.sort(compareText);
}

/** Corpora (sorted) with their speakers (sorted). */
export function speakersByCorpus(clips: readonly SplitClip[]): [corpus: string, speakers: string[]][] {
  const corpora = [...new Set(clips.map((clip) => clip.corpus))].sort(compareText);
  return corpora.map((corpus) => [corpus, speakersOf(clips.filter((clip) => clip.corpus === corpus))]);
}

/** Divides the clips by speaker: named for test, named for validation, the rest of `train`. Twins of held-out clips do not train. */
export function splitBySpeaker(
  clips: readonly SplitClip[],
  sides: { train: readonly string[]; validation: readonly string[]; test: readonly string[] },
  notes: readonly string[] = [],
): Split {
  const side = new Map<string, 'train' | 'validation' | 'test'>();
  for (const name of ['train', 'validation', 'test'] as const) {
    for (const speaker of sides[name]) {
      if (side.has(speaker))
        throw new SplitError(`Speaker ${speaker} would be both in ${side.get(speaker)} and ${name}.`);
      side.set(speaker, name);
    }
  }
  const parts = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  let dropped = 0;
  for (const group of duplicateGroups(clips)) {
    const here = group.map((index) => side.get(clips[index].speaker));
    // A recording that is filed under two speakers belongs to the most protected side.
    const home = here.includes('test') ? 'test' : here.includes('validation') ? 'validation' : 'train';
    group.forEach((index, i) => {
      if (here[i] === home) parts[home].push(index);
      else if (here[i] !== undefined) dropped++;
    });
  }
  const dropNote = `${dropped} clip${dropped === 1 ? ' is' : 's are'} left out: the same recording as a held-out clip of another speaker.`;
  return {
    train: originals(parts.train.sort((a, b) => a - b)),
    validation: originals(parts.validation.sort((a, b) => a - b)),
    test: originals(parts.test.sort((a, b) => a - b)),
    notes: dropped > 0 ? [...notes, dropNote] : [...notes],
  };
}

/**
 * Divides things of several classes into three parts of 80, 10 and 10 per cent of every class. A thing has a weight (a group of
 * duplicates counts as many clips) and goes whole to one side. Every class needs three things.
 */
export function stratify<T>(
  things: readonly T[],
  classOf: (thing: T) => string,
  weightOf: (thing: T) => number,
  random: Random,
): { train: T[]; validation: T[]; test: T[] } {
  const parts = { train: [] as T[], validation: [] as T[], test: [] as T[] };
  const classes = [...new Set(things.map(classOf))].sort(compareText);
  for (const name of classes) {
    const own = random.shuffle(things.filter((thing) => classOf(thing) === name));
    if (own.length < 3) {
      throw new SplitError(
        `Class ${name} has ${own.length} distinct clip${own.length === 1 ? '' : 's'}; a split into train, validation and test ` +
          'needs at least 3. Add clips or leave the class out.',
      );
    }
    const total = own.reduce((sum, thing) => sum + weightOf(thing), 0);
    const wanted = Math.max(1, Math.round(total * 0.1));
    // Single clips first, so that a big group of duplicates cannot overfill a small side.
    own.sort((a, b) => weightOf(a) - weightOf(b));
    let next = 0;
    for (const part of [parts.test, parts.validation]) {
      for (let filled = 0; filled < wanted && next < own.length - 1; next++) {
        if (filled > 0 && filled + weightOf(own[next]) > wanted) break;
        part.push(own[next]);
        filled += weightOf(own[next]);
      }
    }
    parts.train.push(...own.slice(next));
  }
  return parts;
}

/** Throws unless there is something to learn: at least two classes. */
export function requireClasses(clips: readonly SplitClip[]): void {
  const classes = new Set(clips.map((clip) => clip.emotion));
  if (clips.length === 0) throw new SplitError('There are no clips to split; name a folder that holds a corpus.');
  if (classes.size < 2) {
    throw new SplitError(
      `All ${clips.length} clips are ${[...classes][0]}; a classifier needs at least two classes. Add clips of other emotions.`,
    );
  }
}

/**
 * Throws if a side is empty, if a class is held out that no clip trains, or (with `wholeTest`) if the test side lacks a class that the
 * corpora in it have: CREMA-D need not have surprise, but a RAVDESS speaker must. A validation side without some class still serves
 * early stopping: it gets a note.
 */
export function checkCoverage(split: Split, clips: readonly SplitClip[], wholeTest = true): Split {
  const classesOf = (items: readonly Item[]): string[] => [...new Set(items.map((item) => clips[item.clip].emotion))];
  for (const side of ['train', 'validation', 'test'] as const) {
    if (split[side].length === 0) {
      throw new SplitError(`The ${side} side has no clips; add clips or speakers, or choose another protocol.`);
    }
  }
  const trained = classesOf(split.train);
  for (const side of ['validation', 'test'] as const) {
    const untrained = classesOf(split[side]).filter((label) => !trained.includes(label));
    if (untrained.length > 0) {
      throw new SplitError(
        `No training clip is ${list(untrained)}, but the ${side} side has some; add training speakers that have this class, or leave it out.`,
      );
    }
  }
  const missing = (items: readonly Item[]): string[] => {
    const corpora = new Set(items.map((item) => clips[item.clip].corpus));
    const present = classesOf(items);
    const expected = new Set(clips.filter((clip) => corpora.has(clip.corpus)).map((clip) => clip.emotion));
    return [...expected].filter((label) => !present.includes(label));
  };
  const untested = missing(split.test);
  if (wholeTest && untested.length > 0) {
    throw new SplitError(
      `The test side has no clip of class ${list(untested)}; name other or more test speakers, or add clips of this class.`,
    );
  }
  const unseen = missing(split.validation);
  if (unseen.length === 0) return split;
  return { ...split, notes: [...split.notes, `The validation side has no clip of class ${list(unseen)}.`] };
}

/** "a, b, c" cut to a readable length. */
export function list(values: readonly string[], most = 40): string {
  const shown = values.slice(0, most).join(', ');
  return values.length > most ? `${shown} and ${values.length - most} more` : shown;
}
