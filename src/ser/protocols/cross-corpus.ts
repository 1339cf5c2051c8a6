import { Random } from '../random.js';
import { SplitError } from './errors.js';
import { chooseValidation, list, checkCoverage, speakersOf, splitBySpeaker } from './groups.js';
import { checkSpeakers } from './speaker.js';
import type { Split, SplitClip, SplitOptions } from './types.js';

/**
 * Trains on some corpora and tests on others: other speakers, rooms, microphones and sentences at once. Test clips of a class that
 * the training corpora lack are left out, with a note.
 */
export function splitCrossCorpus(clips: readonly SplitClip[], options: SplitOptions): Split {
  const corpora = [...new Set(clips.map((clip) => clip.corpus))].sort();
  const testCorpora = options.testCorpora ?? [];
  if (testCorpora.length === 0) {
    throw new SplitError(`The cross-corpus protocol needs the corpora to test on; name some of ${list(corpora)}.`);
  }
  const trainCorpora = options.trainCorpora ?? corpora.filter((corpus) => !testCorpora.includes(corpus));
  for (const corpus of [...testCorpora, ...trainCorpora]) {
    if (!corpora.includes(corpus))
      throw new SplitError(`Corpus ${corpus} is not among the clips' corpora: ${list(corpora)}.`);
  }
  const both = trainCorpora.find((corpus) => testCorpora.includes(corpus));
  if (both !== undefined) throw new SplitError(`Corpus ${both} is named both to train and to test on; name it once.`);
  if (trainCorpora.length === 0) {
    throw new SplitError(
      `All corpora (${list(corpora)}) are to be tested on and none is left to train; add another corpus.`,
    );
  }
  const trainable = clips.filter((clip) => trainCorpora.includes(clip.corpus));
  const random = new Random(options.seed ?? 0, 'protocol', 'cross-corpus');
  const candidates = speakersOf(trainable);
  const named =
    options.validationSpeakers && checkSpeakers(options.validationSpeakers, speakersOf(clips), 'Validation');
  const validation = chooseValidation(candidates, trainable, named, random);
  const train = candidates.filter((speaker) => !validation.includes(speaker));
  const test = speakersOf(clips.filter((clip) => testCorpora.includes(clip.corpus)));
  const whole = splitBySpeaker(clips, { train, validation, test }, [
    `Trained on ${list(trainCorpora)}, tested on ${list(testCorpora)}: no corpus is on both sides.`,
  ]);
  const trained = new Set(whole.train.map((item) => clips[item.clip].emotion));
  const kept = whole.test.filter((item) => trained.has(clips[item.clip].emotion));
  const lost = [...new Set(whole.test.map((item) => clips[item.clip].emotion))].filter((label) => !trained.has(label));
  const split: Split = {
    ...whole,
    test: kept,
    notes:
      lost.length === 0
        ? whole.notes
        : [
            ...whole.notes,
            `${whole.test.length - kept.length} test clips (${list(lost)}) are left out: no training clip has this class.`,
          ],
  };
  return checkCoverage(split, clips, false);
}
