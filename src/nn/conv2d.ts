/** Two-dimensional convolution over (N, H, W, C). */
import { conv2d, parameter, type Conv2dOptions, type Parameter, type Tensor } from '../tensor/index.js';
import { fanInUniform } from './init.js';
import { permuteEntry, withEntry } from './layout.js';
import { Module, checkSize, type StateDict } from './module.js';

export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Default true. */
  readonly bias?: boolean;
}

/** x (N, H, W, Cin) → (N, Hout, Wout, Cout). Weight (KH, KW, Cin, Cout), bias (Cout); both begin as U(±1/√(KH·KW·Cin)). */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly kernelSize: readonly [number, number];
  readonly options: Conv2dOptions;

  /** @param kernelSize one number for a square, or [height, width] */
  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: number | readonly [number, number],
    { bias = true, ...options }: Conv2dLayerOptions = {},
  ) {
    super();
    const [kh, kw] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
    checkSize('Conv2d', 'inChannels', inChannels);
    checkSize('Conv2d', 'outChannels', outChannels);
    checkSize('Conv2d', 'kernel height', kh);
    checkSize('Conv2d', 'kernel width', kw);
    this.kernelSize = [kh, kw];
    this.options = options;
    const shape = [kh, kw, inChannels, outChannels];
    const fanIn = kh * kw * inChannels;
    this.weight = parameter(fanInUniform(shape, fanIn), shape, 'Conv2d.weight');
    this.bias = bias ? parameter(fanInUniform([outChannels], fanIn), [outChannels], 'Conv2d.bias') : undefined;
  }

  /** @throws ShapeError unless x is (N, H, W, inChannels) and the window fits */
  override forward(x: Tensor): Tensor {
    const y = conv2d(x, this.weight, this.options);
    return this.bias ? y.add(this.bias) : y;
  }

  /** PyTorch's weight is (Cout, Cin, KH, KW). */
  override toTorch(own: StateDict): StateDict {
    return withEntry(own, 'weight', (entry) => permuteEntry(entry, [3, 2, 0, 1], 'weight'));
  }

  override fromTorch(own: StateDict): StateDict {
    return withEntry(own, 'weight', (entry) => permuteEntry(entry, [2, 3, 1, 0], 'weight'));
  }
}
