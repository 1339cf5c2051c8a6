/**
 * librosa's numbers over a grid of parameters, signals and real clips. With `FORMANT_WRITE_DOCS=1` the deviations become the tables of
 * docs/librosa-parity.md, for which the real clips must be there (`FORMANT_CORPORA` names the folder that holds RAVDESS/ and TESS/).
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { resample } from '../../src/dsp/index.js';
import { readWav, writeFileAtomic } from '../../src/io/index.js';
import { device } from '../../src/tensor/index.js';
import { ON_WEBGPU } from '../support/device.js';
import { fixtureCases, type FixtureCase } from '../support/fixtures.js';
import { document, type Row } from './parity/document.js';
import { deviation, resampleDeviation } from './parity/measure.js';
import { kept, opOf, ours } from './parity/run.js';
import { closesDevice, read, signal, signalNames } from './support.js';

const corpora = process.env.FORMANT_CORPORA;
const writesDocs = process.env.FORMANT_WRITE_DOCS === '1';
const rows: Row[] = [];

const inTitle = (c: FixtureCase): string =>
  `${c.attrs.string('op')}: ${c.attrs.string('signal')}, ${c.attrs.string('label')}`;
const named = (cases: readonly FixtureCase[]): [string, FixtureCase][] => cases.map((c) => [inTitle(c), c]);

const synthetic = fixtureCases('librosa/grid');
const real = fixtureCases('librosa/grid_real');
const resampled = fixtureCases('scipy/resample_poly');
const present = real.filter((c) => corpora !== undefined && existsSync(path.join(corpora, c.attrs.string('path'))));

const signals = new Map(fixtureCases('librosa/grid_signals').map((c) => [c.name, c.array('y').data]));

function more(name: string): Float32Array {
  const found = signals.get(name);
  if (!found) throw new Error(`no signal ${name}`);
  return Float32Array.from(found);
}

/** The last clip read, since its cases come one after another. */
let clip: { path: string; samples: Float32Array } | undefined;

function samplesOf(c: FixtureCase): Float32Array {
  if (!('path' in c.attrs.json)) {
    const name = c.attrs.string('signal');
    return signalNames.includes(name) ? signal(name) : more(name);
  }
  const file = c.attrs.string('path');
  if (clip?.path !== file) {
    const bytes = readFileSync(path.join(corpora ?? '', file));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(c.attrs.string('sha256'));
    clip = { path: file, samples: readWav(bytes).samples };
  }
  return clip.samples;
}

async function check(c: FixtureCase): Promise<void> {
  const result = ours(c, () => samplesOf(c));
  expect(result.shape).toEqual(c.attrs.numbers('shape'));
  const values = await read(result);
  const expected = c.array('expected').data;
  const off = deviation(c, kept(c, values), expected);
  const reference = (name: string) => (c.has(name) ? deviation(c, c.array(name).data, expected) : undefined);
  const real = 'path' in c.attrs.json;
  const rate = !real && 'sr' in c.attrs.json && c.attrs.number('sr') !== 16000 ? `sr=${c.attrs.number('sr')}, ` : '';
  rows.push({
    op: opOf(c),
    signal: c.attrs.string('signal'),
    label: rate + c.attrs.string('label'),
    real,
    ours: off,
    float32: reference('float32'),
    transform32: reference('transform32'),
  });
  expect(off.share, `largest |a − b| is ${off.absolute}: share of the bound`).toBeLessThanOrEqual(1);
  // The elements that the fixture did not keep are in its norm.
  const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  const expectedNorm = c.attrs.number('euclidean');
  expect(Math.abs(norm - expectedNorm)).toBeLessThanOrEqual(1e-5 * expectedNorm);
}

closesDevice();
// Before the device closes: hooks run in the opposite order.
afterAll(() => {
  if (!writesDocs) return;
  const missing = synthetic.length + real.length + resampled.length - rows.length;
  if (missing > 0) throw new Error(`${missing} cases were not run: set FORMANT_CORPORA and run the whole file.`);
  writeFileAtomic('docs/librosa-parity.md', document(rows, device().info.description));
});

// Each set is a program of its own, which a software driver compiles for seconds: a part of them on WebGPU, unless the tables are written.
const every = ON_WEBGPU && !writesDocs ? 8 : 1;
const part = (cases: readonly FixtureCase[]): FixtureCase[] => cases.filter((_, i) => i % every === 0);

describe('the grid', () => {
  test.each(named(part(synthetic)))('%s', async (_, c) => check(c));
});

describe.skipIf(present.length === 0)('real clips', () => {
  test.each(named(part(present)))('%s', async (_, c) => check(c));
});

describe('resample', () => {
  test.each(resampled.map((c) => [c.name, c] as const))('%s: with SciPy’s filter, SciPy’s numbers', (_, c) => {
    const [from, to] = [c.attrs.number('from'), c.attrs.number('to')];
    const x = Float32Array.from(c.array('x').data);
    // firwin's default: ten zero crossings, cut off at Nyquist, Kaiser 5.
    const off = resampleDeviation(resample(x, from, to, { zeros: 10, rolloff: 1, beta: 5 }), c.array('y').data);
    rows.push({
      op: 'resample',
      signal: `${x.length} samples`,
      label: `${from} → ${to} Hz`,
      real: false,
      ours: off,
    });
    expect(off.share).toBeLessThanOrEqual(1);
  });
});
