/** The clips that all cells read: a corpus that is there, else a synthetic one, made once. */
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const SETTINGS = { sampleRate: 16000, nFft: 512, hopLength: 256, nMels: 128, nMfcc: 13 };

/** Absolute paths of the .wav files in a folder, sorted; `count` of them, spread over the whole. */
export function clipsIn(folder, count = Infinity) {
  const all = readdirSync(folder, { recursive: true })
    .filter((name) => name.toLowerCase().endsWith('.wav'))
    .map((name) => resolve(folder, name))
    .sort();
  if (all.length <= count) return all;
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
}

/** A corpus of 1,320 synthetic voices of 3 to 5 s in the system's temporary folder. */
export async function syntheticCorpus(dist) {
  const folder = join(tmpdir(), 'formant-bench-corpus-1320');
  const done = join(folder, 'manifest.json');
  if (!existsSync(done)) {
    const { writeSynthCorpus } = await import(join(dist, 'ser/synth/index.js'));
    await writeSynthCorpus(folder, { speakers: 22, clipsPerEmotion: 9, seconds: [3, 5], sampleRate: 16000, seed: 1 });
  }
  return folder;
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Mean absolute value of (frames, 143) features of clips, by kind: what the libraries' results are compared by. */
export class Check {
  sums = { mfcc: 0, mel: 0, zcr: 0, rms: 0 };
  counts = { mfcc: 0, mel: 0, zcr: 0, rms: 0 };

  add(kind, values) {
    for (const value of values) this.sums[kind] += Math.abs(value);
    this.counts[kind] += values.length;
  }

  /** Row-major (frames, 143): 13 MFCC, 128 mel bands, ZCR, RMS. */
  addFrames(data) {
    for (let at = 0; at < data.length; at += 143) {
      this.add('mfcc', data.subarray(at, at + 13));
      this.add('mel', data.subarray(at + 13, at + 141));
      this.add('zcr', data.subarray(at + 141, at + 142));
      this.add('rms', data.subarray(at + 142, at + 143));
    }
  }

  means() {
    const known = Object.keys(this.sums).filter((kind) => this.counts[kind] > 0);
    return Object.fromEntries(known.map((kind) => [kind, this.sums[kind] / this.counts[kind]]));
  }
}
