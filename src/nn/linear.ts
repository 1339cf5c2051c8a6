/** A dense layer: y = x·W + b. */
import { parameter, type Parameter, type Tensor } from '../tensor/index.js';
import { fanInUniform } from './init.js';
import { permuteEntry, withEntry } from './layout.js';
import { Module, checkSize, type StateDict } from './module.js';

export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean;
}

/**
 * x (…, in) → (…, out). Weight (in, out), bias (out); both begin as U(±1/√in), PyTorch's default.
 * @throws ModuleError for sizes that are no whole numbers from 1 up
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    { bias = true }: LinearOptions = {},
  ) {
    super();
    checkSize('Linear', 'inFeatures', inFeatures);
    checkSize('Linear', 'outFeatures', outFeatures);
    const shape = [inFeatures, outFeatures];
    this.weight = parameter(fanInUniform(shape, inFeatures), shape, 'Linear.weight');
    this.bias = bias ? parameter(fanInUniform([outFeatures], inFeatures), [outFeatures], 'Linear.bias') : undefined;
  }

  /** @throws ShapeError unless the last dimension of x is `inFeatures` and there are two dimensions or more */
  override forward(x: Tensor): Tensor {
    const y = x.matmul(this.weight);
    return this.bias ? y.add(this.bias) : y;
  }

  /** PyTorch's weight is (out, in). */
  override toTorch(own: StateDict): StateDict {
    return withEntry(own, 'weight', (entry) => permuteEntry(entry, [1, 0], 'weight'));
  }

  override fromTorch(own: StateDict): StateDict {
    return this.toTorch(own);
  }
}
