/** White noise at a given signal-to-noise ratio. */
import { Philox } from '../kernels/random.js';
import { normalRows, randn, tensor, where, type Tensor } from '../tensor/index.js';
import type { DrawOptions } from './draws.js';
import { SettingsError, SignalError } from './errors.js';
import { lengthColumn, overBatch, positionMask, type Lengths } from './lengths.js';
import { requireWhole } from './settings.js';
import { safeSqrt } from './stft.js';

export interface NoiseOptions extends Partial<DrawOptions> {
  /** Samples of each clip of a zero-padded batch: power is measured, and noise added, over these only. */
  readonly lengths?: Lengths;
  /**
   * Noise of the waveforms' shape. Default: with a `seed`, normal numbers that depend on it and on the clip's id only (those of
   * `withWhiteNoise`); without one `randn`, which `manualSeed` makes reproducible.
   */
  readonly noise?: Tensor;
}

/**
 * Adds white Gaussian noise to each clip, so much that (sum of the clip's squares) / (sum of the added noise's squares) is exactly
 * `snrDb` decibels: (N, L) or (L) → same shape. A silent clip stays silent.
 * @param snrDb one number, or a tensor (N) with one for each clip
 * @throws SignalError, SettingsError
 */
export function addWhiteNoise(waveforms: Tensor, snrDb: number | Tensor, options: NoiseOptions = {}): Tensor {
  if (typeof snrDb === 'number' && !Number.isFinite(snrDb))
    throw new SettingsError(`snrDb is ${snrDb}; give a number of decibels.`);
  return overBatch('addWhiteNoise', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const column = options.lengths && lengthColumn('addWhiteNoise', options.lengths, clips, samples);
    const mask = column && positionMask(column, samples);
    const inside = (y: Tensor): Tensor => (mask ? y.mul(mask) : y);
    const noise = inside(noiseFor(clips, samples, options));
    const energy = (y: Tensor): Tensor => y.square().sum([1], true);
    const own = energy(noise);
    // 10^(−snr/20) as a power of e.
    const ratio =
      typeof snrDb === 'number'
        ? 10 ** (-snrDb / 20)
        : snrDb
            .reshape([clips, 1])
            .mul(-Math.LN10 / 20)
            .exp();
    // Noise that is silent itself cannot be scaled.
    const scale = safeSqrt(energy(inside(x)).div(where(own.gt(0), own, 1)));
    return x.add(noise.mul(scale.mul(ratio)));
  });
}

function noiseFor(clips: number, samples: number, { noise, seed, ids }: NoiseOptions): Tensor {
  if (noise) return noise.reshape([clips, samples]);
  if (seed === undefined) {
    if (ids) throw new SettingsError('addWhiteNoise: ids were given without a seed; give a seed, too.');
    return randn([clips, samples]);
  }
  requireWhole('seed', seed, 0, 0xffffffff);
  if (ids && ids.length !== clips)
    throw new SettingsError(`addWhiteNoise: ${ids.length} ids were given for ${clips} clips.`);
  ids?.forEach((id) => requireWhole('id', id, 0, 0xffffffff));
  return normalRows(tensor(Uint32Array.from({ length: clips }, (_, n) => ids?.[n] ?? n)), seed, samples);
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
  const noise = Float64Array.from(samples, (_, i) => philox.normalAt(i));
  const energy = (x: ArrayLike<number>): number => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
    return sum;
  };
  const level = Math.sqrt(energy(samples) / (energy(noise) || 1)) * 10 ** (-snrDb / 20);
  return samples.map((v, i) => v + level * noise[i]);
}
