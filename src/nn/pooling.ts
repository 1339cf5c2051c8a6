/** Pooling layers: windows over a sequence or an image, and the mean or maximum of a whole sequence. */
import {
  ShapeError,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  type Pool1dOptions,
  type Pool2dOptions,
  type Tensor,
} from '../tensor/index.js';
import { lengthMask, lengthsTensor, type Lengths } from './mask.js';
import { Module } from './module.js';

type Without<T> = Omit<T, 'kernelSize'>;

/** Maximum over windows of (N, L, C); the stride is the window unless given. L shrinks to ⌊(L + pads − K) / stride⌋ + 1. */
export class MaxPool1d extends Module {
  constructor(
    readonly kernelSize: number,
    readonly options: Without<Pool1dOptions> = {},
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return maxPool1d(x, { ...this.options, kernelSize: this.kernelSize });
  }
}

/** Mean over windows of (N, L, C). `countIncludePad`: whether padding counts (default yes, as PyTorch). */
export class AvgPool1d extends Module {
  constructor(
    readonly kernelSize: number,
    readonly options: Without<Pool1dOptions> & { readonly countIncludePad?: boolean } = {},
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return avgPool1d(x, { ...this.options, kernelSize: this.kernelSize });
  }
}

/** Maximum over windows of (N, H, W, C). */
export class MaxPool2d extends Module {
  constructor(
    readonly kernelSize: Pool2dOptions['kernelSize'],
    readonly options: Without<Pool2dOptions> = {},
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return maxPool2d(x, { ...this.options, kernelSize: this.kernelSize });
  }
}

/** Mean over windows of (N, H, W, C). */
export class AvgPool2d extends Module {
  constructor(
    readonly kernelSize: Pool2dOptions['kernelSize'],
    readonly options: Without<Pool2dOptions> & { readonly countIncludePad?: boolean } = {},
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return avgPool2d(x, { ...this.options, kernelSize: this.kernelSize });
  }
}

/** Axes between the batch and the channels. */
function inner(x: Tensor, name: string): number[] {
  if (x.rank < 3)
    throw new ShapeError(`${name}: expects (N, …, C) with positions between; got (${x.shape.join(', ')}).`);
  return Array.from({ length: x.rank - 2 }, (_, i) => i + 1);
}

function requireSequence(x: Tensor, name: string): void {
  if (x.rank !== 3) throw new ShapeError(`${name}: lengths go with (N, T, C); got (${x.shape.join(', ')}).`);
}

/** Mean over all positions: (N, T, C) or (N, H, W, C) → (N, C). With lengths, over each row's valid steps only. */
export class GlobalAveragePool extends Module {
  override forward(x: Tensor, lengths?: Lengths): Tensor {
    const axes = inner(x, 'GlobalAveragePool');
    if (!lengths) return x.mean(axes);
    requireSequence(x, 'GlobalAveragePool');
    const [n, t] = x.shape;
    const counts = lengthsTensor(lengths, n, t, 'GlobalAveragePool');
    const mask = lengthMask(counts, t).reshape([n, t, 1]);
    // A row without any valid step gives 0.
    return x
      .mul(mask)
      .sum(1)
      .div(counts.toFloat().maximum(1).reshape([n, 1]));
  }
}

/** Maximum over all positions: (N, T, C) or (N, H, W, C) → (N, C). With lengths, over each row's valid steps only. */
export class GlobalMaxPool extends Module {
  override forward(x: Tensor, lengths?: Lengths): Tensor {
    const axes = inner(x, 'GlobalMaxPool');
    if (!lengths) return x.max(axes);
    requireSequence(x, 'GlobalMaxPool');
    const [n, t] = x.shape;
    const mask = lengthMask(lengthsTensor(lengths, n, t, 'GlobalMaxPool'), t).reshape([n, t, 1]);
    return x.where(mask.expand(x.shape), -3e38).max(1);
  }
}
