/** Features of a signal that arrives in chunks, for live use: each frame as soon as its last sample is there. */
import { concat, readAll, tensor, type Tensor } from '../tensor/index.js';
import { powerToDb } from './decibel.js';
import { SettingsError } from './errors.js';
import { melSpectrogram, type MelOptions } from './mel.js';
import { mfccFromDb, type CepstrumOptions } from './mfcc.js';
import { rms } from './rms.js';
import { requireAtLeast, requireOneOf, requirePositive, requireWhole } from './settings.js';
import { StreamingFrames, type FrameBlock } from './streaming-frames.js';
import { StreamingPreemphasis } from './streaming-preemphasis.js';
import { resolveStft } from './stft.js';
import type { Window } from './windows.js';
import { zeroCrossingRate } from './zcr.js';

export type StreamFeature = 'mel' | 'logMel' | 'mfcc' | 'rms' | 'zcr';

const FEATURES: readonly StreamFeature[] = ['mel', 'logMel', 'mfcc', 'rms', 'zcr'];

export interface StreamingOptions extends Omit<MelOptions, 'norm'>, Omit<CepstrumOptions, 'norm'> {
  /** Which, in the order of their columns; default ['logMel']. */
  readonly features?: readonly StreamFeature[];
  /** Samples in a frame, default 2048. RMS and zero-crossing rate are taken over the same frames. */
  readonly nFft?: number;
  /** Samples between frames, default 512. */
  readonly hopLength?: number;
  readonly winLength?: number;
  readonly window?: Window;
  /** Exponent of the magnitudes under the mel bands, default 2. */
  readonly power?: number;
  /**
   * False (default): frame t begins at sample t·hopLength, and the samples behind the last whole frame are in none. True: it is centred there, with
   * zeros round the signal; `flush` then gives the last frames.
   */
  readonly center?: boolean;
  /** Norm of the mel filters, default 'slaney'. */
  readonly melNorm?: MelOptions['norm'];
  /** Norm of the cosine transform, default 'ortho'. */
  readonly norm?: CepstrumOptions['norm'];
  /** What counts as 0 dB, default 1: a number, since the maximum of the clip is not known before its end. */
  readonly ref?: number;
  /** Smaller powers count as this one, default 1e-10. There is no `topDb`: it would need the maximum of the whole clip. */
  readonly amin?: number;
  /** Coefficient of a pre-emphasis of the signal before all features; 0 (default) for none. */
  readonly preemphasis?: number;
  /** Frames that go through the device at once, default 64. */
  readonly blockFrames?: number;
}

/** Consecutive frames' features. */
export interface FrameRows {
  /** (frames, size), row-major. */
  readonly data: Float32Array;
  readonly frames: number;
  /** Features in a frame. */
  readonly size: number;
  /** Number of the first of these frames in the signal, counted from 0. */
  readonly first: number;
}

/**
 * Takes samples in chunks of any size and gives the features of each frame that they complete: those that the calls on the whole signal give with
 * the same `center`, and with `topDb: null` for decibels. Memory is bounded by the largest chunk.
 *
 * The device works on blocks of 1, 2, 4, … frames (filled up with zeros), so that few programs come up whatever the chunks are.
 */
export class StreamingFeatures {
  /** Features in a frame. */
  readonly size: number;
  /** Names of the columns: mel0 …, logMel0 …, mfcc0 …, rms, zcr. */
  readonly names: readonly string[];
  private readonly settings: Required<Omit<StreamingOptions, 'fmax' | 'winLength'>> & StreamingOptions;
  private readonly frames: StreamingFrames;
  private readonly emphasis: StreamingPreemphasis | undefined;
  /** The last call: calls follow one another, awaited or not. */
  private last: Promise<unknown> = Promise.resolve();

