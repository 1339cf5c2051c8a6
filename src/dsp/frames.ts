/** The sequence of features that the models read: MFCC, mel bands in dB, zero-crossing rate and RMS, frame by frame. */
import { concat, readAll, tensor, type Tensor } from '../tensor/index.js';
import { powerToDb } from './decibel.js';
import { SettingsError, SignalError } from './errors.js';
import { frameCount, frameMask, lengthColumn, overBatch, padClips, type Framing, type Lengths } from './lengths.js';
import { levelsOf } from './levels.js';
import { melSpectrogram } from './mel.js';
import { frameLengths, mfccFromDb } from './mfcc.js';
import { preemphasis as emphasize } from './preemphasis.js';
import { requireAtLeast, requirePositive, requireWhole } from './settings.js';
import { spectralFrameNames, spectralFrames } from './spectral-frames.js';
import type { WindowName } from './windows.js';
import { safeSqrt } from './stft.js';

export interface FrameFeatureSettings {
  /** Sampling rate in Hz, default 16000. */
  readonly sampleRate?: number;
  /** Samples in a frame, even, default 512. */
  readonly nFft?: number;
  /** Samples between frames, default 256. */
  readonly hopLength?: number;
  readonly window?: WindowName;
  /** Default 128. */
  readonly nMels?: number;
  /** Default 13. */
  readonly nMfcc?: number;
  readonly fmin?: number;
  readonly fmax?: number;
  readonly htk?: boolean;
  /** Of MFCC and mel bands: dB kept below the maximum of the clip; default 80. */
  readonly topDb?: number | null;
  /** Coefficient of the pre-emphasis of the clip, before all features; 0 (default) for none. */
  readonly preemphasis?: number;
  /** Samples of a second, longer transform that contrast, chroma, centroid, bandwidth and flatness come from; 0 (default) for none. */
  readonly spectralNFft?: number;
}

type Resolved = Required<Omit<FrameFeatureSettings, 'fmax'>> & Pick<FrameFeatureSettings, 'fmax'>;

function resolve(settings: FrameFeatureSettings): Resolved {
  const { sampleRate = 16000, nFft = 512, hopLength = 256, nMels = 128, nMfcc = 13 } = settings;
  const { window = 'hann', fmin = 0, fmax, htk = false, topDb = 80, preemphasis = 0, spectralNFft = 0 } = settings;
  requirePositive('sampleRate', sampleRate);
  requireWhole('nFft', nFft, 2);
  if (nFft % 2 !== 0) throw new SettingsError(`nFft is ${nFft}; frame features need an even one.`);
  requireWhole('hopLength', hopLength, 1);
  requireAtLeast('preemphasis', preemphasis, 0);
  requireWhole('spectralNFft', spectralNFft, 0);
  if (spectralNFft % 2 !== 0)
    throw new SettingsError(`spectralNFft is ${spectralNFft}; frame features need an even one.`);
  return { sampleRate, nFft, hopLength, window, nMels, nMfcc, fmin, fmax, htk, topDb, preemphasis, spectralNFft };
}

/** The framing of a clip under these settings; `frameCount(samples, featureFraming(settings))` says how many frames it has. */
export function featureFraming(settings: FrameFeatureSettings = {}): Framing {
  const { nFft, hopLength } = resolve(settings);
  return { frameLength: nFft, hopLength, center: true };
}

