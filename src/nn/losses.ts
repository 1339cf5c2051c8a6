/** Losses, as functions and as modules, with PyTorch's names and definitions; classes lie in the last dimension. */
import { DTypeError, ShapeError, abs, crossEntropy, iota, tensor, type Tensor } from '../tensor/index.js';
import { inputOp, type InputAttrs } from '../tensor/leaf.js';
import type { LeafOp } from '../tensor/op.js';
import { LabelError, ModuleError } from './errors.js';
import { Module } from './module.js';

/** `mean` over what counts (default), `sum`, or `none`: the losses themselves. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface ReductionOptions {
  readonly reduction?: Reduction;
}

export interface NLLLossOptions extends ReductionOptions {
  /** A factor a class, (C); the mean is then over the sum of the factors, as in PyTorch. */
  readonly weight?: Tensor | readonly number[];
}

export interface CrossEntropyLossOptions extends NLLLossOptions {
  /** ε: the target becomes (1 − ε)·one-hot + ε/C (Szegedy and others, 2016). Default 0. */
  readonly labelSmoothing?: number;
}

function reduce(losses: Tensor, reduction: Reduction = 'mean'): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? losses.sum() : losses.mean();
}

function requireSameShape(name: string, x: Tensor, target: Tensor): void {
  if (x.shape.join() !== target.shape.join()) {
    throw new ShapeError(
      `${name}: prediction (${x.shape.join(', ')}) and target (${target.shape.join(', ')}) must have one shape.`,
    );
  }
}

/** Logits as rows (R, C) and labels (R); refuses labels that the host can see to be no class. */
function rowsOf(name: string, x: Tensor, labels: Tensor): { rows: Tensor; flat: Tensor; classes: number } {
  const lead = x.shape.slice(0, -1);
  if (x.rank < 2 || labels.shape.join() !== lead.join()) {
    throw new ShapeError(
      `${name}: expects predictions (…, C) and labels (…); got (${x.shape.join(', ')}) and (${labels.shape.join(', ')}).`,
    );
  }
  if (labels.dtype !== 'i32') throw new DTypeError(`${name}: labels must be i32, not ${labels.dtype}.`);
  const classes = x.shape[x.rank - 1];
  const { node } = labels.value;
  if (node.op === (inputOp as LeafOp)) {
    const wrong = (node.attrs as InputAttrs).data.findIndex((label) => label >= classes);
    if (wrong >= 0) {
      const label = (node.attrs as InputAttrs).data[wrong];
      throw new LabelError(
        `${name}: label ${label} at position ${wrong} is no class; expected 0 to ${classes - 1}, or a negative number for a row that does not count.`,
      );
    }
  }
  return { rows: x.reshape([labels.size, classes]), flat: labels.reshape([labels.size]), classes };
}

function weightTensor(name: string, weight: Tensor | readonly number[], classes: number): Tensor {
  const found = 'value' in weight ? weight : tensor(Float32Array.from(weight));
  if (found.rank !== 1 || found.shape[0] !== classes) {
    throw new ShapeError(`${name}: weight must have shape (${classes}), one a class; got (${found.shape.join(', ')}).`);
  }
  return found;
}

/** total / count, and 0 where nothing counts at all (PyTorch gives NaN there). */
const ratio = (total: Tensor, count: Tensor): Tensor => total.div(count.add(count.eq(0)));

/** (R, C) of 0 and 1; a negative label gives a row of zeros. */
const oneHot = (labels: Tensor, classes: number): Tensor =>
  iota([labels.size, classes], 1).eq(labels.toFloat().reshape([labels.size, 1]));

function checkSmoothing(smoothing: number): void {
  if (!(smoothing >= 0 && smoothing <= 1)) {
    throw new ModuleError(`crossEntropyLoss: labelSmoothing must be between 0 and 1; got ${smoothing}.`);
  }
}

/**
 * Softmax cross-entropy of logits (…, C).
 * @param target class numbers (…) i32, a negative one (−1, PyTorch's −100) marking a row that does not count; or probabilities (…, C) f32
 * @returns 0-d for mean and sum, (…) for none. The mean is over the rows that count, weighted by their class where `weight` is given.
 * @throws LabelError where the host can see a label beyond the classes
 */
export function crossEntropyLoss(logits: Tensor, target: Tensor, options: CrossEntropyLossOptions = {}): Tensor {
  const { weight, labelSmoothing = 0, reduction = 'mean' } = options;
  checkSmoothing(labelSmoothing);
  if (target.dtype === 'f32') return softCrossEntropy(logits, target, options);
  const { rows, flat, classes } = rowsOf('crossEntropyLoss', logits, target);
  const finish = (losses: Tensor, count: () => Tensor): Tensor => {
    if (reduction === 'none') return losses.reshape(target.shape);
    return reduction === 'sum' ? losses.sum() : ratio(losses.sum(), count());
  };
  if (!weight) {
    return finish(crossEntropy(rows, flat, labelSmoothing), () => flat.toFloat().ge(0).sum());
  }
  // PyTorch weights the smoothed part class by class: (1 − ε)·w_y·(−log p_y) + ε/C·Σ_j w_j·(−log p_j).
  const factors = weightTensor('crossEntropyLoss', weight, classes);
  const hot = oneHot(flat, classes);
  const weighted = rows.logSoftmax().neg().mul(factors);
  let losses = weighted.mul(hot).sum(1);
  if (labelSmoothing > 0) {
    const spread = weighted.sum(1).mul(flat.toFloat().ge(0));
    losses = losses.mul(1 - labelSmoothing).add(spread.mul(labelSmoothing / classes));
  }
  return finish(losses, () => hot.mul(factors).sum());
}

