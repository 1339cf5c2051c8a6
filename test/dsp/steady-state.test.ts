/**
 * What a batch of the front end costs once it has settled: one submit for a whole ragged batch of 32 clips, however its contents and lengths change, and
 * nothing made; over many batches memory stays as it is. Counted by the device, and on WebGPU at WebGPU's own objects too.
 */
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { extractFrames, frameFeatures, padClips } from '../../src/dsp/index.js';
import { counters, init, memory, programStats, readAll, tensor, type Tensor } from '../../src/tensor/index.js';
import { WebGpuWatch } from '../ser/models/watch.js';
import { randomArray } from '../support/compare.js';
import { ON_WEBGPU } from '../support/device.js';
import { closesDevice } from './support.js';

closesDevice();
beforeAll(async () => {
  await init();
});

const watch = new WebGpuWatch();
beforeEach(() => watch.start());
afterEach(() => watch.stop());

const CLIPS = 32;
const LONGEST = 4096;
/** Small frames and few bands: the program is that of the defaults. */
const SETTINGS = { sampleRate: 8000, nFft: 128, hopLength: 64, nMels: 20, preemphasis: 0.97 };

/** Clips of lengths from 1 sample up, other ones for each seed. */
const clipsOf = (seed: number, count = CLIPS): Float32Array[] =>
  Array.from({ length: count }, (_, i) =>
    randomArray(1 + ((seed * 997 + i * 131) % LONGEST), 100 * seed + i, -0.5, 0.5),
  );

function featuresOf(seed: number): Tensor {
  const { data, lengths } = padClips(clipsOf(seed), LONGEST);
  return frameFeatures(tensor(data, [CLIPS, LONGEST]), { ...SETTINGS, lengths });
}

/** What the device did since `before`. */
function since(before: ReturnType<typeof counters>): ReturnType<typeof counters> {
  const now = counters();
  return {
    dispatches: now.dispatches - before.dispatches,
    submits: now.submits - before.submits,
    buffersCreated: now.buffersCreated - before.buffersCreated,
    bindGroupsCreated: now.bindGroupsCreated - before.bindGroupsCreated,
    pipelinesCreated: now.pipelinesCreated - before.pipelinesCreated,
  };
}

test('a settled ragged batch of 32 clips is one submit, and one to copy the features out; nothing is made', async () => {
  // The first ones do make things.
  const start = counters();
  await readAll([featuresOf(0)]);
  expect(since(start).buffersCreated).toBeGreaterThan(0);
  await readAll([featuresOf(1)]);
  const settled = memory();
  watch.take();
  for (let seed = 2; seed < 8; seed++) {
    const before = counters();
    const [values] = await readAll([featuresOf(seed)]);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(since(before)).toEqual({
      dispatches: programStats().dispatches,
      submits: 2,
      buffersCreated: 0,
      bindGroupsCreated: 0,
      pipelinesCreated: 0,
    });
    expect(memory()).toEqual(settled);
    if (!ON_WEBGPU) continue;
    const calls = watch.take();
    // One pass has the whole program; the second submit holds a copy only.
    expect(calls).toMatchObject({ submit: 2, beginComputePass: 1, dispatchWorkgroups: programStats().dispatches });
    expect(calls).toMatchObject({ createBuffer: 0, createBindGroup: 0, createShaderModule: 0, destroy: 0 });
  }
});

test('ten passes over 512 clips in batches: after the first nothing is made and memory does not grow', async () => {
  const clips = clipsOf(3, 512);
  const pass = (): Promise<unknown> => extractFrames(clips, SETTINGS, { batchSize: CLIPS, bucket: 1024 });
  await pass();
  const settled = memory();
  const before = counters();
  for (let k = 1; k < 10; k++) {
    await pass();
    expect(memory()).toEqual(settled);
  }
  const { buffersCreated, bindGroupsCreated, pipelinesCreated } = since(before);
  expect({ buffersCreated, bindGroupsCreated, pipelinesCreated }).toEqual({
    buffersCreated: 0,
    bindGroupsCreated: 0,
    pipelinesCreated: 0,
  });
});
