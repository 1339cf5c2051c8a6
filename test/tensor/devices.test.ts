/**
 * Every op on both devices: the WebAssembly one, which compiles our kernels itself, must say what WebGPU says. With
 * `FORMANT_WRITE_DOCS=1` the largest differences become the table of docs/devices.md.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { init, shutdown } from '../../src/tensor/index.js';
import { writeFileAtomic } from '../../src/io/index.js';
import { relativeNorm } from '../support/compare.js';
import { GRADIENT_TOLERANCE, measure, type Measured, type Sample } from '../support/gradcheck.js';
import { samples } from './samples/index.js';

const checked = Object.entries(samples).flatMap(([name, entry]): [string, readonly Sample[]][] => {
  if ('exempt' in entry) return [];
  if (entry.gradient !== 'throws') return [[name, entry.samples]];
  const fixed = (sample: Sample): Sample => ({
    ...sample,
    inputs: sample.inputs.map((input) => ({ ...input, differentiable: false })),
  });
  return [[name, entry.samples.map(fixed)]];
});

interface Row {
  readonly op: string;
  /** Of the outputs: the largest |a − b|, and the largest part of the tolerance 1e-5·|b| + atol that it takes. */
  absolute: number;
  share: number;
  /** Of the gradients: the largest ‖a − b‖ / ‖b‖. */
  gradient: number;
}

async function measureOn(device: 'webgpu' | 'wasm'): Promise<{ description: string; of: Map<string, Measured[]> }> {
  const { info } = await init({ device });
  const of = new Map<string, Measured[]>();
  try {
    for (const [name, list] of checked) of.set(name, await measure(list));
  } finally {
    shutdown();
  }
  return { description: info.description, of };
}

function compare(op: string, ours: readonly Measured[], theirs: readonly Measured[]): Row {
  const row: Row = { op, absolute: 0, share: 0, gradient: 0 };
  ours.forEach(({ kind, atol, values }, i) => {
    const reference = theirs[i].values;
    if (kind === 'gradient') {
      row.gradient = Math.max(row.gradient, relativeNorm(values, Float64Array.from(reference)));
      return;
    }
    values.forEach((value: number, k: number) => {
      if (Object.is(value, reference[k]) || value === reference[k]) return;
      const off = Math.abs(value - reference[k]);
      row.absolute = Math.max(row.absolute, off);
      row.share = Math.max(row.share, off / (atol + 1e-5 * Math.abs(reference[k])));
    });
  });
  return row;
}

describe('wasm and WebGPU', () => {
  const rows: Row[] = [];
  let drivers = '';

  beforeAll(async () => {
    const theirs = await measureOn('webgpu');
    const ours = await measureOn('wasm');
    drivers = `${ours.description} against ${theirs.description}`;
    for (const [name] of checked) rows.push(compare(name, ours.of.get(name) ?? [], theirs.of.get(name) ?? []));
  }, 600_000);

  afterAll(() => {
    if (process.env.FORMANT_WRITE_DOCS === '1') writeFileAtomic('docs/devices.md', document(rows, drivers));
  });

  test.each(checked.map(([name]) => name))('%s: outputs within the tolerance, gradients normwise', (name) => {
    const row = rows.find(({ op }) => op === name);
    expect(row?.share).toBeLessThanOrEqual(1);
    expect(row?.gradient).toBeLessThanOrEqual(GRADIENT_TOLERANCE);
  });
});

function document(rows: readonly Row[], drivers: string): string {
  const number = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
  const sorted = [...rows].sort((a, b) => b.share - a.share);
  return `# Every op on both devices

Largest differences over the samples of the op table (${drivers}), written by
\`FORMANT_WRITE_DOCS=1 npx vitest run test/tensor/devices.test.ts\`. *Share*: how much of the tolerance of the project's policy
(1e-5 relative plus the sample's absolute one) the largest difference of an output takes; *gradient*: largest ‖a − b‖₂ / ‖b‖₂.

| op | outputs, largest absolute | share of the tolerance | gradient |
| --- | --- | --- | --- |
${sorted.map((r) => `| ${r.op} | ${number(r.absolute)} | ${r.share.toFixed(3)} | ${number(r.gradient)} |`).join('\n')}
`;
}
