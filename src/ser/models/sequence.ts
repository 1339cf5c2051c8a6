/** What models on sequences of different lengths share. */
import { AttentionPooling, lengthMask } from '../../nn/index.js';
import { concat, type Tensor } from '../../tensor/index.js';

/** Steps of `span` frames that a clip reaches into, of the `most` there are. */
export function stepsOf(lengths: Tensor | undefined, span: number, most: number): Tensor | undefined {
  return lengths
    ?.toFloat()
    .add(span - 1)
    .div(span)
    .floor()
    .minimum(most)
    .cast('u32');
}

/** (N, T, C) with 0 behind each clip's own steps. */
export function masked(h: Tensor, steps: Tensor | undefined): Tensor {
  const [n, t] = h.shape;
  return steps ? h.mul(lengthMask(steps, t).reshape([n, t, 1])) : h;
}

/** Poolings of their own weights over the same steps, side by side: (N, T, C) → (N, heads·C). */
export const pooledBy = (heads: readonly AttentionPooling[], h: Tensor, steps: Tensor | undefined): Tensor =>
  heads.length === 1
    ? heads[0].forward(h, steps)
    : concat(
        heads.map((head) => head.forward(h, steps)),
        1,
      );

export const attentionHeads = (count: number, inputSize: number): AttentionPooling[] =>
  Array.from({ length: count }, () => new AttentionPooling({ inputSize }));
