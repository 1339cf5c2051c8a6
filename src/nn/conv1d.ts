/** One-dimensional convolution over (N, L, C). */
import { conv1d, parameter, type Conv1dOptions, type Parameter, type Tensor } from '../tensor/index.js';
import { fanInUniform } from './init.js';
import { permuteEntry, withEntry } from './layout.js';
import { Module, checkSize, type StateDict } from './module.js';

export interface Conv1dLayerOptions extends Conv1dOptions {
  /** Default true. */
  readonly bias?: boolean;
}

/**
 * x (N, L, Cin) → (N, Lout, Cout). Weight (K, Cin, Cout), bias (Cout); both begin as U(±1/√(K·Cin)), PyTorch's default.
 * `padding` 'same' keeps ⌈L / stride⌉ positions.
 */
export class Conv1d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly options: Conv1dOptions;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    readonly kernelSize: number,
    { bias = true, ...options }: Conv1dLayerOptions = {},
  ) {
    super();
    checkSize('Conv1d', 'inChannels', inChannels);
    checkSize('Conv1d', 'outChannels', outChannels);
    checkSize('Conv1d', 'kernelSize', kernelSize);
    checkSize('Conv1d', 'stride', options.stride ?? 1);
    checkSize('Conv1d', 'dilation', options.dilation ?? 1);
    this.options = options;
    const shape = [kernelSize, inChannels, outChannels];
    const fanIn = kernelSize * inChannels;
    this.weight = parameter(fanInUniform(shape, fanIn), shape, 'Conv1d.weight');
    this.bias = bias ? parameter(fanInUniform([outChannels], fanIn), [outChannels], 'Conv1d.bias') : undefined;
  }

  /** @throws ShapeError unless x is (N, L, inChannels) and the window fits */
  override forward(x: Tensor): Tensor {
    const y = conv1d(x, this.weight, this.options);
    return this.bias ? y.add(this.bias) : y;
  }

  /** PyTorch's weight is (Cout, Cin, K). */
  override toTorch(own: StateDict): StateDict {
    return withEntry(own, 'weight', (entry) => permuteEntry(entry, [2, 1, 0], 'weight'));
  }

  override fromTorch(own: StateDict): StateDict {
    return this.toTorch(own);
  }
}
