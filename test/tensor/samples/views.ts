import { ops, type OpName, type Tensor } from '../../../src/tensor/index.js';
import { record } from '../../../src/tensor/record.js';
import type { ViewOp } from '../../../src/tensor/op.js';
import { uniform, type OpSamples, type Sample } from '../../support/gradcheck.js';
import type { NdArray } from '../../support/nd-array.js';
import * as host from '../host.js';

function view(
  name: OpName,
  shapes: readonly (readonly number[])[],
  attrs: object,
  forward: (...x: NdArray[]) => host.Host,
): Sample {
  const op = ops[name] as ViewOp<object>;
  return {
    title: `${name} ${JSON.stringify(attrs)} of ${shapes.map((s) => `(${s.join(', ')})`).join(' ')}`,
    inputs: shapes.map((shape) => uniform(shape)),
    run: (x: readonly Tensor[]) => [record(op, x, attrs)],
    forward: (x) => [forward(...x).data],
  };
}

const reshape = (from: number[], to: number[]): Sample =>
  view('reshape', [from], { shape: to }, (x) => host.reshape(x, to));
const permute = (shape: number[], order: number[]): Sample =>
  view('permute', [shape], { order }, (x) => host.permute(x, order));
const expand = (from: number[], to: number[]): Sample =>
  view('expand', [from], { shape: to }, (x) => host.expand(x, to));
const flip = (shape: number[], axis: number): Sample => view('flip', [shape], { axis }, (x) => host.flip(x, axis));
const concat = (axis: number, ...shapes: number[][]): Sample =>
  view('concat', shapes, { axis }, (...x) => host.concat(x, axis));

const slice = (shape: number[], starts: number[], steps: number[], sizes: number[]): Sample =>
  view('slice', [shape], { starts, steps, sizes }, (x) =>
    host.build(sizes, (index) =>
      host.at(
        x,
        index.map((c, d) => starts[d] + c * steps[d]),
      ),
    ),
  );

/** Element i goes to start + i·step of a larger tensor. */
const pad = (shape: number[], starts: number[], steps: number[], sizes: number[], value: number): Sample =>
  view('pad', [shape], { starts, steps, sizes, value }, (x) =>
    host.build(sizes, (index) => {
      const from = index.map((c, d) => (c - starts[d]) / steps[d]);
      return from.every((c, d) => Number.isInteger(c) && c >= 0 && c < shape[d]) ? host.at(x, from) : value;
    }),
  );

const frames = (samples: number, length: number, hop: number): number => Math.floor((samples - length) / hop) + 1;

const frame = (lead: number[], samples: number, length: number, hop: number): Sample =>
  view('frame', [[...lead, samples]], { length, hop }, (x) =>
    host.build([...lead, frames(samples, length, hop), length], (index) => {
      const [t, j] = index.slice(-2);
      return host.at(x, [...index.slice(0, -2), t * hop + j]);
    }),
  );

/** (T, length) → (samples, m): element k of a sample is that of the k-th last frame that reaches it. */
const regroup = (lead: number[], samples: number, length: number, hop: number): Sample => {
  const count = frames(samples, length, hop);
  return view('regroup', [[...lead, count, length]], { length, hop, samples }, (x) =>
    host.build([...lead, samples, Math.ceil(length / hop)], (index) => {
      const [sample, k] = index.slice(-2);
      const t = Math.floor(sample / hop) - k;
      const j = sample - t * hop;
      return t >= 0 && t < count && j < length ? host.at(x, [...index.slice(0, -2), t, j]) : 0;
    }),
  );
};

const ungroup = (lead: number[], samples: number, length: number, hop: number): Sample => {
  const count = frames(samples, length, hop);
  const width = Math.ceil(length / hop);
  return view('ungroup', [[...lead, samples, width]], { length, hop, samples, frames: count }, (x) =>
    host.build([...lead, count, length], (index) => {
      const [t, j] = index.slice(-2);
      const sample = t * hop + j;
      return sample < samples ? host.at(x, [...index.slice(0, -2), sample, Math.floor(sample / hop) - t]) : 0;
    }),
  );
};

/** Overlapping, touching and gapped frames; a rest behind the last one. */
const FRAMES: readonly [number[], number, number, number][] = [
  [[], 71, 7, 3],
  [[3], 20, 5, 5],
  [[2, 1], 17, 3, 5],
  [[], 9, 9, 1],
];

export const views = {
  reshape: { samples: [reshape([6, 11], [3, 22]), reshape([67], [1, 67, 1]), reshape([1], []), reshape([], [1, 1])] },
  permute: { samples: [permute([3, 5, 7], [2, 0, 1]), permute([11, 13], [1, 0]), permute([2, 1, 3, 5], [3, 1, 0, 2])] },
  expand: {
    samples: [
      expand([1, 5], [7, 5]),
      expand([5, 1], [5, 13]),
      expand([3], [2, 11, 3]),
      expand([], [3, 5]),
      expand([2, 1, 3], [4, 2, 5, 3]),
    ],
  },
  slice: {
    samples: [
      slice([71], [3], [1], [66]),
      slice([7, 11], [1, 0], [2, 1], [3, 11]),
      slice([3, 5, 4], [1, 4, 0], [1, 1, 3], [2, 1, 2]),
    ],
  },
  pad: {
    samples: [
      pad([67], [2], [1], [71], 0),
      pad([3, 5], [1, 0], [1, 1], [6, 5], 2.5),
      pad([4, 3], [1, 2], [2, 3], [9, 10], -1),
      pad([1], [0], [1], [3], 0),
    ],
  },
  flip: { samples: [flip([67], 0), flip([3, 5, 2], 1), flip([1], 0)] },
  concat: {
    samples: [concat(0, [3], [67], [1]), concat(1, [2, 3, 2], [2, 1, 2]), concat(1, [3, 5], [3, 2], [3, 1], [3, 7])],
  },
  detach: { gradient: 'none', samples: [view('detach', [[7, 11]], {}, (x) => host.reshape(x, x.shape))] },
  frame: { samples: FRAMES.map((f) => frame(...f)) },
  regroup: { samples: FRAMES.map((f) => regroup(...f)) },
  ungroup: { samples: FRAMES.map((f) => ungroup(...f)) },
} satisfies Partial<Record<OpName, OpSamples>>;
