/** How clips become batches: padding, labels, shapes, and augmentation that depends on nothing but its own draw. */
import { describe, expect, test } from 'vitest';
import { addNoise, maskBands, shiftBands } from '../../../src/ser/features/alter.js';
import { makeBatch, withNoise } from '../../../src/ser/features/batch.js';
import type { FeatureItem } from '../../../src/ser/features/index.js';
import { Random } from '../../../src/ser/random.js';
import { readAll } from '../../../src/tensor/index.js';
import { testEngine } from '../../support/engine.js';

testEngine();

const WIDTH = 143;
const item = (frames: number, name: string): FeatureItem => {
  const random = new Random(2, name);
  return { data: Float32Array.from({ length: frames * WIDTH }, () => 1 + random.uniform()), frames, width: WIDTH };
};
const clips = [item(5, 'a'), item(11, 'b'), item(3, 'c')];
/** The stream of a training clip in an epoch. */
const stream = (epoch: number, clip: number): Random => new Random(9, 'augment', epoch, clip);

async function batchOf(order: readonly number[], over: { rows?: number; frames?: number; epoch?: number } = {}) {
  const { rows = order.length, frames = 16, epoch } = over;
  const {
    input,
    labels,
    clips: count,
  } = makeBatch(
    order.map((i) => clips[i]),
    order.map((i) => i + 4),
    { features: 'frames', rows, frames, augment: epoch === undefined ? undefined : (row) => stream(epoch, order[row]) },
  );
  if (!input.lengths) throw new Error('sequences have lengths');
  const [x, lengths, targets] = await readAll([input.x, input.lengths, labels]);
  const rowOf = (row: number): number[] => Array.from(x.subarray(row * frames * WIDTH, (row + 1) * frames * WIDTH));
  return { shape: input.x.shape, rowOf, lengths: [...lengths], targets: [...targets], count };
}

describe('a batch', () => {
  test('holds clips padded with zeros, and rows that are no clips with length 0 and label −1', async () => {
    const batch = await batchOf([1, 0], { rows: 4 });
    expect(batch).toMatchObject({ shape: [4, 16, WIDTH], lengths: [11, 5, 0, 0], targets: [5, 4, -1, -1], count: 2 });
    const zeros = (count: number): number[] => new Array<number>(count).fill(0);
    expect(batch.rowOf(0)).toEqual([...clips[1].data, ...zeros(5 * WIDTH)]);
    expect(batch.rowOf(1)).toEqual([...clips[0].data, ...zeros(11 * WIDTH)]);
    expect(batch.rowOf(3)).toEqual(zeros(16 * WIDTH));
  });

  test('of the paper’s statistics is a sequence of ones, of mel images an image with one channel; neither has lengths', () => {
    const paper: FeatureItem = { data: new Float32Array(350).fill(1), frames: 1, width: 350 };
    const image: FeatureItem = { data: new Float32Array(128 * 128).fill(1), frames: 128, width: 128 };
    const options = { rows: 3, frames: 1 };
    const flat = makeBatch([paper, paper], [0, 1], { ...options, features: 'paper' });
    expect(flat.input.x.shape).toEqual([3, 350, 1]);
    expect(flat.input.lengths).toBeUndefined();
    const square = makeBatch([image], [0], { ...options, features: 'mel-image' });
    expect(square.input.x.shape).toEqual([3, 128, 128, 1]);
    expect(square.input.lengths).toBeUndefined();
  });
});

describe('augmentation', () => {
  test('of a clip is the same in any order, batch and company, for its epoch', async () => {
    const one = await batchOf([0, 1, 2], { epoch: 3 });
    const other = await batchOf([2, 0, 1], { epoch: 3, rows: 5 });
    expect(other.rowOf(0)).toEqual(one.rowOf(2));
    expect(other.rowOf(1)).toEqual(one.rowOf(0));
    expect(other.rowOf(2)).toEqual(one.rowOf(1));
    expect((await batchOf([0, 1, 2], { epoch: 3 })).rowOf(1)).toEqual(one.rowOf(1));
  });

  test('is another in the next epoch, and of another clip', async () => {
    const one = await batchOf([1], { epoch: 3 });
    expect((await batchOf([1], { epoch: 4 })).rowOf(0)).not.toEqual(one.rowOf(0));
    const same = makeBatch([clips[1]], [0], { features: 'frames', rows: 1, frames: 16, augment: () => stream(3, 0) });
    const [values] = await readAll([same.input.x]);
    expect(Array.from(values)).not.toEqual(one.rowOf(0));
  });

  test('changes neither the clip itself nor the padding', async () => {
    const before = clips.map(({ data }) => data.slice());
    for (let epoch = 0; epoch < 20; epoch++) {
      const batch = await batchOf([0], { epoch });
      expect(batch.rowOf(0).slice(5 * WIDTH)).toEqual(new Array(11 * WIDTH).fill(0));
    }
    clips.forEach(({ data }, i) => expect(data).toEqual(before[i]));
  });

  test('of the paper’s statistics is noise alone, which the device draws: the host leaves them', async () => {
    const paper: FeatureItem = { data: new Float32Array(350).fill(2), frames: 1, width: 350 };
    const { input } = makeBatch([paper], [0], { features: 'paper', rows: 1, frames: 1, augment: () => stream(0, 0) });
    const [values] = await readAll([input.x]);
    expect(values).toEqual(paper.data);
    const [noisy] = await readAll([withNoise(input, 0.1).x]);
    const deviation = Math.sqrt(Array.from(noisy).reduce((sum, v) => sum + (v - 2) ** 2, 0) / 350);
    expect(deviation).toBeGreaterThan(0.08);
    expect(deviation).toBeLessThan(0.12);
  });
});

