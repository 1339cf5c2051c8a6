/** Inverse short-time Fourier transform, as `librosa.istft`, on the device: inverse FFT, window, overlap-add and division by the window's sum. */
import { iota, irfft, overlapAdd, where, type Tensor } from '../tensor/index.js';
import { constant } from './constants.js';
import { SettingsError, SignalError } from './errors.js';
import { frameCount, hostLengths, lengthColumn, positionMask, type Framing } from './lengths.js';
import { requireWhole } from './settings.js';
import { fftWindow, windowKey, windowValues, type Window } from './windows.js';

export interface IstftOptions {
  /** Samples of the transform, default 2·(F − 1); give it where it is odd. */
  readonly nFft?: number;
  /** Samples between frames, default a quarter of `winLength`. */
  readonly hopLength?: number;
  /** Samples of the window, padded with zeros to `nFft`; default `nFft`. */
  readonly winLength?: number;
  /** Default 'hann' (periodic); the same as that of the forward transform. */
  readonly window?: Window;
  /** Whether frame t is centred on sample t·hopLength; default true. */
  readonly center?: boolean;
  /** Samples of the result: it is cut or filled with zeros. Default: what the frames cover, without the padding. */
  readonly length?: number;
  /** Samples of each clip of a batch of unequal clips: frames behind a clip's own do not count, and its samples end in zeros. */
  readonly lengths?: readonly number[] | Int32Array | Uint32Array;
  /** With `lengths`: frames of each clip, where they are not those that a clip of its length has (after a change of pace). */
  readonly frames?: readonly number[];
}

/** Sums of squared windows below this (the smallest normal float32) divide nothing. */
const TINY = 2 ** -126;

/**
 * The sum of the squared windows of `frames` frames over each sample, (nFft + hopLength·(frames − 1)) values, as
 * `librosa.filters.window_sumsquare`, in float64.
 */
export function windowSumsquare(
  window: Window,
  frames: number,
  { hopLength = 512, nFft = 2048, winLength = nFft }: { hopLength?: number; winLength?: number; nFft?: number } = {},
): Float64Array {
  requireWhole('frames', frames, 1);
  const squares = windowValues(window, winLength, nFft).map((w) => w * w);
  const sums = new Float64Array(nFft + hopLength * (frames - 1));
  for (let t = 0; t < frames; t++) {
    for (let n = 0; n < nFft; n++) sums[t * hopLength + n] += squares[n];
  }
  return sums;
}

/**
 * Waveforms from complex spectrograms: (N, T, F, 2) → (N, L), (T, F, 2) → (L), F = 1 + ⌊nFft/2⌋, L = `length`, else
 * hopLength·(T − 1), plus nFft − 2·⌊nFft/2⌋ when centred, nFft when not.
 *
 * Each sample is Σ w·frame / Σ w², the signal whose transform is closest to the given one (Griffin and Lim, 1984). Where Σ w² is 0 the sum
 * stays as it is; where it is small, as at both ends without `center`, so is the accuracy.
 * @throws SignalError, SettingsError
 */
export function istft(spectra: Tensor, options: IstftOptions = {}): Tensor {
  if (spectra.rank === 3) return istft(spectra.unsqueeze(0), options).squeeze(0);
  if (spectra.rank !== 4 || spectra.shape[3] !== 2 || spectra.size === 0) {
    throw new SignalError(
      `istft: spectra are (N, T, F, 2) or (T, F, 2), not empty, as stft makes them; got (${spectra.shape.join(', ')}).`,
    );
  }
  const [clips, given, bins] = spectra.shape;
  const { window = 'hann', center = true, length, lengths } = options;
  const nFft = options.nFft ?? 2 * (bins - 1);
  const winLength = options.winLength ?? nFft;
  const hopLength = options.hopLength ?? Math.floor(winLength / 4);
  requireWhole('nFft', nFft, 1);
  requireWhole('winLength', winLength, 1);
  requireWhole('hopLength', hopLength, 1);
  if (length !== undefined) requireWhole('length', length, 1);
  if (bins !== Math.floor(nFft / 2) + 1) {
    throw new SettingsError(
      `istft: the spectra have ${bins} bins; nFft = ${nFft} makes ${Math.floor(nFft / 2) + 1}. Give the nFft of the forward transform.`,
    );
  }
  const start = center ? Math.floor(nFft / 2) : 0;
  const longest = lengths && Array.from(lengths).reduce((a, b) => Math.max(a, b), 0);
  const samples = length ?? longest ?? nFft + hopLength * (given - 1) - 2 * start;
  if (samples < 1) {
    throw new SignalError(
      `istft: ${given} frames of ${nFft} leave no sample when centred; give more frames or a length.`,
    );
  }
  // Frames that begin behind the end play no part.
  const frames = Math.min(given, Math.ceil((samples + 2 * start) / hopLength));
  const used = frames === given ? spectra : spectra.slice(1, 0, frames);
  const windowed = irfft(used, nFft).mul(fftWindow(window, winLength, nFft));
  const add = (x: Tensor): Tensor => overlapAdd(x, hopLength, start + samples).slice(-1, start, start + samples);
  if (!lengths) {
    const inverse = (): Float64Array => {
      const sums = windowSumsquare(window, frames, { hopLength, winLength, nFft });
      return Float64Array.from({ length: samples }, (_, n) => {
        const sum = start + n < sums.length ? sums[start + n] : 0;
        return sum > TINY ? 1 / sum : 1;
      });
    };
    const settings = `${winLength} in ${nFft} by ${hopLength}, ${frames} frames, ${samples} from ${start}`;
    return add(windowed).mul(constant(`window sum ${windowKey(window)} ${settings}`, inverse));
  }
  const own = hostLengths('istft', lengths, clips, samples);
  const framing: Framing = { frameLength: nFft, hopLength, center };
  const counts = own.map((n, i) => Math.min(frames, options.frames?.[i] ?? frameCount(n, framing)));
  const valid = iota([1, frames])
    .lt(lengthColumn('istft', counts, clips, frames))
    .unsqueeze(2);
  const squares = fftWindow(window, winLength, nFft).square();
  const sums = add(valid.mul(squares));
  const y = add(windowed.mul(valid));
  const scaled = where(sums.gt(TINY), y.div(sums.maximum(TINY)), y);
  return scaled.mul(positionMask(lengthColumn('istft', own, clips, samples), samples));
}
