/** The control of an experiment: what a model reaches where there is nothing to learn. */
import type { Clip } from '../corpora/index.js';
import { duplicateGroups } from '../protocols/groups.js';
import { Random } from '../random.js';

/** What a reader of a control's figures must know. */
export const SHUFFLED_NOTE =
  'This is a control: the labels were shuffled over the clips before anything else was done with them, so there is nothing to learn. ' +
  'A protocol whose test clips are really unseen gives no more than chance here; more than chance is a leak.';

/**
 * The clips with their emotions dealt anew by chance. It happens to source clips, before copies are made and before the split, so that all
 * copies of a clip keep one (wrong) label: a split that parts them lets a model learn it by heart. Copies of one recording count as one.
 */
export function shuffleLabels(clips: readonly Clip[], seed: number): Clip[] {
  const recordings = duplicateGroups(clips);
  const dealt = new Random(seed, 'shuffle-labels').shuffle(recordings.map(([first]) => clips[first].emotion));
  const shuffled = [...clips];
  recordings.forEach((copies, i) => copies.forEach((clip) => (shuffled[clip] = { ...clips[clip], emotion: dealt[i] })));
  return shuffled;
}
