/** Normalised features put together as the tensors of a batch. */
import { lengthMask } from '../../nn/index.js';
import { randn, tensor, type Tensor } from '../../tensor/index.js';
import { usualAugmentation, type Augmentation } from '../augmentation.js';
import { isSequence, isVector, type FeatureName } from '../feature-kinds.js';
import type { ModelInput } from '../models/index.js';
import type { Random } from '../random.js';
import { augmentClip } from './augment.js';
import type { FeatureItem } from './index.js';
import { mixRows } from './mixup.js';
import { MELS, MFCC } from './settings.js';

export interface Batch {
  readonly input: ModelInput;
  /** (N) i32, −1 in rows that pad the batch; where clips are mixed, their shares of the classes (N, classes) f32. */
  readonly labels: Tensor;
  /** Rows that are clips. */
  readonly clips: number;
}

export interface BatchOptions {
  readonly features: FeatureName;
  /** Rows of the batch; missing ones are padded with zeros and label −1. */
  readonly rows: number;
  /** Frames that sequences are padded to. */
  readonly frames: number;
  /** Draws the alterations of clip number `index` of the batch; absent: none. */
  readonly augment?: (index: number) => Random;
  /** Which ones, the usual ones by default. Noise is not among them: see `withNoise`. */
  readonly augmentation?: Augmentation;
  /** What each clip keeps of itself in mixup, see mixup.ts; takes a full batch. */
  readonly mixup?: { readonly shares: readonly number[]; readonly classes: number };
}

export function makeBatch(items: readonly FeatureItem[], labels: readonly number[], options: BatchOptions): Batch {
  const { features, rows, frames, augment, mixup } = options;
  const { augmentation = usualAugmentation(features) } = options;
  const { width } = items[0];
  const sequence = isSequence(features);
  const length = sequence ? frames : items[0].frames;
  const x = new Float32Array(rows * length * width);
  const lengths = new Uint32Array(rows);
  const targets = new Int32Array(rows).fill(-1);
  const columns = { width, firstBand: sequence ? MFCC : 0, bands: MELS };
  items.forEach((item, row) => {
    const own = x.subarray(row * length * width, (row + 1) * length * width);
    own.set(item.data);
    lengths[row] =
      augment && !isVector(features)
        ? augmentClip(own, item.frames, length, columns, augmentation, augment(row), sequence)
        : item.frames;
    targets[row] = labels[row];
  });
  if (mixup) {
    mixRows(x, length * width, mixup.shares);
    // A mixture is as long as the longer of the two.
    lengths.forEach((own, row) => (lengths[row] = Math.max(own, lengths[rows - 1 - row])));
  }
  const input: ModelInput = sequence
    ? { x: tensor(x, [rows, length, width]), lengths: tensor(lengths) }
    : { x: tensor(x, isVector(features) ? [rows, width, 1] : [rows, length, width, 1]) };
  return { input, labels: mixup ? mixedLabels(targets, mixup) : tensor(targets), clips: items.length };
}

function mixedLabels(labels: Int32Array, { shares, classes }: NonNullable<BatchOptions['mixup']>): Tensor {
  const hot = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => (hot[row * classes + label] = 1));
  mixRows(hot, classes, shares);
  return tensor(hot, [labels.length, classes]);
}

/** The input with white noise on every feature of the clips' own frames, drawn on the device by the counted random numbers of dropout. */
export function withNoise(input: ModelInput, deviation: number): ModelInput {
  const { x, lengths } = input;
  const noise = randn(x.shape).mul(deviation);
  if (!lengths) return { x: x.add(noise) };
  const [n, t] = x.shape;
  return { x: x.add(noise.mul(lengthMask(lengths, t).reshape([n, t, 1]))), lengths };
}
