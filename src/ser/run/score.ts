/** A model's word on clips. */
import { noGrad, readAll } from '../../tensor/index.js';
import { crossEntropyLoss } from '../../nn/index.js';
import { makeBatch, type FeatureItem } from '../features/index.js';
import { argmax, confusionMatrix, scoresOf } from '../metrics/index.js';
import type { FeatureName, SerModel } from '../models/index.js';

export interface Scored {
  /** (clips, classes) */
  readonly probabilities: readonly Float32Array[];
  readonly loss: number;
}

/** Sequences are padded to a multiple of this, so that pooling comes out even. */
const MULTIPLE = 8;

/** Frames of the longest of the items, rounded up. */
export const longest = (items: readonly FeatureItem[]): number =>
  Math.ceil(items.reduce((most, { frames }) => Math.max(most, frames), 1) / MULTIPLE) * MULTIPLE;

/**
 * Probabilities of each item, in evaluation mode; the last batch is padded and masked. The mean loss counts every clip once.
 * @param labels positions of the true classes; the loss is NaN without them
 * @param options.frames that sequences are padded to; more where an item is longer
 */
export async function score(
  model: SerModel,
  items: readonly FeatureItem[],
  labels: readonly number[] | undefined,
  options: {
    features: FeatureName;
    frames: number;
    batchSize: number;
    onProgress?: (done: number, total: number) => void;
  },
): Promise<Scored> {
  const wasTraining = model.training;
  model.eval();
  const probabilities: Float32Array[] = [];
  const frames = Math.max(options.frames, longest(items));
  let loss = 0;
  try {
    for (let start = 0; start < items.length; start += options.batchSize) {
      const own = items.slice(start, start + options.batchSize);
      const batch = makeBatch(own, labels?.slice(start, start + options.batchSize) ?? own.map(() => 0), {
        features: options.features,
        frames,
        rows: options.batchSize,
      });
      const outputs = noGrad(() => {
        const logits = model.forward(batch.input);
        return [logits.softmax(), crossEntropyLoss(logits, batch.labels, { reduction: 'sum' })];
      });
      const [p, [sum]] = await readAll(outputs);
      const classes = p.length / options.batchSize;
      for (let row = 0; row < batch.clips; row++) {
        probabilities.push((p as Float32Array).slice(row * classes, (row + 1) * classes));
      }
      loss += sum;
      options.onProgress?.(probabilities.length, items.length);
    }
  } finally {
    model.train(wasTraining);
  }
  return { probabilities, loss: labels ? loss / items.length : NaN };
}

/** Accuracy, unweighted average recall and the rest. */
export function scoresOn(probabilities: readonly Float32Array[], labels: readonly number[], classes: number) {
  const predicted = probabilities.map(argmax);
  const confusion = confusionMatrix(labels, predicted, classes);
  return { confusion, predicted, ...scoresOf(confusion) };
}
