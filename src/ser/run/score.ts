/** A model's word on clips. */
import { noGrad, readAll, tensor, type Tensor } from '../../tensor/index.js';
import { crossEntropyLoss } from '../../nn/index.js';
import { makeBatch, type FeatureItem } from '../features/index.js';
import { argmax, confusionMatrix, scoresOf } from '../metrics/index.js';
import { EmbeddingModel, type FeatureName, type ModelInput, type SerModel } from '../models/index.js';
import { Voices } from './voices.js';

export interface Scored {
  /** (clips, classes) */
  readonly probabilities: readonly Float32Array[];
  readonly loss: number;
}

export interface ScoreOptions {
  readonly features: FeatureName;
  /** That sequences are padded to; more where an item is longer. */
  readonly frames: number;
  readonly batchSize: number;
  /** Whose each item is, in a run normalised by speaker: a model that normalises inside does so within the speaker then. */
  readonly speakers?: readonly string[];
  /** What such a model has heard before of the speakers; it is added to. Absent: nothing. */
  readonly voices?: Voices;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Sequences are padded to a multiple of this, so that pooling comes out even. */
const MULTIPLE = 8;

/** Frames of the longest of the items, rounded up. */
export const longest = (items: readonly FeatureItem[]): number =>
  Math.ceil(items.reduce((most, { frames }) => Math.max(most, frames), 1) / MULTIPLE) * MULTIPLE;

/**
 * Probabilities of each item, in evaluation mode; the last batch is padded and masked. The mean loss counts every clip once.
 * @param labels positions of the true classes; the loss is NaN without them
 */
export async function score(
  model: SerModel,
  items: readonly FeatureItem[],
  labels: readonly number[] | undefined,
  options: ScoreOptions,
): Promise<Scored> {
  const { batchSize, onProgress, speakers } = options;
  const frames = Math.max(options.frames, longest(items));
  const inputOf = (start: number): ModelInput => {
    const own = items.slice(start, start + batchSize);
    const unlabelled = own.map(() => 0);
    return makeBatch(own, unlabelled, { features: options.features, frames, rows: batchSize }).input;
  };
  const wasTraining = model.training;
  model.eval();
  try {
    if (!(model instanceof EmbeddingModel && speakers)) {
      const logits = (start: number): Tensor => model.forward(inputOf(start));
      return await classify(items.length, labels, batchSize, logits, onProgress);
    }
    // What a clip is beside its speaker's others is known only after all of them.
    const vectors: FeatureItem[] = [];
    for (let start = 0; start < items.length; start += batchSize) {
      const [rows] = await readAll([noGrad(() => model.embed(inputOf(start)))]);
      const width = rows.length / batchSize;
      for (let row = 0; row < Math.min(batchSize, items.length - start); row++) {
        vectors.push({ data: (rows as Float32Array).slice(row * width, (row + 1) * width), frames: 1, width });
      }
      onProgress?.(Math.floor(vectors.length / 2), items.length);
    }
    const voices = options.voices ?? (await Voices.of(model.norm));
    const normalized = voices.normalize(vectors, speakers);
    const logits = (start: number): Tensor => model.classify(rowsOf(normalized, start, batchSize));
    return await classify(items.length, labels, batchSize, logits, (done, total) =>
      onProgress?.(Math.floor((done + total) / 2), total),
    );
  } finally {
    model.train(wasTraining);
  }
}

/** Vectors from `start` on as a tensor (rows, width), zeros where there are no more. */
function rowsOf(vectors: readonly FeatureItem[], start: number, rows: number): Tensor {
  const { width } = vectors[0];
  const data = new Float32Array(rows * width);
  vectors.slice(start, start + rows).forEach((vector, row) => data.set(vector.data, row * width));
  return tensor(data, [rows, width]);
}

/** @param logitsOf of the batch that begins at a clip, (batchSize, classes); rows beyond the last clip are passed over */
async function classify(
  count: number,
  labels: readonly number[] | undefined,
  batchSize: number,
  logitsOf: (start: number) => Tensor,
  onProgress: ScoreOptions['onProgress'],
): Promise<Scored> {
  const probabilities: Float32Array[] = [];
  let loss = 0;
  for (let start = 0; start < count; start += batchSize) {
    const clips = Math.min(batchSize, count - start);
    const targets = Int32Array.from({ length: batchSize }, (_, row) =>
      row < clips ? (labels?.[start + row] ?? 0) : -1,
    );
    const outputs = noGrad(() => {
      const logits = logitsOf(start);
      return [logits.softmax(), crossEntropyLoss(logits, tensor(targets), { reduction: 'sum' })];
    });
    const [p, [sum]] = await readAll(outputs);
    const classes = p.length / batchSize;
    for (let row = 0; row < clips; row++) {
      probabilities.push((p as Float32Array).slice(row * classes, (row + 1) * classes));
    }
    loss += sum;
    onProgress?.(probabilities.length, count);
  }
  return { probabilities, loss: labels ? loss / count : NaN };
}

/** Accuracy, unweighted average recall and the rest. */
export function scoresOn(probabilities: readonly Float32Array[], labels: readonly number[], classes: number) {
  const predicted = probabilities.map(argmax);
  const confusion = confusionMatrix(labels, predicted, classes);
  return { confusion, predicted, ...scoresOf(confusion) };
}
