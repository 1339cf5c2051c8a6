/**
 * Damaged kernels, ours and random ones. Our compiler either refuses a text with the line at fault, or makes a valid module of it; and what
 * WebGPU refuses, ours refuses too. (Texts that only ours refuses are allowed: it reads a subset.) FORMANT_FUZZ and FORMANT_FUZZ_SEED as
 * in fuzz.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeAdapter } from '../../../src/device/webgpu/node-adapter.js';
import { compileKernel } from '../../../src/wgsl/compile.js';
import { WgslError } from '../../../src/wgsl/error.js';
import { kernelTexts } from '../support/kernel-texts.js';
import { generateKernel } from './kernel.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';

const COUNT = 3 * Number(process.env.FORMANT_FUZZ ?? 100);
const FIRST = Number(process.env.FORMANT_FUZZ_SEED ?? 1);

let gpu: GPUDevice;
let wait: <T>(promise: Promise<T>) => Promise<T>;
beforeAll(async () => {
  const found = await nodeAdapter('software', 'high-performance');
  ({ wait } = found);
  const wanted: GPUFeatureName[] = ['subgroups', 'shader-f16'];
  const requiredFeatures = wanted.filter((f) => found.adapter.features.has(f));
  gpu = await wait(found.adapter.requestDevice({ requiredFeatures }));
});
afterAll(() => gpu.destroy());

/** WebGPU's first complaint. */
async function refusal(code: string): Promise<string | undefined> {
  gpu.pushErrorScope('validation');
  const info = await wait(gpu.createShaderModule({ code }).getCompilationInfo());
  await wait(gpu.popErrorScope());
  const error = info.messages.find((m) => m.type === 'error');
  return error && `line ${error.lineNum}: ${error.message}`;
}

/** Our compiler's; undefined where it made a module. */
function ourRefusal(code: string): string | undefined {
  try {
    new WebAssembly.Module(compileKernel('mutant', code, { shared: false }).bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof WgslError)) throw error;
    const lines = code.split('\n').length;
    expect(error.line, error.message).toBeGreaterThanOrEqual(1);
    expect(error.line, error.message).toBeLessThanOrEqual(lines);
    return error.message;
  }
}

describe('damaged kernels', () => {
  const timeout = 120_000 + 150 * COUNT;
  it('are refused as WebGPU refuses them', { timeout }, async () => {
    const real = kernelTexts().map((k) => k.code);
    const random = Array.from({ length: 20 }, (_, i) => generateKernel(FIRST + i).code);
    const wrong: string[] = [];
    let accepted = 0;
    for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
      const choices = new Random(seed);
      const code = mutate(choices.pick(choices.chance(0.5) ? real : random), choices);
      const ours = ourRefusal(code);
      const theirs = await refusal(code);
      if (!ours && !theirs) accepted++;
      if (!ours && theirs) wrong.push(`seed ${seed}: ours accepts, WebGPU does not: ${theirs}\n${code}`);
    }
    expect(wrong.join('\n\n')).toBe('');
    expect(accepted).toBeGreaterThan(COUNT / 50);
    expect(accepted).toBeLessThan(COUNT / 2);
  });
});
