/** Time shift: each waveform moved by its own number of samples, round in a circle or with silence coming in. */
import { gather, tensor, type Tensor } from '../tensor/index.js';
import { clipStreams, type DrawOptions } from './draws.js';
import { SettingsError } from './errors.js';
import { hostLengths, overBatch } from './lengths.js';
import { requireWhole } from './settings.js';

export interface TimeShiftOptions {
  /** True: what leaves a clip on one side comes in on the other, as `numpy.roll`. Default false: zeros come in. */
  readonly wrap?: boolean;
  /** Samples of each clip of a zero-padded batch: clips move inside their own length, and stay zero behind it. */
  readonly lengths?: readonly number[] | Int32Array | Uint32Array;
}

/**
 * out[n, i] = x[n, i − shifts[n]]: (N, L) or (L) → same shape, positive shifts move a clip to later times. The shifts are values, not
 * shapes: new ones need no new program. Meant for data: the gradient works, but is slow.
 * @param shifts whole samples, one number for all clips or one for each
 * @throws SignalError, SettingsError
 */
export function timeShift(
  waveforms: Tensor,
  shifts: number | readonly number[],
  options: TimeShiftOptions = {},
): Tensor {
  const { wrap = false } = options;
  return overBatch('timeShift', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const by = typeof shifts === 'number' ? Array.from({ length: clips }, () => shifts) : shifts;
    if (by.length !== clips)
      throw new SettingsError(`timeShift: ${by.length} shifts were given for ${clips} clips; give one for each.`);
    by.forEach((s) => requireWhole('shift', s, -Infinity));
    const own = options.lengths && hostLengths('timeShift', options.lengths, clips, samples);
    // An index past the table reads 0.
    const indices = new Uint32Array(clips * samples).fill(clips * samples);
    for (let n = 0; n < clips; n++) {
      const length = own?.[n] ?? samples;
      const start = n * samples;
      const turn = wrap ? ((by[n] % length) + length) % length : by[n];
      for (let i = Math.max(0, turn); i < Math.min(length, length + turn); i++) indices[start + i] = start + i - turn;
      // The end that left comes in at the front.
      if (wrap) for (let i = 0; i < turn; i++) indices[start + i] = start + length - turn + i;
    }
    return gather(x.reshape([clips * samples, 1]), tensor(indices)).reshape([clips, samples]);
  });
}

const TIME_SHIFT_STREAM = 0x715f;

/** A shift for each clip, uniform in −furthest … furthest samples. */
export function drawTimeShifts(clips: number, furthest: number, options: DrawOptions): number[] {
  requireWhole('furthest', furthest, 0);
  return clipStreams(clips, TIME_SHIFT_STREAM, options).map(
    (next) => Math.floor(next() * (2 * furthest + 1)) - furthest,
  );
}
