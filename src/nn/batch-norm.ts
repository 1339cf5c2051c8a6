/** Batch normalisation (Ioffe and Szegedy, "Batch normalization: accelerating deep network training", 2015). */
import {
  ShapeError,
  assign,
  batchNorm,
  noGrad,
  parameter,
  tensor,
  variable,
  type Parameter,
  type Tensor,
  type Variable,
} from '../tensor/index.js';
import { ModuleError } from './errors.js';
import { ones, zeros } from './init.js';
import { Module, checkSize, type StateDict } from './module.js';

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5 (Keras: 1e-3). */
  readonly eps?: number;
  /** Share of the batch in the running statistics. Default 0.1 (Keras's `momentum` is 1 minus this: 0.01). */
  readonly momentum?: number;
  /** Whether there are a trained scale and shift. Default true. */
  readonly affine?: boolean;
}

abstract class BatchNorm extends Module {
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  /** (C), changed in training: (1 − momentum)·old + momentum·batch. */
  readonly runningMean: Variable;
  /** (C); the batch's variance goes in unbiased, as in PyTorch. */
  readonly runningVar: Variable;
  readonly eps: number;
  readonly momentum: number;

  constructor(
    readonly numFeatures: number,
    { eps = 1e-5, momentum = 0.1, affine = true }: BatchNormOptions = {},
  ) {
    super();
    checkSize(this.constructor.name, 'numFeatures', numFeatures);
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new ModuleError(`${this.constructor.name}: momentum must be between 0 and 1; got ${momentum}.`);
    }
    this.eps = eps;
    this.momentum = momentum;
    const shape = [numFeatures];
    this.weight = affine ? parameter(ones(shape), shape, 'BatchNorm.weight') : undefined;
    this.bias = affine ? parameter(zeros(shape), shape, 'BatchNorm.bias') : undefined;
    this.runningMean = variable(zeros(shape), shape, { label: 'BatchNorm.runningMean' });
    this.runningVar = variable(ones(shape), shape, { label: 'BatchNorm.runningVar' });
  }

  protected normalize(x: Tensor): Tensor {
    const channels = x.shape[x.rank - 1];
    if (channels !== this.numFeatures) {
      throw new ShapeError(
        `${this.constructor.name}: expects ${this.numFeatures} channels in the last dimension; got (${x.shape.join(', ')}).`,
      );
    }
    return this.training ? this.byBatch(x) : this.byRunning(x);
  }

  private byBatch(x: Tensor): Tensor {
    const count = x.size / this.numFeatures;
    if (count < 2) {
      throw new ShapeError(
        `${this.constructor.name}: training needs more than one value a channel; got (${x.shape.join(', ')}). Use a larger batch or eval().`,
      );
    }
    const shape = [this.numFeatures];
    const weight = this.weight ?? tensor(ones(shape), shape);
    const bias = this.bias ?? tensor(zeros(shape), shape);
    const { output, mean, variance } = batchNorm(x, weight, bias, this.eps);
    noGrad(() => {
      const keep = 1 - this.momentum;
      assign(this.runningMean, this.runningMean.mul(keep).add(mean.mul(this.momentum)));
      assign(this.runningVar, this.runningVar.mul(keep).add(variance.mul((this.momentum * count) / (count - 1))));
    });
    return output;
  }

  private byRunning(x: Tensor): Tensor {
    const scale = this.runningVar.add(this.eps).rsqrt();
    const y = x.sub(this.runningMean).mul(this.weight ? scale.mul(this.weight) : scale);
    return this.bias ? y.add(this.bias) : y;
  }

  /** PyTorch also counts the batches (`num_batches_tracked`), which nothing here needs. */
  override fromTorch(own: StateDict): StateDict {
    const { numBatchesTracked: _, ...rest } = super.fromTorch(own);
    return rest;
  }
}

/**
 * Over (N, C) or (N, L, C), each channel by itself. In training with the statistics of the batch, which go into the running ones when the
 * step is committed; in evaluation with the running ones.
 */
export class BatchNorm1d extends BatchNorm {
  /** @throws ShapeError for other shapes, and in training for fewer than two values a channel */
  override forward(x: Tensor): Tensor {
    if (x.rank !== 2 && x.rank !== 3) {
      throw new ShapeError(`BatchNorm1d: expects (N, C) or (N, L, C); got (${x.shape.join(', ')}).`);
    }
    return this.normalize(x);
  }
}

/** Over (N, H, W, C); see `BatchNorm1d`. */
export class BatchNorm2d extends BatchNorm {
  /** @throws ShapeError for other shapes, and in training for fewer than two values a channel */
  override forward(x: Tensor): Tensor {
    if (x.rank !== 4) throw new ShapeError(`BatchNorm2d: expects (N, H, W, C); got (${x.shape.join(', ')}).`);
    return this.normalize(x);
  }
}
