/** How far a recording is out of tune, as `librosa.estimate_tuning`: peaks of the spectrum on the device, their statistics on the host. */
import { readAll } from '../tensor/index.js';
import { SettingsError } from './errors.js';
import { requirePositive, requireWhole } from './settings.js';
import { overSpectra, type SpectralOptions, type SpectrumSource } from './spectrum-source.js';

export interface TuningOptions extends Omit<SpectralOptions, 'freq'> {
  /** Samples between frames, default a quarter of the window. */
  readonly hopLength?: number;
  /** Width of a step of the result, default 0.01 of a class. */
  readonly resolution?: number;
  /** Classes of an octave, default 12. */
  readonly binsPerOctave?: number;
  /** Range of pitches in Hz, default 150 to 4000. */
  readonly fmin?: number;
  readonly fmax?: number;
  /** Peaks count from this share of their frame's maximum, default 0.1. */
  readonly threshold?: number;
}

interface Peaks {
  /** Hz */
  readonly pitches: number[];
  readonly magnitudes: number[];
}

/**
 * The deviation from A = 440 Hz in classes (−0.5 … 0.5): the commonest among the louder half of all spectral peaks, over all clips of the
 * source. Of magnitudes if the source is waveforms; librosa's `chroma_stft` takes it of the power spectrum. 0 where there are no peaks.
 * @throws SignalError, SettingsError
 */
export async function estimateTuning(source: SpectrumSource, options: TuningOptions = {}): Promise<number> {
  const { resolution = 0.01, binsPerOctave = 12, sr = 22050 } = options;
  requirePositive('sr', sr);
  requireWhole('binsPerOctave', binsPerOctave, 1);
  if (!(resolution > 0 && resolution <= 1))
    throw new SettingsError(`resolution is ${resolution}; give a number above 0 and at most 1.`);
  const hopLength = options.hopLength ?? Math.floor((options.winLength ?? options.nFft ?? 2048) / 4);
  let transform = 0;
  const S = overSpectra('estimateTuning', source, { ...options, hopLength }, 1, (x, nFft) => {
    transform = nFft;
    return x;
  });
  const bins = S.shape[S.rank - 1];
  const [values] = await readAll([S]);
  const { pitches, magnitudes } = findPeaks(values, bins, transform, sr, options);
  if (pitches.length === 0) return 0;
  const middle = median(magnitudes);
  return commonest(
    pitches.filter((_, i) => magnitudes[i] >= middle),
    resolution,
    binsPerOctave,
  );
}

/** `librosa.piptrack`: peaks of each frame, refined by a parabola through three bins. */
function findPeaks(S: ArrayLike<number>, bins: number, nFft: number, sr: number, options: TuningOptions): Peaks {
  const { fmin = 150, fmax = 4000, threshold = 0.1 } = options;
  const pitches: number[] = [];
  const magnitudes: number[] = [];
  const high = Math.min(fmax, sr / 2);
  for (let from = 0; from < S.length; from += bins) {
    let loudest = 0;
    for (let k = 0; k < bins; k++) loudest = Math.max(loudest, S[from + k]);
    const at = (k: number): number => (S[from + k] > threshold * loudest ? S[from + k] : 0);
    for (let k = 1; k < bins; k++) {
      const hz = (k * sr) / nFft;
      if (hz < Math.max(fmin, 0) || hz >= high) continue;
      const last = k === bins - 1;
      if (!(at(k) > at(k - 1) && (last || at(k) >= at(k + 1)))) continue;
      // At the edge there is no parabola.
      const slope = last ? 0 : (S[from + k + 1] - S[from + k - 1]) / 2;
      const bend = last ? 0 : S[from + k + 1] + S[from + k - 1] - 2 * S[from + k];
      const shift = Math.abs(slope) >= Math.abs(bend) ? 0 : -slope / bend;
      const pitch = ((k + shift) * sr) / nFft;
      if (!(pitch > 0)) continue;
      pitches.push(pitch);
      magnitudes.push(S[from + k] + 0.5 * slope * shift);
    }
  }
  return { pitches, magnitudes };
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** `librosa.pitch_tuning`: the fullest step of a histogram of deviations from the nearest class. */
function commonest(pitches: readonly number[], resolution: number, binsPerOctave: number): number {
  const steps = Math.ceil(1 / resolution);
  const edge = (i: number): number => (i === steps ? 0.5 : -0.5 + i * (1 / steps));
  const counts = new Uint32Array(steps);
  for (const pitch of pitches) {
    const classes = binsPerOctave * Math.log2(pitch / (440 / 16));
    let residual = classes - Math.floor(classes);
    if (residual >= 0.5) residual -= 1;
    let i = Math.min(steps - 1, Math.max(0, Math.floor((residual + 0.5) * steps)));
    // The edges decide, as they are rounded.
    if (residual < edge(i)) i--;
    else if (i + 1 < steps && residual >= edge(i + 1)) i++;
    counts[i]++;
  }
  return edge(counts.reduce((best, count, i) => (count > counts[best] ? i : best), 0));
}
