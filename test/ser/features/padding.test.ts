/** Batches: padding, labels, augmentation; and that padding never changes what a model says of a clip. */
import { describe, expect, test } from 'vitest';
import { manualSeed, noGrad, readAll, tensor } from '../../../src/tensor/index.js';
import { crossEntropyLoss, Adam } from '../../../src/nn/index.js';
import { Bilstm, CnnBilstm, CnnBilstmFrames, Mlp, type SerModel } from '../../../src/ser/models/index.js';
import { testEngine } from '../../support/engine.js';

testEngine();

const FEATURES = 7;

/** Smooth clips of several lengths, padded to `frames` with `padding`. */
function batchOf(lengths: readonly number[], frames: number, padding = 0) {
  const x = new Float32Array(lengths.length * frames * FEATURES).fill(padding);
  lengths.forEach((length, row) => {
    for (let t = 0; t < length; t++)
      for (let f = 0; f < FEATURES; f++)
        x[(row * frames + t) * FEATURES + f] = Math.sin(0.3 * t * (f + 1) + row) + 0.2 * Math.cos(1.7 * t + f);
  });
  return { x: tensor(x, [lengths.length, frames, FEATURES]), lengths: tensor(Uint32Array.from(lengths)) };
}

/** Some steps, so that biases and running statistics are nothing special any more. */
async function warm(model: SerModel): Promise<void> {
  using optimizer = new Adam(model.namedParameters(), { lr: 0.02 });
  for (let step = 0; step < 4; step++) {
    optimizer.zeroGrad();
    const loss = crossEntropyLoss(model.forward(batchOf([16, 13, 9, 16], 16)), tensor(Int32Array.of(0, 1, 2, 0)));
    loss.backward();
    optimizer.step();
    await readAll([loss]);
  }
  model.eval();
}

const logits = async (model: SerModel, input: ReturnType<typeof batchOf>): Promise<Float32Array> => {
  const [values] = await readAll([noGrad(() => model.forward(input))]);
  return values as Float32Array;
};

describe('padding', () => {
  const models: [string, () => SerModel][] = [
    [
      'cnn-bilstm that pools by 2',
      () => new CnnBilstm({ features: FEATURES, classes: 3, channels: [6, 10], hidden: 5, pool: 2, dropout: 0.2 }),
    ],
    [
      'cnn-bilstm that pools by 4',
      () => new CnnBilstm({ features: FEATURES, classes: 3, channels: [6, 10], hidden: 5, pool: 4, dropout: 0.2 }),
    ],
    [
      'cnn-bilstm of three convolutions, two heads, stride 3 and a window of 3',
      () =>
        new CnnBilstm({
          features: FEATURES,
          classes: 3,
          channels: [6, 8, 10],
          kernel: 3,
          stride: 3,
          pool: 2,
          hidden: 5,
          heads: 2,
          dense: 9,
          dropout: 0.2,
        }),
    ],
    [
      'cnn-bilstm with statistics of the clip',
      () =>
        new CnnBilstmFrames({
          features: FEATURES,
          classes: 3,
          channels: [6, 10],
          hidden: 5,
          pool: 2,
          dropout: 0.2,
        }),
    ],
    ['bilstm', () => new Bilstm({ features: FEATURES, classes: 3, hidden: 5, heads: 2, dropout: 0.2 })],
    ['mlp', () => new Mlp({ width: 2 * FEATURES, classes: 3, dropout: 0.2 })],
  ];
  test.each(models)('never changes the logits of %s in evaluation', async (_, create) => {
    manualSeed(3);
    using model = create();
    await warm(model);
    // Odd, even, a multiple of the pooling window, one frame, and one that fills the shortest batch.
    const lengths = [1, 7, 8, 11, 13, 16];
    const tight = await logits(model, batchOf(lengths, 16));
    expect(new Set(tight).size).toBeGreaterThan(lengths.length);
    for (const frames of [24, 64]) {
      const padded = await logits(model, batchOf(lengths, frames));
      padded.forEach((v, i) => expect(Math.abs(v - tight[i]), `logit ${i} in ${frames} frames`).toBeLessThan(2e-6));
    }
  });
});
