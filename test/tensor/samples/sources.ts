import { ops, type OpName } from '../../../src/tensor/index.js';
import { record } from '../../../src/tensor/record.js';
import type { SourceOp } from '../../../src/tensor/op.js';
import type { CastAttrs } from '../../../src/tensor/ops/cast.js';
import { Philox } from '../../../src/kernels/random.js';
import { fixed, number, uniform, type OpSamples, type Sample, type SampleInput } from '../../support/gradcheck.js';
import { build } from '../host.js';

const SHAPES = [[131], [3, 1, 5], []];

const random = (name: OpName, value: (key: Philox, i: number) => number): OpSamples => ({
  gradient: 'none',
  samples: SHAPES.map((shape) => ({
    title: `${name} (${shape.join(', ')})`,
    inputs: [number(123, 'u32'), number(0xfffffff1, 'u32')],
    run: (keys) => [record(ops[name] as SourceOp<object>, keys, { shape })],
    forward: ([seed, key]) => {
      const stream = new Philox(seed.data[0], key.data[0]);
      const count = shape.reduce((a, b) => a * b, 1);
      return [Float64Array.from({ length: count }, (_, i) => value(stream, i))];
    },
  })),
});

const iota = (shape: number[], axis: number): Sample => ({
  title: `iota (${shape.join(', ')}) along ${axis}`,
  inputs: [],
  run: () => [record(ops.iota, [], { shape, axis })],
  forward: () => [build(shape, (index) => index[axis]).data],
});

const normalRows = (ids: number[], columns: number): Sample => ({
  title: `normalRows of ${ids.length} rows by ${columns}`,
  inputs: [fixed([ids.length], Uint32Array.from(ids)), number(0xfedcba98, 'u32')],
  run: (inputs) => [record(ops.normalRows, inputs, { columns })],
  forward: () => [
    Float64Array.from({ length: ids.length * columns }, (_, i) =>
      new Philox(0xfedcba98, ids[Math.floor(i / columns)]).normalAt(i % columns),
    ),
  ],
});

const cast = (to: CastAttrs['to'], input: SampleInput, truncate: boolean): Sample => ({
  title: `cast of (${input.shape.join(', ')}) to ${to}`,
  inputs: [input],
  run: ([x]) => [record(ops.cast, [x], { to })],
  forward: ([x]) => [truncate ? Float64Array.from(x.data, Math.trunc) : x.data],
});
const integers = Int32Array.from({ length: 67 }, (_, i) => (i - 33) * 1001);

export const sources = {
  iota: { gradient: 'none', samples: [iota([131], 0), iota([3, 5, 2], 1), iota([67, 1], 1)] },
  uniform: random('uniform', (stream, i) => stream.uniformAt(i)),
  normal: random('normal', (stream, i) => stream.normalAt(i)),
  normalRows: {
    gradient: 'none',
    samples: [normalRows([7], 19), normalRows([1, 0xfffffff1, 0], 131), normalRows([], 5)],
  },
} satisfies Partial<Record<OpName, OpSamples>>;

export const casts = {
  /** Between floats the gradient passes; the other directions are in `integerCasts`. */
  cast: { samples: [cast('f32', uniform([67]), false), cast('f32', uniform([3, 5]), false)] },
} satisfies Partial<Record<OpName, OpSamples>>;

/** Through whole numbers no gradient flows. */
export const integerCasts: readonly Sample[] = [
  cast('i32', uniform([131], -50, 50), true),
  cast('u32', uniform([13, 7], 0, 50), true),
  cast('f32', fixed([67], integers), false),
];
