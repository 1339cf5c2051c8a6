/** The application's two feature sets against librosa, and the batching of many clips. */
import { describe, expect, test } from 'vitest';
import {
  extractFrames,
  extractPaper,
  featureFraming,
  frameCount,
  frameFeatureNames,
  frameFeatures,
  PAPER_FEATURES,
  paperFeatureNames,
  paperStatistics,
  SignalError,
  chromaStft,
  spectralBandwidth,
  spectralCentroid,
  spectralContrast,
  spectralFlatness,
} from '../../src/dsp/index.js';
import { programStats, readAll, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { closesDevice, read, signal } from './support.js';

closesDevice();

const cases = fixtureCases('librosa/features').map((c) => [c.name, c] as const);

/** MFCC and dB to 1e-3 (quiet bands of a chirp to 4e-3, see librosa.test.ts), ZCR and RMS to 1e-5. */
function expectFrames(actual: ArrayLike<number>, expected: Float64Array, quiet: number): void {
  const size = 143;
  const allowed = expected.map((v, i) => {
    const feature = i % size;
    if (feature >= 141) return 1e-5 * Math.abs(v) + 1e-9;
    return feature >= 13 && feature < 141 ? quiet : 1e-3 + 1e-6 * Math.abs(v);
  });
  const share = expected.map((v, i) => (actual[i] - v) / allowed[i]);
  expectClose(share, new Float64Array(share.length), { rtol: 0, atol: 1 });
}

describe('frames', () => {
  test.each(cases)('of %s equal librosa’s', async (name, c) => {
    const features = frameFeatures(tensor(signal(name)));
    expect(features.shape).toEqual(c.array('frames').shape);
    expectFrames(await read(features), c.array('frames').data, name === 'chirp' ? 4e-3 : 1e-3);
  });

  test('have a name for each of the 143 features', () => {
    const names = frameFeatureNames();
    expect(names.length).toBe(143);
    expect([names[0], names[12], names[13], names[140], names[141], names[142]]).toEqual([
      'mfcc0',
      'mfcc12',
      'mel0',
      'mel127',
      'zcr',
      'rms',
    ]);
  });

  test('with a second transform hold contrast, chroma, centroid, bandwidth and flatness between the bands and the levels', async () => {
    const settings = { spectralNFft: 1024 };
    const names = frameFeatureNames(settings);
    expect(names.length).toBe(165);
    expect([names[141], names[148], names[160], names[161], names[162], names[163], names[164]]).toEqual([
      'contrast0',
      'chroma0',
      'centroid',
      'bandwidth',
      'flatness',
      'zcr',
      'rms',
    ]);
    const clip = signal('chirp');
    const x = tensor(clip);
    const options = { sr: 16000, nFft: 1024, hopLength: 256 };
    const [all, plain, centroid, bandwidth, flatness, contrast, chroma] = await readAll([
      frameFeatures(x, settings),
      frameFeatures(x),
      spectralCentroid(x, options),
      spectralBandwidth(x, options),
      spectralFlatness(x, options),
      spectralContrast(x, options),
      chromaStft(x, options),
    ]);
    const frames = centroid.length;
    expect(all.length).toBe(frames * 165);
    for (let t = 0; t < frames; t++) {
      const row = all.subarray(t * 165, (t + 1) * 165);
      expectClose(row.subarray(0, 141), plain.subarray(t * 143, t * 143 + 141), { rtol: 1e-6, atol: 1e-4 });
      expectClose(row.subarray(163), plain.subarray(t * 143 + 141, (t + 1) * 143), { rtol: 1e-6, atol: 0 });
      expectClose(row.subarray(141, 148), contrast.subarray(t * 7, (t + 1) * 7), { rtol: 1e-5, atol: 1e-3 });
      expectClose(row.subarray(148, 160), chroma.subarray(t * 12, (t + 1) * 12), { rtol: 1e-4, atol: 1e-5 });
      expect(row[160]).toBeCloseTo(centroid[t] / 1000, 4);
      expect(row[161]).toBeCloseTo(bandwidth[t] / 1000, 4);
      expect(row[162]).toBeCloseTo(10 * Math.log10(Math.max(flatness[t], 1e-10)), 3);
    }
  });

  test('of ragged clips with a second transform are those of each clip alone', async () => {
    const clips = [9000, 3001].map((n, i) => randomArray(n, 50 + i, -0.3, 0.3));
    const batched = await extractFrames(clips, { spectralNFft: 1024 });
    for (const [i, clip] of clips.entries()) {
      const alone = await read(frameFeatures(tensor(clip), { spectralNFft: 1024 }));
      expect(batched[i].size).toBe(165);
      expectClose(batched[i].data, alone, { rtol: 1e-4, atol: 1e-3 });
    }
  });

  test('extractFrames gives, in order, what each clip alone gives, whatever the batch', async () => {
    const clips = [700, 9000, 1, 5000, 4097, 4096, 300].map((n, i) => randomArray(n, 30 + i, -0.3, 0.3));
    const progress: number[] = [];
    const batched = await extractFrames(clips, {}, { batchSize: 3, onProgress: (done) => progress.push(done) });
    expect(progress).toEqual([3, 6, 7]);
    for (const [i, clip] of clips.entries()) {
      const alone = await read(frameFeatures(tensor(clip)));
      const { data, frames, size } = batched[i];
      expect([frames, size, data.length]).toEqual([frameCount(clip.length, featureFraming()), 143, alone.length]);
      expectClose(data, alone, { rtol: 1e-5, atol: 1e-4 });
    }
  });

  test('clips of one length share one program', async () => {
    const clips = Array.from({ length: 6 }, (_, i) => randomArray(3000 + 100 * i, i));
    await extractFrames(clips.slice(0, 2), {}, { batchSize: 2 });
    const before = programStats().programs;
    await extractFrames(clips, {}, { batchSize: 2 });
    expect(programStats().programs).toBe(before);
  });
});

describe('paper statistics', () => {
  test.each(cases)('of %s equal librosa’s and NumPy’s', async (name, c) => {
    for (const [preemphasis, array] of [
      [0, 'paper'],
      [0.97, 'paper_preemphasis'],
    ] as const) {
      const [got] = await extractPaper([signal(name)], { preemphasis });
      expect(got.length).toBe(PAPER_FEATURES);
      expectClose(got, c.array(array).data, { rtol: 1e-5, atol: 1e-3 });
      // ZCR's and RMS's own, which are small numbers.
      expectClose(got.subarray(338), c.array(array).data.subarray(338), { rtol: 1e-5, atol: 1e-8 });
    }
  });

  test('have 350 distinct names', () => {
    const names = paperFeatureNames();
    expect(new Set(names).size).toBe(350);
    expect([names[0], names[168], names[169], names[338], names[349]]).toEqual([
      'mean(mfcc0)',
      'mean(rms)',
      'std(mfcc0)',
      'min(zcr)',
      'range(rms)',
    ]);
  });

  test('of a clip of one frame are its values, with no spread', () => {
    const frame = randomArray(143, 9);
    const stats = paperStatistics({ data: frame, frames: 1, size: 143 });
    expect([...stats.subarray(0, 13)]).toEqual([...frame.subarray(0, 13)]);
    // The weights of a derivative add up to 0 but for rounding.
    expectClose(stats.subarray(13, 39), new Float64Array(26), { rtol: 0, atol: 1e-15 });
    expect([...stats.subarray(169, 338)]).toEqual(new Array(169).fill(0));
    expect(stats[349]).toBe(0);
  });

  test('other sizes are refused', () => {
    expect(() => paperStatistics({ data: new Float32Array(142), frames: 1, size: 142 })).toThrow(SignalError);
    expect(() => paperStatistics({ data: new Float32Array(0), frames: 0, size: 143 })).toThrow(
      /one or more frames of 143/,
    );
  });
});
