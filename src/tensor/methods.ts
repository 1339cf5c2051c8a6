/** The methods of `Tensor`, attached here so that op files can use them without importing one another. */
import { Tensor } from './tensor.js';
import type { DType } from '../kernels/launch.js';
import type { HostArray } from './storage.js';
import * as arithmetic from './ops/arithmetic.js';
import * as comparison from './ops/comparison.js';
import * as functions from './ops/functions.js';
import * as reductions from './ops/reduce.js';
import * as views from './ops/views.js';
import { cast } from './ops/cast.js';
import { matmul } from './ops/matmul.js';
import { logSoftmax, softmax } from './ops/softmax.js';
import { backward } from './autograd.js';
import { disposeValue, readAll } from './execute.js';
import { markKept } from './record.js';
import { ShapeError } from './errors.js';

type Operand = Tensor | number;
type Axes = number | readonly number[];

declare module './tensor.js' {
  interface Tensor {
    add(other: Operand): Tensor;
    sub(other: Operand): Tensor;
    mul(other: Operand): Tensor;
    div(other: Operand): Tensor;
    /** this^other for this ≥ 0; see `square` for any sign. */
    pow(other: Operand): Tensor;
    maximum(other: Operand): Tensor;
    minimum(other: Operand): Tensor;
    neg(): Tensor;
    square(): Tensor;
    exp(): Tensor;
    log(): Tensor;
    sqrt(): Tensor;
    rsqrt(): Tensor;
    abs(): Tensor;
    sign(): Tensor;
    floor(): Tensor;
    sin(): Tensor;
    cos(): Tensor;
    tanh(): Tensor;
    sigmoid(): Tensor;
    relu(): Tensor;
    leakyRelu(slope?: number): Tensor;
    /** Limits to [low, high]; the gradient is 0 outside. */
    clamp(low: number, high: number): Tensor;
    /** Masks of 0 and 1. */
    gt(other: Operand): Tensor;
    ge(other: Operand): Tensor;
    lt(other: Operand): Tensor;
    le(other: Operand): Tensor;
    eq(other: Operand): Tensor;
    /** This tensor where `mask` is not 0, `other` elsewhere. */
    where(mask: Tensor, other: Operand): Tensor;
    cast(to: DType): Tensor;
    toFloat(): Tensor;
    /** One dimension may be −1. */
    reshape(shape: readonly number[]): Tensor;
    permute(order: readonly number[]): Tensor;
    transpose(a?: number, b?: number): Tensor;
    expand(shape: readonly number[]): Tensor;
    slice(axis: number, start: number, end?: number, step?: number): Tensor;
    pad(axis: number, before: number, after: number, value?: number): Tensor;
    flip(axis: number): Tensor;
    unsqueeze(axis: number): Tensor;
    squeeze(axis: number): Tensor;
    sum(axes?: Axes, keepdim?: boolean): Tensor;
    mean(axes?: Axes, keepdim?: boolean): Tensor;
    max(axes?: Axes, keepdim?: boolean): Tensor;
    min(axes?: Axes, keepdim?: boolean): Tensor;
    argmax(axis: number): Tensor;
    variance(axes?: Axes, options?: { correction?: number; keepdim?: boolean }): Tensor;
    matmul(other: Tensor, options?: { transposeA?: boolean; transposeB?: boolean }): Tensor;
    /** Over the last axis. */
    softmax(): Tensor;
    logSoftmax(): Tensor;
    /** The value without its history: no gradient flows through. */
    detach(): Tensor;
    /** Adds gradient nodes for every trainable variable this scalar depends on; they appear as `variable.grad`. */
    backward(gradient?: Tensor): void;
    /** Makes the next commit save this value, so that it can be read and used afterwards; release it with `using` or dispose. */
    keep(): this;
    /** Reads the value: runs the part of the graph that it needs. */
    data(): Promise<HostArray>;
    /** Reads a tensor of one element. @throws ShapeError for others */
    item(): Promise<number>;
    /** Gives back what `keep()` saved. */
    [Symbol.dispose](): void;
  }
}

const methods = {
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  pow: arithmetic.pow,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  neg: arithmetic.neg,
  square: arithmetic.square,
  exp: functions.exp,
  log: functions.log,
  sqrt: functions.sqrt,
  rsqrt: functions.rsqrt,
  abs: functions.abs,
  sign: functions.sign,
  floor: functions.floor,
  sin: functions.sin,
  cos: functions.cos,
  tanh: functions.tanh,
  sigmoid: functions.sigmoid,
  relu: functions.relu,
  leakyRelu: functions.leakyRelu,
  clamp: (x: Tensor, low: number, high: number): Tensor => x.maximum(low).minimum(high),
  gt: comparison.gt,
  ge: comparison.ge,
  lt: comparison.lt,
  le: comparison.le,
  eq: comparison.eq,
  where: (x: Tensor, mask: Tensor, other: Operand): Tensor => comparison.where(mask, x, other),
  cast,
  toFloat: (x: Tensor): Tensor => cast(x, 'f32'),
  reshape: views.reshape,
  permute: views.permute,
  transpose: views.transpose,
  expand: views.expand,
  slice: views.slice,
  pad: views.pad,
  flip: views.flip,
  unsqueeze: views.unsqueeze,
  squeeze: views.squeeze,
  sum: reductions.sum,
  mean: reductions.mean,
  max: reductions.max,
  min: reductions.min,
  argmax: reductions.argmax,
  variance: reductions.variance,
  matmul,
  softmax,
  logSoftmax,
  detach: views.detach,
  backward,
  keep: (x: Tensor): Tensor => {
    markKept(x.value);
    return x;
  },
  data: async (x: Tensor): Promise<HostArray> => (await readAll([x]))[0],
  item: async (x: Tensor): Promise<number> => {
    if (x.size !== 1)
      throw new ShapeError(`item(): the tensor has shape (${x.shape.join(', ')}), not one element; use data().`);
    return (await readAll([x]))[0][0];
  },
};

// A method is the function with the tensor as its first argument.
for (const [name, fn] of Object.entries(methods)) {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]) {
      return (fn as (x: Tensor, ...args: unknown[]) => unknown)(this, ...rest);
    },
  });
}

// Variables have a dispose of their own.
Tensor.prototype[Symbol.dispose] = function (this: Tensor): void {
  disposeValue(this.value);
};
