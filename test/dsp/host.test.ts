/** The parts that run on the host: windows, mel scale and filters, cosine matrices, Savitzky–Golay weights, resampling, trimming. */
import { describe, expect, test } from 'vitest';
import {
  dctMatrix,
  deemphasis,
  getWindow,
  hostDelta,
  hzToMel,
  melFilterbank,
  melFrequencies,
  melToHz,
  resample,
  resampleRatio,
  resampleTaps,
  savgolWeights,
  SettingsError,
  SignalError,
  trim,
  type DctType,
  type WindowName,
} from '../../src/dsp/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { numberIfAny, signal, timeFirst } from './support.js';

describe('windows', () => {
  test.each(fixtureCases('scipy/windows').map((c) => [c.name, c] as const))('%s equals SciPy’s', (_, c) => {
    const w = getWindow(c.attrs.string('window') as WindowName, c.attrs.number('n'), c.attrs.boolean('periodic'));
    expectClose(w, c.array('w').data, { rtol: 0, atol: 1e-15 });
  });

  test('an unknown name and a length of 0 are refused by name', () => {
    expect(() => getWindow('sine' as WindowName, 8)).toThrow(/window is "sine"; give one of "hann"/);
    expect(() => getWindow('hann', 0)).toThrow(SettingsError);
  });
});

describe('mel scale', () => {
  test.each(fixtureCases('librosa/mel_filters').map((c) => [c.name, c] as const))(
    '%s: filters and centres equal librosa’s',
    (_, c) => {
      const settings = {
        sr: c.attrs.number('sr'),
        nFft: c.attrs.number('nFft'),
        nMels: c.attrs.number('nMels'),
        fmin: c.attrs.number('fmin'),
        fmax: numberIfAny(c, 'fmax'),
        htk: c.attrs.boolean('htk'),
        norm: c.attrs.isNull('norm') ? null : ('slaney' as const),
      };
      expectClose(melFilterbank(settings), c.array('weights').data, { rtol: 1e-9, atol: 1e-13 });
      const centres = melFrequencies(settings.nMels + 2, settings.fmin, settings.fmax ?? settings.sr / 2, settings.htk);
      expectClose(centres, c.array('frequencies').data, { rtol: 1e-12, atol: 1e-10 });
    },
  );

  test.each([false, true])('Hz → mel → Hz comes back (HTK: %s)', (htk) => {
    for (const hz of [0, 1, 440, 999.9, 1000, 1000.1, 8000, 20000]) {
      expect(melToHz(hzToMel(hz, htk), htk)).toBeCloseTo(hz, 8);
    }
  });

  test('a numeric norm scales each band to that p-norm and leaves empty bands at 0', () => {
    const [nMels, bins] = [128, 65];
    for (const [p, size] of [
      [1, (row: Float64Array) => row.reduce((a, b) => a + b, 0)],
      [2, (row: Float64Array) => Math.hypot(...row)],
      [Infinity, (row: Float64Array) => Math.max(...row)],
    ] as const) {
      const weights = melFilterbank({ sr: 16000, nFft: 128, nMels, norm: p });
      const sizes = Array.from({ length: nMels }, (_, m) => size(weights.subarray(m * bins, (m + 1) * bins)));
      expect(sizes.every((s) => s === 0 || Math.abs(s - 1) < 1e-12)).toBe(true);
      expect(sizes.some((s) => s === 0) && sizes.some((s) => s > 0)).toBe(true);
    }
  });

  test('band edges in the wrong order and unknown norms are refused', () => {
    expect(() => melFilterbank({ fmin: 4000, fmax: 3000 })).toThrow(/fmax is 3000 Hz; it must be above fmin = 4000 Hz/);
    expect(() => melFilterbank({ norm: 'area' as 'slaney' })).toThrow(/norm is "area"/);
    expect(() => melFilterbank({ norm: -1 })).toThrow(SettingsError);
    expect(() => melFilterbank({ sr: 0 })).toThrow(/sr is 0/);
    expect(() => melFilterbank({ nMels: 2.5 })).toThrow(/nMels is 2.5/);
  });
});

