import { compareText } from '../corpora/order.js';
import { Random } from '../random.js';
import { SplitError } from './errors.js';
import {
  chooseValidation,
  FEWEST_SPEAKERS,
  list,
  pickSpeakers,
  checkCoverage,
  speakersByCorpus,
  speakersOf,
  splitBySpeaker,
} from './groups.js';
import type { Split, SplitClip, SplitOptions } from './types.js';

/**
 * No speaker on two sides: the default, and the only honest question for a system that will meet strangers. Test speakers are named,
 * or a seeded fifth of every corpus, balanced by gender; a corpus of fewer than 3 speakers (TESS) only trains unless it is named.
 */
export function splitSpeaker(clips: readonly SplitClip[], options: SplitOptions): Split {
  const random = new Random(options.seed ?? 0, 'protocol', 'speaker');
  const all = speakersOf(clips);
  const notes: string[] = [];
  let test: string[];
  if (options.testSpeakers && options.testSpeakers.length > 0) {
    test = checkSpeakers(options.testSpeakers, all, 'Test');
  } else {
    test = [];
    for (const [corpus, speakers] of speakersByCorpus(clips)) {
      if (speakers.length < FEWEST_SPEAKERS) {
        notes.push(
          `${corpus} has only ${speakers.length} speaker${speakers.length === 1 ? '' : 's'}, so it only trains.`,
        );
        continue;
      }
      test.push(...pickSpeakers(speakers, Math.ceil(speakers.length * 0.2), clips, random));
    }
    if (test.length === 0) {
      throw new SplitError(
        `Too few speakers (${list(all)}): no corpus has ${FEWEST_SPEAKERS}, and one each must train, validate and test. ` +
          'Add a corpus, name --test-speakers, or use --protocol random.',
      );
    }
    test.sort(compareText);
  }
  const rest = all.filter((speaker) => !test.includes(speaker));
  const named = options.validationSpeakers && checkSpeakers(options.validationSpeakers, all, 'Validation');
  const validation = chooseValidation(rest, clips, named, random);
  const train = rest.filter((speaker) => !validation.includes(speaker));
  const split = splitBySpeaker(clips, { train, validation, test }, [
    `No test speaker was heard in training or validation. Test speakers: ${list(test)}.`,
    `Validation speakers (early stopping sees only these): ${list(validation)}.`,
    ...notes,
  ]);
  return checkCoverage(split, clips);
}

/** The named speakers, sorted and without repetition; throws on one that is not there, listing those that are. */
export function checkSpeakers(named: readonly string[], all: readonly string[], role: string): string[] {
  const unknown = named.filter((speaker) => !all.includes(speaker));
  if (unknown.length > 0) {
    throw new SplitError(`${role} speaker ${list(unknown)} is not among the clips' speakers: ${list(all, 120)}.`);
  }
  return [...new Set(named)].sort(compareText);
}
