/** Silence at the ends of a clip and inside of it, on the host, as `librosa.effects.trim` and `split`. */
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
  const { loud, hopLength } = loudFrames('trim', samples, options);
  const first = loud.indexOf(1);
  if (first < 0) return { samples: new Float32Array(0), start: 0, end: 0 };
  const start = first * hopLength;
  const end = Math.min(samples.length, (loud.lastIndexOf(1) + 1) * hopLength);
  return { samples: samples.slice(start, end), start, end };
}

/**
 * The loud stretches of a clip, each from `start` to before `end` in samples, none where no frame is loud enough. As `librosa.effects.split`.
 * @throws SignalError, SettingsError
 */
export function split(samples: Float32Array, options: TrimOptions = {}): { start: number; end: number }[] {
  const { loud, hopLength } = loudFrames('split', samples, options);
  const sample = (frame: number): number => Math.min(samples.length, frame * hopLength);
  const intervals: { start: number; end: number }[] = [];
  for (let t = 0; t < loud.length; t++) {
    if (loud[t] === 0) continue;
    const start = t;
    while (t < loud.length && loud[t] === 1) t++;
    intervals.push({ start: sample(start), end: sample(t) });
  }
  return intervals;
}

/** 1 for frames above the threshold, 0 for the others. */
function loudFrames(
  name: string,
  samples: Float32Array,
  options: TrimOptions,
): { loud: Float64Array; hopLength: number } {
  const { topDb = 60, ref = 'max' } = options;
  const { frameLength, hopLength } = resolveFrames(options);
  requireAtLeast('topDb', topDb, 0);
  if (samples.length === 0) throw new SignalError(`${name}: the clip has no samples.`);
  const power = framePower(samples, frameLength, hopLength);
  const loudest = ref === 'max' ? power.reduce((a, b) => Math.max(a, b), 0) : ref ** 2;
  const threshold = 10 * Math.log10(Math.max(AMIN, loudest)) - topDb;
  return { loud: power.map((p) => (10 * Math.log10(Math.max(AMIN, p)) > threshold ? 1 : 0)), hopLength };
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
