/**
 * SpecAugment's time warp (Park and others, 2019, section 2): one frame of a spectrogram is moved to an earlier or later time, and the frames
 * on both sides of it are stretched and squeezed. The paper warps an image by splines through that point and the fixed edges; along
 * time alone this comes to two straight pieces, between whose frames is interpolated linearly.
 */
import { gather, tensor, type Tensor } from '../tensor/index.js';
import { clipStreams, type DrawOptions } from './draws.js';
import { SettingsError, SignalError } from './errors.js';
import { hostLengths } from './lengths.js';
import { requireWhole } from './settings.js';

/** For each clip: the frame that is moved, and where to. */
export interface Warps {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

const WARP_STREAM = 0x3a29;

/**
 * Draws a warp for each clip: a frame c uniform in W … τ − W − 1, moved by less than W to either side.
 * @param frames valid frames of each clip (τ); of short clips W is at most (τ − 1) / 2, rounded down
 * @param widest W; 0 moves nothing
 */
export function drawWarps(frames: readonly number[], widest: number, options: DrawOptions): Warps {
  requireWhole('timeWarp', widest, 0);
  const drawn = clipStreams(frames.length, WARP_STREAM, options).map((next, n) => {
    const most = Math.min(widest, Math.floor((frames[n] - 1) / 2));
    if (most < 1) return [0, 0];
    const centre = most + Math.floor(next() * (frames[n] - 2 * most));
    return [centre, centre + Math.floor(next() * (2 * most - 1)) - (most - 1)];
  });
  return { from: drawn.map(([from]) => from), to: drawn.map(([, to]) => to) };
}

/**
 * Spectra (N, T, F) with frame `from` of each clip at `to`; first and last frame stay, and so do frames behind a clip's own. The
 * warps are values: new ones need no new program.
 * @throws SignalError, SettingsError
 */
export function applyWarps(spectra: Tensor, { from, to }: Warps, lengths?: readonly number[]): Tensor {
  if (spectra.rank !== 3)
    throw new SignalError(`applyWarps: spectra are (N, T, F); got (${spectra.shape.join(', ')}).`);
  const [clips, frames, bands] = spectra.shape;
  const own = lengths ? hostLengths('applyWarps', lengths, clips, frames) : from.map(() => frames);
  if (from.length !== clips || to.length !== clips)
    throw new SettingsError(`applyWarps: ${from.length} warps were given for ${clips} clips.`);
  const below = new Uint32Array(clips * frames);
  const above = new Uint32Array(clips * frames);
  const weight = new Float32Array(clips * frames);
  for (let n = 0; n < clips; n++) {
    const last = own[n] - 1;
    const [c, d] = [from[n], to[n]];
    const inside = (t: number): boolean => Number.isInteger(t) && t > 0 && t < last;
    if (c !== d && !(inside(c) && inside(d)))
      throw new SettingsError(
        `applyWarps: clip ${n} of ${own[n]} frames cannot move frame ${c} to ${d}; both lie inside it.`,
      );
    for (let t = 0, i = n * frames; t < frames; t++, i++) {
      const moved = t <= d ? (t * c) / d : c + ((t - d) * (last - c)) / (last - d);
      const at = c === d || t >= last ? t : moved;
      const floor = Math.floor(at);
      below[i] = n * frames + floor;
      above[i] = n * frames + Math.min(floor + 1, frames - 1);
      weight[i] = at - floor;
    }
  }
  const rows = (which: Uint32Array): Tensor =>
    gather(spectra.reshape([clips * frames, bands]), tensor(which)).reshape([clips, frames, bands]);
  const share = tensor(weight, [clips, frames, 1]);
  return rows(below).mul(share.neg().add(1)).add(rows(above).mul(share));
}
