/** The features of one clip, thinned out to what a picture can show. */
import { chromaStft, melSpectrogram, mfccFromDb, powerToDb, rms, zeroCrossingRate } from '../../dsp/index.js';
import { readAll, tensor } from '../../tensor/index.js';
import { FEATURE_SETTINGS, MELS, MFCC, SAMPLE_RATE } from '../features/settings.js';
import { alterMel, type Augmentation } from './augment.js';
import type { Image, Measured } from './types.js';

const { nFft = 512, hopLength = 256 } = FEATURE_SETTINGS.frames;
const FRAMING = { frameLength: nFft, hopLength };
const CLASSES = 12;

/** Frames of a clip of so many samples. */
export const framesOf = (samples: number): number => 1 + Math.floor(samples / hopLength);

/** Columns of the widest picture: longer clips are averaged down to these. */
export const MOST_COLUMNS = 600;

export interface MeasureOptions {
  readonly chroma?: boolean;
  /** Alters the clip first. */
  readonly augmentation?: Augmentation;
}

/** @param samples at 16 kHz, at least one */
export async function measure(samples: Float32Array, options: MeasureOptions = {}): Promise<Measured> {
  const { augmentation, chroma = false } = options;
  const x = augmentation?.wave ? await floats(augmentation.wave(tensor(samples))) : samples;
  const wave = tensor(x);
  const spectra = { sr: SAMPLE_RATE, nFft, hopLength };
  const decibels = powerToDb(melSpectrogram(wave, { ...spectra, nMels: MELS }));
  let mel = await floats(decibels);
  const floor = mel.reduce((a, b) => Math.min(a, b), Infinity);
  if (augmentation?.mel) mel = await floats(alterMel(augmentation.mel, mel, floor));
  const frames = mel.length / MELS;
  const [cepstrum, loudness, crossings, classes] = await readAll([
    mfccFromDb(tensor(mel, [frames, MELS]), { nMfcc: MFCC }),
    rms(wave, FRAMING),
    zeroCrossingRate(wave, FRAMING),
    ...(chroma ? [chromaStft(wave, { ...spectra, nFft: 2048 })] : []),
  ]);
  const columns = Math.min(frames, MOST_COLUMNS);
  const image = (values: ArrayLike<number>, rows: number): Image => ({
    columns,
    rows,
    values: thin(values, rows, columns),
  });
  return {
    seconds: x.length / SAMPLE_RATE,
    ...envelope(x),
    mel: image(mel, MELS),
    mfcc: image(cepstrum, MFCC),
    ...(chroma && { chroma: image(classes, CLASSES) }),
    rms: thin(loudness, 1, columns),
    zcr: thin(crossings, 1, columns),
  };
}

async function floats(x: Parameters<typeof readAll>[0][number]): Promise<Float32Array> {
  const [values] = await readAll([x]);
  return Float32Array.from(values);
}

/** (T, width) as (columns, width): means of neighbouring rows. */
export function thin(values: ArrayLike<number>, width: number, columns: number): Float32Array {
  const rows = values.length / width;
  const out = new Float32Array(columns * width);
  for (let c = 0; c < columns; c++) {
    const from = Math.floor((c * rows) / columns);
    const to = Math.max(from + 1, Math.floor(((c + 1) * rows) / columns));
    for (let k = 0; k < width; k++) {
      let sum = 0;
      for (let t = from; t < to; t++) sum += values[t * width + k];
      out[c * width + k] = sum / (to - from);
    }
  }
  return out;
}

/** Lowest and highest sample of each of up to 600 stretches. */
function envelope(samples: Float32Array): Pick<Measured, 'low' | 'high'> {
  const columns = Math.min(samples.length, MOST_COLUMNS);
  const low = new Float32Array(columns).fill(Infinity);
  const high = new Float32Array(columns).fill(-Infinity);
  samples.forEach((v, i) => {
    const c = Math.floor((i * columns) / samples.length);
    if (v < low[c]) low[c] = v;
    if (v > high[c]) high[c] = v;
  });
  return { low, high };
}
