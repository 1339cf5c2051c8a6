/** Normalised features put together as the tensors of a batch. */
import { tensor, type Tensor } from '../../tensor/index.js';
import type { FeatureName, ModelInput } from '../models/index.js';
import type { Random } from '../random.js';
import { maskBands } from './alter.js';
import type { FeatureItem } from './extract.js';

export interface Batch {
  readonly input: ModelInput;
  /** (N) i32; −1 in rows that pad the batch. */
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
  /** Draws the augmentation of clip number `index` of the batch; absent: none. */
  readonly augment?: (index: number) => Random;
}

/** Level of a clip's mel bands moves by this deviation (in normalised units). */
const GAIN = 0.3;
/** Noise on the paper's statistics. */
const JITTER = 0.1;
const FIRST_MEL = 13;
const MELS = 128;

export function makeBatch(items: readonly FeatureItem[], labels: readonly number[], options: BatchOptions): Batch {
  const { features, rows, frames, augment } = options;
  const { width } = items[0];
  const length = features === 'frames' ? frames : items[0].frames;
  const x = new Float32Array(rows * length * width);
  const lengths = new Uint32Array(rows);
  const targets = new Int32Array(rows).fill(-1);
  items.forEach((item, row) => {
    const own = x.subarray(row * length * width, (row + 1) * length * width);
    own.set(item.data);
    if (augment) alter(own, item, features, augment(row));
    lengths[row] = item.frames;
    targets[row] = labels[row];
  });
  const input: ModelInput =
    features === 'frames'
      ? { x: tensor(x, [rows, length, width]), lengths: tensor(lengths) }
      : { x: tensor(x, features === 'paper' ? [rows, width, 1] : [rows, length, width, 1]) };
  return { input, labels: tensor(targets), clips: items.length };
}

function alter(own: Float32Array, item: FeatureItem, features: FeatureName, random: Random): void {
  const { frames, width } = item;
  if (features === 'paper') {
    for (let i = 0; i < width; i++) own[i] += JITTER * random.normal();
    return;
  }
  const first = features === 'frames' ? FIRST_MEL : 0;
  const gain = GAIN * random.normal();
  for (let t = 0; t < frames; t++) {
    for (let b = first; b < first + MELS; b++) own[t * width + b] += gain;
  }
  maskBands(own, frames, width, first, MELS, random);
}
