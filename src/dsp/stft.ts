/** Short-time Fourier transform of waveforms, as `librosa.stft`, on the device: padding, framing, window and FFT in one kernel. */
import { frame, where, type Tensor } from '../tensor/index.js';
import { shortTimePower, shortTimeSpectrum, type ShortTimeOptions } from '../tensor/ops/stft.js';
import { SignalError } from './errors.js';
import { frameCount, framePadding, overBatch, type Framing, type Lengths } from './lengths.js';
import { padWaveforms, type PadMode } from './padding.js';
import { requirePositive, requireWhole } from './settings.js';
import { fftWindow, type Window } from './windows.js';

export interface StftOptions {
  /** Samples of the transform, default 2048. */
  readonly nFft?: number;
  /** Samples between frames, default a quarter of `winLength`. */
  readonly hopLength?: number;
  /** Samples of the window, padded with zeros to `nFft`; default `nFft`. */
  readonly winLength?: number;
  /** Default 'hann' (periodic). */
  readonly window?: Window;
  /** Whether frame t is centred on sample t·hopLength; default true. */
  readonly center?: boolean;
  /** How the ends are padded when centred; default 'constant' (zeros). */
  readonly padMode?: PadMode;
  /**
   * Samples of each clip of a batch padded with zeros: its first 1 + ⌊length / hop⌋ frames are then those of the clip alone. With
   * zero padding they are so without it as well.
   */
  readonly lengths?: Lengths;
}

export interface SpectrogramOptions extends StftOptions {
  /** Exponent of the magnitude: 1 magnitude, 2 power (default). */
  readonly power?: number;
}

export interface ResolvedStft extends Framing {
  readonly nFft: number;
  readonly winLength: number;
  readonly window: Window;
  readonly padMode: PadMode;
  readonly lengths?: Lengths;
}

/** Fills in the defaults and checks the numbers. */
export function resolveStft(options: StftOptions): ResolvedStft {
  const nFft = options.nFft ?? 2048;
  const winLength = options.winLength ?? nFft;
  const hopLength = options.hopLength ?? Math.floor(winLength / 4);
  requireWhole('nFft', nFft, 1);
  requireWhole('winLength', winLength, 1);
  requireWhole('hopLength', hopLength, 1);
  const { window = 'hann', center = true, padMode = 'constant', lengths } = options;
  return { nFft, winLength, hopLength, window, center, padMode, lengths, frameLength: nFft };
}

/** Frames of waveforms (N, L) → (N, T, frameLength), padded as `framing.center` asks. @throws SignalError where no frame fits */
export function frameWaveforms(
  name: string,
  x: Tensor,
  framing: Framing,
  padMode: PadMode = 'constant',
  lengths?: Lengths,
): Tensor {
  requireFrame(name, x, framing);
  return frame(padWaveforms(name, x, framePadding(framing), padMode, lengths), framing.frameLength, framing.hopLength);
}

function requireFrame(name: string, x: Tensor, framing: Framing): void {
  const samples = x.shape[1];
  if (frameCount(samples, framing) === 0) {
    throw new SignalError(
      `${name}: ${samples} samples hold no frame of ${framing.frameLength} when center is false; use center: true or a shorter frame.`,
    );
  }
}

/** What the short-time kernels take: waveforms (N, L), a window of nFft on the device, and the framing. */
export interface ShortTime {
  readonly x: Tensor;
  readonly window: Tensor;
  readonly options: ShortTimeOptions;
}

/** Waveforms (N, L) for the short-time kernels, which pad by themselves where they can. @throws SignalError where no frame fits */
export function shortTime(name: string, x: Tensor, settings: ResolvedStft): ShortTime {
  requireFrame(name, x, settings);
  const { padMode, lengths } = settings;
  const window = fftWindow(settings.window, settings.winLength, settings.nFft);
  const hop = settings.hopLength;
  const pad = framePadding(settings);
  // The zeros behind a clip of its own length are its padding already.
  if (padMode === 'constant') return { x, window, options: { hop, pad, mode: padMode } };
  const mirrored = padMode === 'reflect' && pad < x.shape[1];
  if (!lengths && (padMode === 'edge' || mirrored)) return { x, window, options: { hop, pad, mode: padMode } };
  const padded = padWaveforms(name, x, pad, padMode, lengths);
  return { x: padded, window, options: { hop, pad: 0, mode: 'constant' } };
}

/**
 * Complex spectrogram: (N, L) → (N, T, 1 + nFft/2, 2), (L) → (T, 1 + nFft/2, 2), the last dimension being (re, im).
 * Channels last: librosa's `stft` transposed.
 * @throws SignalError, SettingsError
 */
export function stft(waveforms: Tensor, options: StftOptions = {}): Tensor {
  const settings = resolveStft(options);
  return overBatch('stft', waveforms, (batch) => {
    const { x, window, options: framing } = shortTime('stft', batch, settings);
    return shortTimeSpectrum(x, window, framing);
  });
}

/** |X|² of a complex tensor (…, 2). */
export function squaredMagnitude(complex: Tensor): Tensor {
  const axis = complex.rank - 1;
  const re = complex.slice(axis, 0, 1).squeeze(axis);
  const im = complex.slice(axis, 1, 2).squeeze(axis);
  return re.square().add(im.square());
}

/** √x of x ≥ 0, with the gradient 0 rather than infinite where x is 0. */
export function safeSqrt(x: Tensor): Tensor {
  return where(x.gt(0), x.maximum(SMALLEST).sqrt(), 0);
}

/** The smallest normal float32 is 1.2e-38; a power below this counts as silence. */
const SMALLEST = 1e-37;

/** |X| of the complex spectrogram `stft` makes: (…, 2) → (…). Its gradient is 0 where X is 0. */
export const magnitude = (complex: Tensor): Tensor => safeSqrt(squaredMagnitude(complex));

/** |X|^power of the short-time spectrum: (N, L) → (N, T, 1 + nFft/2). */
export function spectrogram(waveforms: Tensor, options: SpectrogramOptions = {}): Tensor {
  const { power = 2 } = options;
  requirePositive('power', power);
  const settings = resolveStft(options);
  const squared = overBatch('spectrogram', waveforms, (batch) => {
    const { x, window, options: framing } = shortTime('spectrogram', batch, settings);
    return shortTimePower(x, window, framing);
  });
  if (power === 2) return squared;
  return power === 1 ? safeSqrt(squared) : squared.pow(power / 2);
}

/** |X|² of the short-time spectrum: (N, L) → (N, T, 1 + nFft/2). */
export const powerSpectrogram = (waveforms: Tensor, options: StftOptions = {}): Tensor =>
  spectrogram(waveforms, { ...options, power: 2 });
