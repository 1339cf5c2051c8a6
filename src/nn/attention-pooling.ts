/**
 * Attention over time: a learned score a step, softmax over the valid steps, weighted sum. (Additive scores: Bahdanau, Cho and Bengio, 2015;
 * over BiLSTM states as w·tanh(h): Zhou and others, "Attention-based bidirectional long short-term memory networks for relation
 * classification", 2016.)
 */
import { ShapeError, parameter, type Parameter, type Tensor } from '../tensor/index.js';
import { fanInUniform } from './init.js';
import { Linear } from './linear.js';
import { lengthMask, lengthsTensor, type Lengths } from './mask.js';
import { Module, checkSize } from './module.js';

export interface AttentionPoolingOptions {
  /** Features C of a step. */
  readonly inputSize: number;
  /** Where given, steps are projected to this many features before tanh; where not, tanh is taken of the steps themselves. */
  readonly attentionSize?: number;
}

/** x (N, T, C) → (N, C): Σ_t α_t·x_t with α = softmax over T of w·tanh(x_t) (or of w·tanh(x_t·W + b)). */
export class AttentionPooling extends Module {
  readonly inputSize: number;
  /** (A, 1) */
  readonly weight: Parameter;
  readonly projection: Linear | undefined;

  constructor({ inputSize, attentionSize }: AttentionPoolingOptions) {
    super();
    checkSize('AttentionPooling', 'inputSize', inputSize);
    this.inputSize = inputSize;
    this.projection = attentionSize === undefined ? undefined : new Linear(inputSize, attentionSize);
    const size = attentionSize ?? inputSize;
    this.weight = parameter(fanInUniform([size, 1], size), [size, 1], 'AttentionPooling.weight');
  }

  /** Weight of each step, (N, T); 0 behind a row's length, rows sum to 1. */
  scores(x: Tensor, lengths?: Lengths): Tensor {
    if (x.rank !== 3 || x.shape[2] !== this.inputSize) {
      throw new ShapeError(`AttentionPooling: expects (N, T, ${this.inputSize}); got (${x.shape.join(', ')}).`);
    }
    const [n, t] = x.shape;
    const hidden = (this.projection ? this.projection.forward(x) : x).tanh();
    const logits = hidden.matmul(this.weight).reshape([n, t]);
    if (!lengths) return logits.softmax();
    const mask = lengthMask(lengthsTensor(lengths, n, t, 'AttentionPooling'), t);
    // Far below any score, and yet finite: exp gives exactly 0. The product makes rows of length 0 zero as well.
    return logits.where(mask, -1e30).softmax().mul(mask);
  }

  override forward(x: Tensor, lengths?: Lengths): Tensor {
    const [n, t] = x.shape;
    return x.mul(this.scores(x, lengths).reshape([n, t, 1])).sum(1);
  }
}
