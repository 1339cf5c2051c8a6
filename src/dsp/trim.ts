/** Silence at the ends of a clip, on the host, as `librosa.effects.trim`. */
import { SignalError } from './errors.js';
import { frameCount, framePadding } from './lengths.js';
import { resolveFrames, type FrameOptions } from './rms.js';
import { requireAtLeast } from './settings.js';

export interface TrimOptions extends Pick<FrameOptions, 'frameLength' | 'hopLength'> {
  /** Frames quieter than this many dB below `ref` are silence; default 60. */
  readonly topDb?: number;
  /** 'max' (default): the loudest frame of the clip; or an amplitude. */
  readonly ref?: number | 'max';
}

export interface Trimmed {
  readonly samples: Float32Array;
  /** Where `samples` began and ended in the clip. */
  readonly start: number;
  readonly end: number;
}

/** The least power that librosa's dB tell apart (its amin is 1e-5 of amplitude). */
const AMIN = 1e-10;

/** Cuts the silent frames off both ends; nothing is left where no frame is loud enough, and digital silence stays whole, as in librosa. */
export function trim(samples: Float32Array, options: TrimOptions = {}): Trimmed {
  const { topDb = 60, ref = 'max' } = options;
  const framing = resolveFrames(options);
  requireAtLeast('topDb', topDb, 0);
  if (samples.length === 0) throw new SignalError('trim: the clip has no samples.');
  const power = framePower(samples, framing.frameLength, framing.hopLength);
  const loudest = ref === 'max' ? power.reduce((a, b) => Math.max(a, b), 0) : ref ** 2;
  const threshold = 10 * Math.log10(Math.max(AMIN, loudest)) - topDb;
  const loud = power.map((p) => (10 * Math.log10(Math.max(AMIN, p)) > threshold ? 1 : 0));
  const first = loud.indexOf(1);
  if (first < 0) return { samples: new Float32Array(0), start: 0, end: 0 };
  const start = first * framing.hopLength;
  const end = Math.min(samples.length, (loud.lastIndexOf(1) + 1) * framing.hopLength);
  return { samples: samples.slice(start, end), start, end };
}

/** Mean square of each centred frame. */
function framePower(samples: Float32Array, frameLength: number, hopLength: number): Float64Array {
  const framing = { frameLength, hopLength, center: true };
  const padding = framePadding(framing);
  return Float64Array.from({ length: frameCount(samples.length, framing) }, (_, t) => {
    const from = t * hopLength - padding;
    let sum = 0;
    for (let n = Math.max(0, from); n < Math.min(samples.length, from + frameLength); n++) sum += samples[n] ** 2;
    return sum / frameLength;
  });
}
