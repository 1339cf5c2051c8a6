/** μ-law companding, as `librosa.mu_compress` and `mu_expand` (ITU-T G.711's curve, for any μ). */
import type { Tensor } from '../tensor/index.js';
import { SettingsError } from './errors.js';
import { requirePositive } from './settings.js';

export interface MuLawOptions {
  /** Default 255. */
  readonly mu?: number;
  /** Whether the compressed values are whole numbers −(1 + mu)/2 … (1 + mu)/2 − 1 rather than in [−1, 1]; default true. */
  readonly quantize?: boolean;
}

/**
 * sign(x)·ln(1 + mu·|x|) / ln(1 + mu), quantized unless told otherwise: any shape → same shape, i32 where quantized. It carries a gradient
 * where it is not. Inputs are in [−1, 1]; louder ones are cut there, since the device cannot refuse them.
 *
 * A value on the edge of two levels may round to either: the curve is computed in float32.
 */
export function muCompress(x: Tensor, options: MuLawOptions = {}): Tensor {
  const { mu = 255, quantize = true } = options;
  requirePositive('mu', mu);
  const cut = x.clamp(-1, 1);
  const curve = cut.sign().mul(
    cut
      .abs()
      .mul(mu)
      .add(1)
      .log()
      .mul(1 / Math.log1p(mu)),
  );
  if (!quantize) return curve;
  const levels = Math.floor(1 + mu);
  if (levels < 2) throw new SettingsError(`mu is ${mu}; quantized values need 1 or more.`);
  // Edges −1 + 2i / (levels − 1): the number of edges below the value, as numpy.digitize(…, right=True).
  const below = curve
    .add(1)
    .mul(-(levels - 1) / 2)
    .floor()
    .neg();
  return below.sub(Math.floor(levels / 2)).cast('i32');
}

/**
 * The inverse: sign(x)/mu·((1 + mu)^|x| − 1), any shape of f32 or whole numbers → f32.
 * @param options.quantize whether x are whole numbers as `muCompress` makes them; default true, as librosa's
 */
export function muExpand(x: Tensor, options: MuLawOptions = {}): Tensor {
  const { mu = 255, quantize = true } = options;
  requirePositive('mu', mu);
  const float = quantize ? x.toFloat().mul(2 / (1 + mu)) : x.toFloat();
  const cut = float.clamp(-1, 1);
  return cut.sign().mul(
    cut
      .abs()
      .mul(Math.log1p(mu))
      .exp()
      .sub(1)
      .mul(1 / mu),
  );
}
