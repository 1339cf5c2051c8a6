/**
 * Gradients from every feature back to the waveform, against central differences of the float64 oracles (normwise 1e-4), and the features
 * themselves on the way; of one clip length and of ragged batches. Kinks are far off: noise has no empty bins, and nothing lies within
 * 1e-3 dB of a floor.
 */
import { describe, expect, test } from 'vitest';
import {
  addWhiteNoise,
  delta,
  frameCount,
  istft,
  magnitude,
  melSpectrogram,
  mfcc,
  phaseVocoder,
  pitchShift,
  powerSpectrogram,
  powerToDb,
  preemphasis,
  resampleWaveforms,
  rms,
  specAugment,
  spectrogram,
  stft,
  timeShift,
} from '../../src/dsp/index.js';
import { grad, parameter, readAll, tensor, type Tensor } from '../../src/tensor/index.js';
import * as cepstrum from '../oracles/dsp/cepstrum.js';
import { window } from '../oracles/dsp/framing.js';
import * as oracle from '../oracles/dsp/samples.js';
import * as spectrum from '../oracles/dsp/spectrum.js';
import { irdftOracle } from '../oracles/fft.js';
import { randomArray } from '../support/compare.js';
import { awayFromZero, checkFirst, uniform, type Sample } from '../support/gradcheck.js';
import type { NdArray } from '../support/nd-array.js';
import { closesDevice } from './support.js';

closesDevice();

const SAMPLES = 61;
const STFT = { nFft: 16, hopLength: 5 } as const;
const MEL = { ...STFT, sr: 8000, nMels: 6, htk: true, norm: null } as const;
/** `norm` is the cosine transform's there. */
const CEPSTRUM = { ...MEL, norm: 'ortho', melNorm: null } as const;
const FRAMING = { frameLength: 16, hopLength: 5, center: true } as const;

interface Feature {
  readonly title: string;
  /** Of a batch (N, L); a result (N, T, …). */
  readonly run: (x: Tensor, lengths?: readonly number[]) => Tensor;
  /** Of one clip, row by row. */
  readonly forward: (y: Float64Array) => NdArray;
  readonly atol?: number;
  /** Rows that a clip of `samples` has; default its frames. */
  readonly rows?: (samples: number) => number;
}

const column = (data: Float64Array): NdArray => ({ shape: [data.length, 1], data });
const mel = (y: Float64Array): NdArray => spectrum.melSpectrogram(y, MEL);
const frames = (samples: number): number => frameCount(samples, FRAMING);

