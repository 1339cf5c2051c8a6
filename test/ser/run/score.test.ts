/** Scores of a model that normalises inside: by its running statistics, or within each speaker. */
import { describe, expect, test } from 'vitest';
import { BatchNorm1d } from '../../../src/nn/index.js';
import { USUAL_CLIPS, type FeatureItem } from '../../../src/ser/features/index.js';
import { EmbeddingModel, type ModelInput } from '../../../src/ser/models/index.js';
import { score, type ScoreOptions } from '../../../src/ser/run/score.js';
import { Voices } from '../../../src/ser/run/voices.js';
import type { Tensor } from '../../../src/tensor/index.js';
import { testEngine } from '../../support/engine.js';

testEngine();

const WIDTH = 3;
const MEAN = [0.5, -1, 2];
const VARIANCE = [4, 0.25, 1];

/** Its vector is the clip, and its logits are the normalised vector. */
class Mirror extends EmbeddingModel {
  readonly norm = new BatchNorm1d(WIDTH, { affine: false });

  override embed({ x }: ModelInput): Tensor {
    return x.reshape([x.shape[0], WIDTH]);
  }

  override classify(embedding: Tensor): Tensor {
    return embedding.mul(1);
  }
}

function mirror(): Mirror {
  const model = new Mirror();
  model.norm.runningMean.set(Float32Array.from(MEAN));
  model.norm.runningVar.set(Float32Array.from(VARIANCE));
  return model;
}

const clips = Array.from({ length: 11 }, (_, i) =>
  Array.from({ length: WIDTH }, (_, f) => Math.sin(3.1 * i + f) * (f + 1) + (i % 2) * 5),
);
const items = clips.map((clip): FeatureItem => ({ data: Float32Array.from(clip), frames: 1, width: WIDTH }));
const speakers = clips.map((_, i) => (i % 2 === 0 ? 'A' : 'B'));
const labels = clips.map((_, i) => i % WIDTH);
const options: ScoreOptions = { features: 'functionals', frames: 1, batchSize: 4 };

const softmax = (logits: readonly number[]): number[] => {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((p) => p / sum);
};

/** What is said of clip `i` beside these clips of its speaker, by the definition. */
function expected(i: number, beside: readonly (readonly number[])[]): number[] {
  const count = beside.length + USUAL_CLIPS;
  const logits = MEAN.map((mean, f) => {
    const sum = USUAL_CLIPS * mean + beside.reduce((s, clip) => s + clip[f], 0);
    const squares = USUAL_CLIPS * (VARIANCE[f] + mean * mean) + beside.reduce((s, clip) => s + clip[f] ** 2, 0);
    return (clips[i][f] - sum / count) / Math.sqrt(squares / count - (sum / count) ** 2);
  });
  return softmax(logits);
}

const expectNear = (got: readonly Float32Array[], wanted: readonly (readonly number[])[]): void =>
  wanted.forEach((row, i) => row.forEach((p, c) => expect(got[i][c], `clip ${i}, class ${c}`).toBeCloseTo(p, 4)));

describe('a model that normalises inside', () => {
  test('uses its running statistics where nothing is said of speakers', async () => {
    using model = mirror();
    const { probabilities } = await score(model, items, labels, options);
    expectNear(
      probabilities,
      clips.map((clip) => softmax(clip.map((v, f) => (v - MEAN[f]) / Math.sqrt(VARIANCE[f])))),
    );
  });

  test('uses each speaker’s clips, whatever the batches, and tells of progress and loss', async () => {
    using model = mirror();
    const wanted = clips.map((_, i) =>
      expected(
        i,
        clips.filter((_, k) => speakers[k] === speakers[i]),
      ),
    );
    for (const batchSize of [1, 4, 16]) {
      const told: number[] = [];
      const onProgress = (done: number): number => told.push(done);
      const scored = await score(model, items, labels, { ...options, batchSize, speakers, onProgress });
      expectNear(scored.probabilities, wanted);
      const loss = wanted.reduce((sum, p, i) => sum - Math.log(p[labels[i]]), 0) / clips.length;
      expect(scored.loss).toBeCloseTo(loss, 4);
      expect(told.at(-1)).toBe(clips.length);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(model.training).toBe(true);
    }
  });

  test('does not mind how high a voice is, once it is known', async () => {
    using model = mirror();
    const many = Array.from({ length: 40 }, () => items).flat();
    const voice = many.map(() => 'A');
    const higher = many.map(({ data, ...rest }) => ({ ...rest, data: data.map((v) => v + 1) }));
    const [low, high] = [
      await score(model, many, undefined, { ...options, speakers: voice }),
      await score(model, higher, undefined, { ...options, speakers: voice }),
    ];
    high.probabilities.forEach((p, i) =>
      p.forEach((v, c) => expect(Math.abs(v - low.probabilities[i][c])).toBeLessThan(0.03)),
    );
    expect(low.loss).toBeNaN();
  });

  test('remembers what it has heard of a voice', async () => {
    using model = mirror();
    const voices = await Voices.of(model.norm);
    const said: Float32Array[] = [];
    for (const item of items.slice(0, 4)) {
      const { probabilities } = await score(model, [item], undefined, { ...options, speakers: ['A'], voices });
      said.push(...probabilities);
    }
    expectNear(
      said,
      said.map((_, i) => expected(i, clips.slice(0, i + 1))),
    );
  });
});
