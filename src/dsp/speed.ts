/**
 * Speed perturbation (Ko, Peddinti, Povey and Khudanpur, "Audio Augmentation for Speech Recognition", Interspeech 2015): a clip played
 * faster or slower, as a tape would, so that pace, pitch and formants change together; and the pitch shift that `librosa.effects` makes of
 * a time stretch and such a change of speed.
 */
import { tensor, where, type Tensor } from '../tensor/index.js';
import { clipStreams, type DrawOptions } from './draws.js';
import { SettingsError } from './errors.js';
import { hostLengths, lengthColumn, overBatch, positionMask } from './lengths.js';
import { ratesOf } from './phase-vocoder.js';
import {
  nearestRatio,
  resampledLength,
  resampleWaveforms,
  type Ratio,
  type ResampleWaveformsOptions,
} from './resample-waveforms.js';
import { requirePositive, requireWhole } from './settings.js';
import { stretchedLength, timeStretch, type StretchOptions } from './stretch.js';

/** Outputs to inputs at a speed: the inverse of the factor. */
function speedRatio(factor: number): Ratio {
  const { up, down } = nearestRatio(factor);
  return { up: down, down: up };
}

/** Samples that a clip of `samples` becomes at a speed: ⌈samples / factor⌉. */
export const speedLength = (samples: number, factor: number): number => resampledLength(samples, speedRatio(factor));

/**
 * y(t) = x(factor·t): (N, L) → (N, L′), (L) → (L′), L′ = ⌈L / factor⌉ (`speedLength`) of the slowest clip. Behind its own end a clip is 0.
 *
 * Each different factor is worked out for the whole batch and then picked from: with a few fixed factors, which clip gets which is a value, and
 * new draws need no new program (as long as all factors occur; `length` fixes the shape).
 * @param factors above 1 faster and higher; one number for all clips or one for each
 * @throws SignalError, SettingsError
 */
export function speedPerturb(
  waveforms: Tensor,
  factors: number | readonly number[],
  options: ResampleWaveformsOptions = {},
): Tensor {
  return overBatch('speedPerturb', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const each = ratesOf('speedPerturb', factors, clips);
    const length = options.length ?? Math.max(...each.map((factor) => speedLength(samples, factor)));
    return perValue(each, (factor) => resampleWaveforms(x, speedRatio(factor), { ...options, length }));
  });
}

/** Clips as `make` gives them for each clip's own value. All results have one shape. */
function perValue(values: readonly number[], make: (value: number) => Tensor): Tensor {
  const [first, ...others] = [...new Set(values)].sort((a, b) => a - b);
  return others.reduce((picked, value) => {
    const made = make(value);
    const own = tensor(
      Float32Array.from(values, (v) => (v === value ? 1 : 0)),
      [values.length, 1],
    );
    return where(own.expand(made.shape), made, picked);
  }, make(first));
}

const SPEED_STREAM = 0x59ed;

/** A factor for each clip, all equally likely. */
export function drawSpeeds(
  clips: number,
  options: DrawOptions & { /** Default 0.9, 1 and 1.1. */ readonly factors?: readonly number[] },
): number[] {
  const { factors = [0.9, 1, 1.1] } = options;
  if (factors.length === 0) throw new SettingsError('drawSpeeds: no factors were given; give at least one.');
  factors.forEach((factor) => requirePositive('factor', factor));
  return clipStreams(clips, SPEED_STREAM, options).map((next) => factors[Math.floor(next() * factors.length)]);
}

/** Of the fraction that stands for a ratio of pitches: 1,000 can be off by 0.03 cents, 15 µs after a second. */
const LARGEST_TERM = 4000;

export interface PitchShiftOptions extends Omit<StretchOptions, 'length'> {
  /** Steps of an octave, default 12: semitones. */
  readonly binsPerOctave?: number;
}

/**
 * Raises or lowers the pitch and keeps the pace: (N, L) or (L) → same shape. As `librosa.effects.pitch_shift`: stretched by the phase
 * vocoder, then resampled to the old length (by our filter, and by the nearest fraction with terms up to 4,000: within 0.001 cents for
 * semitones). A ratio's filter of about 4 MB stays on the device: draw steps from a fixed list.
 * @param nSteps steps up (negative: down), in fractions, too; one number for all clips or one for each
 * @throws SignalError, SettingsError
 */
export function pitchShift(
  waveforms: Tensor,
  nSteps: number | readonly number[],
  options: PitchShiftOptions = {},
): Tensor {
  const { binsPerOctave = 12, lengths, ...transform } = options;
  requireWhole('binsPerOctave', binsPerOctave, 1);
  return overBatch('pitchShift', waveforms, (x) => {
    const [clips, samples] = x.shape;
    const steps = typeof nSteps === 'number' ? Array.from({ length: clips }, () => nSteps) : nSteps;
    if (steps.length !== clips)
      throw new SettingsError(`pitchShift: ${steps.length} nSteps were given for ${clips} clips; give one for each.`);
    steps.forEach((s) => {
      if (!Number.isFinite(s)) throw new SettingsError(`nSteps is ${s}; give a number of steps.`);
    });
    const rates = steps.map((s) => 2 ** (-s / binsPerOctave));
    const own = lengths ? hostLengths('pitchShift', lengths, clips, samples) : rates.map(() => samples);
    const stretched = timeStretch(x, rates, { ...transform, lengths: own });
    const between = own.map((n, i) => stretchedLength(n, rates[i]));
    const y = perValue(rates, (rate) =>
      resampleWaveforms(stretched, nearestRatio(rate, LARGEST_TERM), { lengths: between, length: samples }),
    );
    // Rounding twice can leave a sample too much.
    return lengths ? y.mul(positionMask(lengthColumn('pitchShift', own, clips, samples), samples)) : y;
  });
}
