import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AudioFormatError, encodeWav, FileAccessError, inspectWav, readWav, writeWav } from '../../src/io/index.js';
import { expected, fixture } from './fixtures.js';
import { chunk, float32, int16, wav } from './wav.bytes.js';

const folder = mkdtempSync(path.join(tmpdir(), 'formant-wav-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The error of a call that must be refused. */
function refusal(bytes: Uint8Array): string {
  for (const read of [readWav, inspectWav]) {
    try {
      read(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(AudioFormatError);
      if (read === inspectWav) return (error as Error).message;
      continue;
    }
    throw new Error(`${read.name} accepted the file`);
  }
  throw new Error('unreachable');
}

describe('readWav against soundfile', () => {
  for (const [name, audio] of Object.entries(expected.audio)) {
    it(`${name}: same samples, rate and channels`, () => {
      const read = readWav(fixture(name));
      expect(read).toMatchObject({
        container: audio.container,
        sampleRate: audio.sampleRate,
        channels: audio.channels,
      });
      expect(read.frames).toBe(audio.samples.length);
      expect(read.seconds).toBe(audio.samples.length / audio.sampleRate);
      expect(read.samples).toHaveLength(audio.samples.length);
      // Mono is exact; numpy sums channels in float32, so a mix may differ by its rounding.
      const tolerance = audio.channels === 1 ? 0 : audio.channels * 2 ** -24;
      audio.samples.forEach((sample, i) => expect(Math.abs(read.samples[i] - sample)).toBeLessThanOrEqual(tolerance));
      const { samples, ...info } = read;
      expect(samples).toBeInstanceOf(Float32Array);
      expect(inspectWav(fixture(name))).toEqual(info);
    });
  }
});

describe('readWav on unusual but sound files', () => {
  it('skips chunks before data, odd ones with their padding byte, and chunks after it', () => {
    const bytes = wav(int16(16384, -32768), {
      before: [chunk('FLLR', new Uint8Array(4044)), chunk('LIST', [1, 2, 3]), chunk('bext', new Uint8Array(602))],
      after: [chunk('_PMX', [60, 62, 33])],
    });
    expect([...readWav(bytes).samples]).toEqual([0.5, -1]);
  });

  it('reads sound audio in front of damaged metadata', () => {
    const bytes = wav(int16(16384), { after: [chunk('LIST', [1, 2, 3, 4], 4_000_000)] });
    expect([...readWav(bytes).samples]).toEqual([0.5]);
  });

  it('takes the rest of the file where the writer could not seek back (sizes 0xFFFFFFFF, or 0 in both headers)', () => {
    expect(readWav(wav(int16(1, 2, 3), { dataSize: 0xffffffff, riffSize: 0xffffffff })).frames).toBe(3);
    expect(readWav(wav(int16(1, 2, 3), { dataSize: 0, riffSize: 0 })).frames).toBe(3);
    expect(readWav(wav(int16(1, 2, 3), { dataSize: 0, riffSize: 36 })).frames).toBe(3);
  });

  it('leaves off half a frame at the end', () => {
    expect(readWav(wav(new Uint8Array([0, 64, 7]))).frames).toBe(1);
  });

  it('reads a view into a larger buffer at an odd address', () => {
    const bytes = wav(int16(16384, -16384));
    const shifted = new Uint8Array(bytes.length + 5);
    shifted.set(bytes, 3);
    expect([...readWav(shifted.subarray(3, 3 + bytes.length)).samples]).toEqual([0.5, -0.5]);
  });
});

describe('readWav refuses with the reason', () => {
  const one = wav(int16(1, 2, 3, 4));
  const cases: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /empty/],
    ['three bytes of a header', one.subarray(0, 3), /not a WAV file/],
    ['a header cut after the RIFF size', one.subarray(0, 10), /truncated/],
    ['a header cut within fmt', one.subarray(0, 30), /"fmt ".*truncated/],
    ['a header cut before data', one.subarray(0, 40), /truncated.*no data chunk/],
    ['data cut short', one.subarray(0, one.length - 1), /promises 8 bytes.*holds 7.*truncated/],
    ['a data size that lies', wav(int16(1), { dataSize: 1_000_000 }), /promises 1000000 bytes.*holds 2/],
    ['a chunk size that lies', wav(int16(1), { before: [chunk('LIST', [1, 2], 9999)] }), /"LIST" claims 9999/],
    ['no samples', wav(new Uint8Array(0)), /0 samples/],
    [
      'no samples although chunks follow',
      wav(new Uint8Array(0), { after: [chunk('LIST', [1, 2, 3, 4])] }),
      /0 samples/,
    ],
    ['a text file', new TextEncoder().encode('Please see the licence.\n'), /a text file/],
    ['a Git LFS pointer', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'), /Git LFS pointer/],
    ['zeros', new Uint8Array(100), /zero bytes/],
    ['a NaN sample', wav(float32(0, NaN), { codec: 3, bits: 32 }), /sample 1 is NaN/],
    ['an infinite sample', wav(float32(-Infinity), { codec: 3, bits: 32 }), /sample 0 is infinite/],
    ['a sample rate of 0', wav(int16(1), { sampleRate: 0 }), /0 Hz/],
    ['0 channels', wav(int16(1), { channels: 0, blockAlign: 2 }), /0 channels/],
    ['a frame size that contradicts the rest', wav(int16(1, 2), { blockAlign: 4 }), /4 bytes a frame/],
    ['12-bit PCM', wav(int16(1), { bits: 12, blockAlign: 2 }), /12-bit PCM/],
    ['an unknown codec', wav(int16(1), { codec: 0x1234 }), /codec 0x1234/],
    [
      'a float64 too large for float32',
      wav(new Uint8Array(Float64Array.of(1e300).buffer), { codec: 3, bits: 64 }),
      /too large/,
    ],
  ];
  for (const [what, bytes, reason] of cases) it(what, () => expect(refusal(bytes)).toMatch(reason));

  const files: [string, RegExp][] = [
    ['ulaw.wav', /µ-law/],
    ['alaw.wav', /A-law/],
    ['ima_adpcm.wav', /IMA ADPCM/],
    ['ms_adpcm.wav', /Microsoft ADPCM/],
    ['gsm.wav', /GSM/],
    ['flac.wav', /FLAC/],
    ['ogg.wav', /Ogg/],
    ['mp3.wav', /MP3/],
    ['caf.wav', /CAF/],
    ['au.wav', /AU/],
    ['rf64.wav', /RF64/],
    ['rifx.wav', /RIFX/],
    ['aifc_ulaw.wav', /AIFF audio of type "ulaw"/],
  ];
  for (const [name, reason] of files) it(`${name}`, () => expect(refusal(readFileSync(fixture(name)))).toMatch(reason));

  it('AIFF cut short', () => {
    const bytes = readFileSync(fixture('aiff16.wav'));
    expect(refusal(bytes.subarray(0, bytes.length - 2))).toMatch(/AIFF.*truncated/);
    expect(refusal(bytes.subarray(0, 20))).toMatch(/AIFF|truncated/);
  });

  it('every prefix of a WAV and of an AIFF file, and every file with one byte changed: read or refused by name, never a crash', () => {
    for (const name of ['pcm24_stereo_extensible.wav', 'aifc_float.wav', 'float64.wav']) {
      const whole = readFileSync(fixture(name));
      for (let length = 0; length < whole.length; length++) {
        expect(() => readWav(whole.subarray(0, length))).toThrow(AudioFormatError);
      }
      for (let at = 0; at < 120; at++) {
        for (const bit of [1, 0x80, 0xff]) {
          const changed = Uint8Array.from(whole);
          changed[at] ^= bit;
          try {
            expect(readWav(changed).samples.every(Number.isFinite)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(AudioFormatError);
          }
        }
      }
    }
  });

  it('a missing file and a folder, naming them', () => {
    const missing = path.join(folder, 'missing.wav');
    expect(() => readWav(missing)).toThrow(FileAccessError);
    expect(() => readWav(missing)).toThrow(`Cannot read ${missing}: there is no such file`);
    expect(() => readWav(folder)).toThrow(/it is a folder/);
  });
});

describe('writeWav', () => {
  it('16 bits: a read gives the nearest step of 1/32768, and full scale is clipped', () => {
    const file = path.join(folder, 'tone.wav');
    const samples = Float32Array.from({ length: 101 }, (_, i) => 0.9 * Math.sin(i / 3));
    samples.set([1, -1, 1.5, -2]);
    writeWav(file, samples, 24414);
    const read = readWav(file);
    expect(read).toMatchObject({ sampleRate: 24414, bitDepth: 16, encoding: 'int', channels: 1, frames: 101 });
    expect([...read.samples.subarray(0, 4)]).toEqual([32767 / 32768, -1, 32767 / 32768, -1]);
    for (let i = 4; i < 101; i++) expect(Math.abs(read.samples[i] - samples[i])).toBeLessThanOrEqual(0.5 / 32768);
    // What 16 bits hold comes back as it is.
    writeWav(file, read.samples, 24414);
    expect(readWav(file).samples).toEqual(read.samples);
  });

  it('32-bit float: samples come back bit by bit', () => {
    const file = path.join(folder, 'float.wav');
    const samples = Float32Array.of(0.1, -0.7, 3, 1e-30);
    writeWav(file, samples, 16000, { bitDepth: '32f' });
    const read = readWav(file);
    expect(read.samples).toEqual(samples);
    expect(read).toMatchObject({ bitDepth: 32, encoding: 'float' });
  });

  it('refuses nothing, NaN and a bad sample rate, and then leaves no file', () => {
    const file = path.join(folder, 'never.wav');
    expect(() => writeWav(file, [], 16000)).toThrow(/0 samples/);
    expect(() => writeWav(file, [0, NaN], 16000)).toThrow(/sample 1 is NaN/);
    expect(() => writeWav(file, [0], 16000.5)).toThrow(/16000.5 Hz/);
    expect(() => encodeWav([0], 0)).toThrow(AudioFormatError);
    expect(existsSync(file)).toBe(false);
  });

  it('refuses a missing folder, naming the file', () => {
    expect(() => writeWav(path.join(folder, 'no', 'x.wav'), [0], 16000)).toThrow(FileAccessError);
  });
});

const originals = path.resolve('..', 'shared', 'corpora', 'originals');
describe.skipIf(!existsSync(originals))('real clips as published', () => {
  const clips: [string, Partial<ReturnType<typeof inspectWav>>][] = [
    ['RAVDESS/Actor_01/03-01-01-01-01-01-01.wav', { sampleRate: 48000, channels: 1, frames: 158558 }],
    ['RAVDESS/Actor_20/03-01-06-01-01-02-20.wav', { sampleRate: 48000, channels: 2, frames: 209809 }],
    ['TESS/OAF_Fear/OAF_food_fear.wav', { sampleRate: 96000, channels: 1, frames: 145172 }],
    ['TESS/YAF_angry/YAF_germ_angry.wav', { container: 'aiff', sampleRate: 24414, channels: 1, frames: 53847 }],
    ['TESS/YAF_fear/YAF_neat_fear.wav', { container: 'aiff', sampleRate: 24414, channels: 1, frames: 40156 }],
  ];
  for (const [clip, info] of clips) {
    it(clip, () => {
      const read = readWav(path.join(originals, clip));
      expect(read).toMatchObject(info);
      const loudest = read.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(loudest).toBeGreaterThan(0.001); // speech, not silence
      expect(loudest).toBeLessThanOrEqual(1);
    });
  }
});
