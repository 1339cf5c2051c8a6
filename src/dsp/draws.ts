/** Random parameters of augmentations: drawn on the host by counter, so that a clip's draw depends on the seed and its own number only. */
import { Philox } from '../kernels/random.js';
import { SettingsError } from './errors.js';
import { requireWhole } from './settings.js';

export interface DrawOptions {
  /** Whole number, 0 … 2³² − 1. */
  readonly seed: number;
  /** A number for each clip of the batch that goes with it wherever it is batched (and with the epoch, if each shall draw anew); default 0, 1, 2 … */
  readonly ids?: readonly number[];
}

/** Draws that one clip may use; ids up to 2³² / this do not meet. */
const DRAWS_PER_CLIP = 256;

/** One stream of uniform numbers in [0, 1) for each clip. `stream` keeps different augmentations apart. */
export function clipStreams(clips: number, stream: number, { seed, ids }: DrawOptions): (() => number)[] {
  requireWhole('seed', seed, 0, 0xffffffff);
  if (ids && ids.length !== clips) throw new SettingsError(`${ids.length} ids were given for ${clips} clips.`);
  const philox = new Philox(seed, stream);
  return Array.from({ length: clips }, (_, n) => {
    const id = ids?.[n] ?? n;
    requireWhole('id', id, 0, 0x100000000 / DRAWS_PER_CLIP - 1);
    let next = id * DRAWS_PER_CLIP;
    return () => philox.uniformAt(next++);
  });
}