/** Σ_j t_j·w_j·(−log p_j); the mean is over all rows, whatever the weights, as in PyTorch. */
function softCrossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyLossOptions): Tensor {
  requireSameShape('crossEntropyLoss', logits, target);
  const classes = logits.shape[logits.rank - 1];
  const smoothing = options.labelSmoothing ?? 0;
  const truth = smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / classes) : target;
  const parts = logits.logSoftmax().mul(truth).neg();
  const weighted = options.weight ? parts.mul(weightTensor('crossEntropyLoss', options.weight, classes)) : parts;
  return reduce(weighted.sum(logits.rank - 1), options.reduction);
}

/**
 * Negative log-likelihood of log probabilities (…, C), as `logSoftmax` gives them, at class numbers (…) i32; negative ones do not count.
 * @throws LabelError where the host can see a label beyond the classes
 */
export function nllLoss(logProbabilities: Tensor, labels: Tensor, options: NLLLossOptions = {}): Tensor {
  const { rows, flat, classes } = rowsOf('nllLoss', logProbabilities, labels);
  const hot = oneHot(flat, classes);
  const factors = options.weight ? hot.mul(weightTensor('nllLoss', options.weight, classes)) : hot;
  const losses = rows.mul(factors).sum(1).neg();
  if (options.reduction === 'none') return losses.reshape(labels.shape);
  return options.reduction === 'sum' ? losses.sum() : ratio(losses.sum(), factors.sum());
}

/** (x − target)². */
export function mseLoss(x: Tensor, target: Tensor, { reduction }: ReductionOptions = {}): Tensor {
  requireSameShape('mseLoss', x, target);
  return reduce(x.sub(target).square(), reduction);
}

/** |x − target|. */
export function l1Loss(x: Tensor, target: Tensor, { reduction }: ReductionOptions = {}): Tensor {
  requireSameShape('l1Loss', x, target);
  return reduce(abs(x.sub(target)), reduction);
}

export interface HuberLossOptions extends ReductionOptions {
  /** Where the square ends and the line begins. Default 1. */
  readonly delta?: number;
}

/** d²/2 for |d| ≤ δ, else δ·(|d| − δ/2) (Huber, 1964). */
export function huberLoss(x: Tensor, target: Tensor, { reduction, delta = 1 }: HuberLossOptions = {}): Tensor {
  requireSameShape('huberLoss', x, target);
  const distance = abs(x.sub(target));
  // With q = min(|d|, δ) both pieces are q²/2 + δ·(|d| − q).
  const inner = distance.minimum(delta);
  return reduce(inner.square().mul(0.5).add(distance.sub(inner).mul(delta)), reduction);
}

export interface BCEWithLogitsLossOptions extends ReductionOptions {
  /** Factor of the positive answers, broadcast to the target. */
  readonly posWeight?: Tensor;
}

/**
 * Binary cross-entropy of logits x and targets t in [0, 1]: (1 − t)·x + (1 + (w − 1)·t)·log(1 + e^−x), written with |x| so that nothing
 * overflows.
 */
export function bceWithLogitsLoss(x: Tensor, target: Tensor, options: BCEWithLogitsLossOptions = {}): Tensor {
  requireSameShape('bceWithLogitsLoss', x, target);
  // log(1 + e^−x) = max(−x, 0) + log(1 + e^−|x|)
  const softplus = x.neg().maximum(0).add(abs(x).neg().exp().add(1).log());
  const factor = options.posWeight ? target.mul(options.posWeight.sub(1)).add(1) : undefined;
  const losses = x.sub(x.mul(target)).add(factor ? softplus.mul(factor) : softplus);
  return reduce(losses, options.reduction);
}

/** See `crossEntropyLoss`. */
export class CrossEntropyLoss extends Module {
  constructor(readonly options: CrossEntropyLossOptions = {}) {
    super();
  }
  override forward(logits: Tensor, target: Tensor): Tensor {
    return crossEntropyLoss(logits, target, this.options);
  }
}

/** See `nllLoss`. */
export class NLLLoss extends Module {
  constructor(readonly options: NLLLossOptions = {}) {
    super();
  }
  override forward(logProbabilities: Tensor, labels: Tensor): Tensor {
    return nllLoss(logProbabilities, labels, this.options);
  }
}

/** See `mseLoss`. */
export class MSELoss extends Module {
  constructor(readonly options: ReductionOptions = {}) {
    super();
  }
  override forward(x: Tensor, target: Tensor): Tensor {
    return mseLoss(x, target, this.options);
  }
}

/** See `l1Loss`. */
export class L1Loss extends Module {
  constructor(readonly options: ReductionOptions = {}) {
    super();
  }
  override forward(x: Tensor, target: Tensor): Tensor {
    return l1Loss(x, target, this.options);
  }
}

/** See `huberLoss`. */
export class HuberLoss extends Module {
  constructor(readonly options: HuberLossOptions = {}) {
    super();
  }
  override forward(x: Tensor, target: Tensor): Tensor {
    return huberLoss(x, target, this.options);
  }
}

/** See `bceWithLogitsLoss`. */
export class BCEWithLogitsLoss extends Module {
  constructor(readonly options: BCEWithLogitsLossOptions = {}) {
    super();
  }
  override forward(x: Tensor, target: Tensor): Tensor {
    return bceWithLogitsLoss(x, target, this.options);
  }
}
