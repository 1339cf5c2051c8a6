/** Activations and reshaping as layers, for `Sequential`. */
import { ShapeError, type Tensor } from '../tensor/index.js';
import { Module } from './module.js';

/** max(x, 0) */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return x.relu();
  }
}

/** x where x > 0, else slope·x (Maas and others, 2013). */
export class LeakyReLU extends Module {
  constructor(readonly negativeSlope = 0.01) {
    super();
  }
  override forward(x: Tensor): Tensor {
    return x.leakyRelu(this.negativeSlope);
  }
}

/** x·σ(x) (Elfwing, Uchibe and Doya, 2018). */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return x.mul(x.sigmoid());
  }
}

export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/** Over the last dimension. */
export class Softmax extends Module {
  override forward(x: Tensor): Tensor {
    return x.softmax();
  }
}

/** Over the last dimension. */
export class LogSoftmax extends Module {
  override forward(x: Tensor): Tensor {
    return x.logSoftmax();
  }
}

export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/**
 * (N, …) → (N, all the rest). Channels come last, where PyTorch's flatten has them first: the rows of a Linear behind it are in
 * another order than PyTorch's.
 */
export class Flatten extends Module {
  override forward(x: Tensor): Tensor {
    if (x.rank < 2) throw new ShapeError(`Flatten: expects (N, …); got (${x.shape.join(', ')}).`);
    return x.reshape([x.shape[0], x.shape.slice(1).reduce((a, b) => a * b, 1)]);
  }
}
