/**
 * Random kernels through our compiler and through WebGPU, both held against what the generator says they compute: integers equal, floats
 * within WGSL's accuracy. `npm run fuzz -- --count 1000` runs more of them; environment: FORMANT_FUZZ (how many), FORMANT_FUZZ_SEED (the
 * first), FORMANT_FUZZ_OUT (a file for the summary).
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice, type Device } from '../../../src/device/index.js';
import { compare, tightness, type Tightness } from './compare.js';
import { generateKernel, type Kernel } from './kernel.js';
import { reduce } from './reduce.js';
import { WAYS, applies, describeFailure, tryWay, wayName, type Failure } from './ways.js';
import { runOnDevice } from './webgpu.js';

const COUNT = Number(process.env.FORMANT_FUZZ ?? 100);
const FIRST = Number(process.env.FORMANT_FUZZ_SEED ?? 1);
/** Kernels that WebGPU compiles and runs at once. */
const BATCH = 10;

let device: Device;
beforeAll(async () => {
  device = await openDevice({ device: 'webgpu' });
});
afterAll(() => device.destroy());

describe('random kernels', () => {
  const words: Tightness = { exact: 0, bounded: 0, tight: 0, open: 0 };
  const runs = new Map<string, number>();
  const failures: string[] = [];
  const began = performance.now();

  for (let first = FIRST; first < FIRST + COUNT; first += BATCH) {
    const last = Math.min(first + BATCH, FIRST + COUNT) - 1;
    it(`seeds ${first}–${last}`, async () => {
      const kernels = Array.from({ length: last - first + 1 }, (_, i) => generateKernel(first + i));
      const found = await runOnDevice(device, kernels);
      const wrong: string[] = [];
      kernels.forEach((kernel, i) => {
        const expected = kernel.expected();
        tightness(kernel, expected, words);
        count(runs, 'WebGPU');
        const difference = compare(kernel, expected, found[i], 1);
        if (difference) wrong.push(`seed ${kernel.seed}, WebGPU: ${JSON.stringify(difference)}`);
        const failure = firstFailure(kernel, expected);
        if (failure) wrong.push(explain(kernel, failure));
      });
      failures.push(...wrong);
      expect(wrong.join('\n\n')).toBe('');
    });
  }

  function firstFailure(kernel: Kernel, expected: ReturnType<Kernel['expected']>): Failure | undefined {
    for (const way of WAYS) {
      if (way.by !== 'wasm' || !applies(way, kernel)) continue;
      count(runs, wayName(way));
      const failure = tryWay(kernel, expected, way);
      if (failure) return failure;
    }
    return undefined;
  }

  it('compares much', () => {
    expect(words.exact).toBeGreaterThan(100 * COUNT);
    // Bounds that say little would make the comparison easy.
    expect(words.tight / words.bounded).toBeGreaterThan(0.8);
    expect(words.open / words.bounded).toBeLessThan(0.02);
  });

  afterAll(() => {
    const summary = {
      seeds: [FIRST, FIRST + COUNT - 1],
      webgpu: device.info.description,
      runs: Object.fromEntries(runs),
      words,
      failures,
      seconds: Math.round((performance.now() - began) / 1000),
    };
    if (process.env.FORMANT_FUZZ_OUT)
      writeFileSync(process.env.FORMANT_FUZZ_OUT, `${JSON.stringify(summary, null, 1)}\n`);
  });
});

const count = (runs: Map<string, number>, name: string): void => void runs.set(name, (runs.get(name) ?? 0) + 1);

/** The failure, the stage at fault, and a small kernel that shows it. */
function explain(kernel: Kernel, failure: Failure): string {
  const expected = kernel.expected();
  const all = WAYS.filter((way) => applies(way, kernel)).map(
    (way) => `${tryWay(kernel, expected, way) ? 'wrong' : 'right'}: ${wayName(way)}`,
  );
  const small = reduce(kernel.seed, failure);
  const again = tryWay(small, small.expected(), failure.way);
  return [
    describeFailure(kernel, failure),
    ...all,
    `Reduced, grid ${small.grid.join(', ')}, params ${small.params.join(', ')}:`,
    small.code,
    again ? describeFailure(small, again) : '',
  ].join('\n');
}
