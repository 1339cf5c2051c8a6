/** Tensors made from their own indices: counting along an axis, and counter-based random numbers (Philox, kernels/random.ts). */
import { philoxFunctions, philoxNormalFunction, philoxNormalNeeds } from '../../kernels/random.js';
import type { SourceOp } from '../op.js';
import { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { scalarLeaf } from '../leaf.js';
import { nextRandomKey, randomSeed } from '../random-state.js';
import { normalizeAxis } from '../shape.js';

export interface IotaAttrs {
  readonly shape: readonly number[];
  readonly axis: number;
}

export const iotaOp: SourceOp<IotaAttrs> = {
  kind: 'source',
  name: 'iota',
  weight: 1,
  shape: (_, { shape }) => [{ shape, dtype: 'f32' }],
  expression: (index, _, __, { axis }) => `f32(${index.coord(axis)})`,
  gradient: () => [],
};

/** A tensor of `shape` whose elements count 0, 1, 2, … along `axis`. */
export function iota(shape: readonly number[], axis = -1): Tensor {
  return record(iotaOp, [], { shape, axis: normalizeAxis(axis, shape.length, 'iota') });
}

export interface RandomAttrs {
  readonly shape: readonly number[];
}

type Wgsl = Pick<SourceOp, 'functions' | 'declarations'>;

const randomOp = (name: string, fn: string, wgsl: Wgsl): SourceOp<RandomAttrs> => ({
  kind: 'source',
  name,
  weight: 100,
  ...wgsl,
  shape: (_, { shape }) => [{ shape, dtype: 'f32' }],
  expression: (index, [seed, key]) => `${fn}(vec2<u32>(${seed}, ${key}), ${index.linear()})`,
  gradient: () => [null, null],
});

/** Uniform in [0, 1): element i is Philox at counter i under the key (seed, number of the call). */
export const uniformOp = randomOp('uniform', 'random_uniform', { declarations: [philoxFunctions] });
/** Standard normal, by Box and Muller. */
export const normalOp = randomOp('normal', 'random_normal', {
  functions: philoxNormalNeeds,
  declarations: [philoxFunctions, philoxNormalFunction],
});

/** The key is an input of the program: a replayed program draws a new one. */
const keys = (): Tensor[] => [
  new Tensor(scalarLeaf(randomSeed(), 'u32', randomSeed)),
  new Tensor(scalarLeaf(nextRandomKey(), 'u32', nextRandomKey)),
];

/** Random numbers uniform in [0, 1); reproducible through `manualSeed`. */
export const rand = (shape: readonly number[]): Tensor => record(uniformOp, keys(), { shape });
/** Random numbers of the standard normal distribution. */
export const randn = (shape: readonly number[]): Tensor => record(normalOp, keys(), { shape });
