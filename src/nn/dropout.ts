/** Dropout (Srivastava and others, "Dropout: a simple way to prevent neural networks from overfitting", 2014). */
import { ShapeError, rand, type Tensor } from '../tensor/index.js';
import { ModuleError } from './errors.js';
import { Module } from './module.js';

/** `x` times a mask of `shape`, 1/(1 − p) with probability 1 − p and else 0. */
function drop(x: Tensor, p: number, shape: readonly number[]): Tensor {
  if (p === 1) return x.mul(0);
  return x.mul(
    rand(shape)
      .ge(p)
      .mul(1 / (1 - p)),
  );
}

function checkProbability(name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ModuleError(`${name}: p is a probability from 0 to 1; got ${p}.`);
}

/** In training drops each element with probability `p` and scales the rest by 1/(1 − p); in evaluation changes nothing. */
export class Dropout extends Module {
  constructor(readonly p = 0.5) {
    super();
    checkProbability('Dropout', p);
  }

  override forward(x: Tensor): Tensor {
    return this.training && this.p > 0 ? drop(x, this.p, x.shape) : x;
  }
}

/** Drops whole channels of (N, L, C) (Tompson and others, "Efficient object localization using convolutional networks", 2015). */
export class Dropout1d extends Module {
  constructor(readonly p = 0.5) {
    super();
    checkProbability('Dropout1d', p);
  }

  override forward(x: Tensor): Tensor {
    if (x.rank !== 3) throw new ShapeError(`Dropout1d: expects (N, L, C); got (${x.shape.join(', ')}).`);
    return this.training && this.p > 0 ? drop(x, this.p, [x.shape[0], 1, x.shape[2]]) : x;
  }
}
