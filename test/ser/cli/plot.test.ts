import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeWav } from '../../../src/io/index.js';
import { formant, temporaryFolder } from './harness.js';

const folder = temporaryFolder();
const clip = join(folder, 'a & b.wav');
writeWav(
  clip,
  Float32Array.from({ length: 4000 }, (_, i) => 0.3 * Math.sin(i / 5)),
  8000,
);
const out = join(folder, 'clip.svg');

test('plot writes an SVG and says so', async () => {
  const told = await formant(['plot', clip, '--out', out, '--json']);
  expect(told.code).toBe(0);
  expect(told.closed).toBe(1);
  const svg = readFileSync(out, 'utf8');
  expect(told.json()).toEqual({
    file: clip,
    out,
    bytes: Buffer.byteLength(svg),
    panels: ['waveform', 'mel', 'mfcc', 'rms', 'zcr'],
    sampleRate: 8000,
    seconds: 0.5,
  });
  expect(svg).toMatch(/^<svg .*aria-label="a &amp; b.wav"/);
  expect(svg).toContain('drawn at 16 kHz');
});

test('plot --only, --augment, --seed, --title and --width', async () => {
  const args = [
    'plot',
    clip,
    '--out',
    out,
    '--only',
    'rms,mel',
    '--augment',
    'noise',
    '--seed',
    '4',
    '--title',
    'T',
    '--width',
    '600',
  ];
  const told = await formant(args);
  expect(told.stdout).toMatch(/^Drew .*a & b\.wav and a copy \(white noise, 10 dB below\) to .*clip\.svg \(\d/);
  const svg = readFileSync(out, 'utf8');
  expect(svg).toContain('RMS');
  expect(svg).not.toContain('MFCC');
  expect(svg).not.toContain('waveform');
  await formant(args);
  expect(readFileSync(out, 'utf8')).toBe(svg);
});

test('plot refuses what it cannot do, and writes nothing then', async () => {
  const none = join(folder, 'none.svg');
  expect(await formant(['plot', clip, '--out', join(folder, 'x.png')])).toMatchObject({ code: 2 });
  expect((await formant(['plot', clip, '--out', none, '--only', 'mel,pitch'])).stderr).toMatch(/--only pitch/);
  expect(await formant(['plot', clip, '--out', none, '--augment', 'echo'])).toMatchObject({ code: 2 });
  expect(await formant(['plot', clip, '--out', none, '--width', '10'])).toMatchObject({ code: 2 });
  const broken = join(folder, 'broken.wav');
  writeFileSync(broken, 'not a sound');
  const told = await formant(['plot', broken, '--out', none, '--json']);
  expect(told.code).toBe(1);
  expect(told.json()).toMatchObject({ error: { type: 'AudioFormatError' } });
  expect((await formant(['plot', join(folder, 'missing.wav'), '--out', none])).code).toBe(1);
  expect(existsSync(none)).toBe(false);
});
