/**
 * Checks ops on the shader against float64: forward values element by element, gradients by central differences of the float64 forward
 * function on the very inputs (rounded to float32) that the shader got.
 */
import {
  grad,
  readAll,
  scalar,
  tensor,
  variable,
  type HostArray,
  type Tensor,
  type Variable,
} from '../../src/tensor/index.js';
import { numel } from '../../src/kernels/launch.js';
import { expectClose, randomStream, relativeNorm } from './compare.js';
import type { NdArray } from './nd-array.js';

export interface SampleInput {
  readonly shape: readonly number[];
  /** Draws the values; `before` are those of the inputs in front, for data that must keep away from them. */
  readonly draw: (random: () => number, before: readonly HostArray[]) => HostArray;
  /** Whether a gradient is checked: the input is then a trainable variable, else host data. */
  readonly differentiable: boolean;
  /** Given as a number: a scalar of the program. */
  readonly scalar?: boolean;
}

export interface Sample {
  readonly title: string;
  readonly inputs: readonly SampleInput[];
  /** Records the op. */
  readonly run: (inputs: readonly Tensor[]) => readonly Tensor[];
  /** The same in float64; a list of the outputs' values. */
  readonly forward: (inputs: readonly NdArray[]) => readonly ArrayLike<number>[];
  /** Outputs that have gradients. Default: all. */
  readonly outputs?: readonly number[];
  /** Absolute tolerance of the forward values, where 1e-6 is too little: a few float32 roundings of the largest intermediate. */
  readonly atol?: number;
}

/** What all samples of an op have in common. */
export interface OpSamples {
  readonly samples: readonly Sample[];
  /** `none`: inputs get zeros. `throws`: asking raises GradientError. Default: checked by differences. */
  readonly gradient?: 'none' | 'throws';
  /** The gradient's own gradient. Default: checked by differences; `throws`: a kernel without one stands in the way. */
  readonly second?: 'throws';
}

/** An op whose check is elsewhere, and why. */
export interface Exempt {
  readonly exempt: string;
}

/** A sample with its numbers drawn. */
interface Trial {
  readonly sample: Sample;
  readonly inputs: readonly HostArray[];
  readonly cotangents: readonly Float32Array[];
  readonly directions: readonly Float32Array[];
}

const draw = (random: () => number, n: number): Float32Array =>
  Float32Array.from({ length: n }, () => 2 * random() - 1);

function trialOf(sample: Sample, seed: number): Trial {
  const random = randomStream(seed);
  const inputs: HostArray[] = [];
  for (const input of sample.inputs) {
    const data = input.draw(random, inputs);
    if (data.length !== numel(input.shape)) throw new Error(`${sample.title}: ${data.length} values for one input`);
    inputs.push(data);
  }
  const outputs = sample.forward(asArrays(sample, inputs));
  const wanted = sample.outputs ?? outputs.map((_, i) => i);
  return {
    sample,
    inputs,
    cotangents: outputs.map((y, i) => draw(random, wanted.includes(i) ? y.length : 0)),
    directions: inputs.map((x) => draw(random, x.length)),
  };
}

const asArrays = (
  sample: Sample,
  data: readonly ArrayLike<number>[],
): { shape: readonly number[]; data: Float64Array }[] =>
  data.map((values, i) => ({ shape: sample.inputs[i].shape, data: Float64Array.from(values) }));

/** Σ over outputs of ⟨cotangent, f(y)⟩ with f(y) = y or, for second derivatives, y² + y³, so that linear ops and roots have one, too. */
function weigh(trial: Trial, outputs: readonly ArrayLike<number>[], curved: boolean): number {
  let sum = 0;
  trial.cotangents.forEach((cotangent, k) => {
    for (let i = 0; i < cotangent.length; i++) {
      const y = outputs[k][i];
      sum += cotangent[i] * (curved ? y * y * (1 + y) : y);
    }
  });
  return sum;
}

/** Central differences of `value` with respect to every element of input `which`. */
function differences(trial: Trial, which: number, step: number, value: (inputs: NdArray[]) => number): Float64Array {
  const inputs = asArrays(trial.sample, trial.inputs);
  const { data } = inputs[which];
  return data.map((x, i) => {
    const h = step * Math.max(1, Math.abs(x));
    data[i] = x + h;
    const above = value(inputs);
    data[i] = x - h;
    const below = value(inputs);
    data[i] = x;
    return (above - below) / (2 * h);
  });
}

/** Derivative of the curved loss along the trial's directions, by differences. */
function slope(trial: Trial, inputs: readonly NdArray[]): number {
  const h = 1e-4;
  const at = (by: number): number =>
    weigh(
      trial,
      trial.sample.forward(
        inputs.map(({ shape, data }, k) => ({
          shape,
          data: trial.sample.inputs[k].differentiable
            ? Float64Array.from(data, (x, i) => x + by * trial.directions[k][i])
            : data,
        })),
      ),
      true,
    );
  return (at(h) - at(-h)) / (2 * h);
}

