import { describe, expect, test } from 'vitest';
import { columnRuns } from '../../src/dsp/banded.js';
import { realTable } from '../../src/kernels/fft.js';
import type { Kernel } from '../../src/kernels/launch.js';
import { melSpectrum, stft } from '../../src/kernels/stft.js';
import { framesOf, melSpectrumOracle, stftOracle, stftPowerOracle, type StftProblem } from '../oracles/stft.js';
import { randomArray, relativeNorm } from '../support/compare.js';
import { ON_WEBGPU, testDevice } from '../support/device.js';
import { f32Input, f32Spec, problemOf, runKernel, u32Input, type RunKernelOptions } from '../support/run-kernel.js';

const device = testDevice();

interface Case {
  readonly clips: number;
  readonly samples: number;
  readonly nFft: number;
  readonly hop: number;
  readonly pad: number;
  readonly mode: StftProblem['mode'];
}

/** Frames at both ends and in the middle, in every padding; fours of frames that span two clips; fewer than four; lengths even, odd and rough
 * (which software drivers of WebGPU take long to compile). */
const CASES: readonly Case[] = [
  { clips: 3, samples: 150, nFft: 64, hop: 16, pad: 32, mode: 'constant' },
  { clips: 2, samples: 331, nFft: 60, hop: 7, pad: 30, mode: 'reflect' },
  { clips: 2, samples: 90, nFft: 16, hop: 5, pad: 8, mode: 'edge' },
  { clips: 1, samples: 40, nFft: 35, hop: 3, pad: 17, mode: 'constant' },
  { clips: 5, samples: 1, nFft: 8, hop: 4, pad: 4, mode: 'constant' },
  ...(ON_WEBGPU
    ? []
    : ([
        { clips: 1, samples: 75, nFft: 74, hop: 1, pad: 0, mode: 'constant' },
        { clips: 2, samples: 61, nFft: 19, hop: 30, pad: 9, mode: 'reflect' },
        { clips: 3, samples: 2000, nFft: 512, hop: 256, pad: 256, mode: 'constant' },
        { clips: 1, samples: 3000, nFft: 400, hop: 160, pad: 200, mode: 'reflect' },
        { clips: 2, samples: 2500, nFft: 2048, hop: 512, pad: 1024, mode: 'constant' },
      ] as const)),
];
const titled = CASES.map((c) => [JSON.stringify(c), c] as const);

const windowOf = (n: number): Float32Array => randomArray(n, n + 1, 0, 1);
const problem = ({ nFft, ...rest }: Case): StftProblem => ({ ...rest, window: windowOf(nFft) });

function inputsOf({ clips, samples, nFft }: Case) {
  const table = realTable(nFft);
  return [
    f32Input([clips, samples], randomArray(clips * samples, samples)),
    f32Input([nFft], windowOf(nFft)),
    f32Input([table.length / 2, 2], table),
  ];
}

/** The bound of test/kernels/fft.test.ts; a square doubles the relative error. */
const bound = (n: number): number => 1e-6 * Math.log2(n);

async function everyVariant<A>(
  kernel: Kernel<A>,
  options: RunKernelOptions<A>,
  expected: Float64Array,
  most: number,
): Promise<void> {
  const asked = problemOf(device(), options);
  const variants = kernel.variants(asked);
  expect(variants).toContain(kernel.choose(asked));
  expect(variants.length).toBeGreaterThan(1);
  for (const variant of variants) {
    const { outputs } = await runKernel(device(), kernel, { ...options, variant });
    expect(relativeNorm(outputs[0], expected), `${kernel.name}.${variant}`).toBeLessThan(most);
  }
}

describe('short-time spectra agree with float64 in every variant', () => {
  test.each(titled)('%s', async (_, c) => {
    const { hop, pad, mode, clips, nFft } = c;
    const inputs = inputsOf(c);
    const x = inputs[0].data;
    const frames = framesOf(problem(c));
    const bins = Math.floor(nFft / 2) + 1;
    const framing = { hop, pad, mode };
    await everyVariant(
      stft,
      { inputs, outputs: [f32Spec(clips, frames, bins, 2)], attrs: { ...framing, power: false } },
      stftOracle(x, problem(c)),
      bound(nFft),
    );
    await everyVariant(
      stft,
      { inputs, outputs: [f32Spec(clips, frames, bins)], attrs: { ...framing, power: true } },
      stftPowerOracle(x, problem(c)),
      2 * bound(nFft),
    );
    const columns = 11;
    const at = (k: number, band: number): number =>
      band === 4 ? 0 : Math.max(0, 1 - Math.abs(k - (band * bins) / columns) / (1 + band / 2));
    const { values, runs } = columnRuns(bins, columns, at);
    const matrix = Float64Array.from({ length: bins * columns }, (_v, i) =>
      Math.fround(at(Math.floor(i / columns), i % columns)),
    );
    const tables = [f32Input([values.length], Float32Array.from(values)), u32Input([runs.length], runs)];
    await everyVariant(
      melSpectrum,
      {
        inputs: [...inputs, ...tables],
        outputs: [f32Spec(clips, frames, columns)],
        attrs: { ...framing, columns },
      },
      melSpectrumOracle(x, problem(c), matrix, columns),
      2 * bound(nFft),
    );
  });
});

test('no clips launch nothing', () => {
  const c: Case = { ...CASES[0], clips: 0 };
  const options = {
    inputs: inputsOf(c),
    outputs: [f32Spec(0, 9, 33)],
    attrs: { hop: 16, pad: 32, mode: c.mode, power: true },
  };
  expect(stft.launch(problemOf(device(), options)).launches).toEqual([]);
});

test('all of a spectrum is one launch where rows fit in workgroup memory', () => {
  const c = CASES[0];
  const options = {
    inputs: inputsOf(c),
    outputs: [f32Spec(3, 10, 33)],
    attrs: { hop: 16, pad: 32, mode: c.mode, power: true },
  };
  for (const variant of ['workgroup', 'rows4']) {
    expect(stft.launch({ ...problemOf(device(), options), variant }).launches.length).toBe(1);
  }
});