describe('alterations of the paper’s protocol', () => {
  const BANDS = 128;
  const [FRAMES, FIRST] = [30, 13];

  test('noise lies 20 dB below the clip', () => {
    const clip = Float32Array.from({ length: 20000 }, (_, i) => 0.3 * Math.sin(i / 7));
    const noisy = addNoise(clip, stream(0, 0));
    const power = (a: Float32Array): number => a.reduce((sum, v) => sum + v * v, 0);
    const below = 10 * Math.log10(power(clip) / power(noisy.map((v, i) => v - clip[i])));
    expect(below).toBeGreaterThan(19.8);
    expect(below).toBeLessThan(20.2);
    expect([...addNoise(new Float32Array(9), stream(0, 0))]).toEqual(new Array(9).fill(0));
  });

  test('masks blank at most two bands of 20 mel channels, and two stretches of a third of the frames, and nothing else', () => {
    for (let draw = 0; draw < 50; draw++) {
      const data = new Float32Array(FRAMES * WIDTH).fill(1);
      maskBands(data, FRAMES, WIDTH, FIRST, BANDS, stream(draw, 0));
      const blank = (t: number, f: number): boolean => data[t * WIDTH + f] === 0;
      const rows = Array.from({ length: FRAMES }, (_, t) => t).filter((t) => blank(t, 0));
      expect(rows.length).toBeLessThanOrEqual(20);
      const open = Array.from({ length: FRAMES }, (_, t) => t).find((t) => !rows.includes(t)) ?? -1;
      const bands = Array.from({ length: WIDTH }, (_, f) => f).filter((f) => blank(open, f));
      expect(bands.length).toBeLessThanOrEqual(40);
      expect(bands.filter((f) => f < FIRST || f >= FIRST + BANDS)).toEqual([]);
      const expected = data.map((_, i) => {
        const [t, f] = [Math.floor(i / WIDTH), i % WIDTH];
        return rows.includes(t) || bands.includes(f) ? 0 : 1;
      });
      expect(Buffer.from(data.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
  });

  test('masks in decibels are as loud as the clip is on average, and leave everything but mel bands', () => {
    let masked = 0;
    for (let draw = 0; draw < 20; draw++) {
      const original = Float32Array.from({ length: FRAMES * WIDTH }, (_, i) => -20 - (i % 31));
      const data = original.slice();
      maskBands(data, FRAMES, WIDTH, FIRST, BANDS, stream(draw, 0), { decibels: true });
      const isMel = (i: number): boolean => i % WIDTH >= FIRST && i % WIDTH < FIRST + BANDS;
      const mel = original.filter((_, i) => isMel(i));
      const mean = mel.reduce((a, b) => a + b, 0) / mel.length;
      data.forEach((v, i) => {
        if (v === original[i]) return;
        masked++;
        expect(isMel(i)).toBe(true);
        expect(v).toBeCloseTo(mean, 4);
      });
    }
    expect(masked).toBeGreaterThan(0);
  });

  test('a shift moves the mel bands of all frames alike, repeats the edge, and leaves the rest', () => {
    const moves = new Set<number>();
    for (let draw = 0; draw < 60; draw++) {
      const data = Float32Array.from({ length: FRAMES * WIDTH }, (_, i) => i % WIDTH);
      shiftBands(data, FRAMES, WIDTH, FIRST, BANDS, stream(draw, 1));
      const by = FIRST + 64 - data[FIRST + 64];
      moves.add(by);
      const expected = data.map((_, i) => {
        const f = i % WIDTH;
        const band = f - FIRST;
        return band >= 0 && band < BANDS ? FIRST + Math.min(BANDS - 1, Math.max(0, band - by)) : f;
      });
      expect(Buffer.from(data.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
    expect(Math.min(...moves)).toBe(-6);
    expect(Math.max(...moves)).toBe(6);
  });
});
