/** Cuts a signal that arrives in chunks of any size into the frames that the whole signal has, on the host. */
import { SettingsError, SignalError } from './errors.js';
import { framePadding, type Framing } from './lengths.js';
import { requireWhole } from './settings.js';

/** Frames one after the other: frame t of the block is samples t·hop … t·hop + frameLength − 1. */
export interface FrameBlock {
  /** (frames − 1)·hopLength + frameLength samples. */
  readonly samples: Float32Array;
  readonly frames: number;
  /** Number of the block's first frame in the signal. */
  readonly first: number;
  /** How many of the samples lie before the signal's beginning, and behind its end: zeros that centring put there. */
  readonly before: number;
  readonly after: number;
}

/**
 * `append` takes samples, `take` gives the frames that are complete. Without `center` these are the frames of `frame(signal, frameLength,
 * hopLength)`; with it, half a frame of zeros stands before the signal, and, after `finish`, behind it.
 *
 * It holds less than a frame and a hop between an emptying `take` and the next `append`.
 */
export class StreamingFrames {
  readonly framing: Framing;
  private buffer = new Float32Array(0);
  /** Samples waiting in the buffer: start … end − 1. */
  private start = 0;
  private end = 0;
  /** Position of buffer[start] in the padded signal. */
  private position = 0;
  private received = 0;
  private taken = 0;
  private finished = false;

  /** @throws SettingsError */
  constructor(framing: Framing) {
    requireWhole('frameLength', framing.frameLength, 1);
    requireWhole('hopLength', framing.hopLength, 1);
    this.framing = framing;
    this.write(new Float32Array(framePadding(framing)));
  }

  /** Frames given out so far. */
  get frames(): number {
    return this.taken;
  }

  /** Samples received so far. */
  get samples(): number {
    return this.received;
  }

  /** @throws SignalError for samples that are not finite, SettingsError after `finish` */
  append(chunk: Float32Array): void {
    this.check(chunk);
    this.received += chunk.length;
    this.write(chunk);
  }

  /** What `append` checks. */
  check(chunk: Float32Array): void {
    if (this.finished)
      throw new SettingsError('The stream was flushed; reset it for another signal, or make a new one.');
    const bad = chunk.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) {
      throw new SignalError(`Sample ${this.received + bad} of the stream is ${chunk[bad]}; samples must be finite.`);
    }
  }

  /** Ends the signal: centred frames that reach beyond it are complete now. */
  finish(): void {
    if (!this.finished && this.received > 0) this.write(new Float32Array(framePadding(this.framing)));
    this.finished = true;
  }

  /** The next complete frames, `most` of them at most, or nothing where none is complete. */
  take(most = Infinity): FrameBlock | undefined {
    const { frameLength, hopLength } = this.framing;
    const from = this.taken * hopLength;
    // Centred frames wait for the first sample: a signal of none has no frames.
    const room = this.received === 0 ? -1 : this.position + (this.end - this.start) - from - frameLength;
    if (room < 0) return undefined;
    const frames = Math.min(most, 1 + Math.floor(room / hopLength));
    this.skipTo(from);
    const length = (frames - 1) * hopLength + frameLength;
    const samples = this.buffer.slice(this.start, this.start + length);
    const padding = framePadding(this.framing);
    const block: FrameBlock = {
      samples,
      frames,
      first: this.taken,
      before: Math.min(length, Math.max(0, padding - from)),
      after: Math.min(length, Math.max(0, from + length - padding - this.received)),
    };
    this.taken += frames;
    this.skipTo(this.taken * hopLength);
    return block;
  }

  /** Forgets everything: the next sample is the first of another signal. */
  reset(): void {
    this.start = this.end = this.position = this.received = this.taken = 0;
    this.finished = false;
    this.write(new Float32Array(framePadding(this.framing)));
  }

  /** Drops samples before `position` of the padded signal, as far as they have come. */
  private skipTo(position: number): void {
    const step = Math.min(position - this.position, this.end - this.start);
    this.start += step;
    this.position += step;
  }

  private write(chunk: Float32Array): void {
    const waiting = this.end - this.start;
    if (this.end + chunk.length > this.buffer.length) {
      const needed = waiting + chunk.length;
      // Twice the need, so that small chunks seldom move what waits; and smaller again after a large one.
      const fits = needed <= this.buffer.length && this.buffer.length <= 8 * needed;
      const room = fits ? this.buffer : new Float32Array(2 * needed);
      room.set(this.buffer.subarray(this.start, this.end));
      this.buffer = room;
      this.start = 0;
      this.end = waiting;
    }
    this.buffer.set(chunk, this.end);
    this.end += chunk.length;
  }
}
