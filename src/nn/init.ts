/**
 * Initial weights, on the host, as Float32Array of a shape; put them into a parameter with `parameter.set(…)`. The same `manualSeed` and
 * order of calls gives the same weights on every machine.
 *
 * Fans by this library's layouts, whose last two dimensions are (in, out) and whose leading ones are the window: Linear (in, out), Conv1d
 * (K, Cin, Cout), Conv2d (KH, KW, Cin, Cout).
 */
import { numel } from '../kernels/launch.js';
import { ModuleError } from './errors.js';
import { nextStream, uniforms } from './random.js';

type Shape = readonly number[];

export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Inputs and outputs that one unit is joined with. @throws ModuleError for fewer than two dimensions */
export function fans(shape: Shape): Fans {
  if (shape.length < 2) {
    throw new ModuleError(`Fans need a weight of two dimensions or more, (…, in, out); got (${shape.join(', ')}).`);
  }
  const window = numel(shape.slice(0, -2));
  return { fanIn: window * shape[shape.length - 2], fanOut: window * shape[shape.length - 1] };
}

export const constant = (shape: Shape, value: number): Float32Array => new Float32Array(numel(shape)).fill(value);
export const zeros = (shape: Shape): Float32Array => new Float32Array(numel(shape));
export const ones = (shape: Shape): Float32Array => constant(shape, 1);

/** Uniform in [low, high). */
export function uniform(shape: Shape, low = 0, high = 1): Float32Array {
  return new Float32Array(uniforms(nextStream(), numel(shape)).map((u) => low + (high - low) * u));
}

/** Normal with this mean and standard deviation. */
export function normal(shape: Shape, mean = 0, std = 1): Float32Array {
  const stream = nextStream();
  return Float32Array.from({ length: numel(shape) }, (_, i) => mean + std * stream.normalAt(i));
}

/** Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010: U(±gain·√(6 / (in + out))). */
export function xavierUniform(shape: Shape, gain = 1): Float32Array {
  const { fanIn, fanOut } = fans(shape);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform(shape, -bound, bound);
}

/** As `xavierUniform`, normal: standard deviation gain·√(2 / (in + out)). */
export function xavierNormal(shape: Shape, gain = 1): Float32Array {
  const { fanIn, fanOut } = fans(shape);
  return normal(shape, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

export interface HeOptions {
  /** What follows the weight (default `relu`; PyTorch's default, `leaky_relu` of slope 0, is the same). */
  readonly nonlinearity?: Nonlinearity;
  /** Slope of `leaky_relu` (default 0.01). */
  readonly slope?: number;
  /** Keeps the variance of the forward (`in`, default) or backward (`out`) pass. */
  readonly fan?: 'in' | 'out';
}

export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leaky_relu';

/** PyTorch's `calculate_gain`: how much a nonlinearity shrinks the spread. */
export function gainOf(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (nonlinearity) {
    case 'linear':
    case 'sigmoid':
      return 1;
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + slope * slope));
  }
}

/** Gain over the root of the fan: the standard deviation that He's initialisation asks for. */
function heDeviation(shape: Shape, { nonlinearity = 'relu', slope, fan = 'in' }: HeOptions): number {
  const { fanIn, fanOut } = fans(shape);
  return gainOf(nonlinearity, slope) / Math.sqrt(fan === 'in' ? fanIn : fanOut);
}

/** He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015: U(±gain·√(3 / fan)). */
export function heUniform(shape: Shape, options: HeOptions = {}): Float32Array {
  const bound = Math.sqrt(3) * heDeviation(shape, options);
  return uniform(shape, -bound, bound);
}

/** As `heUniform`, normal: standard deviation gain / √fan. */
export const heNormal = (shape: Shape, options: HeOptions = {}): Float32Array =>
  normal(shape, 0, heDeviation(shape, options));

export { heUniform as kaimingUniform, heNormal as kaimingNormal };

/** PyTorch's default for Linear, convolutions and LSTM: U(±1/√fanIn), weights and biases alike. */
export function fanInUniform(shape: Shape, fanIn: number): Float32Array {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return uniform(shape, -bound, bound);
}

/**
 * Orthonormal rows or columns, whichever are fewer, of the matrix (all dimensions but the last, last), times `gain`. (Saxe, McClelland and
 * Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014.) Gram and Schmidt over normal
 * numbers in float64, twice, so that rounding does not spoil the right angles.
 */
export function orthogonal(shape: Shape, gain = 1): Float32Array {
  if (shape.length < 2) throw new ModuleError(`orthogonal: needs two dimensions or more; got (${shape.join(', ')}).`);
  const columns = shape[shape.length - 1];
  const rows = numel(shape.slice(0, -1));
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const stream = nextStream();
  const basis: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const vector = Float64Array.from({ length }, (_, i) => stream.normalAt(k * length + i));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const dot = vector.reduce((sum, x, i) => sum + x * other[i], 0);
        for (let i = 0; i < length; i++) vector[i] -= dot * other[i];
      }
    }
    const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    basis.push(vector.map((x) => x / norm));
  }
  const at = (r: number, c: number): number => (rows < columns ? basis[r][c] : basis[c][r]);
  return Float32Array.from({ length: rows * columns }, (_, i) => gain * at(Math.floor(i / columns), i % columns));
}
