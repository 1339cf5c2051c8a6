/** Clips waiting for a batch of their own length. */

export interface Waiting<T> {
  readonly samples: Float32Array;
  readonly tag: T;
}

export interface ClipBatch<T> {
  readonly clips: readonly Waiting<T>[];
  /** Samples that the clips are padded to: the length of all of them, rounded up to a bucket. */
  readonly length: number;
  /** Clips that a batch of this length has when it is full. */
  readonly rows: number;
}

/** Clips in a batch. */
const ROWS = 16;
/** Lengths are rounded up to a multiple: few shapes, so few programs, and little padding. A quarter of a second. */
export const BUCKET = 4096;
/** Samples in a batch: spectra of that many stay well below 128 MiB, the least that a device lets one bind. */
const BATCH_SAMPLES = 4_000_000;
/** Samples that may wait in all (64 MB), however many different lengths come. */
const HELD_SAMPLES = 16_000_000;

/**
 * Sorts clips into batches by the rounded length of each, in the order in which batches become full. What a clip is padded to depends on the clip
 * alone, never on its neighbours, so that its features are the same to the bit in whatever company it comes.
 */
export class ClipPool<T> {
  readonly #bins = new Map<number, Waiting<T>[]>();
  #held = 0;

  /** The batches that this clip completes: its own when that is full, and the longest-waiting ones when too much is held. */
  *add(clip: Waiting<T>): Generator<ClipBatch<T>, void, undefined> {
    const length = Math.ceil(clip.samples.length / BUCKET) * BUCKET;
    const bin = this.#bins.get(length) ?? [];
    this.#bins.set(length, bin);
    bin.push(clip);
    this.#held += clip.samples.length;
    if (bin.length >= rowsOf(length)) yield this.#take(length);
    while (this.#held > HELD_SAMPLES) yield this.#take(this.#bins.keys().next().value!);
  }

  /** What is left when no more clips come. */
  *rest(): Generator<ClipBatch<T>, void, undefined> {
    for (const length of [...this.#bins.keys()]) yield this.#take(length);
  }

  #take(length: number): ClipBatch<T> {
    const clips = this.#bins.get(length)!;
    this.#bins.delete(length);
    for (const { samples } of clips) this.#held -= samples.length;
    return { clips, length, rows: rowsOf(length) };
  }
}

const rowsOf = (length: number): number => Math.max(1, Math.min(ROWS, Math.floor(BATCH_SAMPLES / length)));
