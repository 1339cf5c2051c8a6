import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../../../src/io/index.js';
import { EMOTIONS, synth, type Emotion } from '../../../src/ser/corpora/index.js';
import { nearestCentroidAccuracy } from '../../../src/ser/metrics/index.js';
import {
  countSynthClips,
  makeSpeaker,
  synthesize,
  SynthError,
  writeSynthCorpus,
  type SynthClip,
  type SynthManifest,
  type SynthOptions,
} from '../../../src/ser/synth/index.js';

/** Eight speakers, three clips each of seven emotions: shared by the tests that listen. */
const clips = [...synthesize({ speakers: 8, clipsPerEmotion: 3, seed: 7 })];

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Pitch in Hz of the voiced 40 ms frames of a clip, by normalised autocorrelation; in order of time. */
function pitchTrack({ samples, sampleRate }: SynthClip): number[] {
  // A quarter of the rate is enough for pitch, and quick.
  const step = 4;
  const rate = sampleRate / step;
  const slow = Float64Array.from({ length: Math.floor(samples.length / step) }, (_, n) =>
    mean([0, 1, 2, 3].map((k) => samples[n * step + k])),
  );
  const size = Math.round(0.04 * rate);
  const loudest = Math.max(...slow.map(Math.abs));
  const track: number[] = [];
  for (let start = 0; start + 2 * size < slow.length; start += Math.round(0.01 * rate)) {
    let best = 0;
    let bestLag = 0;
    let energy = 0;
    for (let n = start; n < start + size; n++) energy += slow[n] ** 2;
    if (Math.sqrt(energy / size) < 0.05 * loudest) continue;
    for (let lag = Math.floor(rate / 480); lag <= Math.ceil(rate / 60); lag++) {
      let product = 0;
      let other = 0;
      for (let n = start; n < start + size; n++) {
        product += slow[n] * slow[n + lag];
        other += slow[n + lag] ** 2;
      }
      // A longer lag must be clearly better, or octaves below would win.
      const match = product / Math.sqrt(energy * other + 1e-12);
      if (match > best + 0.03) {
        best = match;
        bestLag = lag;
      }
    }
    if (best > 0.6) track.push(rate / bestLag);
  }
  return track;
}

function level({ samples }: SynthClip): number {
  return 10 * Math.log10(mean(Array.from(samples, (x) => x * x)));
}

/** For each speaker, the mean over the clips of an emotion. */
function bySpeaker(emotion: Emotion, measure: (clip: SynthClip) => number): Map<string, number> {
  const speakers = [...new Set(clips.map(({ speaker }) => speaker))];
  return new Map(
    speakers.map((speaker) => [
      speaker,
      mean(clips.filter((clip) => clip.speaker === speaker && clip.emotion === emotion).map(measure)),
    ]),
  );
}

describe('the synthetic corpus', () => {
  it('has the asked number of finite clips below full scale, of the asked length', () => {
    expect(clips.length).toBe(8 * 7 * 3);
    expect(countSynthClips({ speakers: 8, clipsPerEmotion: 3 })).toBe(clips.length);
    for (const { samples, sampleRate } of clips) {
      expect(sampleRate).toBe(16000);
      expect(samples.every((x) => Number.isFinite(x) && Math.abs(x) < 1)).toBe(true);
      expect(samples.length / 16000).toBeGreaterThanOrEqual(0.95);
      expect(samples.length / 16000).toBeLessThanOrEqual(1.6);
    }
  });

  it('keeps to the asked seconds and sample rate', () => {
    for (const clip of synthesize({ speakers: 2, clipsPerEmotion: 2, seconds: [0.6, 0.9], sampleRate: 22000 })) {
      expect(clip.sampleRate).toBe(22000);
      expect(clip.samples.length / 22000).toBeGreaterThanOrEqual(0.55);
      expect(clip.samples.length / 22000).toBeLessThanOrEqual(0.9);
    }
  });

  it('is the same for the same seed, sample by sample, and another for another seed', () => {
    const digest = (options: SynthOptions): string => {
      const hash = createHash('sha256');
      for (const { samples } of synthesize({ speakers: 2, clipsPerEmotion: 1, ...options })) hash.update(samples);
      return hash.digest('hex');
    };
    expect(digest({ seed: 3 })).toBe(digest({ seed: 3 }));
    expect(digest({ seed: 3 })).not.toBe(digest({ seed: 4 }));
  });

  it('a larger corpus contains the smaller one', () => {
    const large = [...synthesize({ speakers: 3, clipsPerEmotion: 2, seed: 9 })];
    for (const clip of synthesize({ speakers: 2, clipsPerEmotion: 1, seed: 9, emotions: ['sad', 'fear'] })) {
      const twin = large.find((c) => c.speaker === clip.speaker && c.emotion === clip.emotion && c.take === clip.take);
      expect(twin?.samples).toEqual(clip.samples);
    }
  });

  it('no two clips are the same', () => {
    const hashes = clips.map(({ samples }) => createHash('sha256').update(samples).digest('hex'));
    expect(new Set(hashes).size).toBe(clips.length);
  });

  it.each<[string, SynthOptions]>([
    ['no speakers', { speakers: 0 }],
    ['half a clip', { clipsPerEmotion: 0.5 }],
    ['seconds the wrong way round', { seconds: [2, 1] }],
    ['a sample rate of 8 kHz', { sampleRate: 8000 }],
    ['a negative seed', { seed: -1 }],
    ['no emotion', { emotions: [] }],
  ])('refuses %s', (_, options) => {
    expect(() => [...synthesize(options)]).toThrow(SynthError);
  });
});

