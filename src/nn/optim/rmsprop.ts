/** RMSprop (Hinton, 2012), with PyTorch's defaults. */
import type { RmspropAttrs } from '../../kernels/rmsprop.js';
import { rmspropMomentumOp, rmspropOp } from '../../tensor/ops/optimizers.js';
import {
  Optimizer,
  checkDecay,
  checkPositive,
  type OptimizerOptions,
  type ParameterList,
  type Update,
} from './optimizer.js';

export interface RMSpropOptions extends OptimizerOptions {
  /** Decay of the mean square. Default 0.99 (Keras: 0.9). */
  readonly alpha?: number;
  /** Default 1e-8 (Keras: 1e-7). */
  readonly eps?: number;
  /** Added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Default 0. */
  readonly momentum?: number;
}

/** lr defaults to 1e-2. */
export class RMSprop extends Optimizer {
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  private readonly hasMomentum: boolean;

  constructor(parameters: ParameterList, options: RMSpropOptions = {}) {
    const { lr = 1e-2, alpha = 0.99, eps = 1e-8, weightDecay = 0, momentum = 0 } = options;
    super(parameters, lr, options, momentum > 0 ? ['squareAvg', 'momentumBuffer'] : ['squareAvg']);
    checkDecay('RMSprop', 'alpha', alpha);
    checkPositive('RMSprop', 'eps', eps);
    checkPositive('RMSprop', 'weightDecay', weightDecay);
    checkPositive('RMSprop', 'momentum', momentum);
    this.alpha = alpha;
    this.eps = eps;
    this.weightDecay = weightDecay;
    this.momentum = momentum;
    this.hasMomentum = momentum > 0;
  }

  protected override update(hasScale: boolean): Update<RmspropAttrs> {
    const scalars = [() => this.lr, () => this.alpha, () => this.eps, () => this.weightDecay];
    const attrs = { momentum: this.hasMomentum, hasScale };
    return this.hasMomentum
      ? { op: rmspropMomentumOp, attrs, scalars: [...scalars, () => this.momentum] }
      : { op: rmspropOp, attrs, scalars };
  }
}