  /** @throws SettingsError */
  constructor(options: StreamingOptions = {}) {
    const { features = ['logMel'], nFft = 2048, hopLength = 512, window = 'hann', power = 2, center = false } = options;
    const { sr = 22050, nMels = 128, fmin = 0, htk = false, melNorm = 'slaney' } = options;
    const { nMfcc = 20, dctType = 2, norm = 'ortho', lifter = 0 } = options;
    const { ref = 1, amin = 1e-10, preemphasis = 0, blockFrames = 64 } = options;
    if (features.length === 0) throw new SettingsError(`features is empty; give some of ${FEATURES.join(', ')}.`);
    for (const feature of features) requireOneOf('feature', feature, FEATURES);
    resolveStft({ ...options, nFft, hopLength });
    requireWhole('nMels', nMels, 1);
    requireWhole('nMfcc', nMfcc, 1, nMels);
    requirePositive('amin', amin);
    requireAtLeast('preemphasis', preemphasis, 0);
    requireWhole('blockFrames', blockFrames, 1);
    this.settings = {
      ...{ ...options, features, nFft, hopLength, window, power, center, sr, nMels, fmin, htk, melNorm },
      ...{ nMfcc, dctType, norm, lifter, ref, amin, preemphasis, blockFrames },
    };
    const columns = { mel: nMels, logMel: nMels, mfcc: nMfcc, rms: 1, zcr: 1 };
    this.names = features.flatMap((name) =>
      columns[name] === 1 ? [name] : Array.from({ length: columns[name] }, (_, i) => `${name}${i}`),
    );
    this.size = features.reduce((sum, name) => sum + columns[name], 0);
    this.frames = new StreamingFrames({ frameLength: nFft, hopLength, center });
    if (preemphasis !== 0) this.emphasis = new StreamingPreemphasis(preemphasis);
  }

  /**
   * The frames that `chunk` completes; none where it is too short for one. The chunk is copied, so it may be used again at once.
   * @throws SignalError for samples that are not finite; the stream goes on without that chunk
   */
  push(chunk: Float32Array): Promise<FrameRows> {
    const own = chunk.slice();
    return this.enqueue(() => {
      this.frames.check(own);
      this.frames.append(this.emphasis ? this.emphasis.push(own) : own);
    });
  }

  /** Ends the signal: the frames that were still waiting for its end (only with `center`). */
  flush(): Promise<FrameRows> {
    return this.enqueue(() => {
      const waiting = this.emphasis?.flush();
      if (waiting && waiting.length > 0) this.frames.append(waiting);
      this.frames.finish();
    });
  }

  /** Makes ready for another signal. */
  reset(): void {
    this.last = this.last.then(() => {
      this.frames.reset();
      this.emphasis?.reset();
    });
  }

  private enqueue(feed: () => void): Promise<FrameRows> {
    const result = this.last.then(() => {
      feed();
      return this.drain();
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  private async drain(): Promise<FrameRows> {
    const first = this.frames.frames;
    const parts: Float32Array[] = [];
    for (let block = this.frames.take(this.settings.blockFrames); block;) {
      parts.push(await this.compute(block));
      block = this.frames.take(this.settings.blockFrames);
    }
    const frames = this.frames.frames - first;
    const data = new Float32Array(frames * this.size);
    let at = 0;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    return { data, frames, size: this.size, first };
  }

  private async compute(block: FrameBlock): Promise<Float32Array> {
    const { nFft, hopLength, blockFrames, features, center } = this.settings;
    const frames = Math.min(blockFrames, 2 ** Math.ceil(Math.log2(block.frames)));
    const samples = new Float32Array((frames - 1) * hopLength + nFft);
    samples.set(block.samples);
    const x = tensor(samples, [1, samples.length]);
    // Nothing crosses zero where the padding meets the signal: the end samples go on there.
    const z = center && features.includes('zcr') ? tensor(continued(samples, block), x.shape) : x;
    const [values] = await readAll([this.record(x, z)]);
    return Float32Array.from(values.subarray(0, block.frames * this.size));
  }

  private record(x: Tensor, z: Tensor): Tensor {
    const s = this.settings;
    const framing = { frameLength: s.nFft, hopLength: s.hopLength, center: false };
    let mel: Tensor | undefined;
    let db: Tensor | undefined;
    const melOf = (): Tensor => (mel ??= melSpectrogram(x, { ...s, norm: s.melNorm, center: false }));
    const dbOf = (): Tensor => (db ??= powerToDb(melOf(), { ref: s.ref, amin: s.amin, topDb: null }));
    const make: Record<StreamFeature, () => Tensor> = {
      mel: melOf,
      logMel: dbOf,
      mfcc: () => mfccFromDb(dbOf(), s),
      rms: () => rms(x, framing),
      zcr: () => zeroCrossingRate(z, framing),
    };
    const columns = s.features.map((name) => make[name]());
    return columns.length === 1 ? columns[0] : concat(columns, 2);
  }
}

/** The samples of a block with the signal's first and last sample in place of the zeros round it. */
function continued(samples: Float32Array, { before, after, samples: own }: FrameBlock): Float32Array {
  const out = samples.slice();
  out.fill(own[Math.min(before, own.length - 1)], 0, before);
  out.fill(own[Math.max(own.length - after - 1, 0)], own.length - after, own.length);
  return out;
}
