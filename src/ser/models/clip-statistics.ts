/**
 * Statistics of a clip over time, on the device: what the x-vector's pooling does (Snyder and others, "X-vectors: robust DNN embeddings for
 * speaker recognition", 2018), with the changes from frame to frame and the course of the clip beside mean and deviation.
 */
import { lengthMask } from '../../nn/index.js';
import { concat, iota, type Tensor } from '../../tensor/index.js';

const PARTS = 8;
/** No deviation is smaller: at 0 the square root has no slope. */
const LEAST = Math.sqrt(1e-5);

/** Numbers of a clip whose frames have `features`. */
export const clipStatisticsWidth = (features: number): number => (4 + PARTS) * features;

/**
 * Mean and deviation of each feature, mean size and deviation of its changes from frame to frame, and its means in eight parts of the clip:
 * x (N, T, F) → (N, 12·F). Frames behind a clip's length do not count; a part without a frame is 0.
 * @param lengths frames of each clip (N) u32, all T where absent
 */
export function clipStatistics(x: Tensor, lengths?: Tensor): Tensor {
  const [n, t, f] = x.shape;
  const frames = lengths ? lengths.toFloat().maximum(1).reshape([n, 1]) : undefined;
  const place = iota([n, t], 1);
  const mask = lengths ? lengthMask(lengths, t) : place.mul(0).add(1);
  const { mean, deviation } = spread(x, mask);
  // Half a frame further on no quotient comes near a whole number, so that rounding cannot move a frame to another part.
  const part = place
    .mul(PARTS)
    .add(0.5)
    .div(frames ?? t)
    .floor()
    .reshape([n, 1, t]);
  const inside = part.eq(iota([n, PARTS, t], 1)).mul(mask.reshape([n, 1, t]));
  const parts = inside
    .matmul(x)
    .div(inside.sum(2, true).maximum(1))
    .reshape([n, PARTS * f]);
  // A single frame does not change.
  if (t === 1) return concat([mean, deviation, mean.mul(0), mean.mul(0).add(LEAST), parts], 1);
  const changes = x.slice(1, 1).sub(x.slice(1, 0, t - 1));
  const both = mask.slice(1, 1);
  const { mean: size } = spread(changes.abs(), both);
  const { deviation: jitter } = spread(changes, both);
  return concat([mean, deviation, size, jitter, parts], 1);
}

/** Over the steps that count: (N, T, F) with a mask (N, T) → (N, F) each. */
function spread(x: Tensor, mask: Tensor): { mean: Tensor; deviation: Tensor } {
  const [n, t] = x.shape;
  const counts = mask.reshape([n, t, 1]);
  const count = counts.sum(1).maximum(1);
  const mean = x.mul(counts).sum(1).div(count);
  const away = x.sub(mean.reshape([n, 1, x.shape[2]])).square();
  return {
    mean,
    deviation: away
      .mul(counts)
      .sum(1)
      .div(count)
      .add(LEAST ** 2)
      .sqrt(),
  };
}
