/**
 * Phase vocoder (Flanagan and Golden, 1966; Portnoff, 1976), as `librosa.phase_vocoder`: a spectrogram read at another pace, with
 * phases that go on as if nothing had happened.
 *
 * Output frame t looks at input position s = t·rate, between columns ⌊s⌋ and ⌊s⌋ + 1. Its magnitude is interpolated between theirs. Its
 * phase is that of the first column plus, for every step before t, what a bin's phase gained from one column to the next. librosa
 * sums those gains as angles: the expected advance of the bin, plus the rest wrapped to ±π. Modulo a whole turn this is the difference
 * of the two angles, the expected advance cancels, and so we never form angles: the gain is the quotient of two complex numbers of
 * size 1, and the sum is their running product. Nothing grows, so float32 is enough, and no sine, cosine or arctangent is needed.
 * The running product of T frames is made by doubling (Hillis and Steele, 1986), ⌈log₂ T⌉ steps over all bins at once, and brought
 * back to size 1 at the end.
 */
import { concat, gather, stack, tensor, where, type Tensor } from '../tensor/index.js';
import { SettingsError, SignalError } from './errors.js';
import { hostLengths } from './lengths.js';
import { requirePositive } from './settings.js';
import { magnitude } from './stft.js';

export interface PhaseVocoderOptions {
  /** Frames of each clip of a batch of unequal clips; those behind count as silence. */
  readonly lengths?: readonly number[];
  /** Frames of the result: it is cut or filled with silence. Default: those of the longest clip. */
  readonly frames?: number;
}

/** Frames that `frames` frames become: ⌈frames / rate⌉, as `numpy.arange(0, frames, rate)` has elements. */
export const stretchedFrames = (frames: number, rate: number): number => Math.ceil(frames / rate);

/**
 * Complex spectrograms as `stft` makes them at another pace: (N, T, F, 2) → (N, T′, F, 2), (T, F, 2) → (T′, F, 2), T′ = ⌈T / rate⌉.
 * @param rate above 1 faster and shorter, below 1 slower and longer; one number for all clips or one for each
 * @throws SignalError, SettingsError
 */
export function phaseVocoder(
  spectra: Tensor,
  rate: number | readonly number[],
  options: PhaseVocoderOptions = {},
): Tensor {
  if (spectra.rank === 3) return phaseVocoder(spectra.unsqueeze(0), rate, options).squeeze(0);
  if (spectra.rank !== 4 || spectra.shape[3] !== 2 || spectra.size === 0) {
    throw new SignalError(
      `phaseVocoder: spectra are (N, T, F, 2) or (T, F, 2), not empty, as stft makes them; got (${spectra.shape.join(', ')}).`,
    );
  }
  const [clips, frames, bins] = spectra.shape;
  const rates = ratesOf('phaseVocoder', rate, clips);
  const own = options.lengths ? hostLengths('phaseVocoder', options.lengths, clips, frames) : rates.map(() => frames);
  const count = options.frames ?? Math.max(...rates.map((r, n) => stretchedFrames(own[n], r)));
  const table = steps(own, rates, frames, count);

  // One silent frame more for each clip: what is looked up outside of it.
  const padded = spectra.pad(1, 0, 1);
  const size = magnitude(padded);
  const rows = clips * (frames + 1);
  const [re, im] = unit(padded, size);
  const pick = (x: Tensor, which: Uint32Array): Tensor =>
    gather(x.reshape([rows, bins]), tensor(which)).reshape([clips, count, bins]);
  const louder = tensor(table.weight, [clips, count, 1]);
  const loudness = pick(size, table.column).mul(louder.neg().add(1)).add(pick(size, table.next).mul(louder));
  // (a + ib)·conj(c + id): what the phase gains in the step that ends at each output frame.
  const [a, b, c, d] = [
    pick(re, table.gainTo),
    pick(im, table.gainTo),
    pick(re, table.gainFrom),
    pick(im, table.gainFrom),
  ];
  const phase = runningProduct(a.mul(c).add(b.mul(d)), b.mul(c).sub(a.mul(d)));
  const back = loudness.div(phase.re.square().add(phase.im.square()).sqrt());
  return stack([phase.re.mul(back), phase.im.mul(back)], 3);
}

/** One positive number for each clip. */
export function ratesOf(name: string, rate: number | readonly number[], clips: number): readonly number[] {
  const rates = typeof rate === 'number' ? Array.from({ length: clips }, () => rate) : rate;
  if (rates.length !== clips)
    throw new SettingsError(`${name}: ${rates.length} rates were given for ${clips} clips; give one for each.`);
  rates.forEach((r) => requirePositive('rate', r));
  return rates;
}

interface Steps {
  /** Rows of the table of frames, for each clip and output frame: ⌊s⌋ and ⌊s⌋ + 1. */
  readonly column: Uint32Array;
  readonly next: Uint32Array;
  /** s − ⌊s⌋ */
  readonly weight: Float32Array;
  /** The step before: the phase at `gainTo` less the phase at `gainFrom`. The first step goes from silence (phase 0) to column 0. */
  readonly gainTo: Uint32Array;
  readonly gainFrom: Uint32Array;
}

/** What each output frame looks up; in values and not in shapes, so that new rates need no new program. */
function steps(own: readonly number[], rates: readonly number[], frames: number, count: number): Steps {
  const list = (): Uint32Array => new Uint32Array(own.length * count);
  const table = {
    column: list(),
    next: list(),
    gainTo: list(),
    gainFrom: list(),
    weight: new Float32Array(own.length * count),
  };
  own.forEach((length, n) => {
    const first = n * (frames + 1);
    const silence = first + frames;
    const row = (column: number): number => (column < length ? first + column : silence);
    for (let t = 0, i = n * count; t < count; t++, i++) {
      const at = t * rates[n];
      const column = Math.floor(at);
      table.weight[i] = at - column;
      table.column[i] = row(column);
      table.next[i] = at < length ? row(column + 1) : silence;
      const before = Math.floor((t - 1) * rates[n]);
      table.gainTo[i] = t === 0 ? row(0) : row(before + 1);
      table.gainFrom[i] = t === 0 ? silence : row(before);
    }
  });
  return table;
}

/** Real and imaginary part of X / |X|; 1 where X is 0, whose angle is 0 in NumPy as well. */
function unit(complex: Tensor, size: Tensor): [Tensor, Tensor] {
  const loud = size.gt(0);
  const divisor = where(loud, size, 1);
  const part = (i: number): Tensor =>
    complex
      .slice(3, i, i + 1)
      .squeeze(3)
      .div(divisor);
  return [where(loud, part(0), 1), where(loud, part(1), 0)];
}

/** Products of the complex numbers 0 … t along axis 1, for every t. */
function runningProduct(re: Tensor, im: Tensor): { re: Tensor; im: Tensor } {
  const frames = re.shape[1];
  for (let reach = 1; reach < frames; reach *= 2) {
    const [a, b] = [re.slice(1, reach), im.slice(1, reach)];
    const [c, d] = [re.slice(1, 0, frames - reach), im.slice(1, 0, frames - reach)];
    const before = [re.slice(1, 0, reach), im.slice(1, 0, reach)];
    re = concat([before[0], a.mul(c).sub(b.mul(d))], 1);
    im = concat([before[1], a.mul(d).add(b.mul(c))], 1);
  }
  return { re, im };
}
