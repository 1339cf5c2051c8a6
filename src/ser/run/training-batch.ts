/** A batch of training clips as one step sees it: altered, mixed, with noise, all of it drawn from the run's seed. */
import type { Tensor } from '../../tensor/index.js';
import { makeBatch, withNoise } from '../features/batch.js';
import { mixupShare } from '../features/mixup.js';
import type { ModelInput } from '../models/index.js';
import { Random } from '../random.js';
import type { RunConfig } from './config.js';
import type { Dataset } from './dataset.js';

/**
 * @param indices positions among the training clips, one a row
 * @param at.repeats whether a clip may come more than once in an epoch
 * @returns labels as class numbers, or as shares of the classes where clips are mixed
 */
export function trainingBatch(
  { train, classes }: Pick<Dataset, 'train' | 'classes'>,
  indices: readonly number[],
  config: Pick<RunConfig, 'seed' | 'features' | 'augment' | 'mixup'>,
  at: { readonly frames: number; readonly epoch: number; readonly step: number; readonly repeats: boolean },
): { input: ModelInput; labels: Tensor } {
  const { noise = 0, ...changes } = config.augment;
  const alters = Object.values(changes).some((strength) => strength > 0);
  const draw = (name: string, row: number): Random =>
    // A clip that comes again in this epoch is altered in another way.
    new Random(config.seed, name, at.epoch, indices[row], ...(at.repeats ? [at.step, row] : []));
  const batch = makeBatch(
    indices.map((i) => train.items[i]),
    indices.map((i) => train.labels[i]),
    {
      features: config.features,
      frames: at.frames,
      rows: indices.length,
      augment: alters ? (row) => draw('augment', row) : undefined,
      augmentation: changes,
      mixup:
        config.mixup > 0
          ? {
              shares: indices.map((_, row) => mixupShare(config.mixup, draw('mixup', row))),
              classes: classes.length,
            }
          : undefined,
    },
  );
  return { input: noise > 0 ? withNoise(batch.input, noise) : batch.input, labels: batch.labels };
}