interface Recorded {
  readonly tensors: readonly Tensor[];
  readonly variables: readonly Variable[];
  readonly outputs: readonly Tensor[];
  /** The inputs that gradients are checked of, by their numbers. */
  readonly wanted: readonly number[];
}

function recordTrial({ sample, inputs }: Trial): Recorded {
  const variables: Variable[] = [];
  const tensors = sample.inputs.map((input, i) => {
    const data = inputs[i];
    if (input.scalar) return scalar(data[0], data instanceof Uint32Array ? 'u32' : 'f32');
    if (!input.differentiable) return tensor(data, input.shape);
    const made = variable(data, input.shape, { trainable: true, label: sample.title });
    variables.push(made);
    return made;
  });
  const wanted = sample.inputs.flatMap((input, i) => (input.differentiable ? [i] : []));
  return { tensors, variables, outputs: sample.run(tensors), wanted };
}

/** The loss whose gradient is taken. */
function lossOf(trial: Trial, outputs: readonly Tensor[], curved: boolean): Tensor {
  const terms = outputs.flatMap((y, k) => {
    const cotangent = trial.cotangents[k];
    if (cotangent.length === 0) return [];
    return [(curved ? y.square().mul(y.add(1)) : y).mul(tensor(cotangent, y.shape)).sum()];
  });
  return terms.reduce((a, b) => a.add(b));
}

/** Normwise agreement that a gradient must have. */
export const GRADIENT_TOLERANCE = 1e-4;

function demandGradient(title: string, input: number, actual: HostArray, expected: Float64Array): void {
  const off = relativeNorm(actual, expected);
  if (!(off <= GRADIENT_TOLERANCE)) {
    const worst = expected.reduce(
      (w, e, i) => (Math.abs(actual[i] - e) > Math.abs(actual[w] - expected[w]) ? i : w),
      0,
    );
    throw new Error(
      `${title}: gradient of input ${input} is off by ${off} (normwise); at [${worst}] ${actual[worst]}, expected ${expected[worst]}`,
    );
  }
}

/** Runs `check` for every sample and disposes what the samples made; all values are read in one go by the callers. */
async function withTrials(
  samples: readonly Sample[],
  check: (trials: Trial[], made: Recorded[]) => Promise<void>,
): Promise<void> {
  const trials = samples.map((sample, i) => trialOf(sample, 7919 + i));
  const made: Recorded[] = [];
  try {
    for (const trial of trials) made.push(recordTrial(trial));
    await check(trials, made);
  } finally {
    for (const { variables } of made) for (const v of variables) v[Symbol.dispose]();
  }
}

/** Forward values and, by `gradient`, first derivatives of all samples; one program, one read. */
export async function checkFirst(samples: readonly Sample[], gradient: 'differences' | 'none'): Promise<void> {
  await withTrials(samples, async (trials, made) => {
    const values = await readFirst(trials, made);
    let next = 0;
    trials.forEach((trial, t) => {
      const { sample } = trial;
      const expected = sample.forward(asArrays(sample, trial.inputs));
      made[t].outputs.forEach((_, k) => {
        try {
          expectClose(values[next++], expected[k], { rtol: 1e-5, atol: sample.atol ?? 1e-6 });
        } catch (error) {
          throw new Error(`${sample.title}, output ${k}: ${error instanceof Error ? error.message : String(error)}`);
        }
      });
      for (const i of made[t].wanted) {
        const actual = values[next++];
        const reference =
          gradient === 'none'
            ? new Float64Array(actual.length)
            : differences(trial, i, 1e-5, (inputs) => weigh(trial, sample.forward(inputs), false));
        demandGradient(sample.title, i, actual, reference);
      }
    });
  });
}

const float = (t: Tensor): Tensor => t.toFloat();

/** The outputs of every trial, each followed by its gradients. */
function readFirst(trials: readonly Trial[], made: readonly Recorded[]): Promise<HostArray[]> {
  const grads = made.map(({ outputs, tensors, wanted }, t) =>
    wanted.length === 0
      ? []
      : grad(
          lossOf(trials[t], outputs.map(float), false),
          wanted.map((i) => tensors[i]),
        ),
  );
  return readAll(made.flatMap(({ outputs }, t) => [...outputs, ...grads[t]]));
}

export interface Measured {
  readonly title: string;
  readonly kind: 'output' | 'gradient';
  /** Absolute tolerance of the sample. */
  readonly atol: number;
  readonly values: HostArray;
}

