/** A case of the grid as one of our functions with its options, and the elements that the fixture kept of its outcome. */
import {
  amplitudeToDb,
  delta,
  frameFeatures,
  magnitude,
  melSpectrogram,
  mfcc,
  powerToDb,
  rms,
  stft,
  zeroCrossingRate,
  type DctType,
  type DecibelOptions,
  type DeltaMode,
  type DeltaOptions,
  type FrameOptions,
  type MelOptions,
  type MelSpectrogramOptions,
  type MfccOptions,
  type PadMode,
  type StftOptions,
  type WindowName,
} from '../../../src/dsp/index.js';
import { tensor, type Tensor } from '../../../src/tensor/index.js';
import type { FixtureCase } from '../../support/fixtures.js';
import { integers, uniform, unit } from '../../support/generated.js';

/** Of tools/reference/librosa_grid.py. */
const SEED = 7;

/** The functions of the grid. */
const OPS = [
  'stft',
  'melspectrogram',
  'log_mel',
  'power_to_db',
  'amplitude_to_db',
  'mfcc',
  'mfcc_delta',
  'delta',
  'rms',
  'zcr',
  'frames',
] as const;
export type Op = (typeof OPS)[number];

export function opOf(c: FixtureCase): Op {
  const name = c.attrs.string('op');
  const found = OPS.find((op) => op === name);
  if (!found) throw new Error(`${c.name}: no function ${name} in the grid`);
  return found;
}

/** Attributes that may be left out, or be null. */
function optional(c: FixtureCase) {
  const { attrs } = c;
  const given = (name: string): boolean => name in attrs.json && attrs.json[name] !== null;
  return {
    number: (name: string): number | undefined => (given(name) ? attrs.number(name) : undefined),
    string: (name: string): string | undefined => (given(name) ? attrs.string(name) : undefined),
    boolean: (name: string): boolean | undefined => (given(name) ? attrs.boolean(name) : undefined),
    /** As `number`, with null for null. */
    nullable: (name: string): number | null | undefined =>
      attrs.json[name] === null ? null : given(name) ? attrs.number(name) : undefined,
    norm: (name: string): MelOptions['norm'] =>
      attrs.json[name] === null || attrs.json[name] === 'slaney'
        ? (attrs.json[name] as null | 'slaney')
        : given(name)
          ? attrs.number(name)
          : undefined,
  };
}

function stftOptions(c: FixtureCase): StftOptions {
  const o = optional(c);
  return {
    nFft: o.number('nFft'),
    hopLength: o.number('hopLength'),
    winLength: o.number('winLength'),
    window: o.string('window') as WindowName | undefined,
    center: o.boolean('center'),
    padMode: o.string('padMode') as PadMode | undefined,
  };
}

function melOptions(c: FixtureCase): MelSpectrogramOptions {
  const o = optional(c);
  return {
    ...stftOptions(c),
    sr: c.attrs.number('sr'),
    nMels: o.number('nMels'),
    fmin: o.number('fmin'),
    fmax: o.number('fmax'),
    htk: o.boolean('htk'),
    norm: o.norm('norm'),
    power: o.number('power'),
  };
}

function mfccOptions(c: FixtureCase): MfccOptions {
  const o = optional(c);
  const { norm: _melNorm, ...mel } = melOptions(c);
  return {
    ...mel,
    melNorm: o.norm('melNorm'),
    nMfcc: o.number('nMfcc'),
    dctType: o.number('dctType') as DctType | undefined,
    norm: c.attrs.json.norm === null ? null : 'ortho',
    lifter: o.number('lifter'),
  };
}

function decibelOptions(c: FixtureCase): DecibelOptions {
  const o = optional(c);
  return {
    ref: c.attrs.json.ref === 'max' ? 'max' : c.attrs.number('ref'),
    amin: o.number('amin'),
    topDb: o.nullable('topDb'),
  };
}

const deltaOptions = (c: FixtureCase): DeltaOptions => ({
  width: c.attrs.number('width'),
  order: c.attrs.number('order'),
  mode: c.attrs.string('mode') as DeltaMode,
});

function frameOptions(c: FixtureCase): FrameOptions & { padMode?: PadMode; threshold?: number } {
  const o = optional(c);
  return {
    frameLength: o.number('frameLength'),
    hopLength: o.number('hopLength'),
    center: o.boolean('center'),
    padMode: o.string('padMode') as PadMode | undefined,
    threshold: o.number('threshold'),
  };
}

/** Values u·2^−e of every size, exact in float32: librosa_grid.py's `levels`. */
function levels(c: FixtureCase): Tensor {
  const shape = c.attrs.numbers('shapeIn');
  const count = shape.reduce((a, b) => a * b, 1);
  const exponent = integers(SEED, `${c.name} exponent`, count, 34);
  const values = unit(SEED, c.name, count).map((u, i) => (exponent[i] === 33 ? 0 : u * 2 ** -exponent[i]));
  return tensor(Float32Array.from(values), shape);
}

/** What our function makes of the case: (T, rows). `samples` is the case's signal, which the cases without one do not ask for. */
export function ours(c: FixtureCase, samples: () => Float32Array): Tensor {
  const waveform = (): Tensor => tensor(samples());
  switch (opOf(c)) {
    case 'stft':
      return magnitude(stft(waveform(), stftOptions(c)));
    case 'melspectrogram':
      return melSpectrogram(waveform(), melOptions(c));
    case 'log_mel':
      return powerToDb(melSpectrogram(waveform(), melOptions(c)), decibelOptions(c));
    case 'power_to_db':
      return powerToDb(levels(c), decibelOptions(c));
    case 'amplitude_to_db':
      return amplitudeToDb(levels(c), decibelOptions(c));
    case 'mfcc':
      return mfcc(waveform(), mfccOptions(c));
    case 'mfcc_delta':
      return delta(mfcc(waveform(), mfccOptions(c)), deltaOptions(c));
    case 'delta':
      return delta(tensor(uniform(SEED, c.name, 43 * 13, -40, 40), [43, 13]), deltaOptions(c));
    case 'rms':
      return rms(waveform(), frameOptions(c));
    case 'zcr':
      return zeroCrossingRate(waveform(), frameOptions(c));
    case 'frames':
      return frameFeatures(waveform(), {
        sampleRate: c.attrs.number('sr'),
        nFft: c.attrs.number('nFft'),
        hopLength: c.attrs.number('hopLength'),
        preemphasis: optional(c).number('preemphasis'),
      });
  }
}

/** The elements that the fixture stored. */
export const kept = (c: FixtureCase, values: Float32Array): Float32Array =>
  c.has('at') ? Float32Array.from(c.array('at').data, (at) => values[at]) : values;
