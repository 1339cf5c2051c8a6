/** Chroma: the energy of each pitch class, octaves folded together; as librosa's. */
import { where, type Tensor } from '../tensor/index.js';
import { constant } from './constants.js';
import { SettingsError } from './errors.js';
import { rint } from './rint.js';
import { requirePositive, requireWhole } from './settings.js';
import { overSpectra, type SpectralOptions, type SpectrumSource } from './spectrum-source.js';

export interface ChromaOptions {
  /** Sampling rate in Hz, default 22050. */
  readonly sr?: number;
  readonly nFft?: number;
  /** Pitch classes, default 12. */
  readonly nChroma?: number;
  /** Deviation from A = 440 Hz in classes, default 0; `estimateTuning` finds it. */
  readonly tuning?: number;
  /** Centre of the octaves that weigh most, in octaves above A0 = 27.5 Hz; default 5. */
  readonly ctroct?: number;
  /** Their width in octaves, default 2; null weighs all octaves the same. */
  readonly octwidth?: number | null;
  /** Norm of each bin's weights, default 2. */
  readonly norm?: number | null;
  /** Whether the first class is C rather than A, default true. */
  readonly baseC?: boolean;
}

function requireNorm(name: string, norm: number | null): void {
  if (norm !== null && !(norm > 0))
    throw new SettingsError(`${name} is ${norm}; give a number above 0, Infinity or null.`);
}

/**
 * Weights of the bins in each pitch class, a matrix (nChroma, 1 + nFft/2), row-major, as `librosa.filters.chroma`: Gaussian bumps round the
 * class, as wide as the distance of the bins, under a Gaussian over the octaves.
 */
export function chromaFilterbank(options: ChromaOptions = {}): Float64Array {
  const {
    sr = 22050,
    nFft = 2048,
    nChroma = 12,
    tuning = 0,
    ctroct = 5,
    octwidth = 2,
    norm = 2,
    baseC = true,
  } = options;
  requirePositive('sr', sr);
  requireWhole('nFft', nFft, 2);
  requireWhole('nChroma', nChroma, 1);
  if (!Number.isFinite(tuning)) throw new SettingsError(`tuning is ${tuning}; give a number of classes, as 0.`);
  if (octwidth !== null) requirePositive('octwidth', octwidth);
  requireNorm('norm', norm);
  const lowest = (440 * 2 ** (tuning / nChroma)) / 16;
  // Positions of all nFft bins in classes above A0; the one of 0 Hz is made up, so that it is half a turn from the next and very wide.
  const position = Float64Array.from({ length: nFft }, (_, k) => nChroma * Math.log2((k * sr) / nFft / lowest));
  position[0] = position[1] - 1.5 * nChroma;
  const bins = 1 + Math.floor(nFft / 2);
  const weights = new Float64Array(nChroma * bins);
  const shift = baseC ? 3 * Math.floor(nChroma / 12) : 0;
  const half = rint(nChroma / 2);
  const column = new Float64Array(nChroma);
  for (let k = 0; k < bins; k++) {
    const width = k + 1 < nFft ? Math.max(position[k + 1] - position[k], 1) : 1;
    for (let c = 0; c < nChroma; c++) {
      const turned = (position[k] - c + half + 10 * nChroma) % nChroma;
      const distance = (turned < 0 ? turned + nChroma : turned) - half;
      column[c] = Math.exp(-0.5 * ((2 * distance) / width) ** 2);
    }
    const size = norm === null ? 1 : vectorNorm(column, norm);
    const octave = octwidth === null ? 1 : Math.exp(-0.5 * ((position[k] / nChroma - ctroct) / octwidth) ** 2);
    for (let c = 0; c < nChroma; c++) {
      const row = (c - shift + nChroma) % nChroma;
      weights[row * bins + k] = (column[c] / (size > 0 ? size : 1)) * octave;
    }
  }
  return weights;
}

function vectorNorm(x: Float64Array, p: number): number {
  if (p === Infinity) return x.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return x.reduce((sum, v) => sum + Math.abs(v) ** p, 0) ** (1 / p);
}

export interface ChromaStftOptions extends Omit<SpectralOptions, 'freq'>, Omit<ChromaOptions, 'norm'> {
  /** Norm that each frame is scaled to: Infinity (default) makes its largest class 1; a number, a p-norm; null leaves the sums. */
  readonly norm?: number | null;
}

/** The smallest normal float32: frames below stay as they are. */
const TINY = 2 ** -126;

/**
 * Chroma of the power spectrum, as `librosa.feature.chroma_stft`: (N, L) → (N, T, nChroma), (L) → (T, nChroma). A spectrogram given as `S` is
 * one of power.
 *
 * One thing differs: librosa estimates the tuning from the signal where none is given, here it is 0, since that takes reading the signal.
 * `tuning: await estimateTuning({ S })` gives librosa's numbers.
 * @throws SignalError, SettingsError
 */
export function chromaStft(source: SpectrumSource, options: ChromaStftOptions = {}): Tensor {
  const { norm = Infinity, nChroma = 12 } = options;
  requireNorm('norm', norm);
  return overSpectra('chromaStft', source, options, 2, (S, nFft) => {
    const settings = { ...options, nFft, norm: 2 };
    const { sr, tuning, ctroct, octwidth, baseC } = options;
    const key = `chroma ${[sr, nFft, nChroma, tuning, ctroct, octwidth, baseC].map(String).join(' ')}`;
    const table = constant(key, () => chromaFilterbank(settings), [nChroma, S.shape[2]]);
    const raw = S.matmul(table, { transposeB: true });
    return norm === null ? raw : scaled(raw, norm);
  });
}

/** Each frame divided by its p-norm; classes are never negative. */
function scaled(x: Tensor, p: number): Tensor {
  const loudest = x.max([2], true);
  // By the largest class first, so that no power leaves float32's range.
  const unit = x.div(where(loudest.gt(TINY), loudest, 1));
  if (p === Infinity) return unit;
  const sum = (p === 1 ? unit : unit.pow(p)).sum([2], true);
  return unit.div(where(sum.gt(0), p === 1 ? sum : sum.pow(1 / p), 1));
}
