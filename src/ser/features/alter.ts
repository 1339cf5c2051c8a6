/** Alterations of clips and features on the host: noise, masks, shifts. All in place, except noise. */
import type { Random } from '../random.js';

/** White noise 20 dB below the clip's own level. */
export function addNoise(samples: Float32Array, random: Random): Float32Array {
  let energy = 0;
  for (const s of samples) energy += s * s;
  const level = Math.sqrt(energy / Math.max(1, samples.length)) * 0.1;
  return samples.map((s) => s + level * random.normal());
}

/** Up to `widest` adjoining ones of `count`: [first, behind the last]. */
function range(count: number, widest: number, random: Random): [number, number] {
  const width = random.integer(Math.min(widest, count) + 1);
  const first = random.integer(count - width + 1);
  return [first, first + width];
}

const MASKS = 2;
const WIDEST = 20;

/**
 * SpecAugment (Park and others, "SpecAugment: a simple data augmentation method for automatic speech recognition", 2019) without time
 * warping: two bands of up to 20 mel channels, and two stretches of up to 20 frames (or as `options` say), become the mean: 0, with all other columns of those
 * frames, in normalised features; in decibels (`options.decibels`) the clip's own mean level, and other columns stay.
 * @param first column of the first mel band @param bands how many there are
 */
export function maskBands(
  data: Float32Array,
  frames: number,
  width: number,
  first: number,
  bands: number,
  random: Random,
  options: { readonly decibels?: boolean; readonly widestBand?: number; readonly longestStretch?: number } = {},
): void {
  const { decibels = false, widestBand = WIDEST, longestStretch = WIDEST } = options;
  const value = decibels ? meanLevel(data, frames, width, first, bands) : 0;
  for (let m = 0; m < MASKS; m++) {
    const [low, high] = range(bands, widestBand, random);
    for (let t = 0; t < frames; t++) data.fill(value, t * width + first + low, t * width + first + high);
    const [begin, end] = range(frames, Math.min(longestStretch, Math.floor(frames / 3)), random);
    if (!decibels) data.fill(value, begin * width, end * width);
    else for (let t = begin; t < end; t++) data.fill(value, t * width + first, t * width + first + bands);
  }
}

function meanLevel(data: Float32Array, frames: number, width: number, first: number, bands: number): number {
  let sum = 0;
  for (let t = 0; t < frames; t++) for (let b = 0; b < bands; b++) sum += data[t * width + first + b];
  return sum / (frames * bands);
}

/** Moves the mel bands of all frames up or down by up to `most` channels; what comes in at the edge repeats it. */
export function shiftBands(
  data: Float32Array,
  frames: number,
  width: number,
  first: number,
  bands: number,
  random: Random,
  most = 6,
): void {
  const by = random.integer(2 * most + 1) - most;
  for (let t = 0; t < frames; t++) {
    const row = data.subarray(t * width + first, t * width + first + bands);
    const old = row.slice();
    for (let b = 0; b < bands; b++) row[b] = old[Math.min(bands - 1, Math.max(0, b - by))];
  }
}

/** Moves a clip by whole frames, later where `by` is above 0; what comes in at the edge repeats it, what goes out is lost. */
export function shiftFrames(data: Float32Array, frames: number, width: number, by: number): void {
  const old = data.slice(0, frames * width);
  for (let t = 0; t < frames; t++) {
    const from = Math.min(frames - 1, Math.max(0, t - by));
    data.set(old.subarray(from * width, (from + 1) * width), t * width);
  }
}

/**
 * Makes a clip slower (`factor` above 1) or faster by drawing its frames anew with straight lines between them, about its middle; `wanted`
 * frames of that are kept, and what lies beyond the clip repeats its edge. Behind them comes 0.
 * @returns `wanted`
 */
export function stretchFrames(
  data: Float32Array,
  frames: number,
  wanted: number,
  { width, factor }: { readonly width: number; readonly factor: number },
): number {
  const old = data.slice(0, frames * width);
  for (let t = 0; t < wanted; t++) {
    const at = Math.min(frames - 1, Math.max(0, (t - (wanted - 1) / 2) / factor + (frames - 1) / 2));
    const low = Math.floor(at);
    const share = at - low;
    const next = Math.min(frames - 1, low + 1) * width;
    for (let f = 0; f < width; f++) {
      const first = old[low * width + f];
      data[t * width + f] = first + share * (old[next + f] - first);
    }
  }
  data.fill(0, wanted * width, Math.max(wanted, frames) * width);
  return wanted;
}
