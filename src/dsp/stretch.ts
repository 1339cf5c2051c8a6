/** Time stretch and pitch shift of waveforms by the phase vocoder, as `librosa.effects`. */
import type { Tensor } from '../tensor/index.js';
import { SettingsError } from './errors.js';
import { istft } from './istft.js';
import { frameCount, hostLengths, overBatch } from './lengths.js';
import { phaseVocoder, ratesOf, stretchedFrames } from './phase-vocoder.js';
import { requireWhole } from './settings.js';
import { resolveStft, stft, type StftOptions } from './stft.js';

export interface StretchOptions extends Pick<StftOptions, 'nFft' | 'hopLength' | 'winLength' | 'window'> {
  /** Samples of each clip of a zero-padded batch; `stretchedLength` tells what they become. */
  readonly lengths?: readonly number[] | Int32Array | Uint32Array;
  /** Samples of the result: clips are cut or filled with zeros. Default: those of the longest. */
  readonly length?: number;
}

/** Samples that a clip of `samples` becomes: samples / rate, halves rounded to the even neighbour, as Python's `round`. */
export function stretchedLength(samples: number, rate: number): number {
  const exact = samples / rate;
  const below = Math.floor(exact);
  return exact - below === 0.5 ? below + (below % 2) : Math.round(exact);
}

/**
 * Changes the pace of speech and keeps its pitch: (N, L) → (N, L′), (L) → (L′), L′ = round(L / rate) (`stretchedLength`). As
 * `librosa.effects.time_stretch`: nFft 2048 and hopLength a quarter of it by default.
 * @param rate above 1 faster, below 1 slower; one number for all clips or one for each. Rates are values; other lengths make another
 *   program, which `length` avoids
 * @throws SignalError, SettingsError
 */
export function timeStretch(waveforms: Tensor, rate: number | readonly number[], options: StretchOptions = {}): Tensor {
  const { nFft, hopLength, winLength, window } = resolveStft(options);
  const transform = { nFft, hopLength, winLength, window };
  return overBatch('timeStretch', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const rates = ratesOf('timeStretch', rate, clips);
    const own = options.lengths
      ? hostLengths('timeStretch', options.lengths, clips, samples)
      : rates.map(() => samples);
    const framing = { frameLength: nFft, hopLength, center: true };
    const frames = own.map((n) => frameCount(n, framing));
    const lengths = own.map((n, i) => stretchedLength(n, rates[i]));
    const length = options.length ?? Math.max(...lengths);
    if (length < 1)
      throw new SettingsError(`timeStretch: nothing is left of ${samples} samples at rate ${Math.max(...rates)}.`);
    requireWhole('length', length, 1);
    // A fixed length fixes the number of frames, too.
    const count =
      options.length === undefined
        ? Math.max(...frames.map((t, i) => stretchedFrames(t, rates[i])))
        : Math.ceil((length + 2 * Math.floor(nFft / 2)) / hopLength);
    const spectra = phaseVocoder(stft(x, transform), rates, { lengths: frames, frames: count });
    return istft(spectra, {
      ...transform,
      length,
      lengths: lengths.map((n) => Math.min(n, length)),
      frames: frames.map((t, i) => stretchedFrames(t, rates[i])),
    });
  });
}
