/** What is measured of a clip for its picture, how it is thinned out, and what the SVG shows. */
import { inflateSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import {
  drawAugmentation,
  drawPlot,
  measure,
  MOST_COLUMNS,
  thin,
  type AugmentName,
} from '../../../src/ser/plot/index.js';
import { imageUrl } from '../../../src/ser/plot/image.js';
import { shutdown } from '../../../src/tensor/index.js';

afterAll(shutdown);

/** A second of a tone that rises from 200 Hz, half as loud in its second half. */
const clip = Float32Array.from(
  { length: 16000 },
  (_, i) =>
    (i < 8000 ? 0.8 : 0.4) *
    Math.sin((2 * Math.PI * 200 * i) / 16000 + (2 * Math.PI * 700 * i * i) / (2 * 16000 * 16000)),
);

describe('measure', () => {
  test('gives series over the clip’s seconds', async () => {
    const { seconds, low, high, mel, mfcc, rms, zcr, chroma } = await measure(clip, { chroma: true });
    expect(seconds).toBe(1);
    expect([mel.rows, mfcc.rows, chroma?.rows]).toEqual([128, 13, 12]);
    expect([mel.columns, mfcc.columns, rms.length, zcr.length]).toEqual([63, 63, 63, 63]);
    expect(low.length).toBe(600);
    expect([Math.min(...low), Math.max(...high)].map((v) => v.toFixed(1))).toEqual(['-0.8', '0.8']);
    // The loudness halves, and the tone crosses zero ever more often.
    expect(rms[15] / rms[45]).toBeCloseTo(2, 1);
    expect(zcr[55]).toBeGreaterThan(2 * zcr[5]);
    // The brightest band rises.
    const brightest = (t: number): number => {
      const column = mel.values.subarray(128 * t, 128 * (t + 1));
      return column.indexOf(column.reduce((a, b) => Math.max(a, b)));
    };
    expect(brightest(55)).toBeGreaterThan(brightest(5));
    expect((await measure(clip)).chroma).toBeUndefined();
  });

  test('long clips have no more columns than a picture shows', async () => {
    const { low, mel, rms } = await measure(new Float32Array(16000 * 12).fill(0.1));
    expect([low.length, mel.columns, rms.length]).toEqual([MOST_COLUMNS, MOST_COLUMNS, MOST_COLUMNS]);
  });

  test('one sample is a clip, too', async () => {
    const { low, high, mel } = await measure(Float32Array.of(0.5));
    expect([...low, ...high, mel.columns]).toEqual([0.5, 0.5, 1]);
  });
});

test('thin takes means of neighbours', () => {
  expect([...thin([1, 10, 3, 30, 5, 50, 7, 70], 2, 2)]).toEqual([2, 20, 6, 60]);
  expect([...thin([1, 2, 6], 1, 2)]).toEqual([1, 4]);
});

describe('alterations', () => {
  test.each([
    ['noise', /10 dB/],
    ['pitch', /[+−][234] semitones/],
    ['stretch', /pace × [01]\.\d/],
    ['speed', /speed × (0\.9|1\.1)/],
    ['shift', /frames, [+−]\d+ bands/],
    ['specaugment', /SpecAugment/],
  ] as const)(
    '%s says what it does, does it, and does it again for the same seed',
    async (name: AugmentName, label) => {
      const drawn = drawAugmentation(name, 7, 63);
      expect(drawn.label).toMatch(label);
      const [plain, one, two] = [
        await measure(clip),
        await measure(clip, { augmentation: drawn }),
        await measure(clip, { augmentation: drawAugmentation(name, 7, 63) }),
      ];
      expect(one).toEqual(two);
      expect(one.mel.values).not.toEqual(plain.mel.values);
      const longer = name === 'stretch' || name === 'speed';
      if (longer) expect(one.seconds).toBeCloseTo(1 / Number(/[\d.]+$/.exec(drawn.label)?.[0]), 3);
      else expect(one.seconds).toBe(1);
    },
  );

  test('seeds differ', () => {
    expect(new Set(Array.from({ length: 30 }, (_, seed) => drawAugmentation('pitch', seed, 9).label)).size).toBe(6);
  });
});

test('images have their lowest row at the bottom, and levels as colours', () => {
  const colours = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
  const url = imageUrl({ columns: 2, rows: 3, values: Float32Array.of(0, 1, 2, 3, 4, 99) }, 0, 4, colours, 2);
  const png = Buffer.from(url.replace('data:image/png;base64,', ''), 'base64');
  const at = png.indexOf('IDAT');
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  expect([...rows]).toEqual([0, 128, 255, 0, 128, 255, 0, 64, 255, 0, 64, 255, 0, 0, 191, 0, 0, 191]);
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 6]);
});

describe('drawPlot', () => {
  test('draws every panel with its axes, and stays small', async () => {
    const svg = await drawPlot([{ label: 'original', clip: await measure(clip, { chroma: true }) }], {
      title: 'A & <b>',
      panels: ['waveform', 'mel', 'mfcc', 'chroma', 'rms', 'zcr'],
    });
    for (const text of [
      'A &amp; &lt;b&gt;',
      'waveform',
      'mel spectrogram',
      'MFCC',
      'chroma',
      'RMS',
      'zero-crossing rate',
      'time (s)',
      'frequency (Hz)',
      'dB',
      '8,000',
      'C♯'.slice(0, 1),
    ])
      expect(svg).toContain(text);
    expect(svg.match(/>time \(s\)</g)?.length).toBe(1);
    expect(svg.match(/data:image\/png/g)?.length).toBe(3);
    // No other file is needed to see it.
    expect(svg).not.toMatch(/href="(?!data:)/);
    expect(svg.length).toBeLessThan(500_000);
  });

  test('draws two clips on the same axes', async () => {
    const augmentation = drawAugmentation('stretch', 7, 63);
    const clips = [
      { label: 'original', clip: await measure(clip) },
      { label: augmentation.label, clip: await measure(clip, { augmentation }) },
    ];
    const svg = await drawPlot(clips, { title: 'two', panels: ['mel'], width: 800 });
    expect(svg).toContain('original');
    expect(svg).toContain(augmentation.label);
    const widths = [...svg.matchAll(/<image[^>]* width="([\d.]+)"/g)].map((m) => Number(m[1]));
    expect(widths.length).toBe(2);
    expect(widths[1] / widths[0]).toBeCloseTo(clips[1].clip.seconds, 2);
  });

  test('silence has axes', async () => {
    const svg = await drawPlot([{ label: '', clip: await measure(new Float32Array(4000)) }], { title: 'silence' });
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});