describe('voices follow the table of vocal effects', () => {
  const pitch = Object.fromEntries(
    EMOTIONS.map((emotion) => [emotion, bySpeaker(emotion, (clip) => median(pitchTrack(clip)))]),
  );
  const everySpeaker = (test: (speaker: string) => boolean): boolean => [...pitch.neutral.keys()].every(test);
  const at = (emotion: Emotion, speaker: string): number => pitch[emotion].get(speaker) ?? NaN;

  it('neutral pitch is the speaker’s own', () => {
    for (let s = 0; s < 8; s++) {
      const speaker = makeSpeaker(s, 7);
      expect(Math.abs(12 * Math.log2(at('neutral', speaker.id) / speaker.pitch))).toBeLessThan(3);
    }
  });

  it('fear, anger, happiness and surprise are spoken higher than neutral by every speaker', () => {
    for (const emotion of ['fear', 'angry', 'happy', 'surprise'] as const) {
      expect(everySpeaker((speaker) => at(emotion, speaker) > at('neutral', speaker) * 1.1)).toBe(true);
    }
  });

  it('sadness is no higher than neutral', () => {
    expect(mean([...pitch.sad.values()])).toBeLessThan(mean([...pitch.neutral.values()]));
  });

  it('pitch alone does not tell the class: a man’s anger and fear lie around a woman’s neutral voice', () => {
    const range = (emotion: Emotion, gender: SynthClip['gender']): number[] => {
      const own = new Set(clips.filter((clip) => clip.gender === gender).map(({ speaker }) => speaker));
      return [...own].map((speaker) => at(emotion, speaker));
    };
    expect(Math.min(...range('angry', 'male'))).toBeLessThan(Math.max(...range('neutral', 'female')));
    expect(Math.max(...range('fear', 'male'))).toBeGreaterThan(Math.min(...range('neutral', 'female')));
  });

  it('surprise ends much higher than it began', () => {
    const rise = (clip: SynthClip): number => {
      const track = pitchTrack(clip);
      const fifth = Math.max(1, Math.floor(track.length / 5));
      return 12 * Math.log2(median(track.slice(-fifth)) / median(track.slice(0, 2 * fifth)));
    };
    const rises = (emotion: Emotion): number => median([...bySpeaker(emotion, rise).values()]);
    expect(rises('surprise')).toBeGreaterThan(5);
    expect(rises('neutral')).toBeLessThan(1);
  });

  it('anger is louder, sadness softer than neutral for every speaker', () => {
    const [angry, neutral, sad] = (['angry', 'neutral', 'sad'] as const).map((emotion) => bySpeaker(emotion, level));
    for (const [speaker, own] of neutral) {
      expect(angry.get(speaker)).toBeGreaterThan(own);
      expect(sad.get(speaker)).toBeLessThan(own);
    }
  });
});

