/** Evaluation protocols: who trains, who validates, who is tested. */
import { splitCrossCorpus } from './cross-corpus.js';
import { SplitError } from './errors.js';
import { splitGiven } from './given.js';
import { requireClasses } from './groups.js';
import { splitLoso } from './loso.js';
import { splitPaper } from './paper.js';
import { splitRandom } from './random.js';
import { splitSpeaker } from './speaker.js';
import { PROTOCOLS, type ProtocolName, type Split, type SplitClip, type SplitOptions } from './types.js';

export { SplitError } from './errors.js';
export { parseFold } from './fold.js';
export { PAPER_VARIANTS } from './paper.js';
export {
  PROTOCOLS,
  type Fold,
  type Item,
  type ProtocolName,
  type Split,
  type SplitClip,
  type SplitOptions,
} from './types.js';

const SPLITTERS: Readonly<Record<ProtocolName, (clips: readonly SplitClip[], options: SplitOptions) => Split>> = {
  speaker: splitSpeaker,
  random: splitRandom,
  paper: splitPaper,
  'cross-corpus': splitCrossCorpus,
  loso: splitLoso,
  given: splitGiven,
};

/**
 * Divides clips into train, validation and test by a named protocol (DESIGN §5). The same clips in the same order, options and seed give
 * the same split.
 * @throws SplitError if the clips cannot be divided so: one class only, too few or unknown speakers, a class missing from a side.
 */
export function makeSplit(name: ProtocolName, clips: readonly SplitClip[], options: SplitOptions = {}): Split {
  const splitter: ((clips: readonly SplitClip[], options: SplitOptions) => Split) | undefined = SPLITTERS[name];
  if (splitter === undefined)
    throw new SplitError(`Protocol "${String(name)}" is not known; choose one of ${PROTOCOLS.join(', ')}.`);
  requireClasses(clips);
  return splitter(clips, options);
}

/** The speakers on each side of a split, sorted. */
export function splitSpeakers(
  split: Split,
  clips: readonly SplitClip[],
): Record<'train' | 'validation' | 'test', string[]> {
  const of = (items: Split['train']): string[] => [...new Set(items.map((item) => clips[item.clip].speaker))].sort();
  return { train: of(split.train), validation: of(split.validation), test: of(split.test) };
}