/** What the device in use makes of the samples, to be compared with another's. */
export async function measure(samples: readonly Sample[]): Promise<Measured[]> {
  const measured: Measured[] = [];
  await withTrials(samples, async (trials, made) => {
    const values = await readFirst(trials, made);
    let next = 0;
    trials.forEach(({ sample: { title, atol = 1e-6 } }, t) => {
      for (const _ of made[t].outputs) measured.push({ title, kind: 'output', atol, values: values[next++] });
      for (const _ of made[t].wanted) measured.push({ title, kind: 'gradient', atol, values: values[next++] });
    });
  });
  return measured;
}

/** Derivatives of the gradient of the curved loss along random directions: of all samples in one program. */
export async function checkSecond(samples: readonly Sample[]): Promise<void> {
  await withTrials(samples, async (trials, made) => {
    const second = made.map(({ outputs, tensors, wanted }, t) => {
      const inputs = wanted.map((i) => tensors[i]);
      const first = grad(lossOf(trials[t], outputs, true), inputs);
      const along = first
        .map((g, k) => g.mul(tensor(trials[t].directions[wanted[k]], g.shape)).sum())
        .reduce((a, b) => a.add(b));
      return grad(along, inputs);
    });
    const values = await readAll(second.flat());
    let next = 0;
    trials.forEach((trial, t) => {
      for (const i of made[t].wanted) {
        const expected = differences(trial, i, 1e-4, (inputs) => slope(trial, inputs));
        demandGradient(`${trial.sample.title}, second derivative`, i, values[next++], expected);
      }
    });
  });
}

/** Builds the first or second gradient of one sample and expects an error of it. */
export async function recordGradient(sample: Sample, order: 1 | 2): Promise<void> {
  await withTrials([sample], async ([trial], [{ outputs, tensors, wanted }]) => {
    const inputs = wanted.map((i) => tensors[i]);
    const first = grad(lossOf(trial, outputs, order === 2), inputs);
    if (order === 2)
      grad(
        first.map((g) => g.sum()).reduce((a, b) => a.add(b)),
        inputs,
      );
    await Promise.resolve();
  });
}

// Inputs.

const filled = (shape: readonly number[], value: (i: number) => number): Float32Array =>
  Float32Array.from({ length: numel(shape) }, (_, i) => value(i));

/** Uniform in [lo, hi). */
export const uniform = (shape: readonly number[], lo = -1, hi = 1): SampleInput => ({
  shape,
  differentiable: true,
  draw: (random) => filled(shape, () => lo + (hi - lo) * random()),
});

/** Of both signs, at least `gap` away from 0. */
export const awayFromZero = (shape: readonly number[], gap = 0.02, most = 2): SampleInput => ({
  shape,
  differentiable: true,
  draw: (random) => filled(shape, () => (random() < 0.5 ? -1 : 1) * (gap + (most - gap) * random())),
});

/** At least 0.05 away from every whole number. */
export const awayFromIntegers = (shape: readonly number[]): SampleInput => ({
  shape,
  differentiable: true,
  draw: (random) => filled(shape, () => Math.floor(random() * 9 - 4) + 0.05 + 0.9 * random()),
});

/** The input in front plus or minus at least 0.02: no ties with it. */
export const besideFirst = (shape: readonly number[]): SampleInput => ({
  shape,
  differentiable: true,
  draw: (random, [first]) =>
    filled(shape, (i) => first[i % first.length] + (random() < 0.5 ? -1 : 1) * (0.02 + random())),
});

/** All different, 0.03 apart, in random order, round 0. */
export const distinct = (shape: readonly number[]): SampleInput => ({
  shape,
  differentiable: true,
  draw: (random) => {
    const n = numel(shape);
    const order = Array.from({ length: n }, (_, i) => i)
      .map((i) => [random(), i] as const)
      .sort((a, b) => a[0] - b[0]);
    return Float32Array.from(order, ([, i]) => (i - n / 2) * 0.03);
  },
});

/** Fixed host data, without a gradient. */
export const fixed = (shape: readonly number[], data: HostArray): SampleInput => ({
  shape,
  differentiable: false,
  draw: () => data.slice(),
});

/** Fixed data whose gradient is checked. */
export const given = (shape: readonly number[], data: Float32Array): SampleInput => ({
  shape,
  differentiable: true,
  draw: () => data.slice(),
});

/** A random mask of 0 and 1, without a gradient. */
export const mask = (shape: readonly number[]): SampleInput => ({
  shape,
  differentiable: false,
  draw: (random) => filled(shape, () => (random() < 0.5 ? 0 : 1)),
});

/** Whole numbers 0 … n − 1. */
export const indices = (shape: readonly number[], n: number): SampleInput => ({
  shape,
  differentiable: false,
  draw: (random) => Uint32Array.from({ length: numel(shape) }, () => Math.floor(random() * n)),
});

/** A JavaScript number, as a scalar of the program. */
export const number = (value: number, dtype: 'f32' | 'u32' = 'f32'): SampleInput => ({
  shape: [],
  differentiable: false,
  scalar: true,
  draw: () => (dtype === 'u32' ? Uint32Array.of(value) : Float32Array.of(value)),
});