/** Names of the features in their order: mfcc0 …, mel0 …, with `spectralNFft` those of `spectralFrameNames`, zcr, rms. */
export function frameFeatureNames(settings: FrameFeatureSettings = {}): string[] {
  const { nMfcc, nMels, spectralNFft } = resolve(settings);
  const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}${i}`);
  return [
    ...numbered('mfcc', nMfcc),
    ...numbered('mel', nMels),
    ...(spectralNFft ? spectralFrameNames() : []),
    'zcr',
    'rms',
  ];
}

/**
 * (N, L) → (N, T, nMfcc + nMels + 2), (L) → (T, …): MFCC, mel bands in dB (relative to 1, cut `topDb` below the clip's maximum), zero-crossing
 * rate and RMS of T = 1 + ⌊L / hopLength⌋ centred frames; with `spectralNFft` 22 more in front of the last two, see `spectralFrames`.
 * @param lengths samples of each clip of a zero-padded batch; the frames behind a clip's own are 0
 * @throws SignalError, SettingsError
 */
export function frameFeatures(
  waveforms: Tensor,
  settings: FrameFeatureSettings & { readonly lengths?: Lengths } = {},
): Tensor {
  const s = resolve(settings);
  const { lengths } = settings;
  const framing = featureFraming(s);
  return overBatch('frameFeatures', waveforms, (x) => {
    const y = s.preemphasis === 0 ? x : emphasize(x, { coef: s.preemphasis, lengths });
    const spectral = { ...s, sr: s.sampleRate, lengths };
    const mel = powerToDb(melSpectrogram(y, spectral), {
      topDb: s.topDb,
      lengths: frameLengths(lengths, spectral),
    });
    const levels = levelsOf('frameFeatures', y, framing, lengths);
    const [rate, rootMeanSquare] = [levels.slice(2, 1, 2), safeSqrt(levels.slice(2, 0, 1))];
    const { sampleRate, hopLength, spectralNFft } = s;
    const more = spectralNFft ? [spectralFrames(y, { sampleRate, hopLength, nFft: spectralNFft }, lengths)] : [];
    const all = concat([mfccFromDb(mel, { nMfcc: s.nMfcc }), mel, ...more, rate, rootMeanSquare], 2);
    if (!lengths) return all;
    const [clips, samples] = x.shape;
    return all.mul(
      frameMask(lengthColumn('frameFeatures', lengths, clips, samples), all.shape[1], framing).unsqueeze(2),
    );
  });
}

export interface FrameSequence {
  /** (frames, size), row-major. */
  readonly data: Float32Array;
  readonly frames: number;
  /** Features in a frame. */
  readonly size: number;
}

export interface ExtractOptions {
  /** Clips that are worked on at once, default 16; fewer where they are long. */
  readonly batchSize?: number;
  /** Batches are padded to a multiple of this many samples, so that few shapes, and so few programs, come up. Default 4096. */
  readonly bucket?: number;
  /** Called after each batch. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Samples in a batch: its frames and spectra then stay well below 128 MiB, the least that a device lets one bind. */
const MAX_BATCH_SAMPLES = 4_000_000;

/** The number of the first sample that is no finite number, or −1. */
function firstBad(clip: Float32Array): number {
  // A loop: `findIndex` with a callback takes longer than the device does.
  for (let i = 0; i < clip.length; i++) if (!Number.isFinite(clip[i])) return i;
  return -1;
}

/**
 * `frameFeatures` of many clips: those of like length go through the device together, zero-padded to a common length. The results are
 * in the order of the clips.
 * @param clips mono, at `settings.sampleRate`
 * @throws SignalError for an empty clip or one with NaN or infinity, naming it
 */
export async function extractFrames(
  clips: readonly Float32Array[],
  settings: FrameFeatureSettings = {},
  options: ExtractOptions = {},
): Promise<FrameSequence[]> {
  const { batchSize = 16, bucket = 4096, onProgress } = options;
  requireWhole('batchSize', batchSize, 1);
  requireWhole('bucket', bucket, 1);
  clips.forEach((clip, i) => {
    if (clip.length === 0) throw new SignalError(`extractFrames: clip ${i} has no samples.`);
    const bad = firstBad(clip);
    if (bad >= 0)
      throw new SignalError(`extractFrames: sample ${bad} of clip ${i} is ${clip[bad]}; samples must be finite.`);
  });
  const framing = featureFraming(settings);
  const results = new Array<FrameSequence>(clips.length);
  let done = 0;
  for (const { members, length } of makeBatches(clips, batchSize, bucket)) {
    const { data, lengths } = padClips(
      members.map((i) => clips[i]),
      length,
    );
    const features = frameFeatures(tensor(data, [members.length, length]), { ...settings, lengths });
    const [, frames, size] = features.shape;
    const [values] = await readAll([features]);
    members.forEach((clip, row) => {
      const own = frameCount(lengths[row], framing);
      const start = row * frames * size;
      results[clip] = { data: new Float32Array(values.subarray(start, start + own * size)), frames: own, size };
    });
    done += members.length;
    onProgress?.(done, clips.length);
  }
  return results;
}

interface Batch {
  readonly members: number[];
  readonly length: number;
}

/** Clips by length, longest first, cut into batches whose padded size is bounded. */
function makeBatches(clips: readonly Float32Array[], batchSize: number, bucket: number): Batch[] {
  const order = clips.map((_, i) => i).sort((a, b) => clips[b].length - clips[a].length || a - b);
  const batches: Batch[] = [];
  for (let at = 0; at < order.length;) {
    const length = Math.ceil(clips[order[at]].length / bucket) * bucket;
    const size = Math.max(1, Math.min(batchSize, Math.floor(MAX_BATCH_SAMPLES / length)));
    batches.push({ members: order.slice(at, at + size), length });
    at += size;
  }
  return batches;
}
