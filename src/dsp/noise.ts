/** White noise at a given signal-to-noise ratio. */
import { Philox } from '../kernels/random.js';
import { randn, type Tensor } from '../tensor/index.js';
import { SettingsError, SignalError } from './errors.js';
import { lengthColumn, overBatch, positionMask, type Lengths } from './lengths.js';
import { requireWhole } from './settings.js';
import { safeSqrt } from './stft.js';

export interface NoiseOptions {
  /** Samples of each clip of a zero-padded batch: power is measured, and noise added, over these only. */
  readonly lengths?: Lengths;
  /** Standard normal noise of the waveforms' shape; default `randn`, which `manualSeed` makes reproducible. */
  readonly noise?: Tensor;
}

/**
 * Adds white Gaussian noise to each clip, so much that (mean square of the clip) / (variance of the noise) is `snrDb` decibels:
 * (N, L) or (L) → same shape. A silent clip stays silent.
 * @param snrDb one number, or a tensor (N) with one for each clip
 */
export function addWhiteNoise(waveforms: Tensor, snrDb: number | Tensor, options: NoiseOptions = {}): Tensor {
  if (typeof snrDb === 'number' && !Number.isFinite(snrDb))
    throw new SettingsError(`snrDb is ${snrDb}; give a number of decibels.`);
  return overBatch('addWhiteNoise', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const column = options.lengths && lengthColumn('addWhiteNoise', options.lengths, clips, samples);
    const mask = column && positionMask(column, samples);
    const energy = (mask ? x.mul(mask) : x).square().sum([1], true);
    const level = safeSqrt(column ? energy.div(column) : energy.mul(1 / samples));
    // 10^(−snr/20) as a power of e.
    const ratio =
      typeof snrDb === 'number'
        ? 10 ** (-snrDb / 20)
        : snrDb
            .reshape([clips, 1])
            .mul(-Math.LN10 / 20)
            .exp();
    const noise = (options.noise ?? randn(x.shape)).reshape(x.shape).mul(level.mul(ratio));
    return x.add(mask ? noise.mul(mask) : noise);
  });
}

/**
 * The same on the host, for copies that are made once: sample i gets the i-th normal number of Philox under (seed, id).
 * @throws SignalError for an empty clip
 */
export function withWhiteNoise(samples: Float32Array, snrDb: number, seed: number, id = 0): Float32Array {
  if (samples.length === 0) throw new SignalError('withWhiteNoise: the clip has no samples.');
  if (!Number.isFinite(snrDb)) throw new SettingsError(`snrDb is ${snrDb}; give a number of decibels.`);
  requireWhole('seed', seed, 0, 0xffffffff);
  requireWhole('id', id, 0, 0xffffffff);
  const philox = new Philox(seed, id);
  let energy = 0;
  for (const v of samples) energy += v * v;
  const level = Math.sqrt(energy / samples.length) * 10 ** (-snrDb / 20);
  return samples.map((v, i) => v + level * philox.normalAt(i));
}
