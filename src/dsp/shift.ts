/** Spectrogram shift: each clip moved in time and in frequency by its own number of frames and bands. */
import { gather, tensor, type Tensor } from '../tensor/index.js';
import { clipStreams, type DrawOptions } from './draws.js';
import { SettingsError, SignalError } from './errors.js';
import { requireWhole } from './settings.js';

export interface ShiftOptions {
  /** Frames by which each clip is moved to later times (negative: earlier). */
  readonly frames?: readonly number[];
  /** Bands by which each clip is moved up (negative: down). */
  readonly bands?: readonly number[];
  /** Value of the elements that come in from outside; default 0. For dB use the floor. */
  readonly fill?: number;
  /** True: what leaves on one side comes in on the other, and `fill` has no part. Default false. */
  readonly wrap?: boolean;
}

/**
 * out[n, t, f] = S[n, t − frames[n], f − bands[n]], or `fill` outside: (N, T, F) → (N, T, F). The shifts are values, not shapes: new ones
 * need no new program.
 * @throws SignalError, SettingsError
 */
export function shiftSpectrogram(spectra: Tensor, options: ShiftOptions): Tensor {
  if (spectra.rank !== 3)
    throw new SignalError(`shiftSpectrogram: spectra are (N, T, F); got (${spectra.shape.join(', ')}).`);
  const [clips, frames, bands] = spectra.shape;
  const { fill = 0, wrap = false } = options;
  const inTime = shifts('frames', options.frames, clips);
  const inFrequency = shifts('bands', options.bands, clips);
  const outside = clips * frames * bands;
  const source = (at: number, size: number): number =>
    wrap ? ((at % size) + size) % size : at >= 0 && at < size ? at : -1;

  if (!inFrequency) {
    if (!inTime) return spectra;
    const rows = new Uint32Array(clips * frames);
    for (let n = 0; n < clips; n++) {
      for (let t = 0; t < frames; t++) {
        const from = source(t - inTime[n], frames);
        rows[n * frames + t] = from < 0 ? outside : n * frames + from;
      }
    }
    return lookUp(spectra, [clips * frames, bands], rows, fill);
  }
  const elements = new Uint32Array(outside);
  for (let n = 0, i = 0; n < clips; n++) {
    for (let t = 0; t < frames; t++) {
      const fromT = source(t - (inTime?.[n] ?? 0), frames);
      for (let f = 0; f < bands; f++, i++) {
        const fromF = source(f - inFrequency[n], bands);
        elements[i] = fromT < 0 || fromF < 0 ? outside : (n * frames + fromT) * bands + fromF;
      }
    }
  }
  return lookUp(spectra, [outside, 1], elements, fill);
}

/** Rows by index; those out of range are 0 less `fill`, plus `fill`. */
function lookUp(x: Tensor, table: readonly number[], indices: Uint32Array, fill: number): Tensor {
  const from = (fill === 0 ? x : x.sub(fill)).reshape(table);
  const found = gather(from, tensor(indices)).reshape(x.shape);
  return fill === 0 ? found : found.add(fill);
}

function shifts(name: string, given: readonly number[] | undefined, clips: number): readonly number[] | undefined {
  if (!given) return undefined;
  if (given.length !== clips)
    throw new SettingsError(`shiftSpectrogram: ${given.length} ${name} were given for ${clips} clips.`);
  given.forEach((s) => requireWhole(name, s, -Infinity));
  return given.every((s) => s === 0) ? given.map(() => 0) : given;
}

const SHIFT_STREAM = 0x5f1f;

/** A shift for each clip, uniform in −furthest … furthest. */
export function drawShifts(clips: number, furthest: number, options: DrawOptions): number[] {
  requireWhole('furthest', furthest, 0);
  return clipStreams(clips, SHIFT_STREAM, options).map((next) => Math.floor(next() * (2 * furthest + 1)) - furthest);
}
