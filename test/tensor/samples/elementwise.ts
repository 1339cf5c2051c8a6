import { ops, type OpName } from '../../../src/tensor/index.js';
import { record } from '../../../src/tensor/record.js';
import type { ElementwiseOp } from '../../../src/tensor/op.js';
import {
  awayFromIntegers,
  awayFromZero,
  besideFirst,
  mask,
  number,
  uniform,
  type OpSamples,
  type Sample,
  type SampleInput,
} from '../../support/gradcheck.js';

type Draw = (shape: readonly number[]) => SampleInput;

/** More than two workgroups of 64; odd sizes with a 1 between; one element; none of the dimensions. */
const SHAPES = [[131], [3, 1, 5], [1], []];

function sampleOf(name: OpName, inputs: readonly SampleInput[], fn: (...x: number[]) => number): Sample {
  const op = ops[name] as ElementwiseOp<undefined>;
  const shape = inputs.map((x) => x.shape).reduce((a, b) => (b.length > a.length ? b : a));
  const count = shape.reduce((a, b) => a * b, 1);
  return {
    title: `${name} (${inputs.map((x) => (x.scalar ? 'number' : `(${x.shape.join(', ')})`)).join(', ')})`,
    inputs,
    run: (x) => [record(op, x, undefined)],
    forward: (x) => [
      Float64Array.from({ length: count }, (_, i) => fn(...x.map(({ data }) => data[data.length === 1 ? 0 : i]))),
    ],
  };
}

const each = (name: OpName, draws: readonly Draw[], fn: (...x: number[]) => number): Sample[] =>
  SHAPES.map((shape) =>
    sampleOf(
      name,
      draws.map((d) => d(shape)),
      fn,
    ),
  );

const unary = (name: OpName, draw: Draw, fn: (x: number) => number): OpSamples => ({ samples: each(name, [draw], fn) });

/** Two tensors, and a tensor with a number on either side. */
const binary = (name: OpName, a: Draw, b: Draw, fn: (x: number, y: number) => number): OpSamples => ({
  samples: [
    ...each(name, [a, b], fn),
    sampleOf(name, [a([67]), number(0.75)], fn),
    sampleOf(name, [number(1.25), b([5, 13])], fn),
  ],
});

const positive: Draw = (shape) => uniform(shape, 0.2, 3);
const signed: Draw = (shape) => uniform(shape, -2, 2);
const steps: Draw = (shape) => awayFromZero(shape);
const farFrom =
  (value: number): Draw =>
  (shape) => ({
    ...awayFromZero(shape),
    draw: (random, before) =>
      awayFromZero(shape)
        .draw(random, before)
        .map((x) => x + value) as Float32Array,
  });

/** Ties and kinks are kept away from: tensors from one another, and each from the number it meets. */
const comparable = (name: OpName, fn: (x: number, y: number) => number): Sample[] => [
  ...each(name, [signed, besideFirst], fn),
  sampleOf(name, [farFrom(0.75)([67]), number(0.75)], fn),
  sampleOf(name, [number(1.25), farFrom(1.25)([5, 13])], fn),
];

const truth = (value: boolean): number => (value ? 1 : 0);
const comparison = (name: OpName, fn: (x: number, y: number) => boolean): OpSamples => ({
  gradient: 'none',
  samples: [
    ...comparable(name, (x, y) => truth(fn(x, y))),
    // Equal operands on purpose: the values differ between < and ≤.
    sampleOf(name, [mask([67]), mask([67])], (x, y) => truth(fn(x, y))),
  ],
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const elementwise = {
  add: binary('add', signed, signed, (x, y) => x + y),
  sub: binary('sub', signed, signed, (x, y) => x - y),
  mul: binary('mul', signed, signed, (x, y) => x * y),
  div: binary(
    'div',
    signed,
    (shape) => awayFromZero(shape, 0.3),
    (x, y) => x / y,
  ),
  neg: unary('neg', signed, (x) => -x),
  square: unary('square', signed, (x) => x * x),
  // exp(y·log x) in float32 is off by the rounding of y·log x times the result, so bases and exponents stay moderate.
  pow: binary(
    'pow',
    positive,
    (shape) => uniform(shape, -1.5, 2),
    (x, y) => x ** y,
  ),
  maximum: { samples: comparable('maximum', Math.max) },
  minimum: { samples: comparable('minimum', Math.min) },
  gt: comparison('gt', (x, y) => x > y),
  ge: comparison('ge', (x, y) => x >= y),
  lt: comparison('lt', (x, y) => x < y),
  le: comparison('le', (x, y) => x <= y),
  eq: comparison('eq', (x, y) => x === y),
  where: {
    samples: [
      ...each('where', [mask, signed, signed], (m, a, b) => (m !== 0 ? a : b)),
      sampleOf('where', [mask([67]), signed([67]), number(0.5)], (m, a, b) => (m !== 0 ? a : b)),
      sampleOf('where', [mask([67]), number(0.5), signed([67])], (m, a, b) => (m !== 0 ? a : b)),
    ],
  },
  exp: unary('exp', signed, Math.exp),
  log: unary('log', positive, Math.log),
  sqrt: unary('sqrt', positive, Math.sqrt),
  rsqrt: unary('rsqrt', positive, (x) => 1 / Math.sqrt(x)),
  abs: unary('abs', steps, Math.abs),
  sign: { ...unary('sign', steps, Math.sign), gradient: 'none' },
  floor: { ...unary('floor', awayFromIntegers, Math.floor), gradient: 'none' },
  sin: unary('sin', (shape) => uniform(shape, -7, 7), Math.sin),
  cos: unary('cos', (shape) => uniform(shape, -7, 7), Math.cos),
  tanh: unary('tanh', (shape) => uniform(shape, -3, 3), Math.tanh),
  sigmoid: unary('sigmoid', (shape) => uniform(shape, -5, 5), sigmoid),
  relu: unary('relu', steps, (x) => Math.max(x, 0)),
  leakyRelu: {
    samples: SHAPES.map((shape) => sampleOf('leakyRelu', [steps(shape), number(0.1)], (x, s) => (x > 0 ? x : s * x))),
  },
} satisfies Partial<Record<OpName, OpSamples>>;
