/** Which alterations training clips go through, written as `gain:0.3,mask:20x20`. */
import { FormantError } from '../device/errors.js';
import { isVector, type FeatureName } from './feature-kinds.js';

/** Strengths; what is absent or 0 is not done. Features are normalised: 1 is a standard deviation. */
export interface Augmentation {
  /** Deviation of white noise on every feature. It is drawn on the device, see `withNoise`. */
  readonly noise?: number;
  /** Deviation by which all mel bands of a clip move together: a louder or softer voice. */
  readonly gain?: number;
  /** SpecAugment: widest band of mel channels that is blanked, twice a clip… */
  readonly maskBands?: number;
  /** …and longest stretch of frames, twice a clip. */
  readonly maskFrames?: number;
  /** Most frames that a clip moves in time, either way. */
  readonly shift?: number;
  /** Most mel channels that a clip moves up or down: a higher or lower voice. */
  readonly bands?: number;
  /** Most that a clip becomes longer or shorter, as a share: 0.1 is 10 %. Below 1. */
  readonly stretch?: number;
}

export class AugmentationError extends FormantError {}

interface Kind {
  /** Taken where only the name is given. */
  readonly usual: Augmentation;
  /** Settings from what stands behind the colon. */
  read(text: string): Augmentation | undefined;
  readonly example: string;
}

/** A number from 0 up, else undefined. */
function numberFrom0(text: string): number | undefined {
  return /^\d+(\.\d+)?([eE]-?\d+)?$/.test(text) ? Number(text) : undefined;
}
const whole = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);

const one = (
  key: keyof Augmentation,
  usual: number,
  read: (text: string) => number | undefined = numberFrom0,
  most = Infinity,
): Kind => ({
  usual: { [key]: usual },
  read: (text) => {
    const value = read(text);
    return value === undefined || value > most ? undefined : { [key]: value };
  },
  example: String(usual),
});

const KINDS: Readonly<Record<string, Kind>> = {
  noise: one('noise', 0.1),
  gain: one('gain', 0.3),
  mask: {
    usual: { maskBands: 20, maskFrames: 20 },
    read: (text) => {
      const [bands, frames, more] = text.split('x').map(whole);
      return bands === undefined || frames === undefined || more !== undefined
        ? undefined
        : { maskBands: bands, maskFrames: frames };
    },
    example: '20x20 (bands x frames)',
  },
  shift: one('shift', 8, whole),
  bands: one('bands', 6, whole),
  stretch: one('stretch', 0.1, numberFrom0, 0.9),
};

/** The kinds, for help. */
export const AUGMENTATIONS = Object.keys(KINDS);

/** What is done unless something else is asked for: to statistics of a clip noise (functionals are many and say much the same: more of it), to spectra gain and masks. */
export const usualAugmentation = (features: FeatureName): Augmentation =>
  features === 'functionals'
    ? { noise: 0.3 }
    : isVector(features)
      ? KINDS.noise.usual
      : { ...KINDS.gain.usual, ...KINDS.mask.usual };

/**
 * Reads `noise,gain:0.2,mask:24x16`; an empty text is none.
 * @throws AugmentationError naming what is not understood
 */
export function parseAugmentation(text: string): Augmentation {
  let settings: Augmentation = {};
  for (const part of text.split(',').map((p) => p.trim())) {
    if (part === '') continue;
    const [name, value] = part.split(/:(.*)/s);
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (!kind) throw new AugmentationError(`There is no augmentation "${name}"; known: ${AUGMENTATIONS.join(', ')}.`);
    const found = value === undefined ? kind.usual : kind.read(value);
    if (!found) throw new AugmentationError(`"${part}" is not understood; write ${name}:${kind.example}.`);
    settings = { ...settings, ...found };
  }
  return settings;
}

/** The same as text, for logs and reports. */
export function augmentationText(settings: Augmentation): string {
  const { noise, gain, maskBands: bands = 0, maskFrames: frames = 0, shift, bands: pitch, stretch } = settings;
  const parts = Object.entries({ noise, gain, shift, bands: pitch, stretch }).filter(([, value]) => value);
  const named = parts.map(([name, value]) => `${name}:${value}`);
  if (bands || frames) named.push(`mask:${bands}x${frames}`);
  return named.length > 0 ? named.join(',') : 'none';
}