describe('the task is not trivial', () => {
  /** Mean log spectrum (129 bins) of a clip, by plain DFT of Hann windows. */
  const size = 256;
  const cosine = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const meanSpectrum = ({ samples }: SynthClip): Float64Array => {
    const sum = new Float64Array(size / 2 + 1);
    let frames = 0;
    for (let start = 0; start + size <= samples.length; start += 2 * size, frames++) {
      const windowed = Float64Array.from({ length: size }, (_, n) => samples[start + n] * (0.5 - 0.5 * cosine[n]));
      for (let bin = 0; bin < sum.length; bin++) {
        let real = 0;
        let imaginary = 0;
        for (let n = 0; n < size; n++) {
          real += windowed[n] * cosine[(bin * n) % size];
          // A quarter turn makes the sine.
          imaginary += windowed[n] * cosine[(bin * n + size / 4) % size];
        }
        sum[bin] += Math.log10(real * real + imaginary * imaginary + 1e-8);
      }
    }
    return sum.map((value) => value / frames);
  };
  const spectra = clips.map(meanSpectrum);
  const labels = clips.map(({ emotion }) => EMOTIONS.indexOf(emotion));
  const test = new Set(['S03', 'S04']);

  const accuracy = (vectors: readonly Float64Array[]): number => {
    const of = (held: boolean) => {
      const indices = clips.flatMap(({ speaker }, i) => (test.has(speaker) === held ? [i] : []));
      return { vectors: indices.map((i) => vectors[i]), labels: indices.map((i) => labels[i]) };
    };
    return nearestCentroidAccuracy(of(false), of(true), EMOTIONS.length);
  };

  it('the mean spectrum of unseen speakers tells something, but far from all', () => {
    const plain = accuracy(spectra);
    expect(plain).toBeGreaterThan(1.3 / 7);
    expect(plain).toBeLessThan(0.7);
  });

  it('also when each speaker’s own mean is taken away', () => {
    const centred = spectra.map((spectrum, i) => {
      const own = spectra.filter((_, j) => clips[j].speaker === clips[i].speaker);
      return spectrum.map((value, bin) => value - mean(own.map((other) => other[bin])));
    });
    expect(accuracy(centred)).toBeLessThan(0.78);
  });
});

describe('on disk', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'formant-synth-'));
  const options = { speakers: 2, clipsPerEmotion: 2, seed: 5 } as const;
  let manifest: SynthManifest;
  const seen: string[] = [];
  beforeAll(async () => {
    manifest = await writeSynthCorpus(folder, options, ({ done, total, file }) =>
      seen.push(`${done}/${total} ${file}`),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('every clip is a 16-bit file that holds the synthesized samples', () => {
    const expected = [...synthesize(options)];
    expect(manifest.clips.length).toBe(28);
    manifest.clips.forEach(({ file }, i) => {
      const { samples, sampleRate } = readWav(path.join(folder, file));
      expect(sampleRate).toBe(16000);
      expect(samples.length).toBe(expected[i].samples.length);
      const worst = Math.max(...samples.map((x, n) => Math.abs(x - expected[i].samples[n])));
      expect(worst).toBeLessThanOrEqual(0.5 / 32768 + 1e-9);
    });
  });

  it('its parser reads speaker, emotion and gender back from every name', () => {
    for (const { file, speaker, emotion, gender } of manifest.clips) {
      expect(synth.parse(`/any/where/${file}`)).toEqual({
        corpus: 'SYNTH',
        speaker: `SYNTH/${speaker}`,
        emotion,
        gender,
      });
    }
  });

  it('the manifest on disk is the one returned, and progress counted every file', () => {
    expect(JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))).toEqual(manifest);
    expect(seen.length).toBe(28);
    expect(seen[27]).toBe(`28/28 ${manifest.clips[27].file}`);
  });

  it('writing again gives the same bytes', async () => {
    const other = mkdtempSync(path.join(tmpdir(), 'formant-synth-'));
    try {
      await writeSynthCorpus(other, options);
      for (const { file } of [...manifest.clips, { file: 'manifest.json' }]) {
        expect(readFileSync(path.join(other, file)).equals(readFileSync(path.join(folder, file)))).toBe(true);
      }
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('a folder that cannot be made is an error that names it', async () => {
    const blocked = path.join(folder, 'file');
    writeFileSync(blocked, '');
    await expect(writeSynthCorpus(path.join(blocked, 'corpus'), options)).rejects.toThrow(SynthError);
    await expect(writeSynthCorpus(path.join(blocked, 'corpus'), options)).rejects.toThrow(blocked);
  });
});
