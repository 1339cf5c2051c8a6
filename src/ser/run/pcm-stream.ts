/** Raw PCM that arrives in chunks of any size, as mono samples at the models' rate. */
import { resampleRatio, polyphase, type Polyphase } from '../../dsp/resample.js';
import { resample } from '../../dsp/index.js';
import { SAMPLE_RATE } from '../features/index.js';
import { RunError } from './errors.js';

export const PCM_FORMATS = ['s16le', 'f32le'] as const;
export type PcmFormat = (typeof PCM_FORMATS)[number];

const BYTES: Readonly<Record<PcmFormat, number>> = { s16le: 2, f32le: 4 };

/**
 * Gives what `resample` gives of the whole signal, in pieces: a sample comes out as soon as the filter has all that it reaches.
 * @throws RunError for a rate that is no whole number of Hz from 1000 up
 */
export class PcmStream {
  private readonly size: number;
  private readonly ratio: { readonly up: number; readonly down: number };
  private readonly filter: Polyphase | undefined;
  /** Bytes of a sample that is cut by the end of its chunk. */
  private cut = new Uint8Array(0);
  /** Input that the filter still needs; begins at a multiple of `ratio.down`. */
  private input = new Float32Array(0);
  /** Outputs of that input that have been given. */
  private given = 0;

  constructor(
    private readonly format: PcmFormat,
    readonly rate: number,
  ) {
    if (!Number.isInteger(rate) || rate < 1000) {
      throw new RunError(`The rate must be a whole number of Hz from 1000 up; got ${rate}.`);
    }
    this.size = BYTES[format];
    this.ratio = resampleRatio(rate, SAMPLE_RATE);
    if (rate !== SAMPLE_RATE) this.filter = polyphase(this.ratio.up, this.ratio.down, {});
  }

  push(bytes: Uint8Array): Float32Array {
    const all = new Uint8Array(this.cut.length + bytes.length);
    all.set(this.cut);
    all.set(bytes, this.cut.length);
    const whole = all.length - (all.length % this.size);
    this.cut = all.slice(whole);
    const view = new DataView(all.buffer, 0, whole);
    const samples = Float32Array.from({ length: whole / this.size }, (_, i) =>
      this.format === 's16le' ? view.getInt16(2 * i, true) / 32768 : view.getFloat32(4 * i, true),
    );
    return this.filter ? this.resampled(samples, this.filter, false) : samples;
  }

  /** What was waiting for more. Half a sample at the end is dropped. */
  end(): Float32Array {
    return this.filter ? this.resampled(new Float32Array(0), this.filter, true) : new Float32Array(0);
  }

  private resampled(more: Float32Array, { half, width }: Polyphase, last: boolean): Float32Array {
    const { up, down } = this.ratio;
    const input = new Float32Array(this.input.length + more.length);
    input.set(this.input);
    input.set(more, this.input.length);
    const all = resample(input, this.rate, SAMPLE_RATE);
    // Output m reaches input ⌊(m·down + half) / up⌋.
    const ready = last ? all.length : Math.max(this.given, Math.ceil((input.length * up - half) / down));
    const out = all.slice(this.given, ready);
    // Output m begins at input ⌊(m·down + half) / up⌋ − width + 1: whole periods before the next one can go.
    const first = Math.floor((ready * down + half) / up) - width + 1;
    const periods = Math.max(0, Math.min(Math.floor(first / down), Math.floor(ready / up)));
    this.input = input.slice(periods * down);
    this.given = ready - periods * up;
    return out;
  }
}
