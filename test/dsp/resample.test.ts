/** Resampling against what is known: chirps at the new rate, SciPy's numbers, the host's by the device, large ratios. */
import { describe, expect, test } from 'vitest';
import { resample, resampleRatio, resampleWaveforms, SettingsError } from '../../src/dsp/index.js';
import { columnRuns } from '../../src/dsp/banded.js';
import { resampleBlocks } from '../../src/dsp/resample-tables.js';
import { polyphase } from '../../src/dsp/resample.js';
import { grad, parameter, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { closesDevice, read } from './support.js';

closesDevice();

const RATES = [
  [44100, 16000],
  [48000, 16000],
  [24414, 16000],
  [22050, 16000],
  [8000, 16000],
  [16000, 44100],
] as const;

/** A linear sweep from 50 Hz to 0.85 of the lower Nyquist frequency over `seconds`, at time n / rate. */
function chirp(rate: number, length: number, top: number, seconds: number): Float64Array {
  return Float64Array.from({ length }, (_, n) => {
    const t = n / rate;
    return 0.7 * Math.sin(2 * Math.PI * (50 * t + ((top - 50) * t * t) / (2 * seconds)));
  });
}

/** Signal-to-noise ratio in dB of the middle half: at the ends the filter sees the silence beyond. */
function snr(actual: Float32Array, expected: Float64Array): number {
  const edge = Math.ceil(expected.length / 4);
  let [signal, noise] = [0, 0];
  for (let n = edge; n < expected.length - edge; n++) {
    signal += expected[n] ** 2;
    noise += (actual[n] - expected[n]) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe.each(RATES)('%i Hz → %i Hz', (from, to) => {
  const seconds = 0.25;
  const top = 0.85 * (Math.min(from, to) / 2);
  const length = Math.round(seconds * from);
  const samples = Float32Array.from(chirp(from, length, top, seconds));

  test('a sweep is the sweep at the new rate, ≥ 90 dB above the error, on host and device', async () => {
    const expected = chirp(to, Math.ceil((length * to) / from), top, seconds);
    const host = resample(samples, from, to);
    expect(host.length).toBe(expected.length);
    const device = await read(resampleWaveforms(tensor(samples), resampleRatio(from, to)));
    expect(snr(host, expected)).toBeGreaterThan(90);
    expect(snr(device, expected)).toBeGreaterThan(90);
    expectClose(device, host, { rtol: 0, atol: 2e-6 });
  });
});

test.each(fixtureCases('scipy/resample_poly').map((c) => [c.name, c] as const))(
  '%s: with SciPy’s filter, SciPy’s numbers on the device',
  async (_, c) => {
    const [up, down] = ['up', 'down'].map((key) => c.attrs.number(key));
    const filter = { zeros: 10, rolloff: 1, beta: 5 };
    const y = await read(resampleWaveforms(tensor(Float32Array.from(c.array('x').data)), { up, down }, filter));
    expectClose(y, c.array('y').data, { rtol: 1e-6, atol: 2e-6 });
  },
);

describe('tables', () => {
  test.each([
    [2, 3, 1000],
    [3, 2, 1000],
    [1, 5, 1000],
    [7, 1, 1000],
    [7, 1, 10],
    [160, 441, 1000],
  ])('of %i/%i are the columns and rows of the matrix', (up, down, most) => {
    const options = { zeros: 4 };
    const { half, width, phases } = polyphase(up, down, options);
    const { outputs, inputs, rows, before, forward, backward } = resampleBlocks(up, down, most, options);
    expect([outputs % up, inputs / down]).toEqual([0, outputs / up]);
    // Output r reads input n by tap r·down + half − n·up.
    const at = (row: number, r: number): number => {
      const tap = r * down + half - (row - before) * up;
      return tap < 0 || tap > 2 * half ? 0 : phases[(tap % up) * width + width - 1 - Math.floor(tap / up)];
    };
    const dense = (runs: ReturnType<typeof forward>, height: number, columns: number): Float64Array => {
      const out = new Float64Array(height * columns);
      for (let c = 0; c < columns; c++) {
        const [first, place, count] = runs.runs.subarray(3 * c, 3 * c + 3);
        for (let i = 0; i < count; i++) out[(first + i) * columns + c] = runs.values[place + i];
      }
      return out;
    };
    expect(dense(forward(), rows, outputs)).toEqual(dense(columnRuns(rows, outputs, at), rows, outputs));
    expect(dense(backward(), outputs, rows)).toEqual(
      dense(
        columnRuns(outputs, rows, (r, row) => at(row, r)),
        outputs,
        rows,
      ),
    );
  });

  test.each([
    [50000, 1],
    [1, 50000],
    [44101, 48000],
  ])('of %i/%i stay within bounds', (up, down) => {
    const { outputs, rows } = resampleBlocks(up, down, 1e6, { zeros: 1 });
    expect(Math.max(outputs, rows)).toBeLessThan(300_000);
  });
});

test('the gradient is the transposed filter', async () => {
  const x = parameter(new Float32Array(300), [300]);
  const weights = randomArray(400, 1);
  const ratio = { up: 4, down: 3 };
  const loss = resampleWaveforms(x, ratio).mul(tensor(weights)).sum();
  const g = await read(grad(loss, [x])[0]);
  // ⟨Rx, w⟩ = ⟨x, Rᵀw⟩
  const probe = randomArray(300, 2);
  const y = resample(probe, 3, 4);
  const [left, right] = [y.reduce((s, v, i) => s + v * weights[i], 0), probe.reduce((s, v, i) => s + v * g[i], 0)];
  expect(Math.abs(left - right)).toBeLessThan(1e-5 * Math.abs(left) + 1e-5);
});

test('rates that share no small measure are refused', () => {
  expect(() => resampleRatio(16000 * Math.PI, 16000)).toThrow(SettingsError);
  expect(() => resample(new Float32Array(5), Math.SQRT2 * 16000, 16000)).toThrow(/give a whole number/);
  expect(() => resampleRatio(191999, 192000)).toThrow(/Choose a rounder rate/);
});