const features: readonly Feature[] = [
  {
    title: 'stft',
    run: (x, lengths) => stft(x, { ...STFT, lengths }).reshape([x.shape[0], frames(SAMPLES), 18]),
    forward: (y) => {
      const { re, im } = spectrum.stft(y, STFT);
      return {
        shape: [re.shape[0], 18],
        data: Float64Array.from({ length: 2 * re.data.length }, (_, i) => (i % 2 ? im : re).data[i >> 1]),
      };
    },
    atol: 5e-6,
  },
  {
    title: 'stft, padded by reflection, Hamming window in a longer frame',
    run: (x, lengths) =>
      magnitude(stft(x, { nFft: 15, hopLength: 5, winLength: 11, window: 'hamming', padMode: 'reflect', lengths })),
    forward: (y) =>
      spectrum.spectrogram(y, { nFft: 15, hopLength: 5, winLength: 11, window: 'hamming', padMode: 'reflect' }, 1),
    atol: 5e-6,
    rows: (n) => frameCount(n, { ...FRAMING, frameLength: 15 }),
  },
  {
    title: 'magnitude spectrogram',
    run: (x, lengths) => spectrogram(x, { ...STFT, power: 1, lengths }),
    forward: (y) => spectrum.spectrogram(y, STFT, 1),
    atol: 5e-6,
  },
  {
    title: 'power spectrogram',
    run: (x, lengths) => powerSpectrogram(x, { ...STFT, lengths }),
    forward: (y) => spectrum.spectrogram(y, STFT, 2),
    atol: 2e-5,
  },
  { title: 'mel spectrogram', run: (x, lengths) => melSpectrogram(x, { ...MEL, lengths }), forward: mel, atol: 2e-5 },
  {
    title: 'mel spectrogram of magnitudes',
    run: (x, lengths) => melSpectrogram(x, { ...MEL, power: 1, lengths }),
    forward: (y) => spectrum.melSpectrogram(y, { ...MEL, power: 1 }),
    atol: 2e-5,
  },
  ...[null, 80, 9].flatMap((topDb) =>
    ([1, 'max'] as const).map((ref): Feature => ({
      title: `powerToDb, topDb ${topDb}, ref ${ref}`,
      run: (x, lengths) =>
        powerToDb(melSpectrogram(x, { ...MEL, lengths }), { topDb, ref, lengths: lengths?.map(frames) }),
      forward: (y) => spectrum.powerToDb(mel(y), { topDb, ref }),
      atol: 1e-4,
    })),
  ),
  {
    title: 'mfcc',
    run: (x, lengths) => mfcc(x, { ...CEPSTRUM, nMfcc: 4, lifter: 5, lengths }),
    forward: (y) => cepstrum.mfcc(spectrum.powerToDb(mel(y)), { nMfcc: 4, lifter: 5 }),
    atol: 1e-3,
  },
  {
    title: 'Δ of mfcc',
    run: (x, lengths) =>
      delta(mfcc(x, { ...CEPSTRUM, nMfcc: 3, lengths }), { width: 5, lengths: lengths?.map(frames) }),
    forward: (y) => cepstrum.delta(cepstrum.mfcc(spectrum.powerToDb(mel(y)), { nMfcc: 3 }), 5, 1),
    atol: 1e-3,
  },
  ...(['nearest', 'mirror'] as const).map((mode): Feature => ({
    title: `ΔΔ of mfcc, ${mode}`,
    run: (x, lengths) =>
      delta(mfcc(x, { ...CEPSTRUM, nMfcc: 3, lengths }), { width: 5, order: 2, mode, lengths: lengths?.map(frames) }),
    forward: (y) => cepstrum.delta(cepstrum.mfcc(spectrum.powerToDb(mel(y)), { nMfcc: 3 }), 5, 2, mode),
    atol: 1e-3,
  })),
  {
    title: 'rms',
    run: (x, lengths) => rms(x, { ...FRAMING, lengths }),
    forward: (y) => column(oracle.rms(y, FRAMING)),
  },
  {
    title: 'preemphasis',
    run: (x, lengths) => preemphasis(x, { lengths }).unsqueeze(2),
    forward: (y) => column(oracle.preemphasis(y)),
    rows: (n) => n,
  },
  {
    title: 'mel spectrogram of pre-emphasized clips',
    run: (x, lengths) => melSpectrogram(preemphasis(x, { lengths }), { ...MEL, lengths }),
    forward: (y) => mel(oracle.preemphasis(y)),
    atol: 2e-5,
  },
  {
    title: 'resampleWaveforms 3/2',
    run: (x, lengths) =>
      resampleWaveforms(x, { up: 3, down: 2 }, { zeros: 10, rolloff: 1, beta: 5, lengths }).unsqueeze(2),
    forward: (y) => column(oracle.resamplePoly(y, 3, 2)),
    rows: (n) => Math.ceil((3 * n) / 2),
  },
  {
    title: 'resampleWaveforms 4/7',
    run: (x, lengths) =>
      resampleWaveforms(x, { up: 4, down: 7 }, { zeros: 10, rolloff: 1, beta: 5, lengths }).unsqueeze(2),
    forward: (y) => column(oracle.resamplePoly(y, 4, 7)),
    rows: (n) => Math.ceil((4 * n) / 7),
  },
];

/** A batch whose clips have these lengths: rows behind a clip's own are left out on both sides. */
function sampleOf(
  { title, run, forward, atol, rows = frames }: Feature,
  lengths: readonly number[],
  ragged: boolean,
): Sample {
  const mask = (counts: readonly number[], size: number): Tensor =>
    tensor(
      Float32Array.from({ length: counts.length * size }, (_, i) => (i % size < counts[Math.floor(i / size)] ? 1 : 0)),
      [counts.length, size],
    );
  const most = rows(SAMPLES);
  return {
    title,
    inputs: [uniform([lengths.length, SAMPLES])],
    run: ([x]) => {
      if (!ragged) return [run(x)];
      return [run(x.mul(mask(lengths, SAMPLES)), lengths).mul(mask(lengths.map(rows), most).unsqueeze(2))];
    },
    forward: ([x]) => {
      const clips = lengths.map((n, i) => forward(Float64Array.from(x.data).subarray(i * SAMPLES, i * SAMPLES + n)));
      const width = clips[0].shape[1];
      const out = new Float64Array(lengths.length * most * width);
      clips.forEach((clip, i) => out.set(clip.data, i * most * width));
      return [out];
    },
    atol,
  };
}

