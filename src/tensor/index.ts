/** The tensor room: tensors, ops, autograd, execution. */
import './methods.js';

export { Tensor, Variable, Parameter, tensor, variable, parameter, scalar } from './tensor.js';
export type { HostArray } from './storage.js';
export type { DType } from '../kernels/launch.js';
export * from './errors.js';
export { noGrad, gradEnabled, assign } from './record.js';
export { backward, grad } from './autograd.js';
export {
  init,
  shutdown,
  device,
  commit,
  readAll,
  sync,
  memory,
  counters,
  programStats,
  profileLastProgram,
} from './execute.js';
export { compile, type Compilable } from './compile.js';
export type { InitOptions, ProgramStats } from './execute.js';
export { manualSeed, randomState, setRandomState, type RandomState } from './random-state.js';
export { add, sub, mul, div, neg, square, pow, maximum, minimum } from './ops/arithmetic.js';
export { gt, ge, lt, le, eq, where } from './ops/comparison.js';
export { exp, log, sqrt, rsqrt, abs, sign, floor, sin, cos, tanh, sigmoid, relu, leakyRelu } from './ops/functions.js';
export { cast } from './ops/cast.js';
export {
  concat,
  stack,
  reshape,
  permute,
  transpose,
  expand,
  slice,
  pad,
  flip,
  squeeze,
  unsqueeze,
  detach,
} from './ops/views.js';
export { frame, overlapAdd } from './ops/frame.js';
export { iota, rand, randn } from './ops/sources.js';
export { normalRows } from './ops/normal-rows.js';
export { sum, mean, max, min, argmax, variance } from './ops/reduce.js';
export { matmul } from './ops/matmul.js';
export { conv1d, type Conv1dOptions } from './ops/conv1d.js';
export { conv2d, type Conv2dOptions } from './ops/conv2d.js';
export type { Padding } from './ops/padding.js';
export { maxPool1d, avgPool1d, type Pool1dOptions } from './ops/pool1d.js';
export { maxPool2d, avgPool2d, type Pool2dOptions } from './ops/pool2d.js';
export { batchNorm } from './ops/batch-norm.js';
export { softmax, logSoftmax } from './ops/softmax.js';
export { crossEntropy } from './ops/cross-entropy.js';
export { gather } from './ops/gather.js';
export { lstm, type LstmOptions } from './ops/lstm.js';
export { fft, rfft, irfft } from './ops/fft.js';
export { ops, type OpName } from './ops/index.js';