describe('cosine transform', () => {
  test.each(fixtureCases('scipy/dct').map((c) => [c.name, c] as const))('%s equals SciPy’s', (_, c) => {
    const n = c.attrs.number('n');
    const matrix = dctMatrix(n, n, c.attrs.number('type') as DctType, c.attrs.isNull('norm') ? null : 'ortho');
    expectClose(times(c.array('x').data, matrix, n), c.array('y').data, { rtol: 1e-12, atol: 1e-12 });
  });

  test('type 1: twice over is 2(N − 1) times the input, and orthonormal with norm', () => {
    const n = 7;
    const x = Float64Array.from(randomArray(n, 3));
    const plain = dctMatrix(n, n, 1, null);
    expectClose(
      times(times(x, plain, n), plain, n),
      x.map((v) => v * 2 * (n - 1)),
      { rtol: 1e-12, atol: 1e-12 },
    );
    const ortho = dctMatrix(n, n, 1, 'ortho');
    expectClose(times(times(x, ortho, n), ortho, n), x, { rtol: 1e-12, atol: 1e-12 });
  });

  test('more coefficients than inputs, and type 4, are refused', () => {
    expect(() => dctMatrix(13, 14)).toThrow(/nMfcc is 14; give a whole number from 1 to 13/);
    expect(() => dctMatrix(13, 13, 4 as DctType)).toThrow(/dctType is 4/);
    expect(() => dctMatrix(1, 1, 1)).toThrow(SettingsError);
  });
});

describe('Savitzky–Golay', () => {
  test('differentiates a polynomial of its own degree exactly', () => {
    for (const [width, order] of [
      [3, 1],
      [9, 1],
      [9, 2],
      [5, 3],
      [11, 4],
    ]) {
      const weights = savgolWeights(width, order);
      const half = (width - 1) / 2;
      // t^order + 3·t^(order − 1) − 2 has the order-th derivative order! everywhere.
      const value = weights.reduce(
        (sum, w, i) => sum + w * ((i - half) ** order + 3 * (i - half) ** (order - 1) - 2),
        0,
      );
      expect(value).toBeCloseTo([1, 1, 2, 6, 24][order], 9);
    }
  });

  test.each(
    fixtureCases('librosa/delta')
      .filter((c) => c.attrs.string('mode') === 'interp')
      .map((c) => [c.name, c] as const),
  )('%s: deltas on the host equal librosa’s', (_, c) => {
    const x = timeFirst(c.array('x'));
    const got = hostDelta(x.data, x.shape[0], x.shape[1], c.attrs.number('width'), c.attrs.number('order'));
    expectClose(got, timeFirst(c.array('delta')).data, { rtol: 1e-10, atol: 1e-12 });
  });

  test('even widths and orders beyond the window are refused', () => {
    expect(() => savgolWeights(8, 1)).toThrow(/width is 8; give an odd number/);
    expect(() => savgolWeights(5, 5)).toThrow(SettingsError);
  });
});

