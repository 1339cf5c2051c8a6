import { describe, expect, it } from 'vitest';
import {
  makeSplit,
  PAPER_VARIANTS,
  parseFold,
  PROTOCOLS,
  SplitError,
  splitSpeakers,
  type Item,
  type ProtocolName,
  type Split,
  type SplitClip,
  type SplitOptions,
} from '../../../src/ser/protocols/index.js';
import { Random } from '../../../src/ser/synth/index.js';
import { EMOTIONS, type Emotion } from '../../../src/ser/corpora/index.js';

const SIDES = ['train', 'validation', 'test'] as const;

/** A made-up corpus: every speaker says every emotion `takes` times; some files are copies of others. */
function makeClips(
  seed: number,
  corpora: Readonly<Record<string, number>>,
  options: { takes?: number; copies?: number; emotions?: readonly Emotion[] } = {},
): SplitClip[] {
  const { takes = 4, copies = 0, emotions = EMOTIONS } = options;
  const random = new Random(seed, 'clips');
  const clips: SplitClip[] = [];
  for (const [corpus, speakers] of Object.entries(corpora)) {
    for (let s = 1; s <= speakers; s++) {
      for (const emotion of emotions) {
        for (let take = 0; take < takes; take++) {
          const name = `${corpus}-${s}-${emotion}-${take}`;
          clips.push({
            corpus,
            speaker: `${corpus}/${String(s).padStart(2, '0')}`,
            emotion,
            gender: s % 2 === 0 ? 'female' : 'male',
            path: `/data/${name}.wav`,
            hash: name,
          });
        }
      }
    }
  }
  for (let i = 0; i < copies; i++) {
    const clip = random.pick(clips);
    clips.push({ ...clip, path: `${clip.path}.copy${i}`, duplicateOf: clip.path });
  }
  return random.shuffle(clips);
}

function recordings(items: readonly Item[], clips: readonly SplitClip[]): Set<string> {
  return new Set(items.map(({ clip }) => clips[clip].hash ?? ''));
}

function shared<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): T[] {
  return [...a].filter((value) => b.has(value));
}

/** Every protocol with options that suit the clips. */
function optionsFor(name: ProtocolName, seed: number): SplitOptions {
  if (name === 'cross-corpus') return { seed, testCorpora: ['BETA'] };
  if (name === 'loso') return { seed, fold: { index: 1 + (seed % 5), count: 5 } };
  return { seed };
}

const seeds = Array.from({ length: 12 }, (_, i) => i);

// `given` makes no choices: its sides are in the manifest.
describe.each(PROTOCOLS.filter((name) => name !== 'given'))(
  'the %s protocol, over twelve seeds and shuffled corpora with duplicates,',
  (name) => {
    const cases = seeds.map((seed) => {
      const clips = makeClips(seed, { ALPHA: 6 + (seed % 5), BETA: 4 }, { copies: 9, takes: 3 + (seed % 3) });
      return { clips, split: makeSplit(name, clips, optionsFor(name, seed)), seed };
    });

    it('puts no item on two sides and names only clips that are there', () => {
      for (const { clips, split } of cases) {
        const keys = SIDES.flatMap((side) => split[side].map(({ clip, variant }) => `${clip}#${variant}`));
        expect(new Set(keys).size).toBe(keys.length);
        for (const side of SIDES) {
          expect(split[side].length).toBeGreaterThan(0);
          expect(split[side].every(({ clip }) => clip >= 0 && clip < clips.length)).toBe(true);
        }
      }
    });

    it('gives the same split for the same seed, and another for another', () => {
      const { clips } = cases[0];
      const again = (seed: number): Split => makeSplit(name, clips, optionsFor(name, seed));
      expect(again(3)).toEqual(again(3));
      expect(again(3)).not.toEqual(again(4));
    });

    it('has every class on every side', () => {
      for (const { clips, split } of cases) {
        for (const side of SIDES) {
          expect(new Set(split[side].map(({ clip }) => clips[clip].emotion)).size).toBe(EMOTIONS.length);
        }
      }
    });

    it.skipIf(name === 'paper')('keeps byte-identical clips on one side', () => {
      for (const { clips, split } of cases) {
        const [train, validation, test] = SIDES.map((side) => recordings(split[side], clips));
        expect(shared(train, test)).toEqual([]);
        expect(shared(train, validation)).toEqual([]);
        expect(shared(validation, test)).toEqual([]);
      }
    });

    it.skipIf(name === 'paper' || name === 'random')('has no speaker on two sides', () => {
      for (const { clips, split } of cases) {
        const { train, validation, test } = splitSpeakers(split, clips);
        expect(new Set([...train, ...validation, ...test]).size).toBe(train.length + validation.length + test.length);
      }
    });

    it.skipIf(name === 'paper')('uses every clip once, unaltered', () => {
      for (const { clips, split } of cases) {
        const used = SIDES.flatMap((side) => split[side]);
        expect(used.every(({ variant }) => variant === 0)).toBe(true);
        expect(used.length).toBe(clips.length);
      }
    });
  },
);

