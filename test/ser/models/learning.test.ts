/** Every model learns: on a few separable clips its loss falls within some steps. */
import { describe, expect, test } from 'vitest';
import { Adam, crossEntropyLoss } from '../../../src/nn/index.js';
import {
  Cnn2d,
  CnnBilstm,
  createModel,
  EmbeddingModel,
  Mlp,
  TableV,
  type ModelInput,
  type SerModel,
} from '../../../src/ser/models/index.js';
import { ModelChoiceError } from '../../../src/ser/models/index.js';
import { Random } from '../../../src/ser/random.js';
import { manualSeed, readAll, tensor } from '../../../src/tensor/index.js';
import { testEngine } from '../../support/engine.js';

testEngine();

const ROWS = 6;
const CLASSES = 3;
const LABELS = Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES);

/** Noise, and in the clips of class c a tone of its own along the last axis but one. */
function values(steps: number, width: number): Float32Array {
  const random = new Random(1, steps, width);
  return Float32Array.from({ length: ROWS * steps * width }, (_, i) => {
    const t = Math.floor(i / width) % steps;
    const c = LABELS[Math.floor(i / (steps * width))];
    return 0.3 * random.normal() + Math.sin((0.4 + 0.5 * c) * t + (i % width));
  });
}

const sequences = (frames: number, width: number): ModelInput => ({
  x: tensor(values(frames, width), [ROWS, frames, width]),
  lengths: tensor(Uint32Array.from({ length: ROWS }, (_, row) => frames - row)),
});
const vectors = (width: number): ModelInput => ({ x: tensor(values(width, 1), [ROWS, width, 1]) });
const images = (size: number): ModelInput => ({ x: tensor(values(size, size), [ROWS, size, size, 1]) });

const dropout = 0.1;
const settings = { classes: CLASSES, dropout, width: 11 } as const;
const MODELS: readonly [string, () => SerModel, () => ModelInput][] = [
  [
    'cnn-bilstm, base',
    () => createModel({ ...settings, model: 'cnn-bilstm', features: 'frames', size: 'base' }),
    () => sequences(24, 11),
  ],
  [
    'cnn-bilstm-frames, small',
    () => createModel({ ...settings, model: 'cnn-bilstm-frames', features: 'frames', size: 'small' }),
    () => sequences(24, 11),
  ],
  [
    'mlp on functionals',
    () => createModel({ ...settings, width: 90, model: 'mlp', features: 'functionals', size: 'base' }),
    () => vectors(90),
  ],
  [
    'bilstm',
    () => createModel({ ...settings, model: 'bilstm', features: 'frames', size: 'small' }),
    () => sequences(24, 11),
  ],
  [
    'cnn-bilstm, small',
    () => createModel({ ...settings, model: 'cnn-bilstm', features: 'frames', size: 'small' }),
    () => sequences(24, 11),
  ],
  ['table-v (a quarter as wide)', () => new TableV({ classes: CLASSES, divisor: 4 }), () => vectors(350)],
  ['cnn2d (on small images)', () => new Cnn2d({ size: 16, classes: CLASSES, dropout }), () => images(16)],
  [
    'mlp on frames',
    () => createModel({ ...settings, model: 'mlp', features: 'frames', size: 'base' }),
    () => sequences(24, 11),
  ],
  ['mlp on vectors', () => new Mlp({ width: 40, classes: CLASSES, dropout }), () => vectors(40)],
];

describe('the loss of', () => {
  test.each(MODELS)('%s falls', async (_, create, input) => {
    manualSeed(1);
    using model = create();
    using optimizer = new Adam(model.namedParameters(), { lr: 5e-3 });
    const losses: number[] = [];
    for (let step = 0; step < 16; step++) {
      optimizer.zeroGrad();
      const loss = crossEntropyLoss(model.forward(input()), tensor(LABELS));
      loss.backward();
      optimizer.step();
      losses.push((await readAll([loss]))[0][0]);
    }
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses[0]).toBeGreaterThan(0.7);
    expect(Math.max(...losses.slice(-2)), losses.map((l) => l.toFixed(2)).join(' ')).toBeLessThan(0.6 * losses[0]);
  });
});

test('a model refuses features that it does not take', () => {
  expect(() => createModel({ ...settings, model: 'table-v', features: 'frames', size: 'base' })).toThrow(
    ModelChoiceError,
  );
  expect(() => createModel({ ...settings, model: 'cnn2d', features: 'paper', size: 'base' })).toThrow(
    /cnn2d takes mel-image features, not paper/,
  );
});

test('cnn-bilstm on the paper’s features is Table V', () => {
  using model = createModel({ ...settings, classes: 7, model: 'cnn-bilstm', features: 'paper', size: 'base' });
  expect(model).toBeInstanceOf(TableV);
});

test('on frames, cnn-bilstm has the layers of cnn-bilstm-frames but for the statistics', () => {
  using model = createModel({ ...settings, model: 'cnn-bilstm', features: 'frames', size: 'base' });
  using other = createModel({ ...settings, model: 'cnn-bilstm-frames', features: 'frames', size: 'base' });
  expect(model).toBeInstanceOf(CnnBilstm);
  expect(other).toBeInstanceOf(EmbeddingModel);
  const sequence = (m: SerModel) =>
    m.namedState().flatMap(([name, { shape }]) => (name.startsWith('sequence.') ? [[name, shape]] : []));
  expect(sequence(model).length).toBeGreaterThan(10);
  expect(sequence(model)).toEqual(sequence(other));
});
