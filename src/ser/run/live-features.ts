/** Features of the last seconds of a live signal, as the models read those of a clip. */
import { StreamingFeatures, dctMatrix } from '../../dsp/index.js';
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
  /** Frames that are kept. */
  readonly most: number;
  /** The last of them, as they are streamed. */
  private rows: Float32Array[] = [];

  /** @param seconds that are kept */
  constructor(
    private readonly features: FeatureName,
    seconds: number,
  ) {
    const { nFft, hopLength = 256, nMels, preemphasis } = FEATURE_SETTINGS[features];
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
    return rowsOf(await this.stream.push(samples));
  }

  async end(): Promise<Float32Array[]> {
    return rowsOf(await this.stream.flush());
  }

  /** Moves the window on by a frame. */
  add(row: Float32Array): void {
    this.rows.push(row);
    if (this.rows.length > this.most) this.rows.shift();
  }

  /** What is in the window now. */
  window(): LiveWindow {
    const frames = this.rows.length;
    const data = new Float32Array(frames * WIDTH);
    let top = -Infinity;
    let loudest = 0;
    for (const row of this.rows) {
      for (let b = 0; b < MELS; b++) top = Math.max(top, row[b]);
      loudest = Math.max(loudest, row[STREAMED - 1]);
    }
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
    return { item: shapeFeatures({ data, frames, width: WIDTH }, this.features), loudest };
  }
}

const rowsOf = ({ data, frames, size }: { data: Float32Array; frames: number; size: number }): Float32Array[] =>
  Array.from({ length: frames }, (_, t) => data.slice(t * size, (t + 1) * size));
