/** One seeded alteration of a clip, to be drawn beside it. */
import { clipStreams } from '../../dsp/draws.js';
import {
  addWhiteNoise,
  drawShifts,
  pitchShift,
  shiftSpectrogram,
  specAugment,
  speedPerturb,
  timeStretch,
} from '../../dsp/index.js';
import { tensor, type Tensor } from '../../tensor/index.js';
import { MELS } from '../features/settings.js';
import type { AugmentName } from './types.js';

export interface Augmentation {
  /** What was done, with the numbers that were drawn. */
  readonly label: string;
  /** Samples (L) → (L′). */
  readonly wave?: (samples: Tensor) => Tensor;
  /** Mel spectrogram in decibels (1, T, 128) → the same shape. `floor` is its least value. */
  readonly mel?: (decibels: Tensor, floor: number) => Tensor;
}

/** Decibels of the noise below the clip. */
const SNR = 10;
const STREAM = 0x9107;

const signed = (n: number): string => (n < 0 ? `−${-n}` : `+${n}`);

/**
 * The alteration that a seed draws.
 * @param frames of the clip's spectrogram
 */
export function drawAugmentation(name: AugmentName, seed: number, frames: number): Augmentation {
  const next = clipStreams(1, STREAM, { seed })[0];
  const oneOf = (values: readonly number[]): number => values[Math.floor(next() * values.length)];
  switch (name) {
    case 'noise':
      return { label: `white noise, ${SNR} dB below`, wave: (x) => addWhiteNoise(x, SNR, { seed }) };
    case 'pitch': {
      const steps = oneOf([-4, -3, -2, 2, 3, 4]);
      return {
        label: `pitch ${signed(steps)} semitones`,
        wave: (x) => pitchShift(x, steps, { nFft: 1024, hopLength: 256 }),
      };
    }
    case 'stretch': {
      const rate = oneOf([0.75, 0.8, 0.85, 1.15, 1.2, 1.25]);
      return { label: `pace × ${rate}`, wave: (x) => timeStretch(x, rate, { nFft: 1024, hopLength: 256 }) };
    }
    case 'speed': {
      const factor = oneOf([0.9, 1.1]);
      return { label: `speed × ${factor}`, wave: (x) => speedPerturb(x, factor) };
    }
    case 'shift': {
      const bands = drawShifts(1, 12, { seed })[0] || 6;
      const by = drawShifts(1, Math.max(1, Math.floor(frames / 5)), { seed, ids: [1] })[0] || 1;
      return {
        label: `spectrogram shifted by ${signed(by)} frames, ${signed(bands)} bands`,
        mel: (x, fill) => shiftSpectrogram(x, { frames: [by], bands: [bands], fill }),
      };
    }
    case 'specaugment': {
      const masks = { frequencyMasks: 2, frequencyWidth: 20, timeMasks: 2, timeShare: 0.2 };
      return {
        label: 'SpecAugment',
        mel: (x, value) =>
          specAugment(x, { ...masks, timeWidth: frames, timeWarp: Math.floor(frames / 8), value, seed }),
      };
    }
  }
}

/** Alters decibels (T, 128) of one clip. */
export const alterMel = (alter: NonNullable<Augmentation['mel']>, decibels: Float32Array, floor: number): Tensor =>
  alter(tensor(decibels, [1, decibels.length / MELS, MELS]), floor);
