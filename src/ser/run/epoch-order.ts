/** In what order an epoch draws the training clips: by seed and epoch alone. */
import { Random } from '../random.js';

export interface OrderOptions {
  readonly seed: number;
  readonly epoch: number;
  /** Every class is drawn as often; by speaker, within each speaker. */
  readonly balanced: boolean;
}

/**
 * Each clip once; or with `balanced` as many draws, shared equally among the classes, so that clips of rare classes come several times and
 * some of frequent ones not at all.
 * @param labels class number of each clip @returns positions in `labels`
 */
export function epochOrder(labels: readonly number[], { seed, epoch, balanced }: OrderOptions): number[] {
  const random = new Random(seed, 'order', epoch);
  const all = labels.map((_, i) => i);
  return balanced ? drawBalanced(all, labels, all.length, random) : random.shuffle(all);
}

/** Of a speaker with fewer clips nothing can be said of how one differs from the others: they are left out. */
export const FEWEST_CLIPS = 4;

/**
 * Batches of one speaker each, in an order by chance: as many a speaker as come nearest to all its clips, one at least. Where that is fewer
 * draws than there are clips, some are left out in this epoch; where it is more, some come again, and those of a small speaker several times.
 * @param speakers whose each clip is @returns positions in `labels`, batch after batch
 */
export function epochOrderBySpeaker(
  labels: readonly number[],
  speakers: readonly string[],
  batchSize: number,
  { seed, epoch, balanced }: OrderOptions,
): number[] {
  const own = new Map<string, number[]>();
  speakers.forEach((speaker, i) => {
    const clips = own.get(speaker);
    if (clips) clips.push(i);
    else own.set(speaker, [i]);
  });
  const batches = [...own].flatMap(([speaker, clips]) => {
    if (clips.length < FEWEST_CLIPS) return [];
    const random = new Random(seed, 'order', epoch, speaker);
    const count = Math.max(1, Math.round(clips.length / batchSize));
    const draws = balanced
      ? drawBalanced(clips, labels, count * batchSize, random)
      : drawAll(clips, count * batchSize, random);
    return Array.from({ length: count }, (_, i) => draws.slice(i * batchSize, (i + 1) * batchSize));
  });
  return new Random(seed, 'order', epoch).shuffle(batches).flat();
}

/** As many draws as asked for, all clips before any comes again. */
function drawAll(clips: readonly number[], count: number, random: Random): number[] {
  const draws: number[] = [];
  while (draws.length < count) draws.push(...random.shuffle(clips).slice(0, count - draws.length));
  return draws;
}

function drawBalanced(clips: readonly number[], labels: readonly number[], count: number, random: Random): number[] {
  const classes = [...new Set(clips.map((i) => labels[i]))].sort((a, b) => a - b);
  const drawn = random.shuffle(classes).flatMap((label, place) => {
    // What does not come out even goes to the first ones of a shuffled row of classes.
    const share = Math.floor((count - 1 - place) / classes.length) + 1;
    return drawAll(
      clips.filter((i) => labels[i] === label),
      share,
      random,
    );
  });
  return random.shuffle(drawn);
}
