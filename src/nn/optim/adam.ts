/** Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019), with PyTorch's defaults. */
import type { AdamAttrs } from '../../kernels/adam.js';
import { adamOp } from '../../tensor/ops/optimizers.js';
import {
  Optimizer,
  checkDecay,
  checkPositive,
  type OptimizerOptions,
  type ParameterList,
  type Update,
} from './optimizer.js';

export interface AdamOptions extends OptimizerOptions {
  /** Decay of the mean and of the mean square. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly eps?: number;
  /** Adam: added to the gradient, default 0. AdamW: shrinks the parameters, default 0.01. */
  readonly weightDecay?: number;
}

abstract class AdamBase extends Optimizer {
  readonly eps: number;
  readonly weightDecay: number;
  private readonly beta2: number;

  protected constructor(
    parameters: ParameterList,
    private readonly decoupled: boolean,
    defaultDecay: number,
    options: AdamOptions,
  ) {
    super(parameters, options.lr ?? 1e-3, options, ['expAvg', 'expAvgSq']);
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = defaultDecay } = options;
    const name = this.constructor.name;
    checkDecay(name, 'beta1', betas[0]);
    checkDecay(name, 'beta2', betas[1]);
    checkPositive(name, 'eps', eps);
    checkPositive(name, 'weightDecay', weightDecay);
    this.momentum = betas[0];
    this.beta2 = betas[1];
    this.eps = eps;
    this.weightDecay = weightDecay;
  }

  protected override update(hasScale: boolean): Update<AdamAttrs> {
    const correction = (beta: number): number => 1 - beta ** this.steps;
    return {
      op: adamOp,
      attrs: { decoupled: this.decoupled, hasScale },
      scalars: [
        () => this.lr,
        () => 1 - this.momentum,
        () => 1 - this.beta2,
        () => this.eps,
        () => this.weightDecay,
        () => correction(this.momentum),
        () => correction(this.beta2),
      ],
    };
  }
}

/** lr defaults to 1e-3; `momentum` is β₁. */
export class Adam extends AdamBase {
  constructor(parameters: ParameterList, options: AdamOptions = {}) {
    super(parameters, false, 0, options);
  }
}

/** Adam whose weight decay (default 0.01) stays out of the moments. */
export class AdamW extends AdamBase {
  constructor(parameters: ParameterList, options: AdamOptions = {}) {
    super(parameters, true, 1e-2, options);
  }
}
