/** Stochastic gradient descent, with momentum and Nesterov's form of it (Sutskever and others, 2013) where asked for. */
import type { SgdAttrs } from '../../kernels/sgd.js';
import { sgdMomentumOp, sgdOp } from '../../tensor/ops/optimizers.js';
import { OptimizerError } from '../errors.js';
import { Optimizer, checkPositive, type OptimizerOptions, type ParameterList, type Update } from './optimizer.js';

export interface SGDOptions extends OptimizerOptions {
  /** Default 0. */
  readonly momentum?: number;
  /** Added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Default false; needs momentum. */
  readonly nesterov?: boolean;
}

/** lr defaults to 1e-3. */
export class SGD extends Optimizer {
  readonly weightDecay: number;
  readonly nesterov: boolean;
  private readonly hasMomentum: boolean;

  constructor(parameters: ParameterList, options: SGDOptions = {}) {
    const { lr = 1e-3, momentum = 0, weightDecay = 0, nesterov = false } = options;
    super(parameters, lr, options, momentum > 0 ? ['momentumBuffer'] : []);
    checkPositive('SGD', 'momentum', momentum);
    checkPositive('SGD', 'weightDecay', weightDecay);
    if (nesterov && momentum === 0) throw new OptimizerError('SGD: nesterov needs a momentum above 0.');
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.nesterov = nesterov;
    this.hasMomentum = momentum > 0;
  }

  protected override update(hasScale: boolean): Update<SgdAttrs> {
    const scalars = [() => this.lr, () => this.weightDecay];
    const attrs = { momentum: this.hasMomentum, nesterov: this.nesterov, hasScale };
    return this.hasMomentum
      ? { op: sgdMomentumOp, attrs, scalars: [...scalars, () => this.momentum] }
      : { op: sgdOp, attrs, scalars };
  }
}
