/**
 * Change of sampling rate on the device: the filter of `resample` (resample.ts), differentiable and for batches.
 *
 * `up` outputs in a row meet the same taps as the next `up`, `down` inputs later. So the signal is cut into frames that far apart, and each frame
 * times one matrix of taps gives a block of outputs. A column of the matrix is one phase of the filter, a short run of numbers
 * (kernels/banded-columns.ts). Small ratios are taken several times over, so that frames do not overlap by much.
 */
import { frame, type Tensor } from '../tensor/index.js';
import { bandedColumnsOp } from '../tensor/ops/banded-columns.js';
import { record } from '../tensor/record.js';
import type { Runs } from './banded.js';
import { constant } from './constants.js';
import { SettingsError } from './errors.js';
import { hostLengths, lengthColumn, overBatch, positionMask } from './lengths.js';
import type { ResampleOptions } from './resample.js';
import { resampleBlocks } from './resample-tables.js';
import { requirePositive, requireWhole } from './settings.js';

export interface ResampleWaveformsOptions extends ResampleOptions {
  /** Samples of each clip of a zero-padded batch; `resampledLength` tells what they become. */
  readonly lengths?: readonly number[] | Int32Array | Uint32Array;
  /** Samples of the result: clips are cut or filled with zeros. Default: ⌈L·up / down⌉. */
  readonly length?: number;
}

export interface Ratio {
  readonly up: number;
  readonly down: number;
}

/** Samples that `samples` become: ⌈samples·up / down⌉. */
export const resampledLength = (samples: number, { up, down }: Ratio): number => Math.ceil((samples * up) / down);

/**
 * The fraction up/down nearest to `value` with terms up to `most`, by continued fractions: exact for 0.9 or 1.25, within 0.03 cents for
 * semitones, 2^(n/12).
 */
export function nearestRatio(value: number, most = 1000): Ratio {
  requirePositive('ratio', value);
  requireWhole('most', most, 1);
  let [up, down, upBefore, downBefore] = [Math.floor(value), 1, 1, 0];
  let rest = value - up;
  // Stops where float64 has nothing left to tell.
  while (Math.abs(up / down - value) > 1e-12 * value) {
    const inverse = 1 / rest;
    const whole = Math.floor(inverse);
    rest = inverse - whole;
    const [nextUp, nextDown] = [whole * up + upBefore, whole * down + downBefore];
    if (Math.max(nextUp, nextDown) > most) {
      // On the way to the next convergent lie better fractions, too, once they are more than half way.
      const part = Math.min(Math.floor((most - upBefore) / up), Math.floor((most - downBefore) / down));
      const [partUp, partDown] = [part * up + upBefore, part * down + downBefore];
      if (Math.abs(partUp / partDown - value) < Math.abs(up / down - value)) [up, down] = [partUp, partDown];
      break;
    }
    [upBefore, downBefore, up, down] = [up, down, nextUp, nextDown];
  }
  if (up < 1 || up > most)
    throw new SettingsError(`A ratio of ${value} is not within 1/${most} and ${most}; choose one that is.`);
  return { up, down };
}

/**
 * Waveforms at up/down times their rate: (N, L) → (N, ⌈L·up/down⌉), (L) likewise, aligned in time with the input; beyond its ends a
 * signal counts as zero. The same numbers as `resample` gives on the host, and as
 * `scipy.signal.resample_poly(x, up, down, window=resampleTaps(up, down))`.
 * @param ratio whole numbers; `resampleRatio` finds them for two rates, `nearestRatio` for a factor
 * @throws SignalError, SettingsError
 */
export function resampleWaveforms(waveforms: Tensor, ratio: Ratio, options: ResampleWaveformsOptions = {}): Tensor {
  const { up, down } = ratio;
  requireWhole('up', up, 1);
  requireWhole('down', down, 1);
  return overBatch('resampleWaveforms', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const whole = resampledLength(samples, ratio);
    const length = options.length ?? whole;
    requireWhole('length', length, 1);
    const own =
      options.lengths &&
      hostLengths('resampleWaveforms', options.lengths, clips, samples).map((n) => resampledLength(n, ratio));
    let y = up === down ? x : filtered(x, up, down, Math.min(length, whole), options);
    if (y.shape[1] > length) y = y.slice(1, 0, length);
    if (y.shape[1] < length) y = y.pad(1, 0, length - y.shape[1]);
    // What the filter rings on behind a clip's end is cut off.
    if (own)
      return y.mul(
        positionMask(
          lengthColumn(
            'resampleWaveforms',
            own.map((n) => Math.min(n, length)),
            clips,
            length,
          ),
          length,
        ),
      );
    return y;
  });
}

/** The first `count` outputs. */
function filtered(x: Tensor, up: number, down: number, count: number, options: ResampleOptions): Tensor {
  const { zeros, rolloff, beta } = options;
  const table = resampleBlocks(up, down, count, { zeros, rolloff, beta });
  const { outputs, inputs, rows, before } = table;
  const blocks = Math.ceil(count / outputs);
  const needed = (blocks - 1) * inputs + rows;
  const after = needed - before - x.shape[1];
  const padded = x.pad(1, before, Math.max(0, after)).slice(1, 0, needed);
  const key = `resample ${up}/${down} to ${outputs} ${[zeros, rolloff, beta].map(String).join(' ')}`;
  const tables = (['forward', 'backward'] as const).flatMap((direction) => {
    let made: Runs | undefined;
    const runs = (): Runs => (made ??= table[direction]());
    return [
      constant(`${key} ${direction} values`, () => runs().values),
      constant(`${key} ${direction} runs`, () => runs().runs),
    ];
  });
  const clips = x.shape[0];
  // Blocks side by side: (rows, clips · blocks).
  const frames = frame(padded, rows, inputs)
    .reshape([clips * blocks, rows])
    .permute([1, 0]);
  const y = record(bandedColumnsOp, [frames, ...tables], { columns: outputs });
  return y
    .permute([1, 0])
    .reshape([clips, blocks * outputs])
    .slice(1, 0, count);
}