describe('the speaker protocol', () => {
  const clips = makeClips(1, { RAVDESS: 24, TESS: 2 });

  it('tests a fifth of the speakers, as many women as men, and leaves a corpus of two to training', () => {
    const split = makeSplit('speaker', clips, { seed: 5 });
    const { train, validation, test } = splitSpeakers(split, clips);
    expect(test.length).toBe(5);
    expect(validation.length).toBe(2);
    const women = test.filter((speaker) => Number(speaker.slice(-2)) % 2 === 0).length;
    expect([2, 3]).toContain(women);
    expect(train).toEqual(expect.arrayContaining(['TESS/01', 'TESS/02']));
    expect(split.notes.join(' ')).toMatch(/TESS has only 2 speakers/);
  });

  it('tests exactly the named speakers, also of a small corpus', () => {
    const named = ['RAVDESS/19', 'TESS/02', 'RAVDESS/20'];
    const { test, validation } = splitSpeakers(makeSplit('speaker', clips, { testSpeakers: named }), clips);
    expect(test).toEqual([...named].sort());
    expect(validation.every((speaker) => speaker.startsWith('RAVDESS/'))).toBe(true);
  });

  it('validates on the named speakers', () => {
    const options = { testSpeakers: ['RAVDESS/01'], validationSpeakers: ['RAVDESS/03', 'TESS/01'] };
    expect(splitSpeakers(makeSplit('speaker', clips, options), clips).validation).toEqual(['RAVDESS/03', 'TESS/01']);
  });

  it('draws every speaker into the test side at some seed', () => {
    const seen = new Set(
      Array.from({ length: 60 }, (_, seed) => splitSpeakers(makeSplit('speaker', clips, { seed }), clips).test).flat(),
    );
    expect(seen.size).toBe(24);
  });

  it('drops a training copy of a test speaker’s recording and says so', () => {
    const index = clips.findIndex((clip) => clip.speaker === 'RAVDESS/19');
    const copied = [...clips, { ...clips[index], speaker: 'RAVDESS/05', path: '/data/copy.wav' }];
    const split = makeSplit('speaker', copied, { testSpeakers: ['RAVDESS/19'], validationSpeakers: ['RAVDESS/06'] });
    expect(split.train.some(({ clip }) => clip === copied.length - 1)).toBe(false);
    expect(split.test.some(({ clip }) => clip === index)).toBe(true);
    expect(split.notes.join(' ')).toMatch(/1 clip is left out/);
  });

  it('knows copies by path where there are no hashes', () => {
    const bare = clips.map(({ hash: _hash, ...clip }) => clip);
    const original = bare.find((clip) => clip.speaker === 'RAVDESS/19');
    const copied = [...bare, { ...bare[0], speaker: 'RAVDESS/05', path: '/copy.wav', duplicateOf: original?.path }];
    const split = makeSplit('speaker', copied, { testSpeakers: ['RAVDESS/19'], validationSpeakers: ['RAVDESS/06'] });
    expect(split.train.some(({ clip }) => clip === copied.length - 1)).toBe(false);
  });
});

