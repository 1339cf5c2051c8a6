import { Random } from '../random.js';
import { SplitError } from './errors.js';
import { chooseValidation, list, checkCoverage, speakersOf, splitBySpeaker } from './groups.js';
import { checkSpeakers } from './speaker.js';
import type { Split, SplitClip, SplitOptions } from './types.js';

/**
 * Cross-validation over speakers: fold i of n tests every n-th speaker of a seeded order. With as many folds as speakers this is
 * leave-one-speaker-out. Over all folds every clip is tested once.
 */
export function splitLoso(clips: readonly SplitClip[], options: SplitOptions): Split {
  const all = speakersOf(clips);
  if (all.length < 3) {
    throw new SplitError(
      `Leave-one-speaker-out needs at least 3 speakers (to train, validate and test); there are ${all.length}: ${list(all)}.`,
    );
  }
  const { index, count } = options.fold ?? { index: 0, count: all.length };
  if (
    !Number.isInteger(count) ||
    count < 2 ||
    count > all.length ||
    !Number.isInteger(index) ||
    index < 1 ||
    index > count
  ) {
    const given = options.fold ? `fold ${index}/${count} was given` : 'no fold was given';
    throw new SplitError(
      `The loso protocol needs a fold i/n with n from 2 to ${all.length} (the number of speakers) and i from 1 to n; ${given}. ` +
        `For example --fold 1/${all.length}.`,
    );
  }
  const order = new Random(options.seed ?? 0, 'protocol', 'loso').shuffle(all);
  const test = order.filter((_, position) => position % count === index - 1).sort();
  const rest = all.filter((speaker) => !test.includes(speaker));
  const named = options.validationSpeakers && checkSpeakers(options.validationSpeakers, all, 'Validation');
  const validation = chooseValidation(rest, clips, named, new Random(options.seed ?? 0, 'protocol', 'loso', index));
  const train = rest.filter((speaker) => !validation.includes(speaker));
  const split = splitBySpeaker(clips, { train, validation, test }, [
    `Fold ${index} of ${count}. No test speaker was heard in training or validation. Test speakers: ${list(test)}.`,
    `Validation speakers (early stopping sees only these): ${list(validation)}.`,
  ]);
  return checkCoverage(split, clips, false);
}
