/**
 * Features of any number of clips in bounded memory: while the device works on two batches, the host reads the next files and decodes them,
 * and the caller keeps what has come out.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { extractFrames, type FrameFeatureSettings, type FrameSequence } from '../../dsp/index.js';
import { AudioFormatError, readAhead, type FileAccessError } from '../../io/index.js';
import { Random } from '../random.js';
import { addNoise } from './alter.js';
import { decodeClip, type LoadedClip } from './load.js';
import { BUCKET, ClipPool, type ClipBatch } from './pool.js';

/** A clip, or an altered copy of it (protocol `paper`). */
export interface Source {
  readonly path: string;
  readonly variant: number;
  /** SHA-256 of the file, where it is known: the file is then checked to be still the same. */
  readonly hash?: string;
}

/** The whole sequence of a source's waveform, or why there is none. `index` is the source's place in the list. */
export type Streamed =
  | { readonly index: number; readonly sequence: FrameSequence; readonly clip: Omit<LoadedClip, 'samples'> }
  | { readonly index: number; readonly error: AudioFormatError | FileAccessError };

/** Milliseconds of the host's time, added up. */
export interface StreamTimes {
  /** Waiting for files. */
  read: number;
  /** Decoding and resampling. */
  decode: number;
  /** Handing batches to the device and waiting for results. */
  device: number;
}

export interface StreamOptions {
  /** Of the noise in altered copies. */
  readonly seed: number;
  /** Fill short batches with silence, so that features do not depend on how many clips there are; default true. */
  readonly fill?: boolean;
  readonly times?: StreamTimes;
}

/** Batches under way on the device. */
const DEPTH = 2;
/** Files read ahead: as many as two batches take. */
const AHEAD = 32;

/** Sources that one waveform serves: masks and shifts come after the front end, so only noise makes another one. */
interface Wave {
  readonly clip: LoadedClip;
  readonly indices: readonly number[];
}

/**
 * The frames of all sources, in groups as they come off the device, not in the order of the list. Every file is read once, however many of the
 * sources are copies of it. A file that cannot be read or decoded comes out with its error, and the rest goes on.
 */
export async function* streamSequences(
  sources: readonly Source[],
  settings: FrameFeatureSettings,
  options: StreamOptions,
): AsyncGenerator<Streamed[], void, undefined> {
  const { seed, fill = true, times = { read: 0, decode: 0, device: 0 } } = options;
  const byPath = new Map<string, number[]>();
  sources.forEach(({ path }, i) => byPath.get(path)?.push(i) ?? byPath.set(path, [i]));
  const pool = new ClipPool<Wave>();
  const running: Promise<Streamed[]>[] = [];
  const start = (batch: ClipBatch<Wave>): void => {
    const work = timed(times, 'device', () => compute(batch, settings, fill));
    // Whoever stops taking results early must not be told of a failure that way.
    work.catch(() => {});
    running.push(work);
  };
  const take = async (): Promise<Streamed[]> => {
    const from = performance.now();
    const results = await running.shift()!;
    times.device += performance.now() - from;
    return results;
  };

  try {
    let waiting = performance.now();
    for await (const file of readAhead(byPath.keys(), AHEAD)) {
      times.read += performance.now() - waiting;
      const indices = byPath.get(file.path)!;
      const loaded =
        'error' in file
          ? file.error
          : timed(times, 'decode', () => load(file.path, file.bytes, sources[indices[0]].hash));
      if (loaded instanceof Error) yield indices.map((index) => ({ index, error: loaded }));
      else {
        for (const wave of wavesOf(loaded, indices, sources, seed)) {
          for (const batch of pool.add({ samples: wave.clip.samples, tag: wave })) {
            start(batch);
            if (running.length > DEPTH) yield await take();
          }
        }
      }
      waiting = performance.now();
    }
    for (const batch of pool.rest()) {
      start(batch);
      if (running.length > DEPTH) yield await take();
    }
    while (running.length > 0) yield await take();
  } finally {
    await Promise.allSettled(running);
  }
}

function timed<T>(times: StreamTimes, part: keyof StreamTimes, work: () => T): T {
  const from = performance.now();
  const result = work();
  times[part] += performance.now() - from;
  return result;
}

function load(path: string, bytes: Uint8Array, hash: string | undefined): LoadedClip | AudioFormatError {
  if (hash !== undefined && createHash('sha256').update(bytes).digest('hex') !== hash) {
    return new AudioFormatError(`${path}: the file has changed since it was found; start again.`);
  }
  try {
    return decodeClip(bytes, path);
  } catch (error) {
    if (error instanceof AudioFormatError) return error;
    throw error;
  }
}

/** The plain waveform and the noisy one, as far as they are wanted. */
function wavesOf(clip: LoadedClip, indices: readonly number[], sources: readonly Source[], seed: number): Wave[] {
  const noisy = indices.filter((i) => sources[i].variant === 1);
  const plain = indices.filter((i) => sources[i].variant !== 1);
  const waves: Wave[] = [];
  if (plain.length > 0) waves.push({ clip, indices: plain });
  if (noisy.length > 0) {
    const random = new Random(seed, 'noise', basename(sources[noisy[0]].path));
    waves.push({ clip: { ...clip, samples: addNoise(clip.samples, random) }, indices: noisy });
  }
  return waves;
}

async function compute(
  { clips, rows }: ClipBatch<Wave>,
  settings: FrameFeatureSettings,
  fill: boolean,
): Promise<Streamed[]> {
  const filling = fill ? Array.from({ length: rows - clips.length }, () => new Float32Array(1)) : [];
  const sequences = await extractFrames([...clips.map(({ samples }) => samples), ...filling], settings, {
    batchSize: rows,
    bucket: BUCKET,
  });
  return clips.flatMap(({ tag: { clip, indices } }, row) => {
    const { sampleRate, stored, seconds } = clip;
    return indices.map((index) => ({
      index,
      sequence: sequences[row],
      clip: { sampleRate, stored, seconds },
    }));
  });
}