describe('back to the waveform:', () => {
  test.each(features.map((f) => [f.title, f] as const))('%s', (_, feature) =>
    checkFirst([sampleOf(feature, [SAMPLES], false)], 'differences'),
  );

  test.each(features.map((f) => [f.title, f] as const))('%s, of clips of 61, 23 and 40 samples', (_, feature) =>
    checkFirst([sampleOf(feature, [SAMPLES, 23, 40], true)], 'differences'),
  );
});

describe('back to the spectrum:', () => {
  const [count, nFft, hop] = [7, 16, 4];
  const hann = window('hann', nFft);
  /** Overlap-add over window sums, centred; of (T, 9, 2). */
  const inverse = (spectra: Float64Array): Float64Array => {
    const rows = irdftOracle(spectra, count, nFft);
    const [sum, weight] = [new Float64Array(nFft + hop * (count - 1)), new Float64Array(nFft + hop * (count - 1))];
    for (let t = 0; t < count; t++) {
      for (let i = 0; i < nFft; i++) {
        sum[t * hop + i] += hann[i] * rows[t * nFft + i];
        weight[t * hop + i] += hann[i] ** 2;
      }
    }
    return sum.map((v, i) => v / (weight[i] > 1e-30 ? weight[i] : 1)).slice(nFft / 2, nFft / 2 + hop * (count - 1));
  };

  test('istft', () =>
    checkFirst(
      [
        {
          title: 'istft',
          inputs: [uniform([2, count, 9, 2])],
          run: ([x]) => [istft(x, { nFft, hopLength: hop })],
          forward: ([x]) => {
            const half = x.data.length / 2;
            const clips = [0, 1].map((n) => inverse(Float64Array.from(x.data).subarray(n * half, (n + 1) * half)));
            return [Float64Array.from(clips.flatMap((clip) => [...clip]))];
          },
          atol: 2e-6,
        },
      ],
      'differences',
    ));
});

/** librosa's way: phases as sums of angles. `spectra` (T, F, 2). */
function vocoded(spectra: Float64Array, bins: number, rate: number): Float64Array {
  const count = spectra.length / (2 * bins);
  const polar = (t: number, k: number): [size: number, angle: number] => {
    if (t >= count) return [0, 0];
    const [re, im] = spectra.subarray(2 * (t * bins + k), 2 * (t * bins + k) + 2);
    return [Math.hypot(re, im), Math.atan2(im, re)];
  };
  const frames = Math.ceil(count / rate);
  const out = new Float64Array(2 * frames * bins);
  for (let k = 0; k < bins; k++) {
    let phase = polar(0, k)[1];
    for (let t = 0; t < frames; t++) {
      const at = Math.floor(t * rate);
      const [[size, angle], [nextSize, nextAngle]] = [polar(at, k), polar(at + 1, k)];
      const level = size + (t * rate - at) * (nextSize - size);
      out.set([level * Math.cos(phase), level * Math.sin(phase)], 2 * (t * bins + k));
      phase += nextAngle - angle;
    }
  }
  return out;
}

test.each([0.7, 1, 1.6])('back through the phase vocoder, rate %d', (rate) =>
  checkFirst(
    [
      {
        title: `phaseVocoder ${rate}`,
        inputs: [awayFromZero([2, 7, 3, 2], 0.2)],
        run: ([x]) => [phaseVocoder(x, rate)],
        forward: ([x]) => {
          const half = x.data.length / 2;
          const clips = [0, 1].map((n) =>
            vocoded(Float64Array.from(x.data).subarray(n * half, (n + 1) * half), 3, rate),
          );
          return [Float64Array.from(clips.flatMap((clip) => [...clip]))];
        },
        atol: 5e-6,
      },
    ],
    'differences',
  ),
);

test('silence has finite gradients everywhere', async () => {
  const x = parameter(new Float32Array(2 * 64), [2, 64]);
  const outputs = [
    magnitude(stft(x, STFT)),
    spectrogram(x, { ...STFT, power: 1 }),
    powerToDb(melSpectrogram(x, MEL)),
    mfcc(x, { ...CEPSTRUM, nMfcc: 3 }),
    rms(x, FRAMING),
    addWhiteNoise(x, 10, { seed: 1 }),
    pitchShift(x, 2, { nFft: 16 }),
    timeShift(x, 3),
    specAugment(melSpectrogram(x, MEL), { seed: 1, frequencyWidth: 3, timeWidth: 4 }),
  ];
  const gradients = await readAll(
    outputs.map((y) => grad(y.mul(tensor(randomArray(y.size, 5), y.shape)).sum(), [x])[0]),
  );
  gradients.forEach((g, i) =>
    expect(
      g.every((v) => Number.isFinite(v)),
      `output ${i}`,
    ).toBe(true),
  );
  x[Symbol.dispose]();
});