describe('resampling', () => {
  test.each(fixtureCases('scipy/resample_poly').map((c) => [c.name, c] as const))(
    '%s: with SciPy’s filter, SciPy’s numbers',
    (_, c) => {
      const [from, to, up, down] = ['from', 'to', 'up', 'down'].map((key) => c.attrs.number(key));
      // firwin's default: ten zero crossings, cut off at Nyquist, Kaiser 5.
      const filter = { zeros: 10, rolloff: 1, beta: 5 };
      expect(resampleRatio(from, to)).toEqual({ up, down });
      const taps = resampleTaps(up, down, filter);
      expect(taps.length).toBe(c.attrs.number('tapCount'));
      const step = c.attrs.number('tapStep');
      expectClose(
        taps.filter((_v, i) => i % step === 0),
        c.array('taps').data,
        { rtol: 1e-9, atol: 1e-14 },
      );
      const x = Float32Array.from(c.array('x').data);
      expectClose(resample(x, from, to, filter), c.array('y').data, { rtol: 1e-6, atol: 1e-6 });
    },
  );

  test.each([
    [44100, 16000],
    [48000, 16000],
    [24414, 16000],
    [8000, 16000],
    [16000, 44100],
  ])('%i Hz → %i Hz: a tone below 0.85 of Nyquist keeps ≥ 90 dB SNR', (from, to) => {
    const nyquist = Math.min(from, to) / 2;
    for (const share of [0.01, 0.3, 0.6, 0.85]) {
      const tone = (rate: number, n: number): number =>
        0.8 * Math.sin((2 * Math.PI * share * nyquist * n) / rate + 0.3);
      const length = Math.round(from * 0.15);
      const out = resample(
        Float32Array.from({ length }, (_, n) => tone(from, n)),
        from,
        to,
      );
      expect(out.length).toBe(Math.ceil((length * to) / from));
      // Away from the ends, where the filter sees the silence beyond.
      const edge = Math.ceil(out.length * 0.25);
      let signalEnergy = 0;
      let errorEnergy = 0;
      for (let m = edge; m < out.length - edge; m++) {
        signalEnergy += tone(to, m) ** 2;
        errorEnergy += (out[m] - tone(to, m)) ** 2;
      }
      expect(10 * Math.log10(signalEnergy / errorEnergy)).toBeGreaterThan(90);
    }
  });

  test('a tone above the new Nyquist frequency is gone by ≥ 90 dB', () => {
    const x = Float32Array.from({ length: 9600 }, (_, n) => Math.sin((2 * Math.PI * 9000 * n) / 48000));
    const out = resample(x, 48000, 16000).subarray(800, 2400);
    const rms = Math.sqrt(out.reduce((sum, v) => sum + v * v, 0) / out.length);
    expect(20 * Math.log10(rms / Math.SQRT1_2)).toBeLessThan(-90);
  });

  test('equal rates give a copy; no samples give none', () => {
    const x = Float32Array.of(1, 2, 3);
    const copy = resample(x, 16000, 16000);
    expect([...copy]).toEqual([1, 2, 3]);
    expect(copy).not.toBe(x);
    expect(resample(new Float32Array(0), 48000, 16000).length).toBe(0);
  });

  test('rates that are no whole numbers, or share no common measure, are refused', () => {
    expect(() => resample(Float32Array.of(1), 44100.5, 16000)).toThrow(/fromRate is 44100.5/);
    expect(() => resample(Float32Array.of(1), 0, 16000)).toThrow(SettingsError);
    expect(() => resample(Float32Array.of(1), 191999, 192000)).toThrow(/factor of 192000\/191999/);
    expect(() => resampleTaps(1, 2, { rolloff: 1.5 })).toThrow(/rolloff is 1.5/);
  });
});

describe('trim', () => {
  test('cuts the frames that are quieter than topDb below the loudest', () => {
    const x = new Float32Array(16000);
    for (let n = 6000; n < 9000; n++) x[n] = 0.5 * Math.sin(n * 0.2);
    for (let n = 0; n < x.length; n++) x[n] += 1e-5 * Math.sin(n * 0.7);
    const { samples, start, end } = trim(x, { frameLength: 512, hopLength: 128 });
    // librosa.effects.trim(x, frame_length=512, hop_length=128) of librosa 0.11 gives the interval [5760, 9344].
    expect([start, end]).toEqual([5760, 9344]);
    expect(samples).toEqual(x.slice(start, end));
  });

  test('digital silence stays whole against its own maximum, and goes entirely against an absolute reference', () => {
    const silence = new Float32Array(3000);
    expect(trim(silence)).toMatchObject({ start: 0, end: 3000 });
    expect(trim(silence, { ref: 1 })).toMatchObject({ start: 0, end: 0 });
    expect(trim(silence, { ref: 1 }).samples.length).toBe(0);
  });

  test('an empty clip and a negative topDb are refused', () => {
    expect(() => trim(new Float32Array(0))).toThrow(SignalError);
    expect(() => trim(Float32Array.of(1), { topDb: -1 })).toThrow(/topDb is -1/);
  });
});

describe('deemphasis', () => {
  test.each(fixtureCases('librosa/preemphasis').map((c) => [c.name, c] as const))('%s is undone', (_, c) => {
    const zi = c.attrs.isNull('zi') ? undefined : c.attrs.number('zi');
    const x = deemphasis(Float32Array.from(c.array('y').data), { coef: c.attrs.number('coef'), zi });
    expectClose(x, signal(c.attrs.string('signal')), { rtol: 1e-5, atol: 3e-6 });
  });

  test('a single sample and a bad coefficient', () => {
    expect([...deemphasis(Float32Array.of(3))]).toEqual([3]);
    expect(() => deemphasis(new Float32Array(0))).toThrow(SignalError);
    expect(() => deemphasis(Float32Array.of(1), { coef: NaN })).toThrow(SettingsError);
  });
});

/** x·M of a row vector and a square matrix. */
function times(x: Float64Array, matrix: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, k) => x.reduce((sum, v, i) => sum + v * matrix[i * n + k], 0));
}
