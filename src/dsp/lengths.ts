/** Batches of clips of unequal length: shapes, lengths, counts of frames and masks. */
import { iota, tensor, Tensor } from '../tensor/index.js';
import { SignalError } from './errors.js';

/** One length for each clip of a batch: numbers, or a tensor (N) of them. Numbers are checked; a tensor is taken as it is. */
export type Lengths = readonly number[] | Int32Array | Uint32Array | Tensor;

export interface Framing {
  /** Samples in a frame. */
  readonly frameLength: number;
  readonly hopLength: number;
  /** Whether frame t is centred on sample t·hopLength, by padding half a frame on both sides. */
  readonly center: boolean;
}

/** Samples put in front of and behind a signal. */
export const framePadding = ({ frameLength, center }: Framing): number => (center ? Math.floor(frameLength / 2) : 0);

/**
 * Number of frames of a signal: 1 + ⌊samples / hop⌋ when centred (frame lengths being even), 0 where not one frame fits.
 */
export function frameCount(samples: number, framing: Framing): number {
  const room = samples + 2 * framePadding(framing) - framing.frameLength;
  return samples < 1 || room < 0 ? 0 : 1 + Math.floor(room / framing.hopLength);
}

/** Runs `body` on waveforms as (N, L); one waveform (L) is a batch of one on the way. @throws SignalError for other shapes */
export function overBatch(name: string, waveforms: Tensor, body: (batch: Tensor) => Tensor): Tensor {
  if (waveforms.rank === 1) return body(checked(name, waveforms.unsqueeze(0))).squeeze(0);
  return body(checked(name, waveforms));
}

function checked(name: string, waveforms: Tensor): Tensor {
  const { shape } = waveforms;
  if (shape.length !== 2 || waveforms.dtype !== 'f32') {
    throw new SignalError(
      `${name}: waveforms are (N, L) or (L) of f32; got (${shape.join(', ')}) of ${waveforms.dtype}. Mix channels down first.`,
    );
  }
  if (waveforms.size === 0) throw new SignalError(`${name}: the waveforms (${shape.join(', ')}) have no samples.`);
  return waveforms;
}

/** Lengths as a column (N, 1) of f32. @throws SignalError where they do not fit the batch */
export function lengthColumn(name: string, lengths: Lengths, clips: number, longest: number): Tensor {
  if (lengths instanceof Tensor) {
    if (lengths.size !== clips) {
      throw new SignalError(`${name}: ${lengths.size} lengths were given for ${clips} clips.`);
    }
    return lengths.toFloat().reshape([clips, 1]);
  }
  return tensor(Float32Array.from(hostLengths(name, lengths, clips, longest)), [clips, 1]);
}

/** Lengths as checked host numbers. */
export function hostLengths(
  name: string,
  lengths: Exclude<Lengths, Tensor>,
  clips: number,
  longest: number,
): readonly number[] {
  const list = Array.from(lengths);
  if (list.length !== clips) throw new SignalError(`${name}: ${list.length} lengths were given for ${clips} clips.`);
  list.forEach((length, i) => {
    if (!Number.isInteger(length) || length < 1 || length > longest) {
      throw new SignalError(
        `${name}: clip ${i} has length ${length}; whole numbers from 1 to ${longest} are possible here.`,
      );
    }
  });
  return list;
}

/** (N, size) of 1 at positions inside the clip and 0 behind it. */
export function positionMask(column: Tensor, size: number): Tensor {
  return iota([1, size]).lt(column);
}

/** (N, T) of 1 for the frames that a clip of its own length has, and 0 behind them. `column` holds samples, (N, 1). */
export function frameMask(column: Tensor, frames: number, framing: Framing): Tensor {
  const room = 2 * framePadding(framing) - framing.frameLength;
  // Frame t fits where t·hop ≤ samples + padding − frame: no division, so no rounding.
  return iota([1, frames]).mul(framing.hopLength).le(column.add(room));
}

/** Clips side by side in one zero-padded batch (N, length). @throws SignalError for no clips or one that is longer */
export function padClips(
  clips: readonly Float32Array[],
  length?: number,
): { data: Float32Array; length: number; lengths: number[] } {
  if (clips.length === 0) throw new SignalError('padClips: no clips were given.');
  const lengths = clips.map((c) => c.length);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const width = length ?? longest;
  if (longest > width) throw new SignalError(`padClips: a clip of ${longest} samples does not fit in ${width}.`);
  const data = new Float32Array(clips.length * width);
  clips.forEach((clip, i) => data.set(clip, i * width));
  return { data, length: width, lengths };
}