describe('coverage', () => {
  it('a validation speaker who lacks a class is noted, not refused', () => {
    const clips = makeClips(9, { ALPHA: 6 }).filter((clip) => clip.speaker !== 'ALPHA/02' || clip.emotion !== 'fear');
    const split = makeSplit('speaker', clips, { testSpeakers: ['ALPHA/01'], validationSpeakers: ['ALPHA/02'] });
    expect(split.notes.join(' ')).toMatch(/validation side has no clip of class fear/);
  });

  it('a corpus that never has a class may be tested without it', () => {
    const clips = [
      ...makeClips(5, { 'CREMA-D': 5 }, { emotions: EMOTIONS.filter((emotion) => emotion !== 'surprise') }),
      ...makeClips(6, { RAVDESS: 4 }),
    ];
    const split = makeSplit('speaker', clips, { testSpeakers: ['CREMA-D/01'] });
    expect(split.test.length).toBe(24);
  });
});

describe('the random protocol', () => {
  it('keeps 80/10/10 in every class', () => {
    const clips = makeClips(2, { ALPHA: 10 }, { takes: 10 });
    const split = makeSplit('random', clips);
    for (const emotion of EMOTIONS) {
      const counts = SIDES.map((side) => split[side].filter(({ clip }) => clips[clip].emotion === emotion).length);
      expect(counts).toEqual([80, 10, 10]);
    }
  });

  it('stays within one clip of 10 % where duplicates come in groups', () => {
    for (const seed of seeds) {
      const clips = makeClips(seed, { ALPHA: 9 }, { takes: 7, copies: 60 });
      const split = makeSplit('random', clips, { seed });
      for (const emotion of EMOTIONS) {
        const of = (items: readonly Item[]) => items.filter(({ clip }) => clips[clip].emotion === emotion).length;
        const all = clips.filter((clip) => clip.emotion === emotion).length;
        for (const side of ['validation', 'test'] as const) {
          expect(Math.abs(of(split[side]) - all * 0.1)).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it('in folds tests every clip once, with the classes and sizes as even as can be, and copies on one side', () => {
    const clips = makeClips(4, { A: 5, B: 2 }, { takes: 3, copies: 12 });
    for (const count of [2, 5, 10]) {
      const folds = Array.from({ length: count }, (_, i) =>
        makeSplit('random', clips, { fold: { index: i + 1, count } }),
      );
      const tested = folds.flatMap((split) => split.test.map(({ clip }) => clip));
      expect(tested.sort((a, b) => a - b)).toEqual(clips.map((_, i) => i));
      for (const split of folds) {
        for (const [a, b] of [
          [split.train, split.test],
          [split.train, split.validation],
          [split.validation, split.test],
        ]) {
          expect(shared(recordings(a, clips), recordings(b, clips))).toEqual([]);
        }
        const rest = clips.length - split.test.length;
        expect(split.train.length + split.validation.length).toBe(rest);
        expect(split.validation.length).toBeGreaterThanOrEqual(0.07 * rest);
        expect(split.validation.length).toBeLessThanOrEqual(0.2 * rest);
        for (const emotion of EMOTIONS) {
          const own = (items: readonly Item[]): number =>
            items.filter(({ clip }) => clips[clip].emotion === emotion).length;
          const all = clips.filter((clip) => clip.emotion === emotion).length;
          // A group of copies goes as a whole.
          expect(Math.abs(own(split.test) - all / count)).toBeLessThan(3);
        }
      }
      const sizes = folds.map((split) => split.test.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(4);
    }
  });

  it('in more folds than a class has clips says so', () => {
    const clips = makeClips(1, { A: 2 }, { takes: 2 });
    expect(() => makeSplit('random', clips, { fold: { index: 1, count: 5 } })).toThrow(
      /Class angry has 4 distinct clips; 5 folds need at least 5/,
    );
    expect(() => makeSplit('random', clips, { fold: { index: 3, count: 2 } })).toThrow(/Fold 3\/2 is none/);
  });
});

describe('the paper protocol', () => {
  const clips = makeClips(3, { ALPHA: 10 }, { takes: 5 });
  const split = makeSplit('paper', clips, { seed: 1 });

  it('splits all variants of all clips 80/10/10', () => {
    const total = clips.length * PAPER_VARIANTS.length;
    expect(SIDES.map((side) => split[side].length)).toEqual([total * 0.8, total * 0.1, total * 0.1]);
    expect(new Set(SIDES.flatMap((side) => split[side].map(({ variant }) => variant))).size).toBe(
      PAPER_VARIANTS.length,
    );
  });

  it('leaks, and says how much', () => {
    const trained = new Set(split.train.map(({ clip }) => clip));
    const leaked = split.test.filter(({ clip }) => trained.has(clip)).length;
    expect(leaked / split.test.length).toBeGreaterThan(0.9);
    expect(split.notes.join(' ')).toContain(`leaks: for ${leaked} of ${split.test.length} test items`);
  });

  it('makes as many copies as asked', () => {
    const two = makeSplit('paper', clips, { variants: 2 });
    expect(SIDES.reduce((sum, side) => sum + two[side].length, 0)).toBe(clips.length * 2);
  });
});

describe('the cross-corpus protocol', () => {
  it('tests the named corpora whole and trains on the others', () => {
    const clips = makeClips(4, { RAVDESS: 6, SAVEE: 4, TESS: 2 });
    const split = makeSplit('cross-corpus', clips, { testCorpora: ['SAVEE'] });
    expect(split.test.length).toBe(clips.filter(({ corpus }) => corpus === 'SAVEE').length);
    const { train, validation } = splitSpeakers(split, clips);
    expect([...train, ...validation].some((speaker) => speaker.startsWith('SAVEE'))).toBe(false);
    expect(train.some((speaker) => speaker.startsWith('TESS'))).toBe(true);
    expect(validation.length).toBeGreaterThan(0);
  });

  it('trains on the named corpora only', () => {
    const clips = makeClips(4, { RAVDESS: 6, SAVEE: 4, TESS: 2 });
    const split = makeSplit('cross-corpus', clips, { testCorpora: ['SAVEE'], trainCorpora: ['RAVDESS'] });
    const { train, validation } = splitSpeakers(split, clips);
    expect([...train, ...validation].every((speaker) => speaker.startsWith('RAVDESS'))).toBe(true);
  });

  it('leaves out test clips of a class that the training corpora lack, with a note', () => {
    const clips = [
      ...makeClips(5, { 'CREMA-D': 5 }, { emotions: EMOTIONS.filter((emotion) => emotion !== 'surprise') }),
      ...makeClips(6, { RAVDESS: 4 }),
    ];
    const split = makeSplit('cross-corpus', clips, { testCorpora: ['RAVDESS'] });
    expect(split.test.some(({ clip }) => clips[clip].emotion === 'surprise')).toBe(false);
    expect(split.notes.join(' ')).toMatch(/16 test clips \(surprise\) are left out/);
  });
});

describe('the loso protocol', () => {
  it.each([7, 3])('tests every clip once over %i folds of seven speakers', (count) => {
    const clips = makeClips(7, { ALPHA: 7 });
    const tested = Array.from({ length: count }, (_, i) =>
      makeSplit('loso', clips, { fold: { index: i + 1, count } }).test.map(({ clip }) => clip),
    );
    expect(tested.flat().sort((a, b) => a - b)).toEqual(clips.map((_, i) => i));
    if (count === 7) expect(tested.every((fold) => new Set(fold.map((i) => clips[i].speaker)).size === 1)).toBe(true);
  });

  it('reads i/n', () => {
    expect(parseFold('3/24')).toEqual({ index: 3, count: 24 });
    for (const bad of ['3', '3/', 'a/b', '1.5/3', '-1/3']) expect(() => parseFold(bad)).toThrow(SplitError);
  });
});

describe('a split that cannot be made says why', () => {
  const clips = makeClips(8, { ALPHA: 5 });
  const attempts: [string, () => Split, RegExp][] = [
    ['no clips', () => makeSplit('speaker', []), /no clips/],
    [
      'one class only',
      () => makeSplit('random', makeClips(1, { A: 5 }, { emotions: ['sad'] })),
      /All 20 clips are sad/,
    ],
    [
      'an unknown protocol',
      () => makeSplit('magic' as ProtocolName, clips),
      /"magic" is not known; choose one of speaker/,
    ],
    [
      'an unknown speaker, listing those that exist',
      () => makeSplit('speaker', clips, { testSpeakers: ['ALPHA/99'] }),
      /ALPHA\/99 .*ALPHA\/01, ALPHA\/02/,
    ],
    ['two speakers only', () => makeSplit('speaker', makeClips(1, { TESS: 2 })), /Too few speakers/],
    [
      'all but one speaker tested',
      () => makeSplit('speaker', clips, { testSpeakers: ['ALPHA/01', 'ALPHA/02', 'ALPHA/03', 'ALPHA/04'] }),
      /Only 1 speaker is left/,
    ],
    [
      'a speaker named for test and validation',
      () => makeSplit('speaker', clips, { testSpeakers: ['ALPHA/01'], validationSpeakers: ['ALPHA/01'] }),
      /Validation speaker ALPHA\/01 is a test speaker/,
    ],
    [
      'a test speaker who lacks a class',
      () =>
        makeSplit(
          'speaker',
          clips.filter((clip) => clip.speaker !== 'ALPHA/02' || clip.emotion !== 'fear'),
          { testSpeakers: ['ALPHA/02'] },
        ),
      /test side has no clip of class fear/,
    ],
    [
      'a class that nobody trains',
      () =>
        makeSplit(
          'speaker',
          clips.filter((clip) => clip.speaker === 'ALPHA/02' || clip.emotion !== 'fear'),
          { testSpeakers: ['ALPHA/02'] },
        ),
      /No training clip is fear, but the test side has some/,
    ],
    [
      'a class of two clips at random',
      () =>
        makeSplit(
          'random',
          clips.filter(
            (clip, i) => clip.emotion !== 'sad' || clips.slice(0, i).filter((c) => c.emotion === 'sad').length < 2,
          ),
        ),
      /Class sad has 2 distinct clips/,
    ],
    ['no corpus to test', () => makeSplit('cross-corpus', clips), /needs the corpora to test on; name some of ALPHA/],
    [
      'an unknown corpus',
      () => makeSplit('cross-corpus', clips, { testCorpora: ['BETA'] }),
      /BETA is not among .*ALPHA/,
    ],
    ['no corpus to train', () => makeSplit('cross-corpus', clips, { testCorpora: ['ALPHA'] }), /none is left to train/],
    ['no fold', () => makeSplit('loso', clips), /needs a fold i\/n with n from 2 to 5.*--fold 1\/5/],
    ['a fold out of range', () => makeSplit('loso', clips, { fold: { index: 6, count: 5 } }), /fold 6\/5 was given/],
    ['more folds than speakers', () => makeSplit('loso', clips, { fold: { index: 1, count: 9 } }), /n from 2 to 5/],
    ['no copies', () => makeSplit('paper', clips, { variants: 0 }), /variants is 0/],
    ['no sides given', () => makeSplit('given', clips), /column "split".*on the side train, validation, test/],
  ];

  it.each(attempts)('%s', (_, attempt, message) => {
    expect(attempt).toThrow(SplitError);
    expect(attempt).toThrow(message);
  });
});

describe('the given protocol', () => {
  const sides = ['train', 'validation', 'test', undefined] as const;
  // Every emotion of every speaker four times, once on each side and once on none.
  const clips = makeClips(0, { ALPHA: 3 }).map((clip, i, all) => {
    const earlier = all
      .slice(0, i)
      .filter(({ speaker, emotion }) => speaker === clip.speaker && emotion === clip.emotion);
    return { ...clip, split: sides[earlier.length % 4] };
  });

  it("takes the manifest's sides, and says what it left out and who is on both", () => {
    const split = makeSplit('given', clips);
    for (const side of SIDES) {
      expect(split[side].every(({ clip, variant }) => clips[clip].split === side && variant === 0)).toBe(true);
      expect(split[side]).toHaveLength(clips.filter((clip) => clip.split === side).length);
    }
    expect(split.notes.join(' ')).toMatch(
      /manifest names.*ALPHA.*not tell of strangers.* left out: the manifest names no side/,
    );
  });

  it('takes copies of held-out recordings out of training', () => {
    const test = clips.findIndex((clip) => clip.split === 'test');
    const train = clips.findIndex((clip) => clip.split === 'train');
    const copied = clips.map((clip, i) => (i === train ? { ...clip, duplicateOf: clips[test].path } : clip));
    const split = makeSplit('given', copied);
    expect(split.train.map(({ clip }) => clip)).not.toContain(train);
    expect(split.test.map(({ clip }) => clip)).toContain(test);
    expect(split.notes.join(' ')).toMatch(/1 clip is left out: the same recording as a held-out clip/);
  });
});
