/** Features of the last seconds of a live signal, as the models read those of a clip. */
import { StreamingFeatures, dctMatrix, extractFrames } from '../../dsp/index.js';
import { FEATURE_SETTINGS, type FeatureItem } from '../features/index.js';
import { MELS, MFCC, SAMPLE_RATE } from '../features/settings.js';
import { shapeFeatures } from '../features/shape.js';
import type { FeatureName } from '../models/index.js';

/** Powers further below the loudest of a clip count as this far below it; the same as in `frameFeatures`. */
const TOP_DB = 80;
/** Columns of a streamed frame: mel bands in dB, zero-crossing rate, RMS. */
const STREAMED = MELS + 2;
const WIDTH = MFCC + STREAMED;

export interface LiveWindow {
  /** Not yet normalised. */
  readonly item: FeatureItem;
  /** RMS of the loudest frame. */
  readonly loudest: number;
}

export class LiveFeatures {
  private readonly stream: StreamingFeatures;
  private readonly dct = dctMatrix(MELS, MFCC, 2, 'ortho');
  private readonly hopLength: number;
  /** Whether a window is computed as a clip of its own. */
  private readonly wholly: boolean;
  /** Frames that are kept. */
  readonly most: number;
  /** The last of them, as they are streamed. */
  private rows: Float32Array[] = [];
  /** Frames since the beginning. */
  private heard = 0;
  /** The signal, as far as a window may still reach, and the place of its first sample: for features of a second transform, which are not streamed. */
  private samples = new Float32Array(0);
  private first = 0;

  /** @param seconds that are kept */
  constructor(
    private readonly features: FeatureName,
    seconds: number,
  ) {
    const { nFft, hopLength = 256, nMels, preemphasis, spectralNFft = 0 } = FEATURE_SETTINGS[features];
    this.wholly = spectralNFft > 0;
    this.hopLength = hopLength;
    this.stream = new StreamingFeatures({
      features: ['logMel', 'zcr', 'rms'],
      sr: SAMPLE_RATE,
      nFft,
      hopLength,
      nMels,
      preemphasis,
      center: true,
    });
    this.most = this.framesIn(seconds);
  }

  /** Frames in a span of time. */
  framesIn(seconds: number): number {
    return Math.max(1, Math.round((seconds * SAMPLE_RATE) / this.hopLength));
  }

  /** How far `frames` frames reach: to the middle of the last one, as frames are centred. */
  secondsOf(frames: number): number {
    return (Math.max(0, frames - 1) * this.hopLength) / SAMPLE_RATE;
  }

  /** Takes samples at 16 kHz, and gives the frames that they complete. @throws SignalError for samples that are not finite */
  async push(samples: Float32Array): Promise<Float32Array[]> {
    if (this.wholly) this.keep(samples);
    return rowsOf(await this.stream.push(samples));
  }

  private keep(samples: Float32Array): void {
    const begin = Math.max(this.first, (this.heard - this.most) * this.hopLength);
    const old = this.samples.subarray(begin - this.first);
    const all = new Float32Array(old.length + samples.length);
    all.set(old);
    all.set(samples, old.length);
    this.samples = all;
    this.first = begin;
  }

  async end(): Promise<Float32Array[]> {
    return rowsOf(await this.stream.flush());
  }

  /** Moves the window on by a frame. */
  add(row: Float32Array): void {
    this.rows.push(row);
    if (this.rows.length > this.most) this.rows.shift();
    this.heard++;
  }

  /** What is in the window now. */
  async window(): Promise<LiveWindow> {
    const loudest = this.rows.reduce((most, row) => Math.max(most, row[STREAMED - 1]), 0);
    return { item: this.wholly ? await this.whole() : this.streamed(), loudest };
  }

  /** The window as a clip of its own: contrast in decibels is relative to the whole window, so it is computed anew. */
  private async whole(): Promise<FeatureItem> {
    const begin = Math.max(0, (this.heard - this.most) * this.hopLength - this.first);
    const end = Math.max(begin + 1, this.heard * this.hopLength - this.first);
    const clip = this.samples.slice(begin, end);
    const [{ data, frames, size }] = await extractFrames([clip], FEATURE_SETTINGS[this.features]);
    return shapeFeatures({ data, frames, width: size }, this.features);
  }

  private streamed(): FeatureItem {
    const frames = this.rows.length;
    const data = new Float32Array(frames * WIDTH);
    let top = -Infinity;
    for (const row of this.rows) for (let b = 0; b < MELS; b++) top = Math.max(top, row[b]);
    this.rows.forEach((row, t) => {
      const own = data.subarray(t * WIDTH, (t + 1) * WIDTH);
      for (let b = 0; b < MELS; b++) own[MFCC + b] = Math.max(row[b], top - TOP_DB);
      for (let c = 0; c < MFCC; c++) {
        let sum = 0;
        for (let b = 0; b < MELS; b++) sum += own[MFCC + b] * this.dct[b * MFCC + c];
        own[c] = sum;
      }
      own.set(row.subarray(MELS), MFCC + MELS);
    });
    return shapeFeatures({ data, frames, width: WIDTH }, this.features);
  }
}

const rowsOf = ({ data, frames, size }: { data: Float32Array; frames: number; size: number }): Float32Array[] =>
  Array.from({ length: frames }, (_, t) => data.slice(t * size, (t + 1) * size));
